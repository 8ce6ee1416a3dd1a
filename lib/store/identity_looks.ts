import { sideOf } from "../model/identity.ts";
import type { Store } from "./store.ts";

/** How an identity looks on one side, out of all its sessions there. */
export interface Look {
  /** See `sideOf()`. */
  side: string;
  /** All of its sessions there whose begin is known. */
  sessions: number;
  /** Different days (UTC) on which these began. */
  days: number;
  /** The commonest families of software, at most five; what drove terminals is not known. */
  tools: NamedCount[];
  /** The commonest targets, at most five. */
  targets: NamedCount[];
  /** Sessions by the hour (UTC) that they began in; 24. */
  hours: number[];
  /** Median of the sessions' median gaps in seconds (terminals), or of their calls a minute. */
  rhythm: number | null;
}

/** A `name`, and how many `sessions` have it. */
interface NamedCount {
  name: string;
  sessions: number;
}

const MOST_NAMES = 5;

/**
 * How an identity looks as a rule, a row a side: what its sessions' `base_…` features are told from.
 * Only of principals that a provider of identities stands for.
 */
export function readLooks(store: Store, identity: string): Look[] {
  const rows = store.statement(
    `SELECT substrate, driver, target, started_at, coalesce(call_per_minute, pty_gap_p50) AS rhythm
     FROM sessions JOIN identities USING (substrate, principal)
       LEFT JOIN features_pty ON features_pty.subject_id = session_id
       LEFT JOIN features_call ON features_call.subject_id = session_id
     WHERE identity = ? AND vouched = 1 AND started_at IS NOT NULL`,
  ).all(identity);
  const bySide = Map.groupBy(rows, ({ substrate }) => sideOf(String(substrate)));
  return [...bySide].sort(([a], [b]) => a < b ? -1 : 1).map(([side, own]) => {
    const hours = new Array<number>(24).fill(0);
    for (const { started_at } of own) hours[Number(String(started_at).slice(11, 13))]!++;
    return {
      ...{ side, sessions: own.length, hours },
      days: new Set(own.map(({ started_at }) => String(started_at).slice(0, 10))).size,
      // behind the family of the software stands an address
      tools: commonest(own.map(({ driver }) => typeof driver === "string" && driver.split(" ")[0])),
      targets: commonest(own.map(({ target }) => target)),
      rhythm: middle(own.flatMap(({ rhythm }) => typeof rhythm === "number" ? [rhythm] : [])),
    };
  });
}

/** Names by how often they come. */
function commonest(names: readonly unknown[]): NamedCount[] {
  const known = names.filter((name) => typeof name === "string");
  return [...Map.groupBy(known, (name) => name)]
    .map(([name, all]) => ({ name, sessions: all.length }))
    .sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_NAMES);
}

function middle(values: number[]): number | null {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? null;
}
