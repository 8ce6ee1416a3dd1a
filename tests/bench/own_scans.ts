import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { WrittenLog } from "./archive_inputs.ts";

/** A cloud whose log DuckDB scans. */
type Cloud = "gcp" | "aws";

/**
 * DuckDB reading each field that the minutes are made of, as the same types out of the same files,
 * nested ones whole, and making one number of each, so that none can be left out: how many entries
 * there are. How a file is read it chooses itself: CloudTrail's, which the archive reads as lines, as
 * objects that end anywhere, which takes it more.
 */
export function ownScan(cloud: Cloud, log: WrittenLog): Promise<number> {
  const hashes = SCANNED[cloud].map((column) => `max(hash(${column}))`).join(", ");
  return opened(cloud, async (connection) => {
    const sql = `SELECT count(*) AS n, ${hashes} FROM ${SOURCE[cloud](log)}`;
    return numberOf(await connection.runAndReadAll(sql));
  });
}

/**
 * The same scan grouped by what the minutes are grouped by, and nothing else of them: how many
 * groups there are. No text is made of any call.
 */
export function groupedScan(cloud: Cloud, log: WrittenLog): Promise<number> {
  return opened(cloud, async (connection) => {
    const sql = `SELECT count(*) AS n FROM
      (SELECT DISTINCT ${KEYS[cloud].join(", ")} FROM ${SOURCE[cloud](log)})`;
    return numberOf(await connection.runAndReadAll(sql));
  });
}

/**
 * The same scan, each field that the minutes need handed to JavaScript as values, in the cheapest form
 * known: a row as one JSON text, parsed there. Columns of the client take twice that. Returns how many
 * rows came.
 */
export function handedScan(cloud: Cloud, log: WrittenLog): Promise<number> {
  return opened(cloud, async (connection) => {
    const row = `CAST(json_array(${FLAT[cloud].join(", ")}) AS VARCHAR)`;
    const sql = `SELECT ${row} AS row FROM ${SOURCE[cloud](log)}`;
    const result = await connection.stream(sql);
    let rows = 0;
    for (
      let chunk = await result.fetchChunk();
      chunk?.rowCount;
      chunk = await result.fetchChunk()
    ) {
      rows += chunk.getColumnValues(0).map((text) => JSON.parse(String(text))).length;
    }
    return rows;
  });
}

async function opened<T>(
  cloud: Cloud,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  try {
    const connection = await instance.connect();
    await connection.run("SET TimeZone='UTC'");
    await connection.run(tables(cloud));
    const found = await use(connection);
    connection.closeSync();
    return found;
  } finally {
    instance.closeSync();
  }
}

const tables = (cloud: Cloud) =>
  Deno.readTextFileSync(new URL(`../../lib/sources/${cloud}/archive_tables.sql`, import.meta.url));

function numberOf(result: { getRowObjects(): Record<string, unknown>[] }): number {
  return Number(result.getRowObjects()[0]!.n);
}

const SOURCE = {
  gcp: ({ folder }: WrittenLog) =>
    `read_json('${folder}/**/*.json*', format = 'newline_delimited', records = true,
      ignore_errors = true, maximum_object_size = 4194304, columns = gcp_columns())`,
  aws: ({ folder }: WrittenLog) =>
    `(SELECT unnest(Records) AS r
      FROM read_json('${folder}/**/*.json*', ignore_errors = true,
        maximum_object_size = 16777216, columns = {Records: aws_records()}))`,
} satisfies Record<Cloud, unknown>;

const SCANNED: Record<Cloud, string[]> = {
  gcp: [
    ...[
      '"timestamp"',
      "insertId",
      "logName",
      "severity",
      "textPayload",
      "protoPayload",
      "resource",
    ],
  ],
  aws: [
    ...["eventTime", "eventID", "eventSource", "eventName", "awsRegion", "sourceIPAddress"],
    ...["userAgent", "errorCode", "errorMessage", "responseElements", "recipientAccountId"],
    ...["sessionCredentialFromConsole", "userIdentity", "resources"],
  ].map((name) => `r.${name}`),
};

const AUTHENTICATION = "protoPayload.authenticationInfo";
const DELEGATION = `${AUTHENTICATION}.serviceAccountDelegationInfo`;
const DELEGATOR = [
  `${DELEGATION}[1].firstPartyPrincipal.principalEmail`,
  `${DELEGATION}[1].principalSubject`,
];
const AGENT = "protoPayload.requestMetadata['callerSuppliedUserAgent']";
const ADDRESS = "protoPayload.requestMetadata['callerIp']";

const FLAT: Record<Cloud, string[]> = {
  gcp: [
    ...['"timestamp"', "insertId", "logName", AGENT, ADDRESS, `len(${DELEGATION})`, ...DELEGATOR],
    ...["principalEmail", "principalSubject", "serviceAccountKeyName"]
      .map((name) => `${AUTHENTICATION}.${name}`),
    ...["serviceName", "methodName", "resourceName", "status.code"]
      .map((name) => `protoPayload.${name}`),
    "list_bool_and(list_transform(protoPayload.authorizationInfo, lambda step: step.granted))",
    ...['resource."type"', "resource.labels.project_id"],
  ],
  aws: [
    ...["eventTime", "eventID", "eventSource", "eventName", "awsRegion", "sourceIPAddress"],
    ...["userAgent", "errorCode", "errorMessage", "responseElements.credentials.accessKeyId"],
    ...["recipientAccountId", "sessionCredentialFromConsole", "resources[1].ARN"],
    'resources[1]."type"',
    ...['"type"', "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy"]
      .map((name) => `userIdentity.${name}`),
    "userIdentity.onBehalfOf.userId",
    ...["attributes.mfaAuthenticated", "sessionIssuer.arn"]
      .map((name) => `userIdentity.sessionContext.${name}`),
    "userIdentity.sessionContext.webIdFederationData.federatedProvider",
  ].map((name) => `r.${name}`),
};

/** Agents without the id of a run that some have in them. */
const KEYS: Record<Cloud, string[]> = {
  gcp: [
    `coalesce(${AUTHENTICATION}.principalEmail, ${AUTHENTICATION}.principalSubject)`,
    ...[`split_part(${AGENT}, ' invocation-id/', 1)`, ADDRESS, "logName"],
    `${AUTHENTICATION}.serviceAccountKeyName`,
    ...[`len(${DELEGATION})`, `coalesce(${DELEGATOR.join(", ")})`],
    'epoch_us(TRY_CAST("timestamp" AS TIMESTAMPTZ)) // 60000000',
  ],
  aws: [
    "coalesce(r.userIdentity.arn, r.userIdentity.principalId, r.userIdentity.invokedBy)",
    'r.userIdentity."type"',
    "split_part(r.userAgent, ' sid/', 1)",
    ...["r.sourceIPAddress", "r.userIdentity.accessKeyId", "r.userIdentity.invokedBy"],
    ...["r.sessionCredentialFromConsole", "r.recipientAccountId", "r.awsRegion"],
    "epoch_us(TRY_CAST(r.eventTime AS TIMESTAMPTZ)) // 60000000",
  ],
};
