import { DuckDBInstance, listValue } from "@duckdb/node-api";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LogRow, writeParquets } from "../../fixtures/generate/log_files.ts";

/** A tenant on disk: its bucket's folder, with `events` and `sessions` below it. */
interface Tenant {
  folder: string;
  events: string;
  /** Sessions that the log knows. */
  sessions: number;
  /** Objects below `sessions`. */
  recordings: number;
}

/** Some 10,000 events, as Teleport writes them. */
const COPIES_A_FILE = 32;

const FIXTURES = fileURLToPath(new URL("../../fixtures/teleport", import.meta.url));
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * Writes a tenant of about `sessions` sessions: the fixtures' log and recordings again and again,
 * each time under other ids. All kinds of sessions are there, with and without recordings, and all
 * that is broken in the fixtures' log.
 */
export async function writeTenant(
  folder: string,
  { sessions }: { sessions: number },
): Promise<Tenant> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const read = await connection.runAndReadAll(
    `SELECT uid, session_id, event_type, epoch_ms(event_time) AS at, event_data, "user"
     FROM read_parquet($1) ORDER BY ALL`,
    [listValue(await soundFiles())],
  );
  connection.closeSync();
  instance.closeSync();
  const rows = read.getRowObjects().map((row): LogRow => ({
    ...{ uid: String(row.uid), session_id: String(row.session_id) },
    ...{ event_type: String(row.event_type), eventMs: Number(row.at) },
    ...{ event_data: String(row.event_data), user: String(row.user) },
  }));
  const ofOne = new Set(rows.map(({ session_id }) => session_id)).size;
  const copies = Math.ceil(sessions / ofOne);
  const events = join(folder, "events");
  await writeParquets(filesOf(rows, { copies, events }));
  const recordings = await copyRecordings(join(folder, "sessions"), copies);
  return { folder, events, sessions: ofOne * copies, recordings };
}

function* filesOf(
  rows: readonly LogRow[],
  { copies, events }: { copies: number; events: string },
): Generator<[path: string, rows: LogRow[]]> {
  const days = Map.groupBy(rows, ({ eventMs }) => new Date(eventMs).toISOString().slice(0, 10));
  for (const [day, ofDay] of days) {
    for (let from = 0; from < copies; from += COPIES_A_FILE) {
      const length = Math.min(COPIES_A_FILE, copies - from);
      const all = Array.from({ length }, (_, i) => ofDay.map((row) => copied(row, from + i)));
      yield [join(events, day, `${from}.parquet`), all.flat()];
    }
  }
}

async function soundFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const day of Deno.readDir(join(FIXTURES, "events"))) {
    for await (const { name } of Deno.readDir(join(FIXTURES, "events", day.name))) {
      const path = join(FIXTURES, "events", day.name, name);
      const bytes = await Deno.readFile(path);
      if (new TextDecoder().decode(bytes.subarray(-4)) === "PAR1") files.push(path);
    }
  }
  return files.sort();
}

async function copyRecordings(folder: string, copies: number): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  let count = 0;
  for await (const { name } of Deno.readDir(join(FIXTURES, "sessions"))) {
    if (!name.endsWith(".tar")) continue;
    for (let i = 0; i < copies; i++) {
      await Deno.copyFile(join(FIXTURES, "sessions", name), join(folder, otherIds(name, i)));
      count++;
    }
  }
  return count;
}

function copied(row: LogRow, copy: number): LogRow {
  return {
    ...row,
    uid: otherIds(row.uid, copy),
    session_id: otherIds(row.session_id, copy),
    event_data: otherIds(row.event_data, copy),
  };
}

/** The same text with every UUID replaced by another, which depends on it and on the copy. */
function otherIds(text: string, copy: number): string {
  return text.replace(UUID, (uuid) => {
    const hash = createHash("sha256").update(`${copy} ${uuid.toLowerCase()}`).digest("hex");
    return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a` +
      `${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  });
}
