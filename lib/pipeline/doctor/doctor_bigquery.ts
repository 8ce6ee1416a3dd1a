import { formatSize } from "../../config/units.ts";
import { QueryError } from "../../model/errors.ts";
import { DAY_MS, isoDay } from "../../model/time.ts";
import { type BigQueryEngine, type GcpOptions, openBigQuery } from "../../sources/bigquery.ts";
import { scanCost } from "../../sources/bytes_price.ts";
import {
  type AuditStream,
  auditTable,
  dailyTables,
  minutesQuery,
  type StreamTables,
  streamTables,
} from "../../sources/gcp/audit_tables.ts";
import type { AuditDataset } from "../../sources/gcp/bigquery_source.ts";
import { type CheckOutcome, failed, foundAndMend, ok, warning } from "./check.ts";

/**
 * Credentials, dataset and location, each stream's tables with their layout, columns and partitions,
 * and the permissions to query them. Estimates queries, and starts none.
 */
export async function* checkBigQuery(
  config: AuditDataset,
  { now, ...options }: GcpOptions & { now: Date },
): AsyncGenerator<CheckOutcome> {
  const engine = await openBigQuery({ ...config, ...options });
  const credentials = await checkCredentials(engine);
  yield credentials;
  if (credentials.state === "failed") return;
  for (const check of [checkJobs, checkDataset]) {
    const finding = await check(engine);
    yield finding;
    if (finding.state === "failed") return;
  }
  const readable: StreamTables[] = [];
  for (const stream of config.streams) {
    const { finding, tables } = await checkStream(engine, stream, config);
    yield finding;
    if (tables !== null) readable.push(tables);
  }
  if (readable.length > 0) yield await checkScan(engine, readable, now);
}

async function checkCredentials({ client }: BigQueryEngine): Promise<CheckOutcome> {
  try {
    const auth = await client.authClient.getClient();
    await auth.getRequestHeaders();
    return ok("credentials", `from: ${LINKS[auth.constructor.name] ?? "a client of the program"}`);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const { message } = cause instanceof Error ? cause : { message: "" };
    const isGone = /invalid_grant|invalid_rapt|reauth|expired/i.test(message);
    return failed(
      "credentials",
      isGone ? "they have expired or were revoked" : "none were found",
      "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
    );
  }
}

/** Classes of google-auth-library, and what a user calls the link of the chain that made them. */
const LINKS: Readonly<Record<string, string>> = {
  UserRefreshClient: "a person's login (gcloud auth application-default login)",
  JWT: "key file of a service account",
  Impersonated: "impersonated service account",
  Compute: "service account of the machine",
  IdentityPoolClient: "workload identity federation",
  AwsClient: "workload identity federation from AWS",
  PluggableAuthClient: "workload identity federation by a program",
  ExternalAccountAuthorizedUserClient: "workforce identity federation",
};

const NOTHING = { name: "SELECT 1", sql: "SELECT 1 AS one", parameters: [] };

function checkJobs(engine: BigQueryEngine): Promise<CheckOutcome> {
  const { project } = engine.options;
  return checked("jobs", async () => {
    await engine.dryRun({ query: NOTHING, values: {} });
    return ok("jobs", `queries may run in ${project}`);
  }, {
    notFound: "check `project` in the configuration",
    accessDenied: `grant bigquery.jobs.create on the project ${project} (roles/bigquery.jobUser)`,
  });
}

function checkDataset(engine: BigQueryEngine): Promise<CheckOutcome> {
  const { dataset, location } = engine.options;
  return checked("dataset", async () => {
    const found = await engine.location();
    if (found.toLowerCase() === location.toLowerCase()) {
      return ok("dataset", `${dataset}, ${found}`);
    }
    return failed("dataset", `${dataset} lies in ${found}`, `set \`location: ${found}\``);
  }, {
    notFound: "check `project` and `dataset` in the configuration",
    accessDenied:
      `grant bigquery.datasets.get on the dataset ${dataset} (roles/bigquery.metadataViewer)`,
  });
}

async function checkStream(
  engine: BigQueryEngine,
  stream: AuditStream,
  { tables: layout, dataset }: AuditDataset,
): Promise<{ finding: CheckOutcome; tables: StreamTables | null }> {
  let tables: StreamTables | null = null;
  const finding = await checked(stream, async () => {
    tables = await streamTables(engine, stream, layout);
    const days = tables.days;
    if (days === null) return ok(stream, `${auditTable(stream)}, partitioned by timestamp`);
    return ok(stream, `${days.length} tables, a day each, ${days[0]} to ${days.at(-1)}`);
  }, {
    accessDenied: `grant bigquery.tables.get and bigquery.tables.list on the dataset ${dataset} ` +
      "(roles/bigquery.metadataViewer)",
  });
  if (tables === null || layout === "daily") return { finding, tables };
  const days = await dailyTables(engine, stream).catch(() => []);
  if (days.length === 0) return { finding, tables };
  const advice = `\`tables: daily\` would read these ${days.length} instead`;
  return {
    finding: warning(stream, `${finding.found}; older entries lie in tables of a day`, advice),
    tables,
  };
}

/** What yesterday would cost; it needs the permission to read the rows. */
function checkScan(
  engine: BigQueryEngine,
  tables: readonly StreamTables[],
  now: Date,
): Promise<CheckOutcome> {
  const { dataset, maxBytesBilled } = engine.options;
  const until = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const since = new Date(until.getTime() - DAY_MS);
  const day = isoDay(since).replaceAll("-", "");
  const values = {
    ...{ salt: "00", principal: "", first_day: day, last_day: day },
    ...{ since: since.toISOString(), until: until.toISOString() },
  };
  return checked("scan", async () => {
    const bytes = await engine.dryRun({ query: minutesQuery(tables), values });
    const found = `yesterday: ${formatSize(bytes)}, ${scanCost(bytes)}`;
    if (bytes <= maxBytesBilled) return ok("scan", found);
    const cap = `more than maxBytesBilled, ${formatSize(maxBytesBilled)}`;
    return failed("scan", `${found}; ${cap}`, "raise `maxBytesBilled`, or name fewer `streams`");
  }, {
    accessDenied:
      `grant bigquery.tables.getData on the dataset ${dataset} (roles/bigquery.dataViewer)`,
  });
}

async function checked(
  check: string,
  body: () => Promise<CheckOutcome>,
  advice: Readonly<Record<string, string>>,
): Promise<CheckOutcome> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const cause = String(error.cause ?? "");
    const own = advice[cause];
    if (own !== undefined) return failed(check, `refused: ${cause}`, own);
    return failed(check, ...foundAndMend(error.message));
  }
}
