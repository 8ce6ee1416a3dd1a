import type { Address, AddressPlace } from "./address.ts";
import type { Distribution } from "./verdict.ts";
import type { OperatorType } from "./vocabulary.ts";

/** How sure it is that two sessions are one operator's doing. */
export const CORRELATION_TIERS = ["high", "medium", "low"] as const;
/** One of {@link CORRELATION_TIERS}. */
export type CorrelationTier = (typeof CORRELATION_TIERS)[number];

/** What can't be all one person's doing. */
export const CONTRADICTIONS = [
  "person-types-while-agent-calls",
  "impossible-concurrency",
  "agent-marker-disappears",
  "burst-after-hand-over",
] as const;
/** One of {@link CONTRADICTIONS}. */
export type ContradictionKind = (typeof CONTRADICTIONS)[number];

/**
 * A session (`id`) of an identity, from `startedMs` to `endedMs`, both in milliseconds since 1970.
 */
export interface Trace {
  id: string;
  /** One name for a person or an account on all substrates. */
  identity: string;
  /** See `sideOf()`. */
  side: string;
  startedMs: number;
  endedMs: number;
}

/** Two sessions of one identity beside each other; the first began earlier. */
export interface Beside<T extends Trace> {
  first: T;
  second: T;
}

/** A command by its canonical name, and when it was given or its first call came. */
export interface NamedCommand {
  name: string;
  atMs: number;
}

/** An address that was seen, as its keyed hash. */
export interface PlacedAddress extends Pick<Address, "family" | "reach"> {
  place: AddressPlace;
  hash: string;
}

/** What is known of a session, on a terminal or as API calls, for holding it against another. */
export type TraceFacts =
  & {
    operatorType: OperatorType;
    confidence: number | null;
    distribution: Distribution | null;
    /** The agent's tool, as rules and user agents name it; null: not known. */
    agentTool: string | null;
    /** Commands of clouds, in order of time. */
    commands: readonly NamedCommand[];
  }
  & (
    | {
      kind: "terminal";
      /** Slots of 10 s in which keys were echoed, counted since 1970, in order. */
      typing: readonly number[];
      /** When a machine took over from a person, in milliseconds since 1970. */
      handOvers: readonly number[];
      /** From where it was opened, and with which its host called others. */
      addresses: readonly PlacedAddress[];
    }
    | {
      kind: "api";
      /** Family of the driver, and its address where that is a part of it. */
      family: string;
      address: string | null;
      /** That address as terminals have theirs; null where it is none. */
      hashedAddress: Omit<PlacedAddress, "place"> | null;
      /** The tool of most user agents. */
      tool: string | null;
      calls: number;
      /**
       * Slots of 10 s as a terminal's in which a command began whose client says that it was started
       * from a terminal and by no script, in order: gcloud says so, others don't.
       */
      typing: readonly number[];
      /** The operating system such commands ran on; null: not one, or not known. */
      os: string | null;
      /** When calls came, in order; bounded. */
      callTimes: readonly number[];
    }
  );

/** What two sessions beside each other say together. */
export interface Correlation {
  /** 32 hex digits, derived from both sessions. */
  id: string;
  /** Whose both sessions are; of two identities that of the terminal. */
  identity: string;
  /**
   * The other session's identity, or its principal where that is not known; null: it is the same
   * one. Such a pair is never more than `low`.
   */
  otherIdentity: string | null;
  /** Their ids, by their begin. */
  sessions: readonly [string, string];
  /** Share of the shorter session that lies beside the other; at most 0.5 with a gap between. */
  overlap: number;
  /** How long both run; 0 with a gap between. */
  overlapSeconds: number;
  /** How alike they are, 0 to 1; null where nothing could be held against each other. */
  agreement: number | null;
  /** 0 to 1. */
  score: number;
  tier: CorrelationTier;
  evidence: CorrelationEvidence;
}

/** What an agreement is made of; null: not measured. */
export interface CorrelationEvidence {
  /** From the end of one to the begin of the other; 0 where they overlap. */
  gapSeconds: number;
  /** Commands on one side that the other shows too (`matched`), and how many there could be (`of`). */
  nested: { matched: number; of: number } | null;
  /** How alike the verdicts' distributions are, 0 to 1. */
  driver: number | null;
  /**
   * Whether calls came from one address, 0 or 1; beside a terminal: whether from its host or from
   * where it was opened.
   */
  address: number | null;
  /** Whether one agent's tool is named, 0 or 1. */
  tool: number | null;
  /** Whether both principals are vouched for; else the tier is at most `medium`. */
  vouched: boolean;
}

/** A finding about one or two sessions of an identity. */
export interface Contradiction {
  /** 32 hex digits, derived from what it is about. */
  id: string;
  kind: ContradictionKind;
  /** Whose sessions they are. */
  identity: string;
  /** The one session in which it shows, or the two that can't be one person's. */
  sessions: readonly [string] | readonly [string, string];
  /** When it shows, in milliseconds since 1970. */
  atMs: number;
  /** Numbers that speak for it. */
  evidence: Readonly<Record<string, number>>;
}
