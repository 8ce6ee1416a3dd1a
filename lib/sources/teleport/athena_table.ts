import { QueryError } from "../../model/errors.ts";
import { type AthenaEngine, athenaTable } from "../athena.ts";

/**
 * Where Teleport's table keeps the files of a day, from its partition projection. Throws a
 * `QueryError` where the table can't be looked at or projects no partitions of days.
 */
export async function tableLocation(
  engine: AthenaEngine,
  { database, table, workgroup }: { database: string; table: string; workgroup: string },
): Promise<(day: string) => string> {
  const found = await athenaTable(engine, { database, table, workgroup });
  const template = found?.Parameters?.["storage.location.template"];
  if (template === undefined || !template.includes("${event_date}")) {
    throw new QueryError(
      `The table ${database}.${table} has no storage.location.template with \${event_date}, so its ` +
        `files can't be counted`,
    );
  }
  return (day) => template.replaceAll("${event_date}", day);
}
