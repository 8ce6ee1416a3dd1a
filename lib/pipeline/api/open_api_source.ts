import type { ApiSourceConfig } from "../../config/config.ts";
import type { ApiSource } from "../../sources/api_source.ts";
import type { GcpOptions } from "../../sources/bigquery.ts";
import { awsArchive, awsBucket } from "../../sources/aws/archive.ts";
import { awsAthena } from "../../sources/aws/athena_source.ts";
import type { RetryPolicy } from "../../sources/retry.ts";
import type { S3Options } from "../../sources/s3.ts";
import type { AwsOptions } from "../../sources/aws_client.ts";
import { gcpArchive } from "../../sources/gcp/archive.ts";
import { gcpBigQuery } from "../../sources/gcp/bigquery_source.ts";

/** What is added to a configuration: endpoints, credentials, patience. */
export interface ApiClients {
  bigquery?: GcpOptions | undefined;
  athena?: AwsOptions & { policy?: RetryPolicy; poll?: { firstMs: number; longestMs: number } };
  s3?: S3Options;
}

/** Opens a source of API calls; it reads nothing yet. Throws a `QueryError` where it can't. */
export function openApiSource(
  source: ApiSourceConfig,
  { now, signal, bigquery, athena = {}, s3 = {} }: ApiClients & {
    now: Date;
    signal?: AbortSignal | undefined;
  },
): ApiSource {
  switch (source.kind) {
    case "gcp":
      if (source.archive !== undefined) return gcpArchive(source.archive, { now, signal });
      return gcpBigQuery(source.bigquery!, bigquery);
    case "aws": {
      const { archive, region, accounts, regions } = source;
      if (archive === undefined) {
        return awsAthena(source.athena!, { now, signal, accounts, regions, athena, s3 });
      }
      if (!isInBucket(archive)) return awsArchive(archive, { now, signal });
      return awsBucket(archive, { now, signal, s3: { region, accounts, regions, signal, ...s3 } });
    }
  }
}

/** Whether an archive lies in a bucket of S3. */
export function isInBucket(archive: string): boolean {
  return archive.startsWith("s3://");
}
