import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { writeLog, type WrittenLog } from "./archive_inputs.ts";
import { fileURLToPath } from "node:url";
import { measure, type Measured, table } from "./measure.ts";
import { groupedScan, handedScan, ownScan } from "./own_scans.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;
/** What reading an archive may cost, in times of DuckDB's own scan of the same columns. */
const TARGET = 1.5;

/** What reading a large one may take. */
const MAX_PEAK_MIB = 2048;

const CASES = [
  { name: "GCP, plain", cloud: "gcp", gzip: false },
  { name: "GCP, gzip", cloud: "gcp", gzip: true },
  { name: "CloudTrail, gzip", cloud: "aws", gzip: true },
] as const;

/**
 * Minutes of API calls out of archives, as JavaScript gets them, in processor time: a table. The target
 * is of DuckDB's own scan of the same columns. Beside it stand what that scan costs when it also groups
 * as the minutes are grouped, which is the least that making them can cost, and when it hands its rows
 * to JavaScript, which is what one would do without them. DuckDB is opened and closed for each.
 */
export async function benchArchives(
  folder: string,
  { rounds, inflatedBytes, targets }: { rounds: number; inflatedBytes: number; targets: Targets },
): Promise<string> {
  const rows: string[][] = [];
  for (const { name, cloud, gzip } of CASES) {
    const log = await writeLog(`${folder}/${name}`, { cloud, gzip, inflatedBytes });
    const { own, grouped, handed, minutes } = await measure({
      own: () => ownScan(cloud, log),
      grouped: () => groupedScan(cloud, log),
      handed: () => handedScan(cloud, log),
      minutes: () => callsOf(cloud, log),
    }, { rounds });
    const times = (other: Measured) => minutes.processorMs / other.processorMs;
    targets.atMost(`${name}, in times of DuckDB's scan`, times(own), TARGET);
    rows.push([
      name,
      `${log.files}`,
      `${(log.inflatedBytes / MIB).toFixed(0)} MiB`,
      ...[own, minutes].map(({ result }) => `${result}`),
      ...[own, grouped, handed, minutes].map(({ processorMs }) => `${processorMs.toFixed(0)} ms`),
      ...[times(own).toFixed(2), TARGET.toFixed(1), (minutes.ms / own.ms).toFixed(2)],
      ...[grouped, handed].map((scan) => times(scan).toFixed(2)),
    ]);
    await Deno.remove(log.folder, { recursive: true });
  }
  const head = ["log", "files", "of JSON", "entries", "calls", "own scan", "scan, grouped"];
  const costs = ["scan, handed over", "minutes", "minutes to own scan", "target", "by the clock"];
  return table([...head, ...costs, "to grouped", "to handed over"], rows);
}

const READER = fileURLToPath(new URL("./archive_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Peak memory of a process that reads a large archive: a table. */
export async function benchArchiveMemory(
  folder: string,
  { bytes, targets }: { bytes: number; targets: Targets },
): Promise<string> {
  const rows: string[][] = [];
  for (const { name, cloud, gzip } of [CASES[0], CASES[2]]) {
    const log = await writeLog(`${folder}/large`, { cloud, gzip, inflatedBytes: bytes });
    const { calls, peakBytes, seconds } = read(cloud, log);
    targets.atMost(`${name}, large, MiB at most`, peakBytes / MIB, MAX_PEAK_MIB);
    rows.push([
      name,
      ...[log.bytes, log.inflatedBytes].map((size) => `${(size / MIB).toFixed(0)} MiB`),
      `${(calls / 1e6).toFixed(2)} M`,
      `${seconds.toFixed(0)} s`,
      `${(peakBytes / MIB).toFixed(0)} MiB`,
      `${MAX_PEAK_MIB} MiB`,
    ]);
    await Deno.remove(log.folder, { recursive: true });
  }
  return table(["log", "files", "of JSON", "calls", "time", "peak", "target"], rows);
}

function read(
  cloud: "gcp" | "aws",
  { folder }: WrittenLog,
): { calls: number; peakBytes: number; seconds: number } {
  const began = performance.now();
  const { code, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "--config", CONFIG, READER, cloud, folder],
    stderr: "inherit",
  }).outputSync();
  if (code !== 0) throw new Error(`The reader ended with ${code}`);
  const seconds = (performance.now() - began) / 1000;
  return { ...JSON.parse(new TextDecoder().decode(stdout)), seconds };
}

async function callsOf(cloud: "gcp" | "aws", { folder }: WrittenLog): Promise<number> {
  await using source = (cloud === "gcp" ? gcpArchive : awsArchive)(folder);
  let calls = 0;
  const window = (await source.span())!;
  for await (const minutes of source.minutes(window, { salt: "5a17", onSkip: () => {} })) {
    for (const minute of minutes) calls += minute.calls.length + minute.callsOmitted;
  }
  return calls;
}
