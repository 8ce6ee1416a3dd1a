import { sideOf } from "../model/identity.ts";
import { emptyTable } from "./empty_table.ts";
import { readByHolder } from "./sessions_by_holder.ts";
import type { Store } from "./store.ts";

/** A session with what an identity's habits are told by; null: not measured. */
export interface HabitRow {
  id: string;
  /** The identity; the principal where none is known. */
  who: string;
  side: string;
  /**
   * Whether a provider of identities stands for the principal, or whoever acted chose the name, or no
   * identity is known.
   */
  standing: "vouched" | "claimed" | "unknown";
  startedMs: number;
  driver: string | null;
  target: string | null;
  durationSeconds: number | null;
  gapSeconds: number | null;
  oneCharShare: number | null;
  callsPerMinute: number | null;
  thinkShare: number | null;
}

const STANDINGS: Readonly<Record<string, HabitRow["standing"]>> = {
  ...{ "1": "vouched", "0": "claimed", null: "unknown" },
};

/** Sessions by whose they are, begin and id. */
export function* readHabitRows(store: Store): Generator<HabitRow> {
  const rows = readByHolder(store, {
    who: "coalesce(identity, principal)",
    columns: `driver, target, duration_seconds, pty_gap_p50, pty_one_char_share, call_per_minute,
      call_think_share`,
    joins: `LEFT JOIN features_pty ON features_pty.subject_id = session_id
      LEFT JOIN features_call ON features_call.subject_id = session_id`,
  });
  for (const row of rows) {
    yield {
      id: String(row["session_id"]),
      who: String(row["who"]),
      side: sideOf(String(row["substrate"])),
      standing: STANDINGS[String(row["vouched"])]!,
      startedMs: Date.parse(String(row["started_at"])),
      driver: row["driver"] as string | null,
      target: row["target"] as string | null,
      durationSeconds: row["duration_seconds"] as number | null,
      gapSeconds: row["pty_gap_p50"] as number | null,
      oneCharShare: row["pty_one_char_share"] as number | null,
      callsPerMinute: row["call_per_minute"] as number | null,
      thinkShare: row["call_think_share"] as number | null,
    };
  }
}

/** Forgets what sessions of identities that are known no more were held against; some a step. */
export function* clearHabits(store: Store): Generator<void> {
  yield* emptyTable(store, "features_base", { key: "subject_id" });
}
