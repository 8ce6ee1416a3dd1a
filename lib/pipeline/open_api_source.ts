import type { ApiSourceConfig } from "../config/config.ts";
import { QueryError } from "../model/errors.ts";
import type { ApiSource } from "../sources/api_source.ts";
import type { GcpOptions } from "../sources/bigquery.ts";
import { awsArchive } from "../sources/aws/archive.ts";
import { gcpArchive } from "../sources/gcp/archive.ts";
import { gcpBigQuery } from "../sources/gcp/bigquery_source.ts";
import { sourceName } from "./source_name.ts";

/** Opens a source of API calls; it reads nothing yet. Throws a `QueryError` where it can't. */
export function openApiSource(
  source: ApiSourceConfig,
  { now, bigquery }: { now: Date; bigquery?: GcpOptions | undefined },
): ApiSource {
  if (source.archive !== undefined) {
    const open = source.kind === "gcp" ? gcpArchive : awsArchive;
    return open(source.archive, { now });
  }
  if (source.kind === "gcp" && source.bigquery !== undefined) {
    return gcpBigQuery(source.bigquery, bigquery);
  }
  throw new QueryError(`${sourceName(source)}: this kind of source is not there yet`);
}
