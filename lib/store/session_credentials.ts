import type { Store } from "./store.ts";

/** Makes these the credentials of a session: keyed hashes, "" for none. */
export function writeCredentials(
  store: Store,
  sessionId: string,
  uses: readonly (readonly [used: string, issued: string])[],
): void {
  store.transaction(() => {
    store.statement("DELETE FROM session_credentials WHERE session_id = ?").run(sessionId);
    const insert = store.statement(
      "INSERT INTO session_credentials (session_id, used, issued) VALUES (?, ?, ?)",
    );
    for (const [used, issued] of uses) insert.run(sessionId, used, issued);
  });
}

/** Every credential that a session handed out, and who it was. */
export function* readIssuedCredentials(
  store: Store,
): Generator<{ issued: string; used: string; principal: string; userKind: string | null }> {
  const rows = store.statement(
    `SELECT DISTINCT issued, used, principal, user_kind
     FROM session_credentials JOIN sessions USING (session_id) WHERE issued <> ''`,
  ).all();
  for (const row of rows) {
    yield {
      issued: String(row["issued"]),
      used: String(row["used"]),
      principal: String(row["principal"]),
      userKind: row["user_kind"] as string | null,
    };
  }
}

/** Sessions that used a credential which a session handed out, with all such, by session. */
export function* readChainedSessions(
  store: Store,
): Generator<{ sessionId: string; used: string[] }> {
  const rows = store.database.prepare(
    `SELECT session_id, json_group_array(DISTINCT used) AS used FROM session_credentials
     WHERE used <> '' AND used IN (SELECT issued FROM session_credentials WHERE issued <> '')
     GROUP BY session_id`,
  ).all();
  for (const row of rows) {
    yield { sessionId: String(row["session_id"]), used: JSON.parse(String(row["used"])) };
  }
}
