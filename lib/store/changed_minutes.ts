import type { ApiSubstrate } from "../model/call_minute.ts";
import type { CallerKey, MinuteRange } from "./call_minutes.ts";
import type { Store } from "./store.ts";

/** A stretch of a driver's minutes that is not as its sessions were put together from. */
export interface ChangedMinutes extends CallerKey, MinuteRange {}

/** How many principals have changed minutes. */
export function countChangedPrincipals(store: Store): number {
  const { count } = store.statement(
    "SELECT count(*) AS count FROM (SELECT DISTINCT substrate, principal FROM call_minutes_changed)",
  ).get()!;
  return Number(count);
}

/** The changed minutes of the first principal that has any, by driver; empty: none has. */
export function firstChangedPrincipal(store: Store): ChangedMinutes[] {
  return store.statement(
    `SELECT * FROM call_minutes_changed WHERE (substrate, principal) = (
       SELECT substrate, principal FROM call_minutes_changed ORDER BY substrate, principal LIMIT 1
     ) ORDER BY driver`,
  ).all().map((row) => ({
    substrate: row["substrate"] as ApiSubstrate,
    principal: String(row["principal"]),
    driver: String(row["driver"]),
    fromMs: Date.parse(String(row["from_minute"])),
    untilMs: Date.parse(String(row["until_minute"])),
  }));
}

/** Notes that the sessions of a principal are put together. */
export function forgetChanged(store: Store, { substrate, principal }: Omit<CallerKey, "driver">) {
  store.statement("DELETE FROM call_minutes_changed WHERE substrate = ? AND principal = ?")
    .run(substrate, principal);
}

/**
 * Marks all minutes as changed where sessions were put together under other settings, whose text
 * this is.
 */
export function applyCallSettings(store: Store, settings: string): void {
  store.transaction(() => {
    const known = store.statement("SELECT settings FROM call_settings").get();
    if (known?.["settings"] === settings) return;
    store.statement(
      `INSERT INTO call_minutes_changed (substrate, principal, driver, from_minute, until_minute)
       SELECT substrate, principal, driver, min(minute), max(minute) FROM call_minutes
       WHERE true GROUP BY substrate, principal, driver
       ON CONFLICT DO UPDATE SET from_minute = min(from_minute, excluded.from_minute),
         until_minute = max(until_minute, excluded.until_minute)`,
    ).run();
    store.statement(
      `INSERT INTO call_settings (only, settings) VALUES (1, ?)
       ON CONFLICT DO UPDATE SET settings = excluded.settings`,
    ).run(settings);
  });
}
