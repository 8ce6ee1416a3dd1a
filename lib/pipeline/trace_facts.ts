import { seenCalls } from "../features/api_calls/seen_call.ts";
import { API_SUBSTRATES } from "../model/call_minute.ts";
import type { NamedCommand, TraceFacts } from "../model/correlation.ts";
import type { Distribution } from "../model/verdict.ts";
import type { OperatorType } from "../model/vocabulary.ts";
import type { KnownTrace } from "../sessions/correlation.ts";
import { TYPING_SLOT_MS } from "../sessions/contradictions.ts";
import { uniteMinutes } from "../sessions/join_minutes.ts";
import { readDriverMinutes } from "../store/call_minutes.ts";
import type { StoredTrace } from "../store/correlations.ts";
import { readRhythm } from "../store/features.ts";
import { listLabels } from "../store/labels.ts";
import { readNotableEvents } from "../store/notable_events.ts";
import type { Store } from "../store/store.ts";

/** Commands and calls looked at of one session; a longer one is held against others by these. */
const MAX_COMMANDS = 2000;
const MAX_CALL_TIMES = 20_000;
/** A print of at most so many bytes on the average is the echo of a key. */
const KEY_BYTES = 4;
/** Calls of one command that the log does not group lie so close. */
const SAME_COMMAND_MS = 2000;

/** A session of an identity whose facts are read when they are asked for first. */
export class LazyTrace implements KnownTrace {
  readonly id: string;
  readonly identity: string;
  readonly side: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly vouched: boolean;
  #facts: TraceFacts | null = null;

  constructor(private readonly store: Store, readonly row: StoredTrace) {
    this.id = row.id;
    this.identity = row.identity;
    this.side = row.side;
    this.startedMs = row.startedMs;
    this.endedMs = row.endedMs;
    this.vouched = row.vouched;
  }

  get facts(): TraceFacts {
    return this.#facts ??= readFacts(this.store, this.row);
  }
}

function readFacts(store: Store, row: StoredTrace): TraceFacts {
  const labels = new Map(listLabels(store, row.id).map(({ key, value }) => [key, value]));
  const cloud = row.side;
  const agentTool = labels.get("agent.tool") ?? labels.get(`${cloud}.ua.agent`) ?? null;
  const said = {
    ...verdictOf(store, row.id, labels.get("operator.type")),
    agentTool: agentTool === "unknown" ? null : agentTool,
  };
  if (row.kind !== "api") {
    return {
      kind: "terminal",
      ...said,
      commands: terminalCommands(store, row.id),
      typing: typingSlots(store, row),
      handOvers: handOvers(store, row),
    };
  }
  const [family = "none", address = null] = (row.driver ?? "").split(" ");
  return {
    kind: "api",
    ...said,
    ...apiCommands(store, row),
    ...{ family, address, tool: labels.get(`${cloud}.ua.tool`) ?? null },
  };
}

/** What counts of a session's verdicts: phase 2 before phase 1; by hand a person is sure. */
function verdictOf(
  store: Store,
  id: string,
  resolved: string | undefined,
): Pick<TraceFacts, "operatorType" | "confidence" | "distribution"> {
  const operatorType = (resolved ?? "unknown") as OperatorType;
  const row = store.statement(
    `SELECT operator_type, confidence, distribution FROM verdicts WHERE subject_id = ?
     ORDER BY writer DESC LIMIT 1`,
  ).get(id);
  const isOverruled = row?.["operator_type"] !== operatorType;
  const distribution = isOverruled || row?.["distribution"] === null
    ? certain(operatorType)
    : JSON.parse(String(row?.["distribution"])) as Distribution;
  const confidence = isOverruled ? 1 : row?.["confidence"] as number | null;
  return { operatorType, confidence: operatorType === "unknown" ? null : confidence, distribution };
}

function certain(type: OperatorType): Distribution | null {
  if (type === "unknown" || type === "mixed") return null;
  return { human: 0, agent: 0, automation: 0, [type]: 1 };
}

function terminalCommands(store: Store, id: string): NamedCommand[] {
  return readNotableEvents(store, id).flatMap(({ subcommand, at }) =>
    subcommand === null || at === null ? [] : [{ name: subcommand, atMs: Date.parse(at) }]
  ).slice(0, MAX_COMMANDS);
}

function typingSlots(store: Store, { id, startedMs }: StoredTrace): number[] {
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
function handOvers(store: Store, { id, startedMs }: StoredTrace): number[] {
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

function apiCommands(
  store: Store,
  { substrate, principal, driver, startedMs, endedMs }: StoredTrace,
): { commands: NamedCommand[]; callTimes: number[]; calls: number } {
  const commands: NamedCommand[] = [];
  const callTimes: number[] = [];
  let calls = 0;
  const log = API_SUBSTRATES.find((name) => name.startsWith(substrate.slice(0, 3)));
  if (log === undefined || driver === null) return { commands, callTimes, calls };
  const caller = { substrate: log, principal, driver };
  const range = { fromMs: Math.floor(startedMs / 60_000) * 60_000, untilMs: endedMs };
  const last = new Map<string, { atMs: number; command: string | null }>();
  for (const rows of readDriverMinutes(store, caller, range)) {
    const minute = uniteMinutes(rows);
    calls += minute.calls.length + minute.callsOmitted;
    for (const { atMs, agent, command } of seenCalls([minute])) {
      if (callTimes.length < MAX_CALL_TIMES) callTimes.push(atMs);
      const name = agent?.command ?? null;
      if (name === null) continue;
      const before = last.get(name);
      const isSame = before !== undefined &&
        (command === null ? atMs - before.atMs <= SAME_COMMAND_MS : command === before.command);
      last.set(name, { atMs, command });
      if (!isSame && commands.length < MAX_COMMANDS) commands.push({ name, atMs });
    }
  }
  return { commands, callTimes, calls };
}
