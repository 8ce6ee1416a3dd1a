import type { Store } from "./store.ts";

/**
 * Numbers the pulls anew after those behind `own` were taken from another store, so that each stands
 * where it would if one machine had made all of them. What was noted after another pull of the same
 * store and source stays after it, whatever the clock said: by that is told which clocks were ahead.
 */
export function putPullsInTurn(store: Store, { own }: { own: number }): void {
  store.statement(
    `WITH latest AS (
       SELECT pull_id, min(pulled_at) OVER (
         PARTITION BY source, pull_id > ? ORDER BY pull_id
         ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
       ) AS at FROM pulls
     ), turns AS (
       SELECT pull_id, row_number() OVER (ORDER BY at, pull_id) AS turn FROM latest
     )
     UPDATE pulls SET pull_id = -turn FROM turns WHERE turns.pull_id = pulls.pull_id`,
  ).run(own);
  store.statement("UPDATE pulls SET pull_id = -pull_id").run();
}

/** The number of the pull that was noted last; 0: none was. */
export function lastPull(store: Store): number {
  return Number(store.statement("SELECT max(pull_id) AS last FROM pulls").get()!["last"] ?? 0);
}
