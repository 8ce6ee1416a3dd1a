import type { AgentFacts, ApiSubstrate, CallMinute, CallOutcome } from "../../model/call_minute.ts";

/** A call as features look at it. */
export interface SeenCall {
  /** Milliseconds since 1970. */
  atMs: number;
  /** Service and method: `compute.googleapis.com/v1.compute.instances.get`. */
  method: string;
  service: string;
  outcome: CallOutcome;
  /** The command it belongs to, where the log says; null: it does not. */
  command: string | null;
  resourceKind: string | null;
  resourceHash: string | null;
  agent: AgentFacts | null;
  /** Made with a credential of the cloud's console. */
  console: boolean;
}

/** Whether an invocation is a command: the AWS CLI's session id groups the calls of a shell. */
const NAMES_COMMANDS: Record<ApiSubstrate, boolean> = {
  "gcp-cloud-audit": true,
  "aws-cloudtrail": false,
};

/** The calls of one minute in order of time, of one row or of several rows of one principal. */
export function seenCalls(rows: readonly CallMinute[]): SeenCall[] {
  const calls = rows.flatMap(({ substrate, minuteMs, calls, facts }) =>
    calls.map(([offsetMs, method, outcome, invocation, resourceKind, resourceHash, agent]) => ({
      ...{ atMs: minuteMs + offsetMs, method, service: serviceOf(method), outcome },
      command: NAMES_COMMANDS[substrate] ? invocation : null,
      ...{ resourceKind, resourceHash, agent: facts.agents[agent] ?? null },
      console: facts.console,
    }))
  );
  return rows.length === 1 ? calls : calls.sort((a, b) => a.atMs - b.atMs);
}

/** What stands before the slash. */
function serviceOf(method: string): string {
  const slash = method.indexOf("/");
  return slash < 0 ? method : method.slice(0, slash);
}
