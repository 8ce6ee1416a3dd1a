import { HOUR_MS } from "../../model/time.ts";
import type { ApiSource } from "../api_source.ts";
import {
  type ArchiveKind,
  archiveSource,
  type ArchiveSourceOptions,
  endOfTime,
} from "../archive_source.ts";
import type { FileTimes } from "../archive_parts.ts";
import { positional, readNamedQueryFile } from "../named_query.ts";
import { readQueryFile } from "../query_file.ts";
import { MINUTE_COLUMNS, minuteOfRow } from "./minute_rows.ts";

const query = (name: string) => readQueryFile(new URL(`./${name}.sql`, import.meta.url));

const GCP: ArchiveKind = {
  substrate: "gcp-cloud-audit",
  cloud: "gcp",
  dialect: "bigquery",
  tables: query("archive_tables"),
  emptyEntry: "line is no log entry",
  view: query("flatten_archive"),
  minutes: positional(readNamedQueryFile(new URL("./minutes.sql", import.meta.url))),
  columns: MINUTE_COLUMNS,
  span: query("span"),
  isPart: (path) => /\.(json|jsonl|ndjson)(\.gz)?$/.test(path),
  timesOf: hourOfFile,
  shapesOf: () => ["lines", "empty"],
  variable: ({ since, until }, { tellsUndated, now }) => [
    ...[since, until, endOfTime(now)].map((time) => String(time.getTime() * 1000)),
    tellsUndated ? "1" : "0",
  ],
  values: (_window, { salt, principal = "" }) => ({ salt, principal }),
  read: minuteOfRow,
};

/**
 * Cloud Audit Logs as a sink to Cloud Storage keeps them: a copy of the bucket, any folder of it or
 * one file. Entries are JSON lines, plain or gzipped, or one JSON array.
 */
export function gcpArchive(path: string, options?: ArchiveSourceOptions): ApiSource {
  return archiveSource(path, GCP, options);
}

// `…/2026/03/10/09:00:00_09:59:59_S0.json`; some systems have no colon in names
const HOUR_FILE = /(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})[^/0-9]?00[^/0-9]?00_[^/]*$/;

// As the view has it: entries lie up to an hour before and after the hour that their file names.
function hourOfFile(path: string): FileTimes | null {
  const match = HOUR_FILE.exec(path.replaceAll("\\", "/"));
  if (match === null) return null;
  const [, year, month, day, hour] = match.map(Number) as [number, number, number, number, number];
  const beginMs = Date.UTC(year, month - 1, day, hour);
  const endMs = beginMs + HOUR_MS;
  return { beginMs, endMs, sinceMs: beginMs - HOUR_MS, untilMs: endMs + HOUR_MS };
}
