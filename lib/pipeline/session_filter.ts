import { inShard, type Shard } from "../model/shard.ts";
import type { SessionRow } from "../model/session.ts";

/** Which sessions of a window are wanted; all where it says nothing. */
export interface SessionFilter {
  /** The id of one session. */
  session?: string | undefined;
  /** Who, as the substrate spells it. */
  principal?: string | undefined;
  /** One machine's share. */
  shard?: Shard | undefined;
}

/** Whether a session is among those that are wanted. */
export function wants({ session, principal, shard }: SessionFilter, row: SessionRow): boolean {
  return (session === undefined || row.session_id === session) &&
    (principal === undefined || row.principal === principal) &&
    (shard === undefined || inShard(shard, row.session_id));
}
