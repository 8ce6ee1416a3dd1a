import { glueSessions, type MinuteRow } from "../../lib/sessions/synthesise.ts";
import { measure, table } from "./measure.ts";
import type { Targets } from "./targets.ts";

/** Rows that are to be glued a second, on one thread. */
const TARGET = 1e6;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const BEGIN_MS = Date.UTC(2026, 0, 1);
const IDLE_MS = 600_000;
/** Rows of one driver: a month of work in stretches of some minutes. */
const DRIVER_ROWS = 2000;

/** Minute rows glued to sessions in memory, by how many there are: a table. */
export async function benchGlue(
  { rounds, rows, targets }: { rounds: number; rows: readonly number[]; targets: Targets },
): Promise<string> {
  const lines: string[][] = [];
  let first: number | null = null;
  for (const count of rows) {
    const { made, glued } = await measure({
      made: () => countOf(minuteRows(count)),
      glued: () => countOf(glueSessions(minuteRows(count), { idleMs: IDLE_MS })),
    }, { rounds });
    if (made.result !== count) throw new Error(`${made.result} rows, not ${count}`);
    const nanoseconds = glued.ms * 1e6 / count;
    first ??= nanoseconds;
    const millions = count / glued.ms / 1000;
    targets.atLeast(`${count / 1e6} M minute rows glued, M a second`, millions, TARGET / 1e6);
    lines.push([
      `${count / 1e6} M`,
      String(glued.result),
      `${made.ms.toFixed(0)} ms`,
      `${glued.ms.toFixed(0)} ms`,
      `${millions.toFixed(2)} M`,
      `${(TARGET / 1e6).toFixed(2)} M`,
      (nanoseconds / first).toFixed(2),
    ]);
  }
  const head = ["rows", "sessions", "making rows", "and gluing", "rows/s", "target"];
  return table([...head, "cost a row, times the first"], lines);
}

/** Rows in order, made while they are taken: seven minutes of work, then a pause, or none. */
function* minuteRows(count: number): Generator<MinuteRow> {
  let state = 1;
  let minuteMs = BEGIN_MS;
  let driver = "";
  for (let i = 0; i < count; i++) {
    if (i % DRIVER_ROWS === 0) {
      driver = `gcloud 203.0.113.${String(i / DRIVER_ROWS).padStart(8, "0")}`;
      minuteMs = BEGIN_MS + i % DAY_MS;
      minuteMs -= minuteMs % MINUTE_MS;
    }
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    minuteMs += state % 7 === 0 ? (5 + state % 40) * MINUTE_MS : MINUTE_MS;
    const firstMs = minuteMs + (state >>> 8) % 30_000;
    yield {
      ...{ substrate: "gcp-cloud-audit", principal: "ana@example.com", driver, minuteMs, firstMs },
      lastMs: firstMs + (state >>> 4) % 30_000,
    };
  }
}

function countOf(values: Iterable<unknown>): number {
  let count = 0;
  for (const _ of values) count++;
  return count;
}
