import type { SchemaField } from "../bigquery.ts";

interface ExportColumn {
  /** Where it is in the schema. */
  path: string;
  /** What reads it in flatten_bigquery.sql, white space aside. */
  expression: string;
  type: "STRING" | "INT64" | "BOOL";
}

const AUTHENTICATION = "protopayload_auditlog.authenticationInfo";
const DELEGATION = `${AUTHENTICATION}.serviceAccountDelegationInfo`;
const text = (path: string): ExportColumn => ({ path, expression: path, type: "STRING" });

/** Without these a table is no audit log. */
export const NEEDED_COLUMNS = [
  "timestamp",
  "logName",
  "protopayload_auditlog.methodName",
  "protopayload_auditlog.serviceName",
] as const;

/** Columns that a table may lack until an entry has them; then they are NULL. */
export const OPTIONAL_COLUMNS: readonly ExportColumn[] = [
  text("insertId"),
  text(`${AUTHENTICATION}.principalEmail`),
  text(`${AUTHENTICATION}.principalSubject`),
  text(`${AUTHENTICATION}.serviceAccountKeyName`),
  {
    path: `${DELEGATION}.firstPartyPrincipal.principalEmail`,
    expression: `${DELEGATION}[SAFE_OFFSET(0)].firstPartyPrincipal.principalEmail`,
    type: "STRING",
  },
  {
    path: `${DELEGATION}.principalSubject`,
    expression: `${DELEGATION}[SAFE_OFFSET(0)].principalSubject`,
    type: "STRING",
  },
  { path: DELEGATION, expression: `ARRAY_LENGTH(${DELEGATION})`, type: "INT64" },
  text("protopayload_auditlog.requestMetadata.callerIp"),
  text("protopayload_auditlog.requestMetadata.callerSuppliedUserAgent"),
  text("protopayload_auditlog.resourceName"),
  {
    path: "protopayload_auditlog.status.code",
    expression: "protopayload_auditlog.status.code",
    type: "INT64",
  },
  {
    path: "protopayload_auditlog.authorizationInfo.granted",
    expression:
      "(SELECT LOGICAL_AND(granted) FROM UNNEST(protopayload_auditlog.authorizationInfo))",
    type: "BOOL",
  },
  text("resource.type"),
  text("resource.labels.project_id"),
];

/** Columns without which a table can't be read and that its schema does not have. */
export function missingColumns(schema: readonly SchemaField[]): string[] {
  return NEEDED_COLUMNS.filter((path) => !hasColumn(schema, path));
}

/** The text of flatten_bigquery.sql for a table of this schema. */
export function flattenText(sql: string, schema: readonly SchemaField[]): string {
  let flat = sql;
  for (const { path, expression, type } of OPTIONAL_COLUMNS) {
    if (hasColumn(schema, path)) continue;
    const spaced = expression.split(/(?=\.)/).map(escaped).join("\\s*");
    flat = flat.replace(new RegExp(`${spaced}(?![A-Za-z_.[])`), `CAST(NULL AS ${type})`);
  }
  return flat;
}

// BigQuery's names know no upper and lower case.
function hasColumn(schema: readonly SchemaField[], path: string): boolean {
  let fields: readonly SchemaField[] | undefined = schema;
  for (const part of path.split(".")) {
    const field: SchemaField | undefined = fields?.find(({ name }) =>
      name?.toLowerCase() === part.toLowerCase()
    );
    if (field === undefined) return false;
    fields = field.fields;
  }
  return true;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
