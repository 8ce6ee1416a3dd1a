import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTenant } from "../soak/tenant.ts";
import { writeLog } from "./archive_inputs.ts";
import { median, table } from "./measure.ts";

const MIB = 1024 * 1024;
const READER = fileURLToPath(new URL("./run_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a tenant ten times as large may cost: 10 to the power of this. */
const MAX_SLOPE = 1.15;

/** Of a tenant of size 1: sessions of Teleport, and JSON in the logs of each cloud. */
const TELEPORT_SESSIONS = 86;
const LOG_BYTES = MIB;

/** What one `run` over a tenant came to. */
interface Run {
  sessions: number;
  seconds: number;
  peakBytes: number;
  steps: { name: string; ms: number; peakBytes: number }[];
}

/**
 * `run` over generated tenants of several sizes, each in a process and a store of its own: two
 * tables, of the runs and of their steps. Times are medians; a slope is that of the logarithm of
 * the time over the logarithm of the size, against the size before.
 */
export async function benchPipeline(
  folder: string,
  { sizes, rounds }: { sizes: readonly number[]; rounds: number },
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
  const rows = runs.map(({ size, bytes, run }, i) => [
    `${size}x`,
    `${run.sessions}`,
    `${(bytes / MIB).toFixed(1)} MiB`,
    `${run.seconds.toFixed(1)} s`,
    `${Math.round(run.sessions / run.seconds)}`,
    `${(run.peakBytes / MIB).toFixed(0)} MiB`,
    i === 0 ? "" : slope(runs[i - 1]!, runs[i]!).toFixed(2),
    MAX_SLOPE.toFixed(2),
  ]);
  const head = ["tenant", "sessions", "of input", "time", "sessions/s", "peak", "slope", "target"];
  return `${table(head, rows)}\n\n${stepTable(runs)}`;
}

type Sized = { size: number; run: Run };

function slope(one: Sized, other: Sized): number {
  return Math.log(other.run.seconds / one.run.seconds) / Math.log(other.size / one.size);
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

// The one in the middle, whole, so that its steps add up to its time.
function medianRun(runs: readonly Run[]): Run {
  const seconds = median(runs.map((run) => run.seconds));
  return runs.find((run) => run.seconds === seconds)!;
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
    args: ["run", "--no-prompt", "-A", "--config", CONFIG, READER, folder],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`The run over ${folder} ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
