import type { TableMetadata } from "@aws-sdk/client-athena";
import type { SourceConfig } from "../../config/config.ts";
import { QueryError } from "../../model/errors.ts";
import { DAY_MS } from "../../model/time.ts";
import { openAthenaEngine } from "../../sources/athena.ts";
import { bucketPlace } from "../../sources/aws/archive.ts";
import {
  registeredDays,
  TRAIL_TABLE,
  trailLocation,
  trailQuery,
  type TrailTable,
} from "../../sources/aws/trail_table.ts";
import type { TrailScope } from "../../sources/aws/trail_tree.ts";
import { minutesValues, partitionDay } from "../../sources/aws/window_values.ts";
import type { AwsOptions } from "../../sources/aws_client.ts";
import type { RetryPolicy } from "../../sources/retry.ts";
import { openS3, type S3Options } from "../../sources/s3.ts";
import { checkApiArchive } from "./doctor_api_archive.ts";
import { checkAthena } from "./doctor_athena.ts";
import { checkAccess } from "./doctor_storage.ts";
import { checkTrailFiles } from "./doctor_trail_files.ts";
import { type CheckOutcome, failed, foundAndMend, ok, warning } from "./check.ts";
import { isInBucket } from "../api/open_api_source.ts";

type AwsSource = Extract<SourceConfig, { kind: "aws" }>;

/** What the checks are made with. */
interface AwsCheckOptions {
  athena: AwsOptions & { poll?: { firstMs: number; longestMs: number } };
  s3: S3Options;
  retry: RetryPolicy;
  now: Date;
}

/** CloudTrail where it lies: a table of Athena, a bucket, or a folder. */
export async function* checkAws(
  source: AwsSource,
  options: AwsCheckOptions,
): AsyncGenerator<CheckOutcome> {
  const { archive, athena, ...where } = source;
  if (athena !== undefined) return yield* checkTable(athena, { ...options, ...where });
  if (!isInBucket(archive!)) return yield* checkApiArchive("aws", archive!, options);
  const { retry, s3: more, now } = options;
  using place = bucketPlace(archive!, { ...where, retry, ...more });
  const s3 = await place.s3();
  const access = await checkAccess(s3, "beside `archive`");
  yield* access;
  if (access.some(({ state }) => state === "failed")) return;
  yield* checkTrailFiles(s3, place.root, { ...where, now });
}

async function* checkTable(
  table: TrailTable,
  { athena, s3: more, retry, now, ...scope }: AwsCheckOptions & TrailScope,
): AsyncGenerator<CheckOutcome> {
  let metadata: TableMetadata | null = null;
  const look = (found: TableMetadata) => {
    metadata = found;
    return lookAtTrail(found, { table, scope });
  };
  const findings = await Array.fromAsync(checkAthena(table, { ...athena, retry, look }));
  yield* findings;
  if (metadata === null) return;
  if (findings.every(({ state }) => state !== "failed")) {
    yield* checkQueries(metadata, { table, scope, athena, retry, now });
  }
  const location = trailLocation(metadata);
  if (location === null) {
    const advice = "make the table anew with a LOCATION in S3";
    return yield warning("bucket", "the table does not say where its files lie", advice);
  }
  using s3 = await openS3({ region: table.region, retry, ...more });
  yield* checkTrailFiles(s3, location, { ...scope, now });
}

/** The table's columns and partitions, by what the query needs of them. */
function lookAtTrail(
  metadata: TableMetadata,
  { table, scope }: { table: TrailTable; scope: TrailScope },
): CheckOutcome[] {
  try {
    const { absent, told } = trailQuery(metadata, { ...table, scope });
    const columns = absent.length === 0 ? ok("columns", "all that are read") : warning(
      "columns",
      `it has no ${absent.join(", ")}`,
      "make the table anew with the columns that CloudTrail's console gives it; without them " +
        "what they tell stays unknown",
    );
    return [columns, ok("partitions", told)];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const check = error.cause === "partitions" ? "partitions" : "columns";
    return [failed(check, ...foundAndMend(error.message))];
  }
}

/** A day before any trail: the query is checked and run whole, and scans nothing. */
const NO_DAY = { since: new Date("2000-01-01"), until: new Date("2000-01-02") };

async function* checkQueries(
  metadata: TableMetadata,
  { table, scope, athena, retry, now }: Omit<AwsCheckOptions, "s3"> & {
    table: TrailTable;
    scope: TrailScope;
  },
): AsyncGenerator<CheckOutcome> {
  const { region, workgroup, database, output } = table;
  await using engine = await openAthenaEngine({
    ...{ region, workgroup, database, output, policy: retry, ...athena },
    tables: { [TRAIL_TABLE]: table.table },
  });
  const asked = trailQuery(metadata, { ...table, scope });
  try {
    const values = { ...asked.values, ...minutesValues(NO_DAY, { salt: "00" }) };
    for await (const _ of engine.query(asked.query, values));
    yield ok("query", "runs, and its results can be read");
    const since = new Date(now.getTime() - DAYS_BACK * DAY_MS);
    const days = await registeredDays(engine, asked, { since, until: now });
    if (days !== null) yield newestDay(days, now);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    yield failed("query", ...queryAdvice(error.message, table));
  }
}

/** Days back in which registered partitions are looked for. */
const DAYS_BACK = 7;

function newestDay(days: ReadonlySet<string>, now: Date): CheckOutcome {
  const newest = [...days].sort().at(-1);
  if (newest !== undefined && newest >= partitionDay(new Date(now.getTime() - DAY_MS))) {
    return ok("newest partition", newest);
  }
  const advice = "register the days since (ALTER TABLE … ADD PARTITION), or project them by the " +
    "table's properties: days without a partition are not read";
  if (newest !== undefined) return warning("newest partition", newest, advice);
  return failed("newest partition", `none of the last ${DAYS_BACK} days is registered`, advice);
}

/** Refusals by what Athena says, and what mends each. */
function queryAdvice(message: string, table: TrailTable): [found: string, advice: string] {
  const { workgroup, database, output } = table;
  const action = /not authorized to perform: ([a-z0-9]+:\w+)/i.exec(message)?.[1];
  const results = `allow s3:GetBucketLocation, s3:PutObject, s3:GetObject and ` +
    `s3:AbortMultipartUpload on ${output}`;
  if (action !== undefined) {
    const on: Record<string, string> = {
      athena: `workgroup/${workgroup}`,
      glue: `${database}.${table.table}, its database and the catalogue`,
      kms: "the key that encrypts the files or the results",
      s3: `${output} and on the table's bucket`,
    };
    const where = on[action.split(":")[0]!];
    return [`refused: ${action}`, `allow ${action}${where === undefined ? "" : ` on ${where}`}`];
  }
  if (/output location|output bucket|writing|query results/i.test(message)) {
    return ["its results can't be written", results];
  }
  if (/Lake ?Formation|Insufficient permissions/i.test(message)) {
    return ["Lake Formation refuses it", `grant SELECT and DESCRIBE on ${database}.${table.table}`];
  }
  if (/Access ?Denied/i.test(message)) {
    return [
      "access is denied",
      `allow athena:StartQueryExecution, athena:GetQueryExecution and athena:GetQueryResults on ` +
      `workgroup/${workgroup}, glue:GetPartitions on ${database}.${table.table}; ${results}`,
    ];
  }
  if (/TYPE_MISMATCH|SYNTAX_ERROR|COLUMN_NOT_FOUND/.test(message)) {
    return [
      foundAndMend(message)[0],
      "make the table anew with the columns that CloudTrail's console gives it",
    ];
  }
  return foundAndMend(message);
}
