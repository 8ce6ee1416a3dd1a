import type { Substrate } from "./vocabulary.ts";

/**
 * How a principal of a substrate maps to an identity. `exact` and `table` say so by name; `case`
 * and `domain` read an address; the others read names that a substrate makes of people.
 */
export const IDENTITY_RULES = [
  "exact",
  "table",
  "case",
  "domain",
  "os-login",
  "teleport-user",
  "identity-center",
  "federated",
  "role-session",
] as const;
export type IdentityRule = (typeof IDENTITY_RULES)[number];

/** Who acted: `principal` as the substrate spells it. */
export interface SubstratePrincipal {
  substrate: Substrate;
  principal: string;
}

/** Whose a principal is. */
export type Identified =
  | {
    state: "matched";
    /** One name for a person or an account, the same on all substrates: mostly an address. */
    identity: string;
    /** The last rule that was needed. */
    rule: IdentityRule;
    /** Whether a provider of identities stands for it; false: whoever acts chose the name. */
    vouched: boolean;
  }
  | { state: "unmatched" }
  /** Several identities fit; none is guessed. */
  | { state: "ambiguous"; candidates: number };

/** The side a session was seen on: a log or recorder, whatever it calls its kinds. */
export function sideOf(substrate: string): string {
  return substrate.split("-", 1)[0]!;
}
