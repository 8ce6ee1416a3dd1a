import { seenCalls } from "../../features/api_calls/seen_call.ts";
import { API_SUBSTRATES } from "../../model/call_minute.ts";
import type { NamedCommand, TraceFacts } from "../../model/correlation.ts";
import { sideOf } from "../../model/identity.ts";
import { floorMinute } from "../../model/time.ts";
import { TYPING_SLOT_MS } from "../../sessions/contradictions.ts";
import { uniteMinutes } from "../../sessions/join_minutes.ts";
import { readDriverMinutes } from "../../store/call_minutes.ts";
import type { StoredTrace } from "../../store/correlations.ts";
import { readRhythm } from "../../store/features.ts";
import type { Store } from "../../store/store.ts";

/** Commands and calls looked at of one session; a longer one is held against others by these. */
const MAX_COMMANDS = 2000;
const MAX_CALL_TIMES = 20_000;
/** A print of at most so many bytes on the average is the echo of a key. */
const KEY_BYTES = 4;
/** Calls of one command that the log does not group lie so close. */
const SAME_COMMAND_MS = 2000;

/** Commands of clouds that a host's log names. */
export function terminalCommands(store: Store, id: string): NamedCommand[] {
  return store.statement(
    `SELECT subcommand, at FROM notable_events
     WHERE subject_id = ? AND subcommand IS NOT NULL AND at IS NOT NULL ORDER BY ordinal LIMIT ?`,
  ).all(id, MAX_COMMANDS).map(({ subcommand, at }) => (
    { name: String(subcommand), atMs: Date.parse(String(at)) }
  ));
}

/** Slots of {@link TYPING_SLOT_MS} in which keys were echoed. */
export function typingSlots(store: Store, { id, startedMs }: StoredTrace): number[] {
  const rhythm = readRhythm(store, id);
  // wider bins don't tell two moments apart
  if (rhythm === null || rhythm.bin_seconds * 1000 > TYPING_SLOT_MS) return [];
  const slots = new Set<number>();
  rhythm.events.forEach((events, i) => {
    if (events === 0 || rhythm.bytes[i]! > events * KEY_BYTES) return;
    slots.add(Math.floor((startedMs + i * rhythm.bin_seconds * 1000) / TYPING_SLOT_MS));
  });
  return [...slots];
}

/** When a stretch that a machine drives follows one of a person. */
export function handOvers(store: Store, { id, startedMs }: StoredTrace): number[] {
  const segments = store.statement(
    `SELECT from_seconds, operator_type FROM subjects JOIN verdicts USING (subject_id)
     WHERE session_id = ? AND kind = 'segment' AND writer = 'phase1' ORDER BY from_seconds`,
  ).all(id);
  return segments.flatMap((segment, i) => {
    const isMachine = ["agent", "automation"].includes(String(segment["operator_type"]));
    return isMachine && segments[i - 1]?.["operator_type"] === "human"
      ? [startedMs + Number(segment["from_seconds"]) * 1000]
      : [];
  });
}

/** What a session called and when; see the facts of a trace. */
type CallsRead =
  & Pick<
    Extract<TraceFacts, { kind: "api" }>,
    "callTimes" | "calls" | "typing" | "os"
  >
  & { commands: NamedCommand[]; callTimes: number[] };

/** What a session called and when, out of its minutes. */
export function readCalls(
  store: Store,
  { side, principal, driver, startedMs, endedMs }: StoredTrace & { driver: string },
): CallsRead {
  const read: CallsRead = { commands: [], callTimes: [], calls: 0, typing: [], os: null };
  const log = API_SUBSTRATES.find((name) => sideOf(name) === side);
  if (log === undefined) return read;
  const { commands, callTimes } = read;
  const slots = new Set<number>();
  const systems = new Set<string | null>();
  const caller = { substrate: log, principal, driver };
  const range = { fromMs: floorMinute(startedMs), untilMs: endedMs };
  const last = new Map<string, { atMs: number; command: string | null }>();
  for (const rows of readDriverMinutes(store, caller, range)) {
    const minute = uniteMinutes(rows);
    read.calls += minute.calls.length + minute.callsOmitted;
    for (const { atMs, agent, command } of seenCalls([minute])) {
      if (callTimes.length < MAX_CALL_TIMES) callTimes.push(atMs);
      const name = agent?.command ?? null;
      if (name === null) continue;
      const before = last.get(name);
      const isSame = before !== undefined &&
        (command === null ? atMs - before.atMs <= SAME_COMMAND_MS : command === before.command);
      last.set(name, { atMs, command });
      if (isSame || commands.length >= MAX_COMMANDS) continue;
      commands.push({ name, atMs });
      if (agent?.interactive !== true || agent.fromScript !== false) continue;
      slots.add(Math.floor(atMs / TYPING_SLOT_MS));
      systems.add(agent.os);
    }
  }
  const [os = null, ...others] = systems;
  return { ...read, typing: [...slots], os: others.length === 0 ? os : null };
}
