import type { TraceFacts } from "../../lib/model/correlation.ts";
import type { KnownTrace } from "../../lib/sessions/correlation.ts";

/** Minutes after a moment, in milliseconds. */
export function minutes(count: number): number {
  return Date.UTC(2026, 2, 16, 9) + count * 60_000;
}

/** A terminal session of a person, from one minute to another. */
export function terminal(
  id: string,
  [from, until]: readonly [number, number],
  facts: Partial<TraceFacts & { kind: "terminal" }> = {},
): KnownTrace {
  return {
    ...{ id, identity: "anna@example.com", side: "teleport", vouched: true },
    ...{ startedMs: minutes(from), endedMs: minutes(until) },
    facts: {
      ...{ kind: "terminal", operatorType: "human", confidence: 0.9, agentTool: null },
      distribution: { human: 0.9, agent: 0.05, automation: 0.05 },
      ...{ commands: [], typing: [], handOvers: [], addresses: [] },
      ...facts,
    },
  };
}

/** A session of API calls by an agent, from one minute to another. */
export function calls(
  id: string,
  [from, until]: readonly [number, number],
  facts: Partial<TraceFacts & { kind: "api" }> = {},
): KnownTrace {
  return {
    ...{ id, identity: "anna@example.com", side: "gcp", vouched: true },
    ...{ startedMs: minutes(from), endedMs: minutes(until) },
    facts: {
      ...{ kind: "api", operatorType: "agent", confidence: 0.9, agentTool: null },
      distribution: { human: 0.05, agent: 0.9, automation: 0.05 },
      ...{ family: "gcloud", address: "203.0.113.17", tool: "gcloud", calls: 40 },
      ...{ commands: [], callTimes: [], typing: [], os: null, hashedAddress: null },
      ...facts,
    },
  };
}
