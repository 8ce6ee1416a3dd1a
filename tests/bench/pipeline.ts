import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTenant } from "../soak/tenant.ts";
import { writeLog } from "./archive_inputs.ts";
import { median, table } from "./measure.ts";
import { taskFlags } from "./memory_pull.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;
const READER = fileURLToPath(new URL("./run_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a tenant ten times as large may take of time and of memory: 10 to the power of this. */
const MAX_SLOPE = 1.15;
const MAX_MEMORY_SLOPE = 0.15;

/** Of a tenant of size 1: sessions of Teleport, and JSON in the logs of each cloud. */
const TELEPORT_SESSIONS = 86;
const LOG_BYTES = MIB;

/** What one `run` over a tenant came to. */
interface Run {
  sessions: number;
  seconds: number;
  /** Of the process, and of the largest below it, which makes the page. */
  peakBytes: number;
  pageBytes: number;
  steps: { name: string; ms: number; peakBytes: number }[];
}

/**
 * `run` over generated tenants of several sizes, each in a process and a store of its own: two
 * tables, of the runs and of their steps. Times and peaks are medians; a slope is that of the
 * logarithm of one of them over the logarithm of the size, against the size before.
 */
export async function benchPipeline(
  folder: string,
  { sizes, rounds, targets }: { sizes: readonly number[]; rounds: number; targets: Targets },
): Promise<string> {
  const runs: { size: number; bytes: number; run: Run }[] = [];
  for (const size of sizes) {
    const at = join(folder, `tenant-${size}x`);
    const bytes = await writeSources(at, size);
    const all: Run[] = [];
    for (let round = 0; round < rounds; round++) all.push(await runOnce(at));
    runs.push({ size, bytes, run: medianRun(all) });
    await Deno.remove(at, { recursive: true });
  }
  const rows = runs.map(({ size, bytes, run }, i) => {
    const slopes = (["seconds", "peakBytes"] as const).map((of) =>
      i === 0 ? null : slope(runs[i - 1]!, runs[i]!, of)
    );
    const [time, memory] = slopes;
    if (time != null) targets.atMost(`run over ${size}x, slope of time`, time, MAX_SLOPE);
    if (memory != null) {
      targets.atMost(`run over ${size}x, slope of memory`, memory, MAX_MEMORY_SLOPE);
    }
    return [
      `${size}x`,
      `${run.sessions}`,
      `${(bytes / MIB).toFixed(1)} MiB`,
      `${run.seconds.toFixed(1)} s`,
      `${Math.round(run.sessions / run.seconds)}`,
      `${(run.peakBytes / MIB).toFixed(0)} MiB`,
      `${(run.pageBytes / MIB).toFixed(0)} MiB`,
      ...slopes.map((value) => value?.toFixed(2) ?? ""),
    ];
  });
  const head = ["tenant", "sessions", "of input", "time", "sessions/s", "peak", "peak of the page"];
  return `${table([...head, "slope of time", "of memory"], rows)}\n\n${stepTable(runs)}`;
}

type Sized = { size: number; run: Run };

function slope(one: Sized, other: Sized, of: "seconds" | "peakBytes"): number {
  return Math.log(other.run[of] / one.run[of]) / Math.log(other.size / one.size);
}

function stepTable(runs: readonly Sized[]): string {
  const names = [...new Set(runs.flatMap(({ run }) => run.steps.map(({ name }) => name)))];
  const secondsOf = (name: string, { steps }: Run) =>
    steps.filter((step) => step.name === name).reduce((sum, { ms }) => sum + ms / 1000, 0);
  return table(
    ["step", ...runs.map(({ size }) => `${size}x`)],
    names.map((name) => [name, ...runs.map(({ run }) => `${secondsOf(name, run).toFixed(1)} s`)]),
  );
}

// The one in the middle, with all its steps, so that they add up to its time.
function medianRun(runs: readonly Run[]): Run {
  const middle = (of: "seconds" | "peakBytes" | "pageBytes") => median(runs.map((run) => run[of]));
  const seconds = middle("seconds");
  const run = runs.find((run) => run.seconds === seconds)!;
  return { ...run, peakBytes: middle("peakBytes"), pageBytes: middle("pageBytes") };
}

/** Writes a tenant's sources and the configuration that names them; returns the bytes on disk. */
async function writeSources(folder: string, size: number): Promise<number> {
  const [tenant, gcp, aws] = ["tenant", "gcp", "aws"].map((name) => join(folder, name));
  await writeTenant(tenant!, { sessions: TELEPORT_SESSIONS * size });
  const inflatedBytes = LOG_BYTES * size;
  await writeLog(gcp!, { cloud: "gcp", gzip: true, inflatedBytes });
  await writeLog(aws!, { cloud: "aws", gzip: true, inflatedBytes });
  const bytes = await bytesBelow(folder);
  const config = {
    store: join(folder, "sessions.sqlite"),
    sources: [
      {
        kind: "teleport",
        events: { archive: join(tenant!, "events") },
        recordings: { folder: join(tenant!, "sessions") },
      },
      { kind: "gcp", archive: gcp },
      { kind: "aws", archive: aws },
    ],
  };
  await Deno.writeTextFile(join(folder, "shellscope.yaml"), JSON.stringify(config));
  return bytes;
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    bytes += isDirectory ? await bytesBelow(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}

async function runOnce(folder: string): Promise<Run> {
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(join(folder, `sessions.sqlite${end}`)).catch(() => {});
  }
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", ...taskFlags(), "--config", CONFIG, READER, folder],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`The run over ${folder} ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
