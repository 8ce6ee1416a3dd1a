import type { SessionRow } from "../model/session.ts";
import type { Store } from "./store.ts";

/** A session that is stored, and what is to be known of it when its recordings are read. */
export interface WaitingSession {
  session: SessionRow;
  recordingIds: string[];
  uploadOnly: boolean;
  /** Whether features of its commands are stored out of the log. */
  measured: boolean;
  /** Sources of commands that the log tells of. */
  sources: string[];
}

/** Rows that are taken at a time. */
const LOT = 128;

/**
 * Sessions between the log, which is read first, and their recordings: in a table of this connection
 * only, since there may be more than memory holds. A pull that is killed leaves nothing of them.
 */
export class WaitingSessions {
  constructor(private readonly store: Store) {
    store.database.exec(`
      CREATE TEMP TABLE IF NOT EXISTS waiting_sessions (
        position INTEGER PRIMARY KEY,
        session TEXT NOT NULL
      ) STRICT;
      DELETE FROM waiting_sessions`);
  }

  add(session: WaitingSession): void {
    this.store.statement("INSERT INTO waiting_sessions (session) VALUES (?)")
      .run(JSON.stringify(session));
  }

  /** All of them, in the order in which they came. */
  *all(): Generator<WaitingSession> {
    const next = this.store.statement(
      "SELECT position, session FROM waiting_sessions WHERE position > ? ORDER BY position LIMIT ?",
    );
    for (let last = 0;;) {
      const rows = next.all(last, LOT);
      if (rows.length === 0) return;
      for (const row of rows) yield JSON.parse(String(row.session));
      last = Number(rows.at(-1)!.position);
    }
  }
}
