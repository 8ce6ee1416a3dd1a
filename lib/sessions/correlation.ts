import { createHash } from "node:crypto";
import type {
  Beside,
  Correlation,
  CorrelationEvidence,
  CorrelationTier,
  Trace,
  TraceFacts,
} from "../model/correlation.ts";
import type { AddressPlace } from "../model/address.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { ENOUGH_COMMANDS, nestedCommands } from "./nested_commands.ts";

/** Times within which sessions and commands belong together. */
export interface CorrelateOptions {
  toleranceMs: number;
  nestedMs: number;
}

/** A session with what is known of it. */
export interface KnownTrace extends Trace {
  vouched: boolean;
  facts: TraceFacts;
}

/** Where the tiers begin. Written numbers: nothing was fitted to them. */
const HIGH = 0.75;
const MEDIUM = 0.4;
/** What an agreement counts as where nothing could be held against each other. */
const UNKNOWN_AGREEMENT = 0.5;

/**
 * What two sessions of one identity on different substrates say together. The score is the overlap
 * times the agreement: commands that both sides show where both name some, and whether the calls
 * came from there, else the mean of what else can be compared. `high` wants two things that agree,
 * or commands, or an agent on both sides: two sessions that look like a person's are nothing rare.
 * Where whoever acted chose the name, `medium` wants something that agrees: to use another's name at
 * the same time is easy.
 */
export function correlate(
  { first, second }: Beside<KnownTrace>,
  options: CorrelateOptions,
): Correlation {
  const { overlap, overlapMs, gapMs } = overlapOf(first, second, options.toleranceMs);
  const [a, b] = [first.facts, second.facts];
  const nestedIn = nestedOf(first, second, options);
  const evidence: CorrelationEvidence = {
    gapSeconds: gapMs / 1000,
    nested: nestedIn,
    driver: driverAgreement(a, b),
    address: addressAgreement(a, b, nestedIn !== null),
    tool: equality(a.agentTool, b.agentTool),
    vouched: first.vouched && second.vouched,
  };
  const { nested, driver, address, tool } = evidence;
  // commands that show as calls say twice as much as that those came from there
  const share = nested === null ? null : nested.matched / nested.of;
  const measured = (share !== null ? [share, share, address] : [driver, address, tool])
    .filter((value) => value !== null);
  const agreement = measured.length === 0
    ? null
    : measured.reduce((sum, value) => sum + value, 0) / measured.length;
  const score = rounded(overlap * (agreement ?? UNKNOWN_AGREEMENT));
  const isStrong = nested !== null || measured.length > 1 ||
    (a.operatorType === "agent" && b.operatorType === "agent");
  return {
    id: correlationId(first.id, second.id),
    identity: first.identity,
    otherIdentity: null,
    sessions: [first.id, second.id],
    overlap: rounded(overlap),
    overlapSeconds: overlapMs / 1000,
    agreement: agreement === null ? null : rounded(agreement),
    score,
    tier: tierOf(score, {
      mayBeHigh: isStrong && evidence.vouched,
      mayBeMedium: evidence.vouched || agreement !== null,
    }),
    evidence: { ...evidence, driver: driver === null ? null : rounded(driver) },
  };
}

/** A score of two identities is below what `medium` begins with. */
const MOST_OF_STRANGERS = 0.39;
/** So many commands, and such a share of them, must show as calls of another identity. */
const STRANGERS_COMMANDS = 3;
const STRANGERS_SHARE = 0.5;

/**
 * What a terminal and calls of another identity say together: `low` where the terminal's commands
 * show as those calls and no address speaks against it, else null. Two people may do the same at
 * the same time; or one has the other's credential.
 */
export function correlateStrangers(
  { terminal, calls }: { terminal: KnownTrace; calls: KnownTrace },
  { otherIdentity, ...options }: CorrelateOptions & { otherIdentity: string },
): Correlation | null {
  const isFirst = terminal.startedMs <= calls.startedMs;
  const [first, second] = isFirst ? [terminal, calls] : [calls, terminal];
  const found = correlate({ first, second }, options);
  const { nested, address } = found.evidence;
  if (nested === null || address === 0 || nested.matched < STRANGERS_COMMANDS) return null;
  if (nested.matched < STRANGERS_SHARE * nested.of) return null;
  const score = Math.min(found.score, MOST_OF_STRANGERS);
  return { ...found, identity: terminal.identity, otherIdentity, score, tier: "low" };
}

/** The id of what two sessions say together, whichever is named first. */
function correlationId(a: string, b: string): string {
  return hashOf(["correlation", ...[a, b].sort()]);
}

/** 32 hex digits of a list of texts. */
export function hashOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function tierOf(
  score: number,
  { mayBeHigh, mayBeMedium }: { mayBeHigh: boolean; mayBeMedium: boolean },
): CorrelationTier {
  if (score >= HIGH && mayBeHigh) return "high";
  return score >= MEDIUM && mayBeMedium ? "medium" : "low";
}

/** How much of the shorter session lies beside the other. */
export function overlapOf(
  a: Trace,
  b: Trace,
  toleranceMs: number,
): { overlap: number; overlapMs: number; gapMs: number } {
  const from = Math.max(a.startedMs, b.startedMs);
  const until = Math.min(a.endedMs, b.endedMs);
  const gapMs = Math.max(0, from - until);
  const overlapMs = Math.max(0, until - from);
  if (gapMs > 0) {
    return { overlap: Math.max(0, 1 - gapMs / toleranceMs) / 2, overlapMs, gapMs };
  }
  const shorter = Math.min(a.endedMs - a.startedMs, b.endedMs - b.startedMs);
  return { overlap: shorter < 1000 ? 1 : overlapMs / shorter, overlapMs, gapMs };
}

function nestedOf(
  a: KnownTrace,
  b: KnownTrace,
  { nestedMs }: CorrelateOptions,
): CorrelationEvidence["nested"] {
  const [terminal, api] = a.facts.kind === "terminal" ? [a, b] : [b, a];
  if (terminal.facts.kind !== "terminal" || api.facts.kind !== "api") return null;
  const { commands } = terminal.facts;
  // most hosts have no log of commands: then the calls need not be read
  if (commands.length < ENOUGH_COMMANDS) return null;
  return nestedCommands(
    { ...terminal, commands },
    { ...api, commands: api.facts.commands },
    { nestedMs },
  );
}

/**
 * One minus the distance of two verdicts; null where one of them decided nothing, or tells of several
 * drivers.
 */
function driverAgreement(a: TraceFacts, b: TraceFacts): number | null {
  const [p, q] = [a.distribution, b.distribution];
  if (p === null || q === null) return null;
  const isOpen = ({ operatorType }: TraceFacts) =>
    operatorType === "unknown" || operatorType === "mixed";
  if (isOpen(a) || isOpen(b)) return null;
  const distance = DRIVER_CLASSES.reduce((sum, name) => sum + Math.abs(p[name] - q[name]), 0) / 2;
  return 1 - distance;
}

/**
 * Whether calls came from one address. Those beside a terminal come from its host, or from where it
 * was opened; that they come from neither is known where the host's own address is one that the
 * world sees: of commands that it gave then, else where the client's is, too.
 */
function addressAgreement(a: TraceFacts, b: TraceFacts, isNested: boolean): number | null {
  if (a.kind === "api" && b.kind === "api") return equality(a.address, b.address);
  const [terminal, api] = a.kind === "terminal" ? [a, b] : [b, a];
  if (terminal.kind !== "terminal" || api.kind !== "api") return null;
  if (terminal.addresses.length === 0 || api.hashedAddress === null) return null;
  const { hash, family, reach } = api.hashedAddress;
  if (terminal.addresses.some((address) => address.hash === hash)) return 1;
  const isSeen = (place: AddressPlace) =>
    terminal.addresses.some((address) =>
      address.place === place && address.family === family && address.reach === "public"
    );
  const isElsewhere = reach === "public" && isSeen("host") && (isNested || isSeen("client"));
  return isElsewhere ? 0 : null;
}

function equality(a: string | null, b: string | null): number | null {
  return a === null || b === null ? null : a === b ? 1 : 0;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
