import type { CallMinute, CallOutcome } from "../model/call_minute.ts";
import { callGraph, type Digest } from "./digest.ts";
import { secondsText } from "./seconds_text.ts";

/** A silence between steps that is worth a line of its own. */
const SILENCE_MS = 10_000;

/** Calls of one step: one command's, or such as follow within moments. */
interface Step {
  atMs: number;
  lastMs: number;
  invocation: string | null;
  agent: string;
  calls: Call[];
}

interface Call {
  atMs: number;
  method: string;
  outcome: CallOutcome;
  resourceKind: string | null;
  resourceHash: string | null;
}

interface CallDigestOptions {
  /** Calls so close together are one step, in ms; 2000 as the configuration has it. */
  foldMs?: number;
}

/**
 * The call graph of a session of API calls: a line a step with its time, the calls in it folded with
 * counts and outcomes, and the resources they touched, by kind and number (`instances r3`: the same
 * number is the same resource). Resources have no names here: the store has none.
 */
export function digestCalls(
  minutes: readonly CallMinute[],
  { foldMs = 2000 }: CallDigestOptions = {},
): Digest {
  const steps = stepsOf(minutes, foldMs);
  const resources = new Map<string, number>();
  const lines: string[] = [];
  const origin = steps[0]?.atMs ?? 0;
  let agent = "";
  let before = origin;
  for (const step of steps) {
    const silence = step.atMs - before;
    if (silence >= SILENCE_MS) lines.push(`(silence of ${secondsText(silence)})`);
    if (step.agent !== agent) lines.push(`(software: ${step.agent})`);
    agent = step.agent;
    lines.push(stepLine(step, origin, resources));
    before = step.lastMs;
  }
  const omitted = minutes.reduce((sum, { callsOmitted }) => sum + callsOmitted, 0);
  if (omitted > 0) {
    lines.push(`(${omitted} more calls were only counted: over 1,000 in one minute)`);
  }
  return callGraph(lines, { elided: omitted });
}

function stepsOf(minutes: readonly CallMinute[], foldMs: number): Step[] {
  const calls = minutes.flatMap(({ minuteMs, calls, facts }) =>
    calls.map(([offset, method, outcome, invocation, resourceKind, resourceHash, agent]) => ({
      call: { atMs: minuteMs + offset, method, outcome, resourceKind, resourceHash },
      invocation,
      agent: softwareOf(facts.agents[agent]),
    }))
  ).sort((a, b) => a.call.atMs - b.call.atMs);
  const steps: Step[] = [];
  const open = new Map<string, Step>();
  for (const { call, invocation, agent } of calls) {
    const last = steps.at(-1);
    const step = invocation !== null
      ? open.get(invocation)
      : last?.invocation === null && last.agent === agent && call.atMs - last.lastMs <= foldMs
      ? last
      : undefined;
    if (step !== undefined && step.agent === agent) {
      step.calls.push(call);
      step.lastMs = Math.max(step.lastMs, call.atMs);
      continue;
    }
    const fresh = { atMs: call.atMs, lastMs: call.atMs, invocation, agent, calls: [call] };
    if (invocation !== null) open.set(invocation, fresh);
    steps.push(fresh);
  }
  return steps;
}

/** What the user agent says, in its closed names. */
function softwareOf(agent: CallMinute["facts"]["agents"][number] | undefined): string {
  if (agent === undefined) return "unknown";
  const facts = [
    agent.tool,
    agent.command,
    agent.interactive === null ? null : agent.interactive ? "interactive" : "not interactive",
    agent.fromScript === true ? "from a script" : null,
    agent.agent === null ? null : `agent marker ${agent.agent}`,
    agent.mcpServer === null ? null : `MCP server ${agent.mcpServer}`,
    agent.environment,
    agent.attackTool === null ? null : `attack tool ${agent.attackTool}`,
  ];
  return facts.filter((fact) => fact !== null && fact !== "").join(", ");
}

function stepLine(step: Step, origin: number, resources: Map<string, number>): string {
  const groups = Map.groupBy(step.calls, ({ method, outcome }) => `${method} ${outcome}`);
  const texts = [...groups.values()].map((calls) => {
    const { method, outcome } = calls[0]!;
    const times = calls.length > 1 ? ` x${calls.length}` : "";
    return `${method}${times} ${outcome}${resourcesText(calls, resources)}`;
  });
  const took = step.lastMs - step.atMs;
  const over = took >= 100 ? ` +${secondsText(took)}` : "";
  return `${secondsText(step.atMs - origin)}${over} ${texts.join("; ")}`;
}

const MOST_RESOURCES = 8;

function resourcesText(calls: readonly Call[], resources: Map<string, number>): string {
  const named = new Set<string>();
  for (const { resourceKind, resourceHash } of calls) {
    if (resourceHash === null) continue;
    const number = resources.get(resourceHash) ?? resources.size + 1;
    resources.set(resourceHash, number);
    named.add(`${resourceKind ?? "resource"} r${number}`);
  }
  if (named.size === 0) return "";
  const first = [...named].slice(0, MOST_RESOURCES).join(", ");
  const more = named.size > MOST_RESOURCES ? `, and ${named.size - MOST_RESOURCES} more` : "";
  return ` (${first}${more})`;
}
