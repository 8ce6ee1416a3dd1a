import { QueryError } from "../../model/errors.ts";
import type { AthenaEngine } from "../athena.ts";
import { callError, isTransientCall } from "../athena_errors.ts";
import { PATIENT, withRetries } from "../retry.ts";

/**
 * Where Teleport's table keeps the files of a day, from its partition projection. Throws a
 * `QueryError` where the table can't be looked at or projects no partitions of days.
 */
export async function tableLocation(
  engine: AthenaEngine,
  { database, table, workgroup }: { database: string; table: string; workgroup: string },
): Promise<(day: string) => string> {
  const { GetTableMetadataCommand } = await import("@aws-sdk/client-athena");
  const command = new GetTableMetadataCommand({
    CatalogName: "AwsDataCatalog",
    DatabaseName: database,
    TableName: table,
    WorkGroup: workgroup,
  });
  const name = `metadata of ${database}.${table}`;
  const found = await withRetries(() => engine.client.send(command), {
    policy: PATIENT,
    isTransient: isTransientCall,
  }).catch((error) => {
    throw callError({ name, id: null }, error);
  });
  const template = found.TableMetadata?.Parameters?.["storage.location.template"];
  if (template === undefined || !template.includes("${event_date}")) {
    throw new QueryError(
      `The table ${database}.${table} has no storage.location.template with \${event_date}, so its ` +
        `files can't be counted`,
    );
  }
  return (day) => template.replaceAll("${event_date}", day);
}
