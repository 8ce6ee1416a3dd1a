import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeLog } from "../bench/archive_inputs.ts";
import { type AthenaFault, openAthenaServer } from "../sources/loopback/athena_server.ts";
import { type BigQueryFault, openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { serveToken } from "../sources/loopback/google_token.ts";
import { PASSING_FAULTS, startS3Server } from "../sources/loopback/s3_server.ts";
import { trailTable } from "../sources/loopback/trail_table.ts";
import { writeTenant } from "./tenant.ts";

/** A server that a source is read from. */
interface DisturbedServer {
  requests: () => number;
  /** From now on those requests fail for which this is true: in every way that passes, by turns. */
  disturb: (isFaulty: () => boolean) => void;
}

/** A source that is there to be pulled. */
export interface PulledSource {
  /** What a configuration says under `sources`. */
  entries: object[];
  /** Where the clients of its servers find them: one server of a kind can be told. */
  env: Record<string, string>;
  servers: DisturbedServer[];
}

/** How large a source is made, and what closes its servers. */
interface Made {
  /** About so many sessions, but for the fixtures' own beside them. */
  sessions: number;
  stack: AsyncDisposableStack;
}

/** Sources by name, each written below a folder of its own. */
export const PULLED_SOURCES = {
  "teleport": teleport,
  "gcp-archive": (folder: string, made: Made) => archive(folder, { cloud: "gcp", ...made }),
  "gcp-bigquery": bigQuery,
  "aws-archive": (folder: string, made: Made) => archive(folder, { cloud: "aws", ...made }),
  "aws-athena": athena,
  "aws-s3": bucket,
};

export type PulledName = keyof typeof PULLED_SOURCES;

/** The window of the tenants' days. */
export const PULLED_WINDOW = ["--since", "2026-03-10", "--until", "2026-03-13"];

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
/** Sessions of a copy of either cloud's log, about. */
const SESSIONS_A_COPY = 50;

const AWS_ENV = {
  ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
  AWS_EC2_METADATA_DISABLED: "true",
};
const ATHENA_FAULTS: readonly AthenaFault[] = [
  { kind: "error", status: 400, type: "ThrottlingException", message: "Rate exceeded" },
  { kind: "error", status: 500, type: "InternalServerException" },
  { kind: "cut" },
  { kind: "slow", ms: 20 },
];
const BIGQUERY_FAULTS: readonly BigQueryFault[] = [
  { kind: "error", status: 503, reason: "backendError" },
  { kind: "error", status: 403, reason: "rateLimitExceeded" },
  { kind: "cut" },
  { kind: "lost" },
];

async function teleport(folder: string, { sessions, stack }: Made): Promise<PulledSource> {
  const tenant = await writeTenant(folder, { sessions });
  const athena = stack.use(await openAthenaServer({ events: tenant.events }));
  const s3 = stack.use(await startS3Server({ bucket: "longterm-x", folder: tenant.folder }));
  const table = { workgroup: "w", database: "audit", table: "teleport_events" };
  return {
    entries: [{
      kind: "teleport",
      events: { athena: { region: "eu-west-1", ...table, output: "s3://transient/results" } },
      recordings: { s3: "s3://longterm-x/sessions" },
    }],
    env: {
      ...AWS_ENV,
      AWS_ENDPOINT_URL_ATHENA: athena.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
    },
    servers: [disturbed(athena, ATHENA_FAULTS), disturbed(s3, PASSING_FAULTS)],
  };
}

/** Copies of what is sound in the fixtures, and beside them the fixtures, broken files and all. */
async function archive(
  folder: string,
  { cloud, sessions }: Made & { cloud: "gcp" | "aws" },
): Promise<PulledSource> {
  await writeCopies(folder, { cloud, sessions });
  const archives = [folder, join(FIXTURES, cloud)];
  return {
    entries: archives.map((archive) => ({ kind: cloud, archive })),
    ...{ env: {}, servers: [] },
  };
}

async function bigQuery(folder: string, { sessions, stack }: Made): Promise<PulledSource> {
  await writeCopies(folder, { cloud: "gcp", sessions });
  const streams = ["activity", "data_access"];
  const tables = streams.map((stream) => ({
    id: `cloudaudit_googleapis_com_${stream}`,
    files: [join(folder, stream, "*/*/*/*.json.gz")],
  }));
  const server = stack.use(await openBigQueryServer({ tables }));
  const token = stack.use(serveToken());
  const dataset = { project: "p", dataset: "audit_logs", location: "EU", maxBytesBilled: "1GiB" };
  return {
    entries: [{ kind: "gcp", bigquery: { ...dataset, streams } }],
    env: { BIGQUERY_EMULATOR_HOST: server.endpoint, GCE_METADATA_HOST: token.host },
    servers: [disturbed(server, BIGQUERY_FAULTS)],
  };
}

async function athena(folder: string, { sessions, stack }: Made): Promise<PulledSource> {
  await writeCopies(folder, { cloud: "aws", sessions });
  const [name, day] = ["cloudtrail_logs", "timestamp"];
  const server = stack.use(await openAthenaServer({ events: trailTable(folder, { name }) }));
  const table = { region: "eu-west-1", workgroup: "w", database: "logs", table: name };
  const partitions = { account: "account", region: "region", day };
  return {
    entries: [{ kind: "aws", athena: { ...table, output: "s3://results-x/", partitions } }],
    env: { ...AWS_ENV, AWS_ENDPOINT_URL_ATHENA: server.endpoint },
    servers: [disturbed(server, ATHENA_FAULTS)],
  };
}

async function bucket(folder: string, { sessions, stack }: Made): Promise<PulledSource> {
  await writeCopies(join(folder, "AWSLogs"), { cloud: "aws", sessions });
  const s3 = stack.use(await startS3Server({ bucket: "trail-x", folder }));
  return {
    entries: [{ kind: "aws", archive: "s3://trail-x/AWSLogs", region: "eu-west-1" }],
    env: { ...AWS_ENV, AWS_ENDPOINT_URL_S3: s3.endpoint },
    servers: [disturbed(s3, PASSING_FAULTS)],
  };
}

async function writeCopies(
  folder: string,
  { cloud, sessions }: { cloud: "gcp" | "aws"; sessions: number },
): Promise<void> {
  const copies = Math.ceil(sessions / SESSIONS_A_COPY);
  await writeLog(folder, { cloud, gzip: true, copies });
}

function disturbed<R, F>(
  server: { requests: readonly unknown[]; fault: (request: R) => F | null },
  faults: readonly F[],
): DisturbedServer {
  let next = 0;
  return {
    requests: () => server.requests.length,
    disturb(isFaulty) {
      server.fault = () => isFaulty() ? faults[next++ % faults.length]! : null;
    },
  };
}
