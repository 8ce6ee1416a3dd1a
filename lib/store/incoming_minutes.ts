import type { ApiSubstrate, CallMinute } from "../model/call_minute.ts";
import { MINUTE_COLUMNS, minuteOf, minuteText, minuteValues } from "./call_minutes.ts";
import { commandsText } from "./minute_commands.ts";
import type { Store } from "./store.ts";

/** Which minute rows are replaced. */
interface ReplacedWindow {
  source: string;
  substrate: ApiSubstrate;
  /** Whole minutes; the end is not a part of it. */
  sinceMs: number;
  untilMs: number;
  /** Only this principal's rows. */
  principal?: string | undefined;
}

/** What a replacement did. */
interface Replaced {
  /** Rows that the window now has. */
  rows: number;
  /** Drivers whose rows are not as they were: their sessions are to be put together anew. */
  changed: number;
}

const KEY = "substrate, principal, driver, minute, source";
const CONTENT = MINUTE_COLUMNS.slice(5);
const SAME_KEY = KEY.split(", ").map((name) => `kept.${name} = incoming.${name}`).join(" AND ");
const DIFFERS = CONTENT.map((name) => `kept.${name} IS NOT incoming.${name}`).join(" OR ");

/**
 * Minute rows of a window on their way into the store. They are gathered in a table of this
 * connection only, since a window may be larger than memory and its rows come in batches; a pull
 * that is killed leaves nothing of them.
 */
export class IncomingMinutes {
  constructor(
    private readonly store: Store,
    /** Brings rows of one (principal, driver, minute) together. */
    private readonly join: (rows: readonly CallMinute[]) => CallMinute,
  ) {
    store.database.exec(`
      CREATE TEMP TABLE IF NOT EXISTS incoming_minutes AS
        SELECT *, NULL AS commands FROM call_minutes LIMIT 0;
      CREATE UNIQUE INDEX IF NOT EXISTS temp.incoming_by_key ON incoming_minutes (${KEY});
      DELETE FROM incoming_minutes`);
  }

  /** Forgets the rows of a window that was not read to its end. */
  clear(): void {
    this.store.statement("DELETE FROM incoming_minutes").run();
  }

  /** Adds rows; a row of which a part came before is joined to it. */
  add(rows: readonly CallMinute[], source: string): void {
    const marks = MINUTE_COLUMNS.map(() => "?").join(", ");
    const insert = this.store.statement(
      `INSERT INTO incoming_minutes (${MINUTE_COLUMNS}, commands) VALUES (${marks}, ?)
       ON CONFLICT DO NOTHING`,
    );
    const where = "substrate = ? AND principal = ? AND driver = ? AND minute = ? AND source = ?";
    const known = this.store.statement(`SELECT * FROM incoming_minutes WHERE ${where}`);
    const remove = this.store.statement(`DELETE FROM incoming_minutes WHERE ${where}`);
    this.store.transaction(() => {
      for (const row of rows) {
        const values = minuteValues(row, source);
        if (Number(insert.run(...values, commandsText(row)).changes) > 0) continue;
        const key = values.slice(0, 5);
        const joined = this.join([minuteOf(this.store, known.get(...key)!), row]);
        remove.run(...key);
        insert.run(...minuteValues(joined, source), commandsText(joined));
      }
    });
  }

  /**
   * Puts the rows in place of all that a window had from its source, and notes whose rows changed.
   * `within` runs in the same transaction.
   */
  replace(window: ReplacedWindow, within: (replaced: Replaced) => void): Replaced {
    const { store } = this;
    const bounds = [window.source, minuteText(window.sinceMs), minuteText(window.untilMs)];
    const principal = window.principal ?? "";
    const gone = `kept.source = ? AND kept.minute >= ? AND kept.minute < ?
      AND kept.substrate = ? AND (? = '' OR kept.principal = ?)
      AND NOT EXISTS (SELECT 1 FROM incoming_minutes AS incoming WHERE ${SAME_KEY})`;
    const goneValues = [...bounds, window.substrate, principal, principal];
    return store.transaction(() => {
      const { changes } = store.statement(
        `INSERT INTO call_minutes_changed (substrate, principal, driver, from_minute, until_minute)
         SELECT substrate, principal, driver, min(minute), max(minute) FROM (
           SELECT incoming.substrate, incoming.principal, incoming.driver, incoming.minute
           FROM incoming_minutes AS incoming LEFT JOIN call_minutes AS kept ON ${SAME_KEY}
           WHERE kept.source IS NULL OR ${DIFFERS}
           UNION ALL
           SELECT kept.substrate, kept.principal, kept.driver, kept.minute
           FROM call_minutes AS kept WHERE ${gone}
         ) WHERE true GROUP BY substrate, principal, driver
         ON CONFLICT DO UPDATE SET from_minute = min(from_minute, excluded.from_minute),
           until_minute = max(until_minute, excluded.until_minute)`,
      ).run(...goneValues);
      store.statement(`DELETE FROM call_minutes AS kept WHERE ${gone}`).run(...goneValues);
      store.statement(
        `INSERT INTO call_minutes (${MINUTE_COLUMNS})
         SELECT ${MINUTE_COLUMNS} FROM incoming_minutes AS incoming WHERE NOT EXISTS (
           SELECT 1 FROM call_minutes AS kept WHERE ${SAME_KEY} AND NOT (${DIFFERS})
         ) ORDER BY ${KEY}
         ON CONFLICT DO UPDATE SET ${CONTENT.map((name) => `${name} = excluded.${name}`)}`,
      ).run();
      this.#replaceCommands(bounds, window.substrate);
      const { rows } = store.statement("SELECT count(*) AS rows FROM incoming_minutes").get()!;
      const replaced = { rows: Number(rows), changed: Number(changes) };
      within(replaced);
      return replaced;
    });
  }

  /** The same with what the rows say of commands; those of rows that are gone went with them. */
  #replaceCommands(bounds: readonly string[], substrate: string): void {
    const { store } = this;
    store.statement(
      `DELETE FROM called_commands AS kept
       WHERE source = ? AND minute >= ? AND minute < ? AND substrate = ? AND EXISTS (
         SELECT 1 FROM incoming_minutes AS incoming
         WHERE ${SAME_KEY} AND incoming.commands IS NOT kept.commands
       )`,
    ).run(...bounds, substrate);
    store.statement(
      `INSERT INTO called_commands (${KEY}, commands)
       SELECT ${KEY}, commands FROM incoming_minutes WHERE commands IS NOT NULL
       ORDER BY ${KEY} ON CONFLICT DO NOTHING`,
    ).run();
  }
}
