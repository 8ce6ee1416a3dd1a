import { DAY_MS, daysOf, wholeMinutes } from "../../model/time.ts";
import type { ApiWindow } from "../../sources/api_source.ts";

/** UTC days of a log one after the other, or the part of them that is asked for. */
export interface ApiPiece {
  /** `2026-03-10`. */
  days: string[];
  window: ApiWindow;
}

/** The days of a window without those that are done, oldest first, `daysPerPiece` together. */
export function planApiPieces(
  window: ApiWindow,
  { done, daysPerPiece }: { done: ReadonlySet<string>; daysPerPiece: number },
): ApiPiece[] {
  const whole = wholeMinutes(window);
  const pieces: ApiPiece[] = [];
  for (const day of daysOf(whole).filter((day) => !done.has(day))) {
    const beginMs = Date.parse(day);
    const until = new Date(Math.min(beginMs + DAY_MS, whole.until.getTime()));
    const last = pieces.at(-1);
    const follows = last !== undefined && last.window.until.getTime() === beginMs;
    if (follows && last.days.length < daysPerPiece) {
      last.days.push(day);
      last.window.until = until;
    } else {
      const since = new Date(Math.max(beginMs, whole.since.getTime()));
      pieces.push({ days: [day], window: { since, until } });
    }
  }
  return pieces;
}

/** A piece of several days in two. */
export function halvesOf({ days, window }: ApiPiece): ApiPiece[] {
  return planApiPieces(window, { done: new Set(), daysPerPiece: Math.ceil(days.length / 2) });
}
