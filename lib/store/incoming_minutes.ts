import type { SQLInputValue } from "node:sqlite";
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

const KEY = "substrate, principal, driver, minute, source";
const CONTENT = MINUTE_COLUMNS.slice(5);
const KEY_NAMES = KEY.split(", ");
const SAME_KEY = KEY_NAMES.map((name) => `kept.${name} = incoming.${name}`).join(" AND ");
const DIFFERS = CONTENT.map((name) => `kept.${name} IS NOT incoming.${name}`).join(" OR ");
/** Rows that are replaced a step. */
const LOT = 1000;
/** Some of what came in, behind one of its keys. */
const SOME = `(SELECT * FROM incoming_minutes WHERE (${KEY}) > (${KEY_NAMES.map(() => "?")})
  ORDER BY ${KEY} LIMIT ${LOT})`;
const NOTE_CHANGED = `
  INSERT INTO call_minutes_changed (substrate, principal, driver, from_minute, until_minute)
  SELECT substrate, principal, driver, min(minute), max(minute) FROM changed WHERE true
  GROUP BY substrate, principal, driver
  ON CONFLICT DO UPDATE SET from_minute = min(from_minute, excluded.from_minute),
    until_minute = max(until_minute, excluded.until_minute)`;

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
   * Puts the rows in place of all that a window had from its source, some a step, and notes whose
   * rows changed; all in one transaction, in which `within` is run last. Returns how many rows the
   * window now has.
   */
  *replace(window: ReplacedWindow, within: (rows: number) => void): Generator<void, number> {
    const { store } = this;
    return yield* store.transactionInSteps(() => this.#replace(window, within));
  }

  *#replace(window: ReplacedWindow, within: (rows: number) => void): Generator<void, number> {
    yield* this.#removeOthers(window);
    let after: SQLInputValue[] | null = KEY_NAMES.map(() => "");
    while (after !== null) {
      this.#putSome(after);
      const last = this.store.statement(
        `SELECT ${KEY} FROM ${SOME} ORDER BY ${KEY} LIMIT 1 OFFSET ${LOT - 1}`,
      ).get(...after);
      after = last === undefined ? null : KEY_NAMES.map((name) => last[name]!);
      yield;
    }
    const rows = Number(
      this.store.statement("SELECT count(*) AS rows FROM incoming_minutes").get()!["rows"],
    );
    within(rows);
    return rows;
  }

  /** Removes what the window has and did not come in; what its rows said of commands goes with them. */
  *#removeOthers({ source, substrate, ...window }: ReplacedWindow): Generator<void> {
    const { store } = this;
    const principal = window.principal ?? "";
    const gone = `kept.source = ? AND kept.minute >= ? AND kept.minute < ?
      AND kept.substrate = ? AND (? = '' OR kept.principal = ?)
      AND NOT EXISTS (SELECT 1 FROM incoming_minutes AS incoming WHERE ${SAME_KEY})`;
    const untilMinute = minuteText(window.untilMs);
    for (let from = minuteText(window.sinceMs); from < untilMinute;) {
      const next = store.statement(
        `SELECT minute FROM call_minutes WHERE source = ? AND minute > ? AND minute < ?
         ORDER BY minute LIMIT 1 OFFSET ${LOT}`,
      ).get(source, from, untilMinute);
      const until = next === undefined ? untilMinute : String(next["minute"]);
      const values = [source, from, until, substrate, principal, principal];
      store.statement(
        `WITH changed AS (
           SELECT kept.substrate, kept.principal, kept.driver, kept.minute
           FROM call_minutes AS kept WHERE ${gone}
         ) ${NOTE_CHANGED}`,
      ).run(...values);
      store.statement(`DELETE FROM call_minutes AS kept WHERE ${gone}`).run(...values);
      from = until;
      yield;
    }
  }

  #putSome(after: readonly SQLInputValue[]): void {
    const { store } = this;
    store.statement(
      `WITH changed AS (
         SELECT incoming.substrate, incoming.principal, incoming.driver, incoming.minute
         FROM ${SOME} AS incoming LEFT JOIN call_minutes AS kept ON ${SAME_KEY}
         WHERE kept.source IS NULL OR ${DIFFERS}
       ) ${NOTE_CHANGED}`,
    ).run(...after);
    store.statement(
      `INSERT INTO call_minutes (${MINUTE_COLUMNS})
       SELECT ${MINUTE_COLUMNS} FROM ${SOME} AS incoming WHERE NOT EXISTS (
         SELECT 1 FROM call_minutes AS kept WHERE ${SAME_KEY} AND NOT (${DIFFERS})
       ) ORDER BY ${KEY}
       ON CONFLICT DO UPDATE SET ${CONTENT.map((name) => `${name} = excluded.${name}`)}`,
    ).run(...after);
    store.statement(
      `DELETE FROM called_commands WHERE (${KEY}) IN (
         SELECT ${KEY} FROM ${SOME} WHERE commands IS NULL)`,
    ).run(...after);
    store.statement(
      `INSERT INTO called_commands (${KEY}, commands)
       SELECT ${KEY}, commands FROM ${SOME} WHERE commands IS NOT NULL ORDER BY ${KEY}
       ON CONFLICT DO UPDATE SET commands = excluded.commands
       WHERE commands IS NOT excluded.commands`,
    ).run(...after);
  }
}
