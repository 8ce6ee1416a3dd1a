import type { Store } from "./store.ts";

/** A name of somebody or something, and what it is of. */
interface StoredName {
  kind: "person" | "login" | "target" | "scope";
  name: string;
}

/** Labels whose values name somebody. */
const NAMING_LABEL = /(^|[.-])(name|impersonator|principal|delegator|origin|person|user|email)$/;

/**
 * Every name that a store holds: the dictionary by which pages are freed of names. Persons come
 * first, so that one who is also a login is a person. A name may come several times.
 */
export function* storedNames(store: Store): Generator<StoredName> {
  const names = function* (kind: StoredName["kind"], sql: string): Generator<StoredName> {
    for (const row of store.statement(sql).all()) {
      const name = row["name"];
      if (typeof name === "string" && name !== "") yield { kind, name };
    }
  };
  yield* names("person", "SELECT DISTINCT principal AS name FROM sessions");
  yield* names("person", "SELECT DISTINCT principal AS name FROM call_minutes");
  yield* names("person", "SELECT DISTINCT identity AS name FROM identities");
  yield* names(
    "person",
    "SELECT DISTINCT substr(set_by, 8) AS name FROM labels WHERE set_by LIKE 'manual:%'",
  );
  for (const row of store.statement("SELECT DISTINCT key, value FROM labels").all()) {
    if (!NAMING_LABEL.test(String(row["key"]))) continue;
    yield { kind: "person", name: String(row["value"]) };
  }
  yield* names("login", "SELECT DISTINCT login AS name FROM sessions");
  yield* names("target", "SELECT DISTINCT target AS name FROM sessions");
  yield* names("scope", "SELECT DISTINCT scope AS name FROM sessions");
  yield* names("scope", "SELECT DISTINCT scope AS name FROM call_minutes");
  yield* names(
    "scope",
    "SELECT DISTINCT substr(principal, instr(principal, '@') + 1) AS name FROM sessions " +
      "WHERE principal LIKE '%_@%_._%'",
  );
}
