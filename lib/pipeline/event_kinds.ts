import { readRecording } from "../recording/read.ts";
import { localRecordingPath } from "../store/recording_path.ts";
import type { Store } from "../store/store.ts";

/** Events of one kind in what was logged of one substrate. */
export interface EventKind {
  substrate: string;
  /** Where it stands: inside recordings, or in the log of API calls. */
  where: "recordings" | "calls";
  /** Type of the event, or service of the call; `unknown` are kinds that this version can't name. */
  kind: string;
  events: number;
  /** Recordings that hold it, or principals that called it. */
  holders: number;
}

export interface EventKindsOptions {
  /** Recordings of a substrate that are read, evenly over all; 200 unless told. */
  most?: number;
}

/**
 * Which events there are: kinds inside recordings, counted by reading those that lie on this
 * machine anew (a sample where there are many), and services of the API calls that the store keeps.
 * Names of kinds and services only, nothing of what they held.
 */
export async function eventKinds(
  store: Store,
  { most = 200 }: EventKindsOptions = {},
): Promise<EventKind[]> {
  const kinds = new Map<string, EventKind>();
  const add = (kind: Omit<EventKind, "events" | "holders">, events: number, holders: number) => {
    const key = Object.values(kind).join("\n");
    const known = kinds.get(key) ?? { ...kind, events: 0, holders: 0 };
    known.events += events;
    known.holders += holders;
    kinds.set(key, known);
  };
  for (const { substrate, path } of sampleRecordings(store, most)) {
    const reader = readRecording({ uri: path, bytes: (await Deno.open(path)).readable });
    for await (const _ of reader) { /* only what it counts is wanted */ }
    const { events, unknown } = reader.outcome;
    for (const [kind, count] of Object.entries(events)) {
      add({ substrate, where: "recordings", kind }, count, 1);
    }
    const others = Object.values(unknown).reduce((sum, count) => sum + count, 0);
    if (others > 0) add({ substrate, where: "recordings", kind: "unknown" }, others, 1);
  }
  const calls = store.database.prepare(`
    SELECT substrate, substr(method, 1, instr(method || '/', '/') - 1) AS kind,
      count(*) AS events, count(DISTINCT principal) AS holders
    FROM (SELECT substrate, principal, json_extract(call.value, '$[1]') AS method
      FROM call_minutes, json_each(call_minutes.calls) AS call)
    GROUP BY 1, 2`);
  for (const row of calls.iterate()) {
    const substrate = String(row["substrate"]);
    const kind = { substrate, where: "calls" as const, kind: String(row["kind"]) };
    add(kind, Number(row["events"]), Number(row["holders"]));
  }
  return [...kinds.values()].sort((a, b) =>
    a.substrate < b.substrate ? -1 : a.substrate > b.substrate ? 1 : b.events - a.events
  );
}

/** Recordings that lie on this machine, at most `most` of a substrate, evenly over their ids. */
function sampleRecordings(store: Store, most: number): { substrate: string; path: string }[] {
  const rows = store.database.prepare(`
    SELECT substrate, uri FROM recordings JOIN sessions USING (session_id)
    WHERE state IN ('parsed', 'truncated') ORDER BY recording_id`).all();
  const bySubstrate = Map.groupBy(rows, (row) => String(row["substrate"]));
  return [...bySubstrate].flatMap(([substrate, those]) => {
    const every = Math.max(1, those.length / most);
    return Array.from({ length: Math.min(most, those.length) }, (_, i) => {
      const uri = String(those[Math.floor(i * every)]!["uri"]);
      return { substrate, path: localRecordingPath(store, uri) };
    }).flatMap(({ substrate, path }) => path === null ? [] : [{ substrate, path }]);
  });
}
