import {
  type AgentFacts,
  type CallMinute,
  MAX_MINUTE_CALLS,
  type MinuteFacts,
  type StoredCall,
} from "../model/call_minute.ts";

const MAX_FACTS = 64;

/** A call beside the agent that made it, as text: what tells calls of several rows apart. */
interface TaggedCall {
  call: StoredCall;
  agent: string;
  /** Equal for equal calls. */
  text: string;
}

/**
 * One row of several of one (principal, driver, minute) that hold different calls: all of them, in
 * order of time, those beyond {@link MAX_MINUTE_CALLS} counted. Whatever the order of the rows, the
 * result is the same.
 */
export function joinMinutes(rows: readonly CallMinute[]): CallMinute {
  if (rows.length === 1) return rows[0]!;
  const calls = rows.flatMap(tagged);
  const omitted = rows.reduce((sum, row) => sum + row.callsOmitted, 0);
  return combined(rows, calls, calls.length + omitted);
}

/**
 * One row of several of one (principal, driver, minute) out of sources that may hold the same log:
 * a call counts as often as in the source that has it most often, so that what two sources hold
 * is not counted twice, and what only one holds is not lost.
 */
export function uniteMinutes(rows: readonly CallMinute[]): CallMinute {
  if (rows.length === 1) return rows[0]!;
  const most = new Map<string, TaggedCall[]>();
  for (const row of rows) {
    for (const [text, calls] of Map.groupBy(tagged(row), (call) => call.text)) {
      if (calls.length > (most.get(text)?.length ?? 0)) most.set(text, calls);
    }
  }
  const calls = [...most.values()].flat();
  const held = Math.max(...rows.map((row) => row.calls.length + row.callsOmitted));
  return combined(rows, calls, Math.max(held, calls.length));
}

function tagged({ calls, facts }: CallMinute): TaggedCall[] {
  const agents = facts.agents.map((agent) => JSON.stringify(agent));
  return calls.map((call) => {
    const agent = agents[call[6]] ?? "";
    return { call, agent, text: JSON.stringify([...call.slice(0, 6), agent]) };
  });
}

function combined(
  rows: readonly CallMinute[],
  calls: TaggedCall[],
  total: number,
): CallMinute {
  const kept = calls.sort(byTime).slice(0, MAX_MINUTE_CALLS);
  const agents = agentsOf(rows, kept);
  const index = new Map(agents.map((agent, i) => [agent, i]));
  const first = rows[0]!;
  return {
    ...first,
    scope: leastOf(rows.map((row) => row.scope)),
    target: leastOf(rows.map((row) => row.target)),
    // an agent beyond those that are kept is the last of them
    calls: kept.map(({ call, agent }): StoredCall => [
      ...call.slice(0, 6) as [number, string, StoredCall[2], string | null, string | null, null],
      index.get(agent) ?? Math.max(0, agents.length - 1),
    ]),
    callsOmitted: total - kept.length,
    resolutionMs: Math.max(...rows.map((row) => row.resolutionMs)),
    facts: factsOf(rows, agents),
  };
}

/** The agents of the calls that are kept in order of first use, then the others. */
function agentsOf(rows: readonly CallMinute[], kept: readonly TaggedCall[]): string[] {
  const used = kept.map(({ agent }) => agent).filter((agent) => agent !== "");
  const all = rows.flatMap((row) => row.facts.agents.map((agent) => JSON.stringify(agent))).sort();
  return [...new Set([...used, ...all])].slice(0, MAX_FACTS);
}

function factsOf(rows: readonly CallMinute[], agents: readonly string[]): MinuteFacts {
  const facts = rows.map((row) => row.facts);
  const lists = (of: (facts: MinuteFacts) => readonly string[], most = MAX_FACTS) =>
    [...new Set(facts.flatMap(of))].sort().slice(0, most);
  const texts = (of: (facts: MinuteFacts) => string | null) => leastOf(facts.map(of));
  const flag = (of: (facts: MinuteFacts) => boolean | null) => {
    const known = facts.map(of).filter((value) => value !== null);
    return known.length === 0 ? null : known.some((value) => value);
  };
  const depths = facts.map(({ delegations }) => delegations).filter((depth) => depth !== null);
  return {
    agents: agents.map((agent): AgentFacts => JSON.parse(agent)),
    addresses: lists(({ addresses }) => addresses),
    credentials: lists(({ credentials }) => credentials),
    issued: lists(({ issued }) => issued.map((pair) => JSON.stringify(pair)), MAX_MINUTE_CALLS)
      .map((pair): [string | null, string] => JSON.parse(pair)),
    principalType: texts(({ principalType }) => principalType) ?? "unknown",
    userKind: texts(({ userKind }) => userKind),
    person: texts(({ person }) => person),
    delegations: depths.length === 0 ? null : Math.max(...depths),
    delegator: texts(({ delegator }) => delegator),
    longLivedKey: flag(({ longLivedKey }) => longLivedKey),
    mfa: flag(({ mfa }) => mfa),
    console: facts.some(({ console }) => console),
  };
}

function byTime(a: TaggedCall, b: TaggedCall): number {
  return a.call[0] - b.call[0] || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
}

function leastOf(texts: readonly (string | null)[]): string | null {
  return texts.filter((text) => text !== null).sort()[0] ?? null;
}
