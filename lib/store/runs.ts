import type { Store } from "./store.ts";

/** A run that has begun. */
interface Run {
  readonly runId: number;
}

/** Notes that a run began. */
export function beginRun(
  store: Store,
  { command, version, now }: { command: string; version: string; now: Date },
): Run {
  const { lastInsertRowid } = store.statement(
    "INSERT INTO runs (command, version, started_at) VALUES (?, ?, ?)",
  ).run(command, version, now.toISOString());
  return { runId: Number(lastInsertRowid) };
}

/** Notes how a run ended; one that was killed has no end. */
export function finishRun(
  store: Store,
  run: Run,
  { outcome, summary, now }: {
    outcome: "done" | "partial" | "failed";
    summary: Readonly<Record<string, number | string>>;
    now: Date;
  },
): void {
  store.statement("UPDATE runs SET ended_at = ?, outcome = ?, summary = ? WHERE run_id = ?")
    .run(now.toISOString(), outcome, JSON.stringify(summary), run.runId);
}

/** One pull from a source. */
export interface PullRow {
  /** null: a pull outside a run. */
  run_id: number | null;
  /** Which source, as the configuration names it. */
  source: string;
  /** Begin of the window asked for; null is "all there is". */
  from_at: string | null;
  /** Its end, itself excluded; null is "all there is". */
  until_at: string | null;
  /** ISO time, UTC. */
  pulled_at: string;
  /** Sessions, or minutes of API calls, that came. */
  rows: number;
  /** What the engine read, where it says so. */
  bytes_scanned: number | null;
  /** Time that the engine worked, in milliseconds, where it says so. */
  engine_ms?: number | null;
  outcome: "done" | "partial" | "failed";
  /** Why it is not `done`; never content of a session. */
  detail: string | null;
}

/** Adds a pull. */
export function recordPull(store: Store, row: PullRow): void {
  store.statement(
    `INSERT INTO pulls
       (run_id, source, from_at, until_at, pulled_at, rows, bytes_scanned, engine_ms, outcome, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    row.run_id,
    row.source,
    row.from_at,
    row.until_at,
    row.pulled_at,
    row.rows,
    row.bytes_scanned,
    row.engine_ms ?? null,
    row.outcome,
    row.detail,
  );
}

/** The pulls of a store, the oldest first. */
export function readPulls(store: Store): Required<PullRow>[] {
  return store.statement(
    `SELECT run_id, source, from_at, until_at, pulled_at, rows, bytes_scanned, engine_ms, outcome,
       detail FROM pulls ORDER BY pull_id`,
  ).all().map((row) => ({ ...row } as unknown as Required<PullRow>));
}

/** Something that was read and could not be used, and how often. */
export interface SkipRow {
  /** Which source, as `pulls` and `parse` name it. */
  source: string;
  /** The file or table it was in. */
  uri: string;
  /** A short name for the reason: what a summary counts by. */
  reason: string;
  /** More of the reason; never content of a session. */
  detail?: string | null;
  /** Rows, entries or files. */
  count: number;
}

/** Counts skipped input, in place of what was counted before for the same place and reason. */
export function recordSkips(store: Store, rows: readonly SkipRow[]): void {
  const statement = store.statement(
    `INSERT INTO skips (source, uri, reason, detail, count) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source, uri, reason)
     DO UPDATE SET detail = excluded.detail, count = excluded.count`,
  );
  store.transaction(() => {
    for (const { source, uri, reason, detail, count } of rows) {
      statement.run(source, uri, reason, detail ?? null, count);
    }
  });
}

/** Counts skipped input of a part of a place: what was counted before for all of it stays. */
export function addSkips(store: Store, rows: readonly SkipRow[]): void {
  const statement = store.statement(
    `INSERT INTO skips (source, uri, reason, detail, count) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source, uri, reason) DO UPDATE SET count = max(count, excluded.count)`,
  );
  for (const { source, uri, reason, detail, count } of rows) {
    statement.run(source, uri, reason, detail ?? null, count);
  }
}

/** Makes these the skips of all places between two, by the alphabet, which are read anew. */
export function replaceSkipsBetween(
  store: Store,
  { source, from, until }: { source: string; from: string; until: string },
  rows: readonly SkipRow[],
): void {
  store.transaction(() => {
    store.statement("DELETE FROM skips WHERE source = ? AND uri >= ? AND uri < ?")
      .run(source, from, until);
    recordSkips(store, rows);
  });
}

/** Forgets what was skipped at a place that is read anew: it may have been mended since. */
export function clearSkips(
  store: Store,
  { uri, sources }: { uri: string; sources: readonly string[] },
): void {
  const statement = store.statement("DELETE FROM skips WHERE source = ? AND uri = ?");
  store.transaction(() => {
    for (const source of sources) statement.run(source, uri);
  });
}

/** What was skipped, by source and place. */
export function readSkips(store: Store): Required<SkipRow>[] {
  return store.statement(
    "SELECT source, uri, reason, detail, count FROM skips ORDER BY source, uri, reason",
  ).all().map((row) => ({ ...row } as unknown as Required<SkipRow>));
}
