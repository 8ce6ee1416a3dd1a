import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ArchiveEngine } from "../../../lib/sources/duckdb.ts";
import type { LoopbackTable } from "./athena_server.ts";

/** What the table of a trail is called, and how it differs from what CloudTrail's console makes. */
export interface TrailTableOptions {
  name: string;
  /** Of the bucket, as the catalogue knows it. */
  location?: string;
  /** The name and type of the partition of days, and how it spells them. */
  day?: { name: string; type: string; of: (day: string) => string; format?: string };
  /** Whether year and month are partitions beside the day. */
  parts?: boolean;
  /** Columns that it lacks, by their names in the catalogue. */
  without?: readonly string[];
  metadata?: (metadata: TrailMetadata) => TrailMetadata | null;
}

/** The parts of a table's metadata that are looked at. */
export interface TrailMetadata {
  Name: string;
  Columns: { Name: string; Type: string }[];
  PartitionKeys: { Name: string; Type: string }[];
  Parameters: Record<string, string>;
}

/** Columns of CloudTrail's table as the console makes them: DuckDB's type, and the catalogue's. */
const COLUMNS: Readonly<Record<string, readonly [field: string, duck: string, hive: string]>> = {
  useridentity: [
    "userIdentity",
    `STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, invokedBy VARCHAR,
      accessKeyId VARCHAR, userName VARCHAR, onBehalfOf STRUCT(userId VARCHAR),
      sessionContext STRUCT(
        attributes STRUCT(mfaAuthenticated VARCHAR, creationDate VARCHAR),
        sessionIssuer STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR),
        ec2RoleDelivery VARCHAR, webIdFederationData STRUCT(federatedProvider VARCHAR)))`,
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string," +
    "accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>," +
    "sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>," +
    "sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string," +
    "username:string>,ec2roledelivery:string,webidfederationdata:" +
    "struct<federatedprovider:string,attributes:map<string,string>>>>",
  ],
  ...Object.fromEntries(
    [
      ...["eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress"],
      ...["userAgent", "errorCode", "errorMessage", "requestParameters", "responseElements"],
      ...["eventID", "eventType", "recipientAccountId", "sessionCredentialFromConsole"],
    ].map((field) => [field.toLowerCase(), [field, "VARCHAR", "string"] as const]),
  ),
  resources: [
    "resources",
    'STRUCT(ARN VARCHAR, accountId VARCHAR, "type" VARCHAR)[]',
    "array<struct<arn:string,accountid:string,type:string>>",
  ],
};

const FILE = /\/(\d{12})\/CloudTrail\/([a-z0-9-]+)\/(\d{4}\/\d{2}\/\d{2})\/[^/]*\.json\.gz$/;

/** CloudTrail's tree in a folder as a table of Athena; its files must be whole. */
export function trailTable(folder: string, options: TrailTableOptions): LoopbackTable {
  const { name, day = { name: "timestamp", type: "string", of: (text: string) => text } } = options;
  const { location = "s3://trail-x/AWSLogs/", without = [] } = options;
  const columns = Object.entries(COLUMNS).filter(([column]) => !without.includes(column));
  const key = async () => JSON.stringify([folder, await filesOf(folder), name, day, without]);
  let opened = "";
  return {
    key,
    async open(engine) {
      if (opened === await key()) return;
      await load(engine, { folder, name, day, columns });
      opened = await key();
    },
    async bytesOf(values) {
      const [first = "", last = ""] = values.map((value) => value.replaceAll("-", "/"))
        .filter((value) => /^\d{4}\/\d{2}\/\d{2}$/.test(value));
      let bytes = 0;
      for (const path of await filesOf(folder)) {
        const of = FILE.exec(path)![3]!;
        if (of >= first && of <= last) bytes += (await Deno.stat(path)).size;
      }
      return bytes;
    },
    metadata(asked) {
      if (asked !== name) return null;
      const metadata: TrailMetadata = {
        Name: name,
        Columns: columns.map(([Name, [, , Type]]) => ({ Name, Type })),
        PartitionKeys: [
          { Name: "account", Type: "string" },
          { Name: "region", Type: "string" },
          ...(options.parts ? ["year", "month"] : []).map((Name) => ({ Name, Type: "string" })),
          { Name: day.name, Type: day.type },
        ],
        Parameters: day.format === undefined ? { location } : {
          location,
          "projection.enabled": "true",
          "projection.account.type": "enum",
          "projection.region.type": "enum",
          [`projection.${day.name}.type`]: "date",
          [`projection.${day.name}.format`]: day.format,
          "storage.location.template":
            `${location}\${account}/CloudTrail/\${region}/\${${day.name}}`,
        },
      };
      return options.metadata === undefined ? metadata : options.metadata(metadata);
    },
  };
}

async function load(
  engine: ArchiveEngine,
  { folder, name, day, columns }: {
    folder: string;
    name: string;
    day: NonNullable<TrailTableOptions["day"]>;
    columns: readonly (readonly [string, readonly [string, string, string]])[];
  },
): Promise<void> {
  const lists: Record<"texts" | "accounts" | "regions" | "years" | "months" | "days", string[]> = {
    ...{ texts: [], accounts: [], regions: [], years: [], months: [], days: [] },
  };
  for (const path of await filesOf(folder)) {
    const [, account, region, of] = FILE.exec(path)!;
    const { Records } = JSON.parse(new TextDecoder().decode(gunzipSync(await Deno.readFile(path))));
    for (const record of Array.isArray(Records) ? Records : [null]) {
      // half a pair is written as an escape, which DuckDB refuses
      lists.texts.push(JSON.stringify(record).replace(/\\ud[89a-f][0-9a-f]{2}/g, "\ufffd"));
      lists.accounts.push(account!);
      lists.regions.push(region!);
      lists.years.push(of!.slice(0, 4));
      lists.months.push(of!.slice(5, 7));
      lists.days.push(day.of(of!));
    }
  }
  for (const [list, texts] of Object.entries(lists)) engine.setList(`trail_${list}`, texts);
  const type = `STRUCT(${columns.map(([, [field, duck]]) => `${field} ${duck}`).join(", ")})`;
  const selected = columns.map(([column, [field]]) => `record.${field} AS ${column}`).join(", ");
  await engine.run({
    name: "loopback",
    parameters: [],
    sql: `CREATE OR REPLACE TABLE "${name}" AS
      SELECT ${selected}, account, region, year, month, CAST(of_day AS ${
      duckType(day.type)
    }) AS "${day.name}"
      FROM (
        SELECT unnest(getvariable('trail_accounts')) AS account,
          unnest(getvariable('trail_regions')) AS region, unnest(getvariable('trail_days')) AS of_day,
          unnest(getvariable('trail_years')) AS year, unnest(getvariable('trail_months')) AS month,
          json_transform(unnest(getvariable('trail_texts')), '${structure(type)}') AS record
      )`,
  });
  for (const list of Object.keys(lists)) engine.setList(`trail_${list}`, []);
  await engine.run({
    name: "loopback",
    parameters: [],
    sql: `CREATE OR REPLACE VIEW "${name}$partitions" AS
      SELECT DISTINCT account, region, year, month, "${day.name}" FROM "${name}"`,
  });
}

/** A type as json_transform() takes it. */
function structure(type: string): string {
  return JSON.stringify(type);
}

function duckType(type: string): string {
  return type === "date" ? "DATE" : "VARCHAR";
}

async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) files.push(...await filesOf(path));
    else if (FILE.test(path)) files.push(path);
  }
  return files.sort((a, b) => relative(folder, a) < relative(folder, b) ? -1 : 1);
}
