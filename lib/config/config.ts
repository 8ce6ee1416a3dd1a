import { z } from "zod";
import { IDENTITY_RULES } from "../model/identity.ts";
import { parseDuration, parseSize } from "./units.ts";

/** The schema of `shellscope.yaml`. Keys that it does not name are errors. */

const path = z.string().min(1, "name a path");
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write a region such as "eu-west-1"');
const s3Uri = z.string().regex(
  /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/,
  'write "s3://bucket/prefix"',
);
const sqlName = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/,
  "use letters, digits, underscores and hyphens",
);
const duration = z.string().transform((text, context) => {
  const seconds = parseDuration(text);
  if (seconds !== null && seconds > 0) return seconds;
  context.addIssue({ code: "custom", message: 'write a duration such as "10m", "2s" or "30d"' });
  return z.NEVER;
});
const size = z.union([z.number().int().positive(), z.string()]).transform((value, context) => {
  const bytes = typeof value === "number" ? value : parseSize(value);
  if (bytes !== null && bytes > 0) return bytes;
  context.addIssue({ code: "custom", message: 'write a size such as "50GiB"' });
  return z.NEVER;
});
const url = z.url({ protocol: /^https?$/, error: 'write a URL such as "https://host/v1"' });

function exactlyOneOf<T extends z.ZodRawShape>(shape: T) {
  const names = Object.keys(shape);
  return z.strictObject(shape).refine(
    (value) => names.filter((name) => value[name as keyof typeof value] !== undefined).length === 1,
    { error: `name exactly one of ${names.map((name) => `"${name}"`).join(", ")}` },
  );
}

const athena = z.strictObject({
  region,
  workgroup: z.string().min(1),
  database: sqlName,
  table: sqlName,
  output: s3Uri,
});

const serverLabel = z.string().regex(
  /^[A-Za-z0-9]([A-Za-z0-9._:/-]{0,46}[A-Za-z0-9])?$/,
  'write the key of a label such as "env" or "team/name", at most 48 characters',
);

const teleport = z.strictObject({
  kind: z.literal("teleport"),
  events: exactlyOneOf({
    archive: path.optional(),
    log: path.optional(),
    athena: athena.optional(),
  }),
  recordings: z.strictObject({
    folder: path.optional(),
    s3: s3Uri.optional(),
    region: region.optional(),
    requesterPays: z.boolean().optional(),
    oldestVersion: z.boolean().optional(),
  }).refine(
    (value) => (value.folder !== undefined) !== (value.s3 !== undefined),
    { error: 'name exactly one of "folder", "s3"' },
  ).optional(),
  /** Labels of servers, clusters, databases, … that are kept as `teleport.label.<key>`. */
  labels: z.array(serverLabel).max(32).optional(),
});

const bigquery = z.strictObject({
  project: z.string().min(1),
  dataset: sqlName,
  location: z.string().min(1),
  tables: z.enum(["partitioned", "daily"]).default("partitioned"),
  maxBytesBilled: size,
  streams: z.array(z.enum(["activity", "data_access", "system_event", "policy"])).min(1)
    .default(["activity"]),
});

const gcp = z.strictObject({
  kind: z.literal("gcp"),
  bigquery: bigquery.optional(),
  archive: path.optional(),
}).refine(
  (value) => (value.bigquery !== undefined) !== (value.archive !== undefined),
  { error: 'name exactly one of "bigquery", "archive"' },
);

// without quotes YAML takes an account for a number, and its zeros away
const account = z.custom<string>(
  (value) => typeof value === "string" && /^\d{12}$/.test(value),
  'write an account id of twelve digits in quotes, such as "111122223333"',
);

const aws = z.strictObject({
  kind: z.literal("aws"),
  athena: athena.extend({
    /** Names of the table's partitions; `day` is the whole day, or beside `year` and `month` its number. */
    partitions: z.strictObject({
      account: sqlName.optional(),
      region: sqlName.optional(),
      year: sqlName.optional(),
      month: sqlName.optional(),
      day: sqlName,
    }).refine(
      ({ year, month }) => (year === undefined) === (month === undefined),
      { error: 'name both of "year", "month", or none' },
    ),
  }).optional(),
  /** A folder or file, or CloudTrail's tree in a bucket, `s3://…`. */
  archive: path.optional(),
  /** Of the bucket. */
  region: region.optional(),
  /** Of a table or bucket only these accounts, and these regions. */
  accounts: z.array(account).min(1).max(1000).optional(),
  regions: z.array(region).min(1).optional(),
}).refine(
  (value) => (value.athena !== undefined) !== (value.archive !== undefined),
  { error: 'name exactly one of "athena", "archive"' },
).refine(
  ({ archive, region, accounts, regions }) =>
    archive === undefined || archive.startsWith("s3://") ||
    [region, accounts, regions].every((each) => each === undefined),
  {
    error: '"region", "accounts" and "regions" are for buckets; of a folder name the part you want',
  },
).refine(
  ({ athena, region }) => athena === undefined || region === undefined,
  { error: 'write "region" under "athena"' },
).refine(
  ({ athena, accounts, regions }) =>
    athena === undefined ||
    (accounts === undefined || athena.partitions.account !== undefined) &&
      (regions === undefined || athena.partitions.region !== undefined),
  { error: 'name the partition of "accounts" or "regions" under "partitions"' },
);

const recordings = z.strictObject({ kind: z.literal("recordings"), folder: path });

const probability = z.number().gt(0).lt(1);
const prior = z.strictObject({ human: probability, agent: probability, automation: probability })
  .refine((value) => Math.abs(value.human + value.agent + value.automation - 1) < 1e-6, {
    error: "the three probabilities must add up to 1",
  });

const hostName = z.string().regex(
  /^[a-z0-9]([a-z0-9.-]{0,188}[a-z0-9])?$/,
  'write a domain in small letters, such as "example.com"',
);
const identityName = z.string().regex(
  /^[!-~]{1,254}$/,
  'write a plain name such as "anna@example.com", at most 254 characters',
);
const identity = z.strictObject({
  /** The domain of names without one. */
  domain: hostName.optional(),
  /** Domains that stand for another. */
  domains: z.record(hostName, hostName).default({}),
  /** Identities by principal, written out. */
  people: z.record(z.string().min(1).max(16_384), identityName).default({}),
  /** The same from a CSV with the columns `principal` and `identity`. */
  table: path.optional(),
  rules: z.array(z.enum(IDENTITY_RULES)).default([...IDENTITY_RULES]),
});

const price = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
});
const phase2 = z.strictObject({
  baseURL: url,
  apiKeyEnv: z.string().regex(/^[A-Z][A-Z0-9_]*$/, "write the name of an environment variable"),
  model: z.string().min(1),
  price,
  /** Prices of other models, by name: for those that `--against` names. */
  prices: z.record(z.string().min(1), price).default({}),
  budget: z.number().positive(),
  maxPerSession: z.number().positive(),
  concurrency: z.number().int().min(1).max(64).default(4),
});

/** The whole configuration, with its defaults. Durations come out in seconds, sizes in bytes. */
export const configSchema = z.strictObject({
  store: path.default("./sessions.sqlite"),
  identity: identity.prefault({}),
  sources: z.array(z.discriminatedUnion("kind", [teleport, gcp, aws, recordings])).default([]),
  sessions: z.strictObject({
    idleThreshold: duration.refine((seconds) => seconds >= 60, {
      error: 'write a minute or more, such as "10m"',
    }).default(600),
    commandFold: duration.default(2),
    /** Terminals of one identity, login and target so close are one activity. */
    activityGap: duration.default(15),
    /** Whether the address is a part of what tells drivers of API calls apart. */
    driverAddress: z.boolean().default(true),
  }).prefault({}),
  correlation: z.strictObject({
    /** How far apart sessions may lie that are still beside each other. */
    tolerance: duration.default(60),
    /** How long after a command on a terminal its API call may come. */
    nested: duration.default(10),
  }).prefault({}),
  phase1: z.strictObject({ rules: path.optional(), prior: prior.optional() }).default({}),
  phase2: phase2.optional(),
  share: z.strictObject({
    pseudonyms: z.boolean().default(true),
    words: z.array(z.string().min(2)).default([]),
  }).prefault({}),
});

/** A configuration as the rest of the house sees it: paths resolved, defaults filled in. */
export type Config = z.output<typeof configSchema>;
/** One entry under `sources`. */
export type SourceConfig = Config["sources"][number];
/** A source of API calls: Cloud Audit Logs or CloudTrail. */
export type ApiSourceConfig = Extract<SourceConfig, { kind: "gcp" | "aws" }>;
/** A source of Teleport: where its events lie, and where its recordings. */
export type TeleportSourceConfig = Extract<SourceConfig, { kind: "teleport" }>;
