import type { z } from "zod";
import type { QueryRow } from "../query_engine.ts";
import { isSessionId } from "../session_id.ts";

/**
 * Rows of a query that is ordered by session id, for sessions that are asked for in that order too:
 * no more than one batch and one session is held. Rows of ids that are no ids are left out.
 */
export class SessionRows<T extends { session_id: string }> {
  #rows: T[] = [];
  #at = 0;
  constructor(
    readonly batches: AsyncGenerator<QueryRow[]>,
    readonly schema: z.ZodType<T>,
  ) {}

  /** The row that comes next; the first call runs the query. */
  async peek(): Promise<T | undefined> {
    while (this.#at >= this.#rows.length) {
      const batch = await this.batches.next();
      if (batch.done) return undefined;
      this.#rows = batch.value.map((row) => this.schema.parse(row))
        .filter((row) => isSessionId(row.session_id));
      this.#at = 0;
    }
    return this.#rows[this.#at];
  }

  /** The rows of a session; those of sessions before it are passed over. */
  async take(sessionId: string): Promise<T[]> {
    const taken: T[] = [];
    let row = await this.peek();
    while (row !== undefined && row.session_id <= sessionId) {
      if (row.session_id === sessionId) taken.push(row);
      this.#at++;
      row = await this.peek();
    }
    return taken;
  }

  async close(): Promise<void> {
    await this.batches.return(undefined);
  }
}
