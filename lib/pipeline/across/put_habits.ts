import { inSteps } from "../../model/hear_signal.ts";
import { Habits } from "../../sessions/habits.ts";
import { type SubjectFeatures, writeFeatures } from "../../store/features.ts";
import { clearHabits, type HabitRow, readHabitRows } from "../../store/habits.ts";
import type { Store } from "../../store/store.ts";

/** Rows that are written at a time. */
const LOT = 1000;

/**
 * Measures how each session differs from the earlier ones of its identity (or its principal, where
 * that has none) on the same side, all anew: an earlier session that is pulled later changes what
 * came after it. Holds the habits of one at a time. Sessions under a name that whoever acted chose
 * are told apart: nobody makes another's habits. Throws the reason of `signal`: then nothing changed.
 */
export async function putHabits(
  store: Store,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<void> {
  const steps = store.transactionInSteps(function* () {
    yield* clearHabits(store);
    let who: string | null = null;
    let lot: SubjectFeatures[] = [];
    const bySide = new Map<string, Habits>();
    for (const row of readHabitRows(store)) {
      yield;
      if (row.who !== who) bySide.clear();
      who = row.who;
      const side = `${row.side} ${row.standing}`;
      let habits = bySide.get(side);
      if (habits === undefined) bySide.set(side, habits = new Habits());
      lot.push({ subject_id: row.id, ...habits.next(habitual(row)) });
      if (lot.length < LOT) continue;
      writeFeatures(store, "base", lot);
      lot = [];
    }
    writeFeatures(store, "base", lot);
  });
  await inSteps(steps, signal);
}

function habitual(row: HabitRow) {
  const { startedMs, driver, target, durationSeconds } = row;
  const rhythm = row.callsPerMinute ?? row.gapSeconds;
  return {
    ...{ startedMs, target },
    tool: driver?.split(" ", 1)[0] ?? null,
    logs: [rhythm, durationSeconds],
    shares: [row.thinkShare ?? row.oneCharShare],
  };
}
