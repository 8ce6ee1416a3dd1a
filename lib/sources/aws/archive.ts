import type { ApiSource } from "../api_source.ts";
import type { FileTimes } from "../archive_parts.ts";
import {
  type ArchiveKind,
  archiveSource,
  type ArchiveSourceOptions,
  endOfTime,
} from "../archive_source.ts";
import { readQueryFile } from "../query_file.ts";
import { minuteOfRow } from "./minute_rows.ts";
import { minutesValues, partitionDay } from "./window_values.ts";

const query = (name: string) => readQueryFile(new URL(`./${name}.sql`, import.meta.url));

const AWS: ArchiveKind = {
  substrate: "aws-cloudtrail",
  cloud: "aws",
  resolutionMs: 1000,
  dialect: "trino",
  tables: query("archive_tables"),
  view: query("flatten_archive"),
  minutes: query("minutes"),
  span: query("span"),
  isPart: (path) => /\.json(\.gz)?$/.test(path) && !/CloudTrail-(Digest|Insight)/.test(path),
  timesOf: dayOfFile,
  shapesOf: (path) => DELIVERED.test(path) ? null : ["records"],
  variable: ({ since }, { tellsUndated, now }) => [
    tellsUndated ? partitionDay(since) : "",
    endOfTime(now).toISOString(),
  ],
  values: minutesValues,
  read: minuteOfRow,
};

/**
 * CloudTrail's log as it is delivered, `AWSLogs/…/*.json.gz`: a copy of the bucket, any folder of
 * it or one file; also plain `.json`, with records in `Records`, in an array or one a line.
 */
export function awsArchive(path: string, options?: ArchiveSourceOptions): ApiSource {
  return archiveSource(path, AWS, options);
}

/** Files as CloudTrail names them, of which nobody has touched the inside. */
const DELIVERED = /_CloudTrail_[^/]*_\d{8}T\d{4}Z_[^/]*\.json\.gz$/;
const DAY_FOLDER = /(\d{4})\/(\d{2})\/(\d{2})\/[^/]*$/;
const DAY_NAME = /_(\d{4})(\d{2})(\d{2})T\d{4}Z_[^/]*$/;
const DAY_MS = 86_400_000;

// The files of a day have records of it and, since delivery is late, of the day before.
function dayOfFile(path: string): FileTimes | null {
  const slashed = path.replaceAll("\\", "/");
  const match = DAY_FOLDER.exec(slashed) ?? DAY_NAME.exec(slashed);
  if (match === null) return null;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  const beginMs = Date.UTC(year, month - 1, day);
  const endMs = beginMs + DAY_MS;
  return { beginMs, endMs, sinceMs: beginMs - DAY_MS, untilMs: endMs };
}
