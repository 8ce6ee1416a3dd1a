import { DAY_MS, daysOf } from "../../model/time.ts";
import type { Window } from "./event_files.ts";

/** Days that one round of queries asks for, and the days around them that it reads. */
export interface Piece {
  /** Whole UTC days, one after the other. */
  days: string[];
  window: Window;
  /** What is read: the days before, and after the last piece of a run of days. */
  around: Window;
  /** Nothing in it can change any more: an earlier result may stand for it. */
  settled: boolean;
}

interface PlanOptions {
  now: Date;
  /** Days that need not be asked again. */
  done: ReadonlySet<string>;
  /** Days of one piece, at most: 7. */
  daysPerPiece?: number;
}

/** Around a window the rest of its sessions is looked for so far. */
export const AROUND_MS = 7 * DAY_MS;

/** Events of a day may arrive for so long after its end; until then the day is asked again. */
const LATE_DAYS = 2;

/**
 * Splits a window into pieces of whole UTC days, without those that are done, oldest first. Every
 * piece reads seven days before it, where its sessions may have begun, so days are asked
 * together as far as `daysPerPiece` allows: seven single days would read 56 partitions, one piece
 * of seven reads 14. Days behind a piece are read only where no further piece follows, which would
 * read the same sessions to their end.
 */
export function planPieces(window: Window, options: PlanOptions): Piece[] {
  const { now, done, daysPerPiece = 7 } = options;
  const pieces: Piece[] = [];
  // no day of the future has anything
  const until = new Date(Math.min(window.until.getTime(), dayEnd(now)));
  const pending = daysOf({ since: window.since, until }).filter((day) => !done.has(day));
  pending.forEach((day, i) => {
    const piece = pieces.at(-1);
    const follows = piece !== undefined && Date.parse(day) === piece.window.until.getTime();
    if (follows && piece.days.length < daysPerPiece) piece.days.push(day);
    else pieces.push(emptyPiece([day]));
    const last = pieces.at(-1)!;
    const endMs = Date.parse(day) + DAY_MS;
    const goesOn = pending[i + 1] !== undefined && Date.parse(pending[i + 1]!) === endMs;
    const sinceMs = Date.parse(last.days[0]!);
    last.window = { since: new Date(sinceMs), until: new Date(endMs) };
    const afterMs = Math.min(AROUND_MS, Math.max(0, dayEnd(now) - endMs));
    last.around = {
      since: new Date(sinceMs - AROUND_MS),
      until: new Date(endMs + (goesOn ? 0 : afterMs)),
    };
    last.settled = isSettled(last.around.until, now);
  });
  return pieces;
}

/** Whether a day that ended so, or a window, had all its events when it was pulled. */
export function isSettled(until: Date, pulledAt: Date): boolean {
  return until.getTime() + LATE_DAYS * DAY_MS <= pulledAt.getTime();
}

function dayEnd(at: Date): number {
  return (Math.floor(at.getTime() / DAY_MS) + 1) * DAY_MS;
}

function emptyPiece(days: string[]): Piece {
  const nowhere = { since: new Date(0), until: new Date(0) };
  return { days, window: nowhere, around: nowhere, settled: false };
}
