import type { RuleVotes } from "../model/verdict.ts";

/** Which tool or model drives, as far as rules can say. */
export interface Fingerprint {
  /** A name of the table, or `unknown` where two are voted for equally. */
  name: string;
  /** Its probability if an agent drives at all; null for `unknown`. */
  confidence: number | null;
}

/** Odds that it is none of those voted for, against one that a vote of 0 is cast for. */
const OTHERS = 3;

/**
 * The name that the votes favour. Votes for one name add up; a name with w has the share e^w beside
 * 3 for all names that nobody voted for: one vote of 1 makes 0.48, of 3 makes 0.87. Null where no
 * name has a positive sum.
 */
export function fingerprintOf(
  votes: readonly RuleVotes[],
  of: "tools" | "models",
): Fingerprint | null {
  const sums = new Map<string, number>();
  for (const each of votes) {
    for (const [name, weight] of Object.entries(each[of] ?? {})) {
      sums.set(name, (sums.get(name) ?? 0) + weight);
    }
  }
  const [best, second] = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (best === undefined || best[1] <= 0) return null;
  if (second !== undefined && best[1] === second[1]) return { name: "unknown", confidence: null };
  const all = [...sums.values()].reduce((sum, weight) => sum + Math.exp(weight), OTHERS);
  return { name: best[0], confidence: Math.exp(best[1]) / all };
}
