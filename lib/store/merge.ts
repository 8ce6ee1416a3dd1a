import type { LabelRow } from "../model/label.ts";
import { checkMergeable } from "./check_mergeable.ts";
import { eachRow } from "./each_row.ts";
import { isKept, isManual, putLabel, recordChange } from "./label_rows.ts";
import { listLabels } from "./labels.ts";
import { addNote, listNotes } from "./notes.ts";
import { lastPull, putPullsInTurn } from "./pulls_in_turn.ts";
import { addAlias, currentId } from "./sessions.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";
import { TABLES } from "./tables.ts";

/** What became of the sessions of a store that was merged. */
export interface Merged {
  /** Sessions that were not there. */
  added: number;
  /** Sessions that both had, with the same row and recordings. */
  same: number;
  /** Sessions that differed: the one with more recordings parsed stands, then the later one. */
  replaced: number;
  kept: number;
  /** Minutes of API calls that were not there, or had fewer calls. */
  minutes: number;
  /** Labels by hand, or of the ground truth, that said different things; both are in the history. */
  labelConflicts: number;
  /** Former ids of a session that name another one here; the one that they name here stands. */
  aliasConflicts: number;
}

/**
 * Takes another store's rows into this one, in one transaction; once more changes nothing. What was
 * computed across sessions (identities, correlations, habits, verdicts by them) is to be computed
 * anew afterwards. Throws a {@link StoreError} where the two were made with different keys (their
 * hashes of the same names would differ), or the other's tables are not those that shellscope makes.
 */
export function mergeStore(into: Store, from: Store, { now }: { now: Date }): Merged {
  checkMergeable(into, from);
  return into.transaction(() => new Merge(into, from, now).run());
}

/** Those of a session, besides its former ids, which are weighed. */
const OF_SESSION = tablesTied("of-session").filter((table) => table !== "session_aliases");
/** Those of a subject that have no key of their own, besides labels, which are weighed. */
const OF_SUBJECT = tablesTied("of-subject").filter((table) =>
  !["labels", "label_history", "notes", "llm_calls"].includes(table)
);

function tablesTied(tie: string): string[] {
  return Object.keys(TABLES).filter((table) => TABLES[table] === tie);
}

class Merge {
  readonly #counts: Merged = {
    ...{ added: 0, same: 0, replaced: 0, kept: 0, minutes: 0 },
    ...{ labelConflicts: 0, aliasConflicts: 0 },
  };

  constructor(
    private readonly into: Store,
    private readonly from: Store,
    private readonly now: Date,
  ) {}

  run(): Merged {
    for (const { session_id } of this.#rows("SELECT session_id FROM sessions ORDER BY 1")) {
      this.#takeSession(String(session_id));
    }
    // when all sessions are there: a former id in one store may be a session in the other
    for (const row of this.#rows("SELECT alias, session_id FROM session_aliases ORDER BY 1")) {
      this.#takeAlias(String(row["alias"]), currentId(this.into, String(row["session_id"])));
    }
    this.#takeActivities();
    this.#takeMinutes();
    this.#takeLedger();
    return this.#counts;
  }

  #takeSession(id: string): void {
    const standing = currentId(this.into, id);
    if (standing !== id) {
      // it grew there, and has another id: what people wrote down goes along
      this.#counts.kept++;
      return this.#takeMarks(id, standing);
    }
    const ours = told(this.into, id);
    const theirs = told(this.from, id)!;
    if (ours === null) {
      this.#counts.added++;
      this.#copySession(id);
    } else if (ours.text === theirs.text) this.#counts.same++;
    else if (stands(theirs, ours)) {
      this.#counts.replaced++;
      this.#replaceSession(id);
    } else this.#counts.kept++;
    for (const { subject_id } of this.#subjects(id)) this.#takeMarks(String(subject_id));
  }

  #takeAlias(alias: string, session: string): void {
    if (alias === session) return;
    const named = currentId(this.into, alias);
    const known = this.into.statement("SELECT 1 FROM sessions WHERE session_id = ?").get(named);
    if (known === undefined) addAlias(this.into, alias, session);
    else if (named !== session) this.#counts.aliasConflicts++;
  }

  // Marks of the one that goes are put on the one that comes.
  #replaceSession(id: string): void {
    const subjects = this.into.statement("SELECT subject_id FROM subjects WHERE session_id = ?")
      .all(id).map(({ subject_id }) => String(subject_id));
    const marks = subjects.map((subject) => marksOf(this.into, subject));
    this.into.statement("DELETE FROM sessions WHERE session_id = ?").run(id);
    this.#copySession(id);
    for (const of of marks) this.#putMarks(of);
  }

  #copySession(id: string): void {
    this.#copy("sessions", "session_id = ?", id);
    this.#copy("subjects", "session_id = ?", id);
    for (const table of OF_SESSION) this.#copy(table, "session_id = ?", id);
    for (const { subject_id } of this.#subjects(id)) this.#copySubject(String(subject_id));
  }

  #copySubject(id: string): void {
    for (const table of [...OF_SUBJECT, "labels"]) this.#copy(table, "subject_id = ?", id);
    this.#copyHistory(id);
  }

  /** Sessions side by side; those whose members changed are put together anew afterwards. */
  #takeActivities(): void {
    const activities = this.#rows("SELECT subject_id FROM subjects WHERE kind = 'activity'");
    for (const { subject_id } of activities) {
      const id = String(subject_id);
      const isNew = this.#copy("subjects", "subject_id = ?", id) > 0;
      if (isNew) {
        this.#copySubject(id);
        this.#copy("activities", "subject_id = ?", id);
      }
      for (const row of this.#rows("SELECT * FROM activity_members WHERE subject_id = ?", id)) {
        const session = currentId(this.into, String(row["session_id"]));
        const known = this.into.statement("SELECT 1 FROM sessions WHERE session_id = ?");
        if (known.get(session) === undefined) continue;
        this.into.statement("INSERT OR IGNORE INTO activity_members VALUES (?, ?)")
          .run(id, session);
      }
      if (!isNew) {
        // measured here of the sessions it had here
        this.into.statement(
          `INSERT OR IGNORE INTO sessions_measured
           SELECT session_id FROM activity_members WHERE subject_id = ?`,
        ).run(id);
      }
      this.#takeMarks(id);
    }
  }

  /** Minutes of calls; where a principal had some already its sessions are to be made anew. */
  #takeMinutes(): void {
    const principals = this.#rows("SELECT DISTINCT substrate, principal FROM call_minutes");
    for (const { substrate, principal } of principals) {
      const of = [String(substrate), String(principal)];
      const where = "substrate = ? AND principal = ?";
      const had = this.into.statement(`SELECT 1 FROM call_minutes WHERE ${where}`).get(...of);
      for (const row of this.#rows(`SELECT * FROM call_minutes WHERE ${where}`, ...of)) {
        if (!this.#takeMinute(row)) continue;
        this.#counts.minutes++;
        if (had !== undefined) {
          this.#mark({ ...row, from_minute: row["minute"]!, until_minute: row["minute"]! });
        }
      }
    }
    for (const row of this.#rows("SELECT * FROM call_minutes_changed")) this.#mark(row);
  }

  #takeMinute(row: ResultRow): boolean {
    const names = ["substrate", "principal", "driver", "minute", "source"];
    const key = names.map((name) => row[name]!);
    const where = names.map((name) => `${name} = ?`).join(" AND ");
    const known = this.into.statement(
      `SELECT calls, calls_omitted FROM call_minutes WHERE ${where}`,
    ).get(...key);
    if (known !== undefined && callsIn(this.into, known) >= callsIn(this.from, row)) return false;
    // what the row in its place said of commands goes with it
    insert(this.into, "call_minutes", row, "REPLACE");
    const said = this.from.statement(`SELECT * FROM called_commands WHERE ${where}`).get(...key);
    if (said !== undefined) insert(this.into, "called_commands", said, "REPLACE");
    return true;
  }

  #mark(row: ResultRow): void {
    this.into.statement(
      `INSERT INTO call_minutes_changed (substrate, principal, driver, from_minute, until_minute)
       VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET from_minute = min(from_minute, excluded.from_minute),
         until_minute = max(until_minute, excluded.until_minute)`,
    ).run(
      ...["substrate", "principal", "driver", "from_minute", "until_minute"].map((n) => row[n]!),
    );
  }

  /** Runs, pulls, skips and counts of events; of files that several read the larger count stands. */
  #takeLedger(): void {
    const runs = new Map<unknown, number | bigint>();
    for (const row of this.#rows("SELECT * FROM runs ORDER BY run_id")) {
      runs.set(row["run_id"], insertNew(this.into, "runs", row, "run_id"));
    }
    const own = lastPull(this.into);
    for (const row of this.#rows("SELECT * FROM pulls ORDER BY pull_id")) {
      const run_id = runs.get(row["run_id"]) ?? null;
      insertNew(this.into, "pulls", { ...row, run_id }, "pull_id");
    }
    if (lastPull(this.into) > own) putPullsInTurn(this.into, { own });
    for (const row of this.#rows("SELECT * FROM llm_calls ORDER BY call_id")) {
      const subject = row["subject_id"];
      const there = typeof subject === "string" && this.into.statement(
        "SELECT subject_id FROM subjects WHERE subject_id = ?",
      ).get(currentId(this.into, subject));
      insertNew(this.into, "llm_calls", {
        ...row,
        subject_id: there ? there["subject_id"]! : null,
      }, "call_id");
    }
    for (const row of this.#rows("SELECT * FROM skips")) {
      insert(this.into, "skips", row, "IGNORE");
      this.into.statement(
        "UPDATE skips SET count = max(count, ?) WHERE source = ? AND uri = ? AND reason = ?",
      ).run(...["count", "source", "uri", "reason"].map((name) => row[name]!));
    }
    for (const row of this.#rows("SELECT * FROM log_events")) {
      insert(this.into, "log_events", row, "IGNORE");
      this.into.statement(
        `UPDATE log_events SET events = max(events, ?), in_sessions = max(in_sessions, ?)
         WHERE uri = ? AND day = ? AND event_type = ?`,
      ).run(...["events", "in_sessions", "uri", "day", "event_type"].map((name) => row[name]!));
    }
    for (const row of this.#rows("SELECT * FROM call_settings")) {
      insert(this.into, "call_settings", row, "IGNORE");
    }
  }

  #takeMarks(id: string, to = id): void {
    this.#putMarks({ ...marksOf(this.from, id), subject: to });
    for (const table of ["llm_answers", "llm_digests", "verdicts"]) {
      for (const row of this.#rows(`SELECT * FROM ${table} WHERE subject_id = ?`, id)) {
        if (table === "verdicts" && row["writer"] !== "phase2") continue;
        insert(this.into, table, { ...row, subject_id: to }, "IGNORE");
      }
    }
  }

  #putMarks({ subject, labels, notes }: Marks): void {
    for (const note of notes) addNote(this.into, { ...note, subject_id: subject });
    const there = new Map(listLabels(this.into, subject).map((label) => [label.key, label]));
    for (const label of labels) {
      const rival = there.get(label.key);
      if (rival?.value === label.value && rival.set_by === label.set_by) continue;
      const isWeighed = rival !== undefined && isKept(rival);
      const loses = isWeighed &&
        (isManual(rival.set_by) === isManual(label.set_by)
          ? rival.set_at >= label.set_at
          : isManual(rival.set_by));
      if (!loses) putLabel(this.into, { ...label, subject_id: subject }, { change: "moved" });
      if (!isWeighed || rival.value === label.value) continue;
      this.#noteConflict(subject, { kept: loses ? rival : label, dropped: loses ? label : rival });
    }
  }

  #noteConflict(
    subject_id: string,
    { kept, dropped }: { kept: LabelRow; dropped: LabelRow },
  ): void {
    const { changes } = this.into.statement(
      `SELECT count(*) AS changes FROM label_history WHERE subject_id = ? AND key = ?
         AND change = 'conflict' AND old_value = ? AND new_value = ? AND set_by = ?`,
    ).get(subject_id, kept.key, kept.value, dropped.value, dropped.set_by)!;
    if (Number(changes) > 0) return;
    this.#counts.labelConflicts++;
    recordChange(this.into, {
      ...{ subject_id, key: kept.key, change: "conflict", old_value: kept.value },
      ...{ new_value: dropped.value, set_by: dropped.set_by, set_at: this.now.toISOString() },
    });
  }

  #subjects(sessionId: string): ResultRow[] {
    return this.from.statement("SELECT subject_id FROM subjects WHERE session_id = ?")
      .all(sessionId);
  }

  #rows(sql: string, ...params: string[]): Generator<ResultRow> {
    return eachRow(this.from, sql, ...params);
  }

  #copy(table: string, where: string, id: string): number {
    let copied = 0;
    for (const row of this.from.statement(`SELECT * FROM ${table} WHERE ${where}`).all(id)) {
      copied += insert(this.into, table, row, "IGNORE");
    }
    return copied;
  }

  #copyHistory(id: string): void {
    const rows = this.from.statement("SELECT * FROM label_history WHERE subject_id = ?").all(id);
    for (const row of rows) insertNew(this.into, "label_history", row, "change_id");
  }
}

/** What decides which of two sessions of one id stands. */
interface Told {
  text: string;
  parsed: number;
  updatedAt: string;
}

function told(store: Store, id: string): Told | null {
  const row = store.statement("SELECT * FROM sessions WHERE session_id = ?").get(id);
  if (row === undefined) return null;
  const recordings = store.statement(
    "SELECT * FROM recordings WHERE session_id = ? ORDER BY recording_id",
  ).all(id);
  const { updated_at, ...rest } = row;
  return {
    text: JSON.stringify([rest, recordings]),
    parsed: recordings.filter(({ state }) => state === "parsed").length,
    updatedAt: String(updated_at),
  };
}

function stands(one: Told, other: Told): boolean {
  return one.parsed === other.parsed ? one.updatedAt > other.updatedAt : one.parsed > other.parsed;
}

/** What people wrote down about a subject, and what is known to be true of it. */
interface Marks {
  subject: string;
  labels: LabelRow[];
  notes: ReturnType<typeof listNotes>;
}

function marksOf(store: Store, subject: string): Marks {
  return {
    subject,
    labels: listLabels(store, subject).filter(isKept),
    notes: listNotes(store, subject),
  };
}

function callsIn(store: Store, row: ResultRow): number {
  const calls = storedJson<unknown[]>(store, "call_minutes.calls", row["calls"]);
  return calls.length + Number(row["calls_omitted"]);
}

function insert(
  store: Store,
  table: string,
  row: ResultRow,
  orElse: "IGNORE" | "REPLACE",
): number {
  const names = Object.keys(row);
  const { changes } = store.statement(
    `INSERT OR ${orElse} INTO ${table} (${names}) VALUES (${names.map(() => "?")})`,
  ).run(...Object.values(row));
  return Number(changes);
}

/** Inserts a row under an id of this store's own, unless the same row is there; returns the id. */
function insertNew(
  store: Store,
  table: string,
  row: ResultRow,
  ownId: string,
): number | bigint {
  const names = Object.keys(row).filter((name) => name !== ownId);
  const values = names.map((name) => row[name]!);
  const known = store.statement(
    `SELECT ${ownId} AS id FROM ${table} WHERE ${
      names.map((name) => `${name} IS ?`).join(" AND ")
    }`,
  ).get(...values);
  if (known !== undefined) return known["id"] as number;
  return store.statement(
    `INSERT INTO ${table} (${names}) VALUES (${names.map(() => "?")})`,
  ).run(...values).lastInsertRowid;
}
