import { createHash } from "node:crypto";
import { callOutcome } from "../features/call_outcome.ts";
import { driverText } from "../features/driver.ts";
import { principalFacts } from "../features/principals/principal_facts.ts";
import { parseUserAgent } from "../features/user_agents/parse_user_agent.ts";
import type { UserAgent } from "../features/user_agents/user_agent.ts";
import {
  type AgentFacts,
  type CallMinute,
  MAX_MINUTE_CALLS,
  type RawCall,
  type RawMinute,
  type RawPrincipal,
  type StoredCall,
} from "../model/call_minute.ts";
import { MINUTE_MS } from "../model/time.ts";
import { joinMinutes } from "./join_minutes.ts";

export interface FoldOptions {
  /** Whether the address is a part of the driver: true. */
  driverAddress?: boolean;
  /** Told of rows that can't be used, by reason. */
  onSkip?: (reason: string, calls: number) => void;
}

const MAX_PRINCIPAL = 512;
const MAX_TEXT = 256;
const MAX_USER_AGENT = 2048;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
const UNSAFE = new RegExp(`${CONTROLS.source}|\\p{Surrogate}`, "u");
/** The end of the year 9999, which ISO-8601 writes with four digits. */
const END_OF_TIME_MS = 253_402_300_800_000;

/**
 * Raw rows of a query folded to one row a (principal, driver, minute): user agents, principals and
 * outcomes read, texts bounded, calls in order of time and at most {@link MAX_MINUTE_CALLS}. Rows
 * of several batches are brought together by `joinMinutes()`.
 */
export function foldMinutes(rows: readonly RawMinute[], options: FoldOptions): CallMinute[] {
  const agents = new Map<string, UserAgent>();
  const folded = new Map<string, CallMinute[]>();
  for (const raw of rows) {
    const reason = whyNot(raw);
    if (reason !== null) {
      options.onSkip?.(reason, raw.calls.length + raw.callsOmitted);
      continue;
    }
    const text = (raw.userAgent ?? "").slice(0, MAX_USER_AGENT);
    let agent = agents.get(text);
    if (agent === undefined) agents.set(text, agent = parseUserAgent(text));
    const minute = minuteOf(raw, agent, options);
    const key = JSON.stringify([minute.substrate, minute.principal, minute.driver, raw.minuteMs]);
    const others = folded.get(key);
    if (others === undefined) folded.set(key, [minute]);
    else others.push(minute);
  }
  return [...folded.values()].map(joinMinutes);
}

function whyNot({ principal, minuteMs }: RawMinute): string | null {
  if (principal.name.trim() === "") return "entries without a principal";
  if (!Number.isSafeInteger(minuteMs) || minuteMs < 0 || minuteMs >= END_OF_TIME_MS) {
    return "entries without a time";
  }
  return minuteMs % MINUTE_MS === 0 ? null : "rows that begin within a minute";
}

function minuteOf(raw: RawMinute, agent: UserAgent, options: FoldOptions): CallMinute {
  const { driverAddress = true } = options;
  const { delegations, delegator, longLivedKey, mfa }: RawPrincipal = raw.principal;
  const { principalType, userKind, person } = principalFacts(raw);
  const calls = raw.calls.map((call) => storedCall(call, raw, agent)).sort(byTime);
  const omitted = Math.max(0, calls.length - MAX_MINUTE_CALLS);
  return {
    substrate: raw.substrate,
    principal: boundedPrincipal(raw.principal.name),
    driver: driverText(agent, raw, { withAddress: driverAddress }),
    minuteMs: raw.minuteMs,
    scope: bounded(raw.scope),
    target: bounded(raw.target),
    calls: omitted > 0 ? calls.slice(0, MAX_MINUTE_CALLS) : calls,
    callsOmitted: raw.callsOmitted + omitted,
    resolutionMs: raw.resolutionMs,
    facts: {
      agents: [agentFacts(agent)],
      addresses: raw.address === null ? [] : [boundedText(raw.address, MAX_TEXT)],
      credentials: raw.credential === null ? [] : [raw.credential],
      issued: raw.issued.slice(0, MAX_MINUTE_CALLS).map((issued) =>
        [raw.credential, issued] as const
      ),
      ...{ principalType, userKind, person: bounded(person), delegations },
      delegator: bounded(delegator),
      longLivedKey,
      mfa,
      console: raw.console,
    },
  };
}

function storedCall(call: RawCall, raw: RawMinute, agent: UserAgent): StoredCall {
  const offsetMs = Math.min(MINUTE_MS - 1, Math.max(0, Math.trunc(call.offsetMs) || 0));
  return [
    offsetMs,
    boundedText(call.method, MAX_TEXT),
    callOutcome(call, raw),
    bounded(call.invocation ?? agent.invocation),
    bounded(call.resourceKind),
    bounded(call.resourceHash),
    0,
  ];
}

function agentFacts(agent: UserAgent): AgentFacts {
  const { tool, version, command, interactive, fromScript, environment, os } = agent;
  const marks = [...agent.featureIds, ...agent.unknownParts].join(" ").slice(0, MAX_TEXT);
  return {
    ...{ tool, version, command, interactive, fromScript, environment, os },
    ...{ agent: agent.agentName, agentVersion: agent.agentVersion },
    ...{ mcpServer: agent.mcpServer ?? agent.mcp, mcpTool: agent.mcpTool },
    ...{ attackTool: agent.attackTool, marks: marks === "" ? null : marks },
  };
}

/** A principal as rows have it. */
export function boundedPrincipal(name: string): string {
  return boundedText(name, MAX_PRINCIPAL);
}

function bounded(text: string | null): string | null {
  return text === null ? null : boundedText(text, MAX_TEXT);
}

/**
 * A text from outside within `limit` characters and without control characters; one that had to be
 * changed ends with a hash of the whole, so that two texts never become one.
 */
function boundedText(text: string, limit: number): string {
  if (text.length <= limit && !UNSAFE.test(text)) return text;
  const clean = text.toWellFormed().replace(CONTROLS, "\ufffd");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${clean.slice(0, limit - 17).toWellFormed()}~${hash}`;
}

function byTime(a: StoredCall, b: StoredCall): number {
  return a[0] - b[0] || compare(JSON.stringify(a), JSON.stringify(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
