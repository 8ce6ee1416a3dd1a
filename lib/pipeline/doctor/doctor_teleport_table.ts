import type { TableMetadata } from "@aws-sdk/client-athena";
import { type CheckOutcome, failed, ok } from "./check.ts";

/** Columns and partitions of the table of Teleport's audit events. */
export function lookAtTeleportTable(table: TableMetadata): CheckOutcome[] {
  return [columns(table), partitions(table)];
}

/** What Teleport's own set-up gives the table. */
const COLUMNS: Readonly<Record<string, RegExp>> = {
  uid: /^(string|varchar)/,
  session_id: /^(string|varchar)/,
  event_type: /^(string|varchar)/,
  event_time: /^timestamp/,
  event_data: /^(string|varchar)/,
  user: /^(string|varchar)/,
};

function columns({ Columns = [], Name }: TableMetadata): CheckOutcome {
  const types = new Map(Columns.map(({ Name, Type }) => [Name ?? "", Type?.toLowerCase() ?? ""]));
  const wrong = Object.entries(COLUMNS).flatMap(([name, type]) => {
    const found = types.get(name);
    if (found === undefined) return [`${name} is missing`];
    return type.test(found) ? [] : [`${name} has another type`];
  });
  if (wrong.length === 0) return ok("columns", `${Columns.length}, as Teleport makes them`);
  const advice = `name the table that Teleport made as \`table\` (mostly teleport_events); ` +
    `${Name ?? "this one"} has other columns`;
  return failed("columns", wrong.join(", "), advice);
}

const PROJECTION: readonly (readonly [property: string, wanted: RegExp, write: string])[] = [
  ["projection.enabled", /^true$/i, "true"],
  ["projection.event_date.type", /^date$/i, "date"],
  ["projection.event_date.format", /^yyyy-MM-dd$/, "yyyy-MM-dd"],
  ["projection.event_date.range", /,NOW$/, "NOW-4YEARS,NOW"],
  ["storage.location.template", /\$\{event_date\}/, "s3://<bucket>/events/${event_date}/"],
];

// Without projection each query reads every day there is, or finds no partitions at all.
function partitions({ PartitionKeys = [], Parameters = {} }: TableMetadata): CheckOutcome {
  if (!PartitionKeys.some(({ Name }) => Name === "event_date")) {
    const advice = "name the table that Teleport made as `table`; queries on this one would " +
      "read every day there is";
    return failed("partitions", "event_date is no partition key", advice);
  }
  const wrong = PROJECTION.find(([property, wanted]) => !wanted.test(Parameters[property] ?? ""));
  if (wrong === undefined) return ok("partitions", "event_date, projected by day");
  const [property, , write] = wrong;
  return failed(
    "partitions",
    `the table property ${property} is not as queries need it`,
    `set it to ${JSON.stringify(write)} (glue:UpdateTable)`,
  );
}
