import { isoDay } from "../../model/time.ts";
import type { Window } from "./event_files.ts";

/**
 * The values that Teleport's queries name: the window, and a wider range around it in which the
 * rest of its sessions is looked for. Days bound the partitions, times the events.
 */
export function windowValues(window: Window, around: Window): Record<string, string> {
  return {
    first_day: isoDay(around.since),
    last_day: lastDay(around),
    from_time: time(around.since),
    to_time: time(around.until),
    window_first_day: isoDay(window.since),
    window_last_day: lastDay(window),
    since: time(window.since),
    until: time(window.until),
  };
}

/** As Trino and DuckDB both read it: `2026-03-01 09:30:00.000`, in UTC. */
function time(at: Date): string {
  return at.toISOString().replace("T", " ").replace("Z", "");
}

function lastDay(window: Window): string {
  return isoDay(new Date(window.until.getTime() - 1));
}
