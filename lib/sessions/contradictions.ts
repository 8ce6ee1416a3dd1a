import type { Beside, Contradiction, ContradictionKind, TraceFacts } from "../model/correlation.ts";
import { type CorrelateOptions, hashOf, type KnownTrace, overlapOf } from "./correlation.ts";

type Terminal = TraceFacts & { kind: "terminal" };
type Api = TraceFacts & { kind: "api" };
type Found = Pick<Contradiction, "atMs" | "evidence">;

/** Milliseconds of a slot of {@link TraceFacts} `typing`. */
export const TYPING_SLOT_MS = 10_000;
/** Slots in which keys are echoed in both of two terminals, from which one pair of hands can't. */
const SLOTS_AT_ONCE = 6;
const SHARE_AT_ONCE = 0.5;
/** The system of laptops on which no terminal session of a log takes place. */
const NO_HOST = "windows";
/** Calls from which what bears a marker, and what bears none any more, says something. */
const ENOUGH_CALLS = 5;
/** A burst: so many calls in so long, and so many times those before. */
const BURST_CALLS = 10;
const BURST_MS = 120_000;
const BURST_TIMES = 4;

/**
 * What two sessions of one identity beside each other, on one or two substrates, contradict each
 * other in. Verdicts and rhythm are taken as they are: where those are wrong, so is this.
 */
export function contradictionsOf(
  pair: Beside<KnownTrace>,
  options: CorrelateOptions,
): Contradiction[] {
  const { first, second } = pair;
  const [a, b] = [first.facts, second.facts];
  const found: [ContradictionKind, Found | null][] = [];
  if (a.kind === "terminal" && b.kind === "terminal") {
    if (first.side === second.side && isByHand(a, b)) {
      found.push(["impossible-concurrency", atOnce(a, b)]);
    }
  } else if (a.kind === "api" && b.kind === "api") {
    if (first.side === second.side) {
      found.push(
        ["agent-marker-disappears", disappears({ first, second }, a, b)],
        ["impossible-concurrency", isByHand(a, b) && areTwoMachines(a, b) ? atOnce(a, b) : null],
      );
    }
  } else {
    const [terminal, api] = a.kind === "terminal" ? [a, b as Api] : [b as Terminal, a];
    found.push(
      ["person-types-while-agent-calls", typesMeanwhile(pair, { terminal, api, ...options })],
      ["burst-after-hand-over", burstAfter(terminal, api)],
      // else the commands may have been typed in that very terminal
      [
        "impossible-concurrency",
        isByHand(terminal, api) && api.os === NO_HOST ? atOnce(terminal, api) : null,
      ],
    );
  }
  return found.flatMap(([kind, what]) =>
    what === null ? [] : [{
      id: hashOf(["contradiction", kind, ...[first.id, second.id].sort()]),
      kind,
      identity: first.identity,
      sessions: [first.id, second.id] as const,
      atMs: what.atMs,
      // 0: whoever acted chose a name, and may be another
      evidence: { ...what.evidence, vouched: first.vouched && second.vouched ? 1 : 0 },
    }]
  );
}

function typesMeanwhile(
  { first, second }: Beside<KnownTrace>,
  { terminal, api, toleranceMs }: { terminal: Terminal; api: Api } & CorrelateOptions,
): Found | null {
  const { overlapMs } = overlapOf(first, second, toleranceMs);
  if (terminal.operatorType !== "human" || api.operatorType !== "agent") return null;
  if (overlapMs <= 0) return null;
  return {
    atMs: Math.max(first.startedMs, second.startedMs),
    evidence: {
      seconds: overlapMs / 1000,
      human: terminal.confidence ?? 0,
      agent: api.confidence ?? 0,
    },
  };
}

/** Asked first: the calls of a session take longest to be read. */
function isByHand(a: TraceFacts, b: TraceFacts): boolean {
  return a.operatorType === "human" && b.operatorType === "human";
}

/**
 * Whether commands are typed on two machines. One may show under two addresses (of IPv4 and IPv6, of
 * a network's several ways out), but not under two systems.
 */
function areTwoMachines(a: Api, b: Api): boolean {
  return a.os !== null && b.os !== null && a.os !== b.os;
}

/**
 * Keys echoed, or typed commands begun, at two places in the same moments, again and again. Calls
 * of a console say nothing here: its pages call by themselves. Nor do those of a client that does not
 * tell a terminal from a script.
 */
function atOnce(a: Terminal | Api, b: Terminal | Api): Found | null {
  const others = new Set(b.typing);
  const shared = a.typing.filter((slot) => others.has(slot));
  const fewer = Math.min(a.typing.length, b.typing.length);
  if (shared.length < SLOTS_AT_ONCE || shared.length < SHARE_AT_ONCE * fewer) return null;
  return {
    atMs: shared[0]! * TYPING_SLOT_MS,
    evidence: { slots: shared.length, of: fewer, slotSeconds: TYPING_SLOT_MS / 1000 },
  };
}

/** An agent gave its name, then the same tool from the same address goes on without. */
function disappears(
  { first, second }: Beside<KnownTrace>,
  before: Api,
  after: Api,
): Found | null {
  const isMarked = before.family.startsWith("agent.") && !after.family.startsWith("agent.");
  // a person may go on by hand where an agent has ended
  if (!isMarked || after.operatorType === "human") return null;
  if (before.address === null || before.address !== after.address) return null;
  if (before.tool === null || before.tool !== after.tool) return null;
  if (before.calls < ENOUGH_CALLS || after.calls < ENOUGH_CALLS) return null;
  // what went on beside the agent all the time is somebody else's
  if (second.startedMs < first.endedMs) return null;
  return {
    atMs: second.startedMs,
    evidence: {
      named: before.calls,
      unnamed: after.calls,
      gapSeconds: (second.startedMs - first.endedMs) / 1000,
    },
  };
}

function burstAfter(terminal: Terminal, api: Api): Found | null {
  for (const atMs of terminal.handOvers) {
    const after = countBetween(api.callTimes, atMs, atMs + BURST_MS);
    const before = countBetween(api.callTimes, atMs - BURST_MS, atMs);
    if (after < BURST_CALLS || after < BURST_TIMES * before) continue;
    return { atMs, evidence: { callsBefore: before, callsAfter: after, seconds: BURST_MS / 1000 } };
  }
  return null;
}

function countBetween(times: readonly number[], fromMs: number, untilMs: number): number {
  let count = 0;
  for (const time of times) if (time >= fromMs && time < untilMs) count++;
  return count;
}
