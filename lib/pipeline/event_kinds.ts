import { readRecording } from "../recording/read.ts";
import { readLogEvents } from "../store/log_events.ts";
import { localRecordingPath } from "../store/recording_path.ts";
import type { Store } from "../store/store.ts";

/** Events of one kind in what was logged of one substrate. */
export interface EventKind {
  /** The label `substrate.kind` of the sessions that the events are of. */
  substrate: string;
  /** Where it stands: in the audit log, inside recordings, or among API calls. */
  where: "audit log" | "recordings" | "calls";
  /** Type of the event, or service of the call; `unknown` are kinds that this version can't name. */
  kind: string;
  /** How many there are; of recordings, in those that were read. */
  events: number;
  /** Those of the audit log that belong to a session; null elsewhere. */
  inSessions: number | null;
  /** Recordings that hold it, or principals that called it; null for the audit log. */
  holders: number | null;
}

/** How much is read of the recordings. */
interface EventKindsOptions {
  /** Recordings of a substrate that are read, evenly over all; 200 unless told. */
  most?: number;
}

/**
 * Which events there are: types in the audit log, as pulls counted them; kinds inside recordings,
 * counted by reading those that lie on this machine anew (a sample where there are many); and
 * services of the API calls that the store keeps. Names of kinds and services only, nothing of what
 * they held.
 */
export async function eventKinds(
  store: Store,
  { most = 200 }: EventKindsOptions = {},
): Promise<EventKind[]> {
  const kinds = [...loggedKinds(store), ...await recordedKinds(store, most), ...calledKinds(store)];
  return kinds.sort((a, b) =>
    a.substrate < b.substrate ? -1 : a.substrate > b.substrate ? 1 : b.events - a.events
  );
}

function loggedKinds(store: Store): EventKind[] {
  return readLogEvents(store).map(({ substrate, event_type, events, in_sessions }) => ({
    ...{ substrate, where: "audit log", kind: event_type },
    ...{ events, inSessions: in_sessions, holders: null },
  }));
}

async function recordedKinds(store: Store, most: number): Promise<EventKind[]> {
  const kinds = new Map<string, EventKind & { holders: number }>();
  const add = (substrate: string, kind: string, events: number) => {
    const key = `${substrate}\n${kind}`;
    const known = kinds.get(key) ??
      { substrate, where: "recordings", kind, events: 0, inSessions: null, holders: 0 };
    kinds.set(key, { ...known, events: known.events + events, holders: known.holders + 1 });
  };
  for (const { substrate, path } of sampleRecordings(store, most)) {
    const reader = readRecording({ uri: path, bytes: (await Deno.open(path)).readable });
    for await (const _ of reader) { /* only what it counts is wanted */ }
    const { events, unknown } = reader.outcome;
    for (const [kind, count] of Object.entries(events)) {
      add(substrate, kind, count);
    }
    const others = Object.values(unknown).reduce((sum, count) => sum + count, 0);
    if (others > 0) add(substrate, "unknown", others);
  }
  return [...kinds.values()];
}

function calledKinds(store: Store): EventKind[] {
  return store.database.prepare(`
    SELECT substrate, substr(method, 1, instr(method || '/', '/') - 1) AS kind,
      count(*) AS events, count(DISTINCT principal) AS holders
    FROM (SELECT substrate, principal, json_extract(call.value, '$[1]') AS method
      FROM call_minutes, json_each(call_minutes.calls) AS call)
    GROUP BY 1, 2`).all().map((row) => ({
    substrate: String(row["substrate"]),
    where: "calls",
    kind: String(row["kind"]),
    events: Number(row["events"]),
    inSessions: null,
    holders: Number(row["holders"]),
  }));
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
