import { DuckDBInstance } from "@duckdb/node-api";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { writeLog, type WrittenLog } from "./archive_inputs.ts";
import { fileURLToPath } from "node:url";
import { measure, table } from "./measure.ts";
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
 * Minutes of API calls out of archives, as JavaScript gets them, against DuckDB's own scan of the
 * same columns: a table. That scan reads each field that the minutes are made of, as the same types
 * out of the same files, and makes one number of it, so that none can be left out; DuckDB is opened
 * and closed for both. How a file is read it chooses itself: CloudTrail's, which the archive reads
 * as lines, as objects that end anywhere.
 */
export async function benchArchives(
  folder: string,
  { rounds, inflatedBytes, targets }: { rounds: number; inflatedBytes: number; targets: Targets },
): Promise<string> {
  const rows: string[][] = [];
  for (const { name, cloud, gzip } of CASES) {
    const log = await writeLog(`${folder}/${name}`, { cloud, gzip, inflatedBytes });
    const { own, minutes } = await measure({
      own: () => ownScan(cloud, log),
      minutes: () => callsOf(cloud, log),
    }, { rounds });
    const ratio = minutes.ms / own.ms;
    targets.atMost(`${name}, in times of DuckDB's scan`, ratio, TARGET);
    rows.push([
      name,
      `${log.files}`,
      `${(log.inflatedBytes / MIB).toFixed(0)} MiB`,
      `${own.result}`,
      `${minutes.result}`,
      `${own.ms.toFixed(0)} ms`,
      `${minutes.ms.toFixed(0)} ms`,
      ratio.toFixed(2),
      (minutes.processorMs / own.processorMs).toFixed(2),
      TARGET.toFixed(1),
    ]);
    await Deno.remove(log.folder, { recursive: true });
  }
  const head = ["log", "files", "of JSON", "entries", "calls", "own scan", "minutes"];
  return table([...head, "ratio", "of processor time", "target"], rows);
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

const tables = (cloud: string) =>
  Deno.readTextFileSync(new URL(`../../lib/sources/${cloud}/archive_tables.sql`, import.meta.url));

/** DuckDB reading the same columns of the same files, and nothing else: how many entries it read. */
async function ownScan(cloud: "gcp" | "aws", { folder }: WrittenLog): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  try {
    const connection = await instance.connect();
    await connection.run(tables(cloud));
    const files = `'${folder}/**/*.json*'`;
    const result = await connection.runAndReadAll(
      cloud === "gcp"
        ? `SELECT count(*) AS n, ${maxima(GCP_COLUMNS)}
           FROM read_json(${files}, format = 'newline_delimited', records = true,
             ignore_errors = true, maximum_object_size = 4194304, columns = gcp_columns())`
        : `SELECT count(*) AS n, ${maxima(AWS_COLUMNS)}
           FROM (SELECT unnest(Records) AS r
             FROM read_json(${files}, ignore_errors = true, maximum_object_size = 16777216,
               columns = {Records: aws_records()}))`,
    );
    connection.closeSync();
    return Number(result.getRowObjects()[0]!.n);
  } finally {
    instance.closeSync();
  }
}

const GCP_COLUMNS = [
  ...['"timestamp"', "insertId", "logName", "severity", "textPayload", "protoPayload", "resource"],
];
const AWS_COLUMNS = [
  ...["eventTime", "eventID", "eventSource", "eventName", "awsRegion", "sourceIPAddress"],
  ...["userAgent", "errorCode", "errorMessage", "responseElements", "recipientAccountId"],
  ...["sessionCredentialFromConsole", "userIdentity", "resources"],
].map((name) => `r.${name}`);

/** An aggregate that makes DuckDB read a column whole. */
function maxima(columns: readonly string[]): string {
  return columns.map((column) => `max(hash(${column}))`).join(", ");
}
