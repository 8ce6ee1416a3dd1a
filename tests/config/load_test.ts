import { IDENTITY_RULES } from "../../lib/model/identity.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError } from "../../lib/model/errors.ts";
import { loadConfig, parseConfig } from "../../lib/config/load.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const WHOLE = `
store: ./sessions.sqlite
identity: { domain: example.com }
sources:
  - kind: teleport
    events: { athena: { region: eu-west-1, workgroup: w, database: d, table: t, output: s3://transient-x/query_results } }
    recordings: { s3: s3://longterm-x/sessions, region: eu-west-1 }
  - kind: teleport
    events: { archive: ./longterm/events }
    recordings: { folder: ./longterm/sessions }
  - kind: gcp
    bigquery: { project: logging-prod, dataset: audit_logs, location: EU, tables: partitioned, maxBytesBilled: 50GiB, streams: [activity] }
  - kind: gcp
    archive: ./gcs
  - kind: aws
    athena: { region: us-east-1, workgroup: primary, database: logs, table: cloudtrail, output: s3://results-x/, partitions: { account: account, region: region, day: timestamp } }
  - kind: aws
    archive: s3://bucket/AWSLogs
  - kind: recordings
    folder: ./casts
sessions: { idleThreshold: 10m, commandFold: 2s }
phase1: { rules: ./rules, prior: { human: 0.6, agent: 0.1, automation: 0.3 } }
phase2: { baseURL: "https://llm.internal/v1", apiKeyEnv: SHELLSCOPE_LLM_KEY, model: some-model, price: { input: 1.0, output: 4.0 }, budget: 20, maxPerSession: 0.5, concurrency: 4 }
share: { pseudonyms: true, words: [acme, prod-db] }
`;

Deno.test("parseConfig() takes every key of the design", () => {
  const config = parseConfig(WHOLE, "shellscope.yaml");
  assert.equal(config.sources.length, 7);
  assert.equal(config.sessions.idleThreshold, 600);
  const gcp = config.sources[2];
  assert.equal(gcp?.kind === "gcp" && gcp.bigquery?.maxBytesBilled, 50 * 2 ** 30);
});

Deno.test("parseConfig() fills in the defaults of an empty file", () => {
  const config = parseConfig("", "shellscope.yaml");
  assert.deepEqual(config, {
    store: "./sessions.sqlite",
    identity: { domains: {}, people: {}, rules: [...IDENTITY_RULES] },
    sources: [],
    sessions: { idleThreshold: 600, commandFold: 2, activityGap: 15, driverAddress: true },
    correlation: { tolerance: 60, nested: 10 },
    phase1: {},
    share: { pseudonyms: true, words: [] },
  });
});

const FAULTS: [name: string, yaml: string, line: number | null, message: RegExp][] = [
  [
    "a typo at the top",
    "store: ./x\nsoruces: []\n",
    2,
    /unknown key "soruces"; did you mean "sources"\?/,
  ],
  [
    "a typo in a source",
    "sources:\n  - kind: teleport\n    events:\n      archiv: ./x\n",
    4,
    /"sources\[0\]\.events".*did you mean "archive"/,
  ],
  [
    "an unknown kind",
    "sources:\n  - kind: azure\n",
    2,
    /unknown source kind; write one of "teleport", "gcp", "aws", "recordings"/,
  ],
  ["two ways at once", "sources:\n  - kind: gcp\n", 2, /exactly one of "bigquery", "archive"/],
  ["a bad duration", "sessions:\n  idleThreshold: ten minutes\n", 2, /write a duration such as/],
  [
    "a bad size",
    `sources:
  - kind: gcp
    bigquery:
      project: p
      dataset: d
      location: EU
      maxBytesBilled: lots
`,
    7,
    /write a size such as "50GiB"/,
  ],
  ["a map where a list belongs", "\nsources: {}\n", 2, /"sources": write a list/],
  [
    "a number where a text belongs",
    "sessions: { idleThreshold: 10 }",
    1,
    /Threshold": write a text/,
  ],
  ["a list at the top", "- a\n", 1, /c\.yaml:1: write a map of keys and values/],
  ["a path of no letters", "store: ''\n", 1, /"store": name a path/],
  ["a missing key", "sources:\n  - kind: recordings\n", 2, /"sources\[0\]\.folder": missing/],
  [
    "a prior that is none",
    "phase1:\n  prior: { human: 0.9, agent: 0.9, automation: 0.1 }\n",
    2,
    /add up to 1/,
  ],
  [
    "a value in SQL's way",
    `sources:
  - kind: aws
    athena: { region: us-east-1, workgroup: w, database: "d; DROP", table: t, output: s3://abc/, partitions: { account: a, region: r, day: d } }
`,
    3,
    /database.*letters, digits/,
  ],
  ["an account without quotes", trail("accounts: [111122223333]"), 3, /twelve digits in quotes/],
  ["an account of another length", trail('accounts: ["1111"]'), 3, /of twelve digits/],
  ["a year without its month", trail("", "year: y, day: d"), 4, /both of "year", "month"/],
  [
    "accounts without their partition",
    trail('accounts: ["111122223333"]'),
    2,
    /name the partition of "accounts"/,
  ],
  ["a region beside a table", trail("region: eu-west-1"), 2, /write "region" under "athena"/],
  [
    "a part of a folder by account",
    'sources:\n  - kind: aws\n    archive: ./AWSLogs\n    accounts: ["111122223333"]\n',
    2,
    /are for buckets; of a folder name the part/,
  ],
  ["broken YAML", "store: [\n", 2, /the YAML can't be read/],
  ["a duplicate key", "store: a\nstore: b\n", 2, /the YAML can't be read: .*unique/],
  [
    "nesting without end",
    `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    1,
    /nested too deep; write/,
  ],
  ["an alias bomb", aliasBomb(), null, /too many YAML aliases/],
];

/** A table of CloudTrail's, with a line beside it. */
function trail(line: string, partitions = "day: d"): string {
  const table = "region: us-east-1, workgroup: w, database: d, table: t, output: s3://abc/";
  return `sources:
  - kind: aws
    ${line}
    athena: { ${table}, partitions: { ${partitions} } }
`;
}

function aliasBomb(): string {
  let text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (let i = 1; i < 9; i++) {
    const name = String.fromCharCode(97 + i);
    const before = String.fromCharCode(96 + i);
    text += `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]\n`;
  }
  return text;
}

for (const [name, yaml, line, message] of FAULTS) {
  Deno.test(`parseConfig() names the line and the mend of ${name}`, () => {
    assert.throws(() => parseConfig(yaml, "c.yaml"), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.message, message);
      assert.equal(error.at.line, line, error.message);
      return true;
    });
  });
}

Deno.test("loadConfig() counts relative paths from the file's folder", async () => {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  const file = join(folder, "shellscope.yaml");
  await Deno.writeTextFile(
    file,
    "store: s.sqlite\nsources:\n  - { kind: recordings, folder: ./casts }\n",
  );
  const config = await loadConfig(file);
  assert.equal(config.store, join(folder, "s.sqlite"));
  const [source] = config.sources;
  assert.equal(source?.kind === "recordings" && source.folder, join(folder, "casts"));
});

Deno.test("loadConfig() says how to get a file that is not there", async () => {
  await assert.rejects(loadConfig("no/such.yaml"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /no such file; `deno task shellscope init`/);
    return true;
  });
});

Deno.test("loadConfig() reads no file that is too long for a configuration", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "[".repeat(300 * 1024));
    await assert.rejects(loadConfig(file), /longer than 256 KiB/);
    await Deno.writeTextFile(file, "[".repeat(200 * 1024));
    await assert.rejects(loadConfig(file), ConfigError);
  } finally {
    await Deno.remove(file);
  }
});
