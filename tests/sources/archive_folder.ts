import { dirname, join } from "node:path";
import { type LogRow, writeParquets } from "../../fixtures/generate/log_files.ts";
import { openArchiveEngine } from "../../lib/sources/duckdb.ts";
import type { SourceSkip } from "../../lib/sources/source_skip.ts";
import type { EventFormat } from "../../lib/sources/teleport/event_source.ts";
import type { TypeCount } from "../../lib/sources/teleport/log_counts.ts";
import { readTeleportSessions, type TeleportSession } from "../../lib/sources/teleport/archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** An event for a test: the row's columns and the JSON come from it. */
export type TestEvent =
  & { event: string; time: string; uid?: string; sid?: string }
  & Record<
    string,
    unknown
  >;

let uids = 0;

/** The row that carries an event. */
export function row(event: TestEvent): LogRow {
  const uid = event.uid ?? `uid-${++uids}`;
  return {
    uid,
    session_id: event.sid ?? "",
    event_type: event.event,
    eventMs: Date.parse(event.time),
    event_data: JSON.stringify({ uid, ...event }),
    user: String(event.user ?? ""),
  };
}

/** Writes rows as an archive below `folder`: one file a day of the rows, or as `files` names. */
export async function writeArchive(
  folder: string,
  files: Readonly<Record<string, readonly LogRow[]>>,
): Promise<string> {
  const events = join(folder, "events");
  await Deno.mkdir(events, { recursive: true });
  await writeParquets(Object.entries(files).map(([name, rows]) => [join(events, name), rows]));
  return events;
}

/** All sessions of a window, what was left out, and the events of its days by type. */
export async function readAll(
  events: string,
  window: {
    since: string;
    until: string;
    keepLabels?: readonly string[];
    format?: EventFormat;
  },
): Promise<{ sessions: TeleportSession[]; skips: SourceSkip[]; counts: TypeCount[] }> {
  const skips: SourceSkip[] = [];
  const counts: TypeCount[] = [];
  const sessions: TeleportSession[] = [];
  await using engine = await openArchiveEngine();
  const batches = readTeleportSessions(engine, {
    events,
    since: new Date(window.since),
    until: new Date(window.until),
    ...(window.format && { format: window.format }),
    ...(window.keepLabels && { keepLabels: window.keepLabels }),
    onSkip: (skip) => skips.push(skip),
    onCounts: ({ types }) => counts.push(...types),
  });
  for await (const batch of batches) sessions.push(...batch);
  return { sessions, skips, counts };
}

/** Writes a file of a corpus, text as it is and all else as JSON, and its folders. */
export async function writeContent(path: string, content: unknown): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
}

/** Runs a test in a folder that is removed afterwards. */
export async function inFolder<T>(test: (folder: string) => Promise<T>): Promise<T> {
  using folder = temporaryFolder();
  return await test(folder.path);
}
