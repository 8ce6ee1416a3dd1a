import type { Identified, SubstratePrincipal } from "../model/identity.ts";
import type { Substrate } from "../model/vocabulary.ts";
import type { Store } from "./store.ts";

/** A principal and whose it is. */
type IdentityRow = SubstratePrincipal & Identified;

/** Every principal of the store's sessions with the substrate that spells it so, in order. */
export function* readPrincipals(store: Store): Generator<SubstratePrincipal> {
  const rows = store.statement(
    `SELECT DISTINCT substrate, principal FROM sessions WHERE principal IS NOT NULL
     ORDER BY substrate, principal`,
  ).all();
  for (const row of rows) {
    yield { substrate: row["substrate"] as Substrate, principal: String(row["principal"]) };
  }
}

/** Forgets whose the principals are. */
export function clearIdentities(store: Store): void {
  store.statement("DELETE FROM identities").run();
}

/** Notes whose a principal is, of which nothing is known yet. */
export function putIdentity(store: Store, row: IdentityRow): void {
  const matched = row.state === "matched" ? row : null;
  store.statement(
    `INSERT INTO identities (substrate, principal, state, identity, rule, vouched, candidates)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[row.substrate, row.principal, row.state],
    ...[matched?.identity ?? null, matched?.rule ?? null],
    matched === null ? null : matched.vouched ? 1 : 0,
    row.state === "ambiguous" ? row.candidates : null,
  );
}

/** Principals of one state with the number of their sessions, most sessions first. */
export interface PrincipalSessions extends SubstratePrincipal {
  /** How many the store has of it. */
  sessions: number;
}

/**
 * Principals of one `state`: that no identity was found for, or for which several fit; those with
 * most sessions first, at most `limit`.
 */
export function readUnidentified(
  store: Store,
  { state, limit }: { state: "unmatched" | "ambiguous"; limit: number },
): PrincipalSessions[] {
  return store.statement(
    `SELECT substrate, principal, count(*) AS sessions
     FROM identities JOIN sessions USING (substrate, principal)
     WHERE state = ? GROUP BY substrate, principal
     ORDER BY sessions DESC, substrate, principal LIMIT ?`,
  ).all(state, limit).map((row) => ({ ...row } as unknown as PrincipalSessions));
}

/**
 * How many principals are `matched` with an identity, `unmatched`, or `ambiguous` since several fit,
 * and how many different `identities` there are.
 */
export function countIdentities(
  store: Store,
): { identities: number; matched: number; unmatched: number; ambiguous: number } {
  const row = store.statement(
    `SELECT count(DISTINCT identity) AS identities,
       count(*) FILTER (WHERE state = 'matched') AS matched,
       count(*) FILTER (WHERE state = 'unmatched') AS unmatched,
       count(*) FILTER (WHERE state = 'ambiguous') AS ambiguous
     FROM identities`,
  ).get()!;
  return {
    identities: Number(row["identities"]),
    matched: Number(row["matched"]),
    unmatched: Number(row["unmatched"]),
    ambiguous: Number(row["ambiguous"]),
  };
}
