import { inOrder } from "./in_order.ts";
import type { ResultRow } from "./statement.ts";
import type { Store } from "./store.ts";

/** Which sessions are read, and whose; all of it SQL. */
interface HolderQuery {
  /** Whose a principal's sessions are: of its `substrate`, `principal`, `identity` and `vouched`. */
  who: string;
  /** What sets them apart beside that, of the same columns. */
  side?: string;
  /** Which principals. */
  of?: string;
  /** Columns of a session beside its id and begin. */
  columns: string;
  joins?: string;
  where?: string;
}

/** Sessions of one principal that are read at a time. */
const LOT = 500;

/**
 * Sessions by side and whose they are, then by begin and id; those without a principal or a begin are
 * left out. Each row has `session_id`, `started_at`, the columns asked for, `side`, `who`, and the
 * principal's `substrate`, `principal`, `identity` and `vouched`. Holds the names of principals, and
 * some sessions of each of one holder's.
 */
export function* readByHolder(store: Store, query: HolderQuery): Generator<ResultRow> {
  for (const principals of readHolders(store, query)) {
    yield* inOrder(principals.map((holder) => sessionsOf(store, holder, query)), byBegin);
  }
}

/** Principals, those of one side and holder together. */
function* readHolders(
  store: Store,
  { who, side = "''", of = "TRUE" }: HolderQuery,
): Generator<ResultRow[]> {
  const rows = store.statement(
    `SELECT substrate, principal, identity, vouched, ${side} AS side, ${who} AS who
     FROM (SELECT DISTINCT substrate, principal FROM sessions WHERE principal IS NOT NULL)
       LEFT JOIN identities USING (substrate, principal)
     WHERE ${of} ORDER BY side, who, substrate, principal`,
  ).all();
  let together: ResultRow[] = [];
  for (const row of rows) {
    const [first] = together;
    if (first !== undefined && (first["side"] !== row["side"] || first["who"] !== row["who"])) {
      yield together;
      together = [];
    }
    together.push(row);
  }
  if (together.length > 0) yield together;
}

function* sessionsOf(
  store: Store,
  holder: ResultRow,
  { columns, joins = "", where = "TRUE" }: HolderQuery,
): Generator<ResultRow> {
  const statement = store.statement(
    `SELECT session_id, started_at, ${columns} FROM sessions ${joins}
     WHERE substrate = ? AND principal = ? AND (started_at, session_id) > (?, ?) AND ${where}
     ORDER BY started_at, session_id LIMIT ${LOT}`,
  );
  let [startedAt, id] = ["", ""];
  for (;;) {
    const rows = statement.all(holder["substrate"]!, holder["principal"]!, startedAt, id);
    for (const row of rows) yield { ...holder, ...row };
    if (rows.length < LOT) return;
    const last = rows.at(-1)!;
    [startedAt, id] = [String(last["started_at"]), String(last["session_id"])];
  }
}

function byBegin(a: ResultRow, b: ResultRow): number {
  return order(a["started_at"], b["started_at"]) || order(a["session_id"], b["session_id"]);
}

function order(a: unknown, b: unknown): number {
  return a === b ? 0 : String(a) < String(b) ? -1 : 1;
}
