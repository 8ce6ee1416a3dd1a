import type { Trace, TraceFacts } from "../../lib/model/correlation.ts";
import { glueActivities } from "../../lib/sessions/activities.ts";
import { besideEachOther } from "../../lib/sessions/beside.ts";
import { contradictionsOf } from "../../lib/sessions/contradictions.ts";
import { correlate, type KnownTrace } from "../../lib/sessions/correlation.ts";
import { Habits } from "../../lib/sessions/habits.ts";
import { measure, table } from "./measure.ts";
import type { Targets } from "./targets.ts";

const TARGET = 5;
const IDENTITY_SESSIONS = 100;
const BEGIN_MS = Date.UTC(2026, 0, 1);
const OPTIONS = { toleranceMs: 60_000, nestedMs: 10_000 };
const SIDES = ["teleport", "gcp", "aws"] as const;

/**
 * Sessions of many identities held against each other, glued to activities and against habits, in
 * memory: a table against sorting the same rows by identity and begin. The last line is one identity
 * with all of its sessions open at once.
 */
export async function benchAcross(
  { rounds, sessions, hostile, targets }: {
    rounds: number;
    sessions: readonly number[];
    hostile: number;
    targets: Targets;
  },
): Promise<string> {
  const lines: string[][] = [];
  const cases = [
    ...sessions.map((count) => ({
      ...{ name: `${count / 1e6} M`, isOrdinary: true, traces: ordinary(count) },
    })),
    {
      name: `${hostile / 1e6} M of one identity, all at once`,
      ...{ isOrdinary: false, traces: atOnce(hostile) },
    },
  ];
  let first: number | null = null;
  for (const { name, isOrdinary, traces } of cases) {
    let peak = 0;
    const before = heap();
    const { sorted, across } = await measure({
      sorted: () => traces.toSorted(inOrder).length,
      across: () => {
        const [pairs, most] = workThrough(traces.toSorted(inOrder));
        peak = Math.max(peak, most - before);
        return pairs;
      },
    }, { rounds });
    const each = across.processorMs / traces.length;
    first ??= each;
    // rows that are in order already cost nothing to sort
    const times = across.processorMs / sorted.processorMs;
    const ratio = isOrdinary ? times.toFixed(2) : "–";
    if (isOrdinary) {
      targets.atMost(`${name} sessions held together, in times of sorting`, times, TARGET);
    }
    lines.push([
      name,
      String(across.result),
      `${sorted.processorMs.toFixed(0)} ms`,
      `${across.processorMs.toFixed(0)} ms`,
      ratio,
      isOrdinary ? TARGET.toFixed(2) : "–",
      (each / first).toFixed(2),
      `${(peak / traces.length).toFixed(0)} B`,
    ]);
  }
  const head = ["sessions", "pairs", "sorting", "sorting and all of it", "ratio", "target"];
  return table([...head, "cost a session, times the first", "heap a session at most"], lines);
}

/** Everything that is done with sessions of known identities; how many pairs, and the most heap. */
function workThrough(traces: readonly KnownTrace[]): [pairs: number, heap: number] {
  let [pairs, most, seen] = [0, 0, 0];
  for (const pair of besideEachOther(traces, OPTIONS)) {
    if (pair === null) continue;
    pairs++;
    if (pair.first.side !== pair.second.side) correlate(pair, OPTIONS);
    contradictionsOf(pair, OPTIONS);
    if (++seen % 65_536 === 0) most = Math.max(most, heap());
  }
  for (const _ of glueActivities(traces, { gapMs: 15_000 }));
  let identity = "";
  const bySide = new Map<string, Habits>();
  for (const trace of traces) {
    if (trace.identity !== identity) bySide.clear();
    identity = trace.identity;
    let habits = bySide.get(trace.side);
    if (habits === undefined) bySide.set(trace.side, habits = new Habits());
    habits.next({
      ...{ startedMs: trace.startedMs, tool: "gcloud", target: "prod" },
      ...{ logs: [4, 600], shares: [0.2] },
    });
  }
  return [pairs, Math.max(most, heap())];
}

function heap(): number {
  return Deno.memoryUsage().heapUsed;
}

/** A month of sessions of identities with a hundred each, in no order. */
function ordinary(count: number): KnownTrace[] {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => {
    const identity = Math.floor(next() * count / IDENTITY_SESSIONS);
    const startedMs = BEGIN_MS + Math.floor(next() * 30 * 86_400_000);
    return traceOf(Math.floor(next() * 2 ** 31), {
      identity: `person-${identity}@example.com`,
      ...{ startedMs, endedMs: startedMs + Math.floor(next() * 3_600_000) },
    });
  });
}

function atOnce(count: number): KnownTrace[] {
  return Array.from({ length: count }, (_, i) =>
    traceOf(i, {
      ...{ identity: "one@example.com", startedMs: BEGIN_MS + i },
      endedMs: BEGIN_MS + 86_400_000,
    }));
}

function traceOf(
  number: number,
  about: Pick<Trace, "identity" | "startedMs" | "endedMs">,
): KnownTrace {
  const side = SIDES[number % 3]!;
  return {
    id: number.toString(16).padStart(32, "0"),
    ...{ side, vouched: true },
    ...about,
    facts: side === "teleport" ? TERMINAL : API,
  };
}

const SAID: Pick<
  TraceFacts,
  "operatorType" | "confidence" | "agentTool" | "commands" | "distribution"
> = {
  ...{ operatorType: "agent", confidence: 0.9, agentTool: "claude-code", commands: [] },
  distribution: { human: 0.05, agent: 0.9, automation: 0.05 },
};
const TERMINAL: TraceFacts = {
  kind: "terminal",
  ...SAID,
  typing: [],
  handOvers: [],
  addresses: [],
};
const API: TraceFacts = {
  ...{ kind: "api", ...SAID, family: "gcloud", address: "203.0.113.17", tool: "gcloud" },
  ...{ calls: 40, callTimes: [], typing: [], os: null, hashedAddress: null },
};

function inOrder(a: Trace, b: Trace): number {
  if (a.identity !== b.identity) return a.identity < b.identity ? -1 : 1;
  return a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1);
}
