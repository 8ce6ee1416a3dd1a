import type { TableMetadata } from "@aws-sdk/client-athena";
import { type HiveType, parseHiveType } from "./hive_type.ts";

/** Fields of CloudTrail's table that `minutes.sql` reads, by the names that the catalogue has. */
const NEEDED: readonly string[] = [
  ...["type", "principalid", "arn", "accountid", "accesskeyid", "invokedby"]
    .map((field) => `useridentity.${field}`),
  ...["eventtime", "eventsource", "eventname", "sourceipaddress", "useragent", "errorcode"],
  "eventid",
];

/** Fields that older tables lack; they are NULL then. `text` is how `minutes.sql` reads them. */
const OPTIONAL: readonly { path: string; text: string }[] = [
  ...[
    "useridentity.username",
    "useridentity.onbehalfof.userid",
    "useridentity.sessioncontext.sessionissuer.arn",
    "useridentity.sessioncontext.webidfederationdata.federatedprovider",
    "useridentity.sessioncontext.attributes.mfaauthenticated",
    ...["awsregion", "errormessage", "responseelements", "recipientaccountid"],
    "sessioncredentialfromconsole",
  ].map((path) => ({ path, text: path })),
  { path: "resources[].arn", text: "element_at(resources, 1).arn" },
  { path: "resources[].type", text: "element_at(resources, 1).type" },
];

/** What of the columns that are read a table has. */
interface TrailColumns {
  /** Columns of the table that the query selects, in an order of their own. */
  selected: string[];
  /** Fields without which it is no table of CloudTrail's. */
  missing: string[];
  /** Fields that are NULL for want of a column. */
  absent: string[];
}

/** Holds a table's columns against what is read of them. */
export function trailColumns({ Columns = [] }: TableMetadata): TrailColumns {
  const types = new Map(
    Columns.map(({ Name = "", Type = "" }) => [Name.toLowerCase(), parseHiveType(Type)]),
  );
  const fields = [...NEEDED, ...OPTIONAL.map(({ path }) => path)];
  const there = fields.filter((path) => isThere(types, path));
  const selected = new Set(there.map((path) => path.split(/\.|\[/, 1)[0]!));
  return {
    selected: [...selected],
    missing: NEEDED.filter((path) => !there.includes(path)),
    absent: OPTIONAL.map(({ path }) => path).filter((path) => !there.includes(path)),
  };
}

/** The text of `minutes.sql` with NULL for the fields that a table lacks. */
export function withoutAbsent(sql: string, absent: readonly string[]): string {
  let text = sql;
  for (const { path, text: expression } of OPTIONAL) {
    if (!absent.includes(path)) continue;
    const escaped = expression.replace(/[.()]/g, "\\$&");
    text = text.replace(
      new RegExp(`(?<![\\w.])${escaped}(?![\\w.])`, "g"),
      "CAST(NULL AS varchar)",
    );
  }
  return text;
}

function isThere(types: ReadonlyMap<string, HiveType>, path: string): boolean {
  const [column, ...rest] = path.replace("[]", ".[]").split(".");
  let type = types.get(column!);
  for (const step of rest) {
    if (type === undefined) return false;
    if (step === "[]") type = type.kind === "array" ? type.of : undefined;
    else type = type.kind === "struct" ? type.fields.get(step) : undefined;
  }
  return type?.kind === "plain" && /^(string|varchar|char)/.test(type.name);
}
