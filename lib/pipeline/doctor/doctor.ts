import type { Config, SourceConfig } from "../../config/config.ts";
import type { AwsOptions } from "../../sources/aws_client.ts";
import { type RetryPolicy, sleep } from "../../sources/retry.ts";
import type { S3Options } from "../../sources/s3.ts";
import type { GcpOptions } from "../../sources/bigquery.ts";
import { checkApiArchive } from "./doctor_api_archive.ts";
import { checkAthena } from "./doctor_athena.ts";
import { checkAws } from "./doctor_aws.ts";
import { checkBigQuery } from "./doctor_bigquery.ts";
import { checkArchive, checkCasts, checkLog, checkRecordingsFolder } from "./doctor_folders.ts";
import { checkRecordingsInS3 } from "./doctor_s3.ts";
import { lookAtTeleportTable } from "./doctor_teleport_table.ts";
import { sourceName } from "../source_name.ts";
import { notAllowed } from "../../model/source_fault.ts";
import { type Check, type CheckOutcome, failed, foundAndMend, skipped } from "./check.ts";

interface DoctorOptions {
  /** Add to what the configuration says: endpoints, credentials. */
  s3?: S3Options;
  athena?: AwsOptions & { poll?: { firstMs: number; longestMs: number } };
  bigquery?: GcpOptions;
  retry?: RetryPolicy;
  /** Now. */
  now?: Date;
}

/** Somebody waits for the answer: three tries. */
const BRISK: RetryPolicy = {
  ...{ attempts: 3, baseDelayMs: 200, maxDelayMs: 2_000 },
  ...{ random: Math.random, sleep },
};

/** Looks at every source of a configuration, one check after the other; costs next to nothing. */
export async function* examine(
  config: Config,
  options: DoctorOptions = {},
): AsyncGenerator<Check> {
  if (config.sources.length === 0) {
    const advice = "name sources in shellscope.yaml; `deno task shellscope init` writes one";
    yield { ...failed("sources", "none is configured", advice), source: "configuration" };
  }
  for (const source of config.sources) {
    const name = sourceName(source);
    try {
      for await (const finding of findings(source, options)) yield { source: name, ...finding };
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
      yield { source: name, ...failed("permissions", ...foundAndMend(notAllowed(cause))) };
    }
  }
}

async function* findings(
  source: SourceConfig,
  { s3 = {}, athena = {}, bigquery = {}, retry = BRISK, now = new Date() }: DoctorOptions,
): AsyncGenerator<CheckOutcome> {
  switch (source.kind) {
    case "recordings":
      return yield* checkCasts(source.folder);
    case "gcp":
      if (source.archive !== undefined) yield* checkApiArchive("gcp", source.archive, { now });
      if (source.bigquery !== undefined) {
        yield* checkBigQuery(source.bigquery, { ...bigquery, retry, now });
      }
      return;
    case "aws":
      return yield* checkAws(source, { athena, s3, retry, now });
    case "teleport": {
      const { events, recordings } = source;
      if (events.archive !== undefined) yield* checkArchive(events.archive);
      if (events.log !== undefined) yield* checkLog(events.log);
      if (events.athena !== undefined) {
        yield* checkAthena(events.athena, { ...athena, retry, look: lookAtTeleportTable });
      }
      if (recordings === undefined) {
        return yield skipped("recordings", "none are configured: sessions stay without evidence");
      }
      if (recordings.folder !== undefined) return yield* checkRecordingsFolder(recordings.folder);
      const region = recordings.region ?? events.athena?.region;
      return yield* checkRecordingsInS3(recordings, { region, retry, ...s3 });
    }
    default:
      source satisfies never;
  }
}
