import { DAY_MS } from "../../model/time.ts";
import type { ApiSource } from "../api_source.ts";
import type { FileTimes } from "../archive_parts.ts";
import {
  type ArchiveKind,
  archiveSource,
  type ArchiveSourceOptions,
  endOfTime,
} from "../archive_source.ts";
import { readQueryFile } from "../query_file.ts";
import type { S3Options } from "../s3.ts";
import { BucketPlace } from "./bucket_place.ts";
import { MINUTE_COLUMNS, minuteOfRow } from "./minute_rows.ts";
import { scopeText, type TrailScope } from "./trail_tree.ts";
import { minutesValues, partitionDay } from "./window_values.ts";

const query = (name: string) => readQueryFile(new URL(`./${name}.sql`, import.meta.url));

const AWS: ArchiveKind = {
  substrate: "aws-cloudtrail",
  cloud: "aws",
  dialect: "trino",
  tables: query("archive_tables"),
  addDocument: query("add_document"),
  emptyEntry: "entry is no CloudTrail record",
  view: query("flatten_archive"),
  minutes: query("minutes"),
  columns: MINUTE_COLUMNS,
  span: query("span"),
  isPart: awsFiles,
  timesOf: dayOfFile,
  shapesOf: (path) => DELIVERED.test(path) ? null : ["record line"],
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

/**
 * The same where it is delivered, `s3://bucket/prefix`: the days of a window and the day behind it are
 * listed, and their objects read as they arrive, several at a time; no file is written. Its whole
 * span is not looked for.
 */
export function awsBucket(
  uri: string,
  { s3, ...options }: Omit<ArchiveSourceOptions, "place" | "name"> & { s3: S3Options & TrailScope },
): ApiSource {
  const name = `aws archive ${uri}${scopeText(s3)}`;
  const place = bucketPlace(uri, s3);
  return archiveSource(uri, AWS, { partBytes: BUCKET_BYTES, ...options, name, place });
}

/** What is held of a day is not fetched once more for the next: the more, the better. */
const BUCKET_BYTES = 512 * 1024 * 1024;

/** Whether a file of a tree is one of CloudTrail's logs; digests and insights are none. */
export function awsFiles(path: string): boolean {
  return /\.json(\.gz)?$/.test(path) && !/CloudTrail-(Digest|Insight)/.test(path);
}

/** Where the objects of such a source lie. */
export function bucketPlace(uri: string, options: S3Options & TrailScope): BucketPlace {
  return new BucketPlace(uri, AWS.isPart, options);
}

/** Files as CloudTrail names them, of which nobody has touched the inside. */
const DELIVERED = /_CloudTrail_[^/]*_\d{8}T\d{4}Z_[^/]*\.json\.gz$/;
const DAY_FOLDER = /(\d{4})\/(\d{2})\/(\d{2})\/[^/]*$/;
const DAY_NAME = /_(\d{4})(\d{2})(\d{2})T\d{4}Z_[^/]*$/;

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
