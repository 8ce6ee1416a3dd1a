import { dirname, isAbsolute, relative, resolve } from "node:path";
import { DEFAULT_CONFIG_FILE } from "../../config/load.ts";
import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import type { Verb } from "../verb.ts";

/** Writes a commented configuration to start from. */
export const init: Verb = {
  name: "init",
  summary: "write a commented shellscope.yaml to start from",
  positionals: "",
  flags: {},
  async run(call, terminal) {
    const file = call.text("config") ?? DEFAULT_CONFIG_FILE;
    try {
      await Deno.writeTextFile(file, template(storeFrom(file, call.text("db"))), {
        createNew: true,
      });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
      throw new UsageError(
        `Cannot write ${JSON.stringify(file)}: it exists already; move it away or name another ` +
          `with --config`,
        { cause },
      );
    }
    terminal.err(
      `Wrote ${printable(file)}; name your sources in it, then \`deno task shellscope doctor\`\n`,
    );
    return 0;
  },
};

/** The store as a file names it: relative paths count from the file's folder. */
function storeFrom(file: string, db: string | undefined): string {
  if (db === undefined) return "./sessions.sqlite";
  return isAbsolute(db) ? db : relative(dirname(resolve(file)), resolve(db));
}

/** What `init` writes: every key of the schema, those that need an answer commented out. */
const template = (store: string) =>
  `# shellscope.yaml: where to look, and how to judge.
# Relative paths count from this file's folder. Durations: 2s, 10m, 6h, 30d. Sizes: 50GiB.

store: ${JSON.stringify(store)}

# How principals map to people: the domain of bare names, domains that stand for another, principals
# written out, a CSV with the columns principal and identity. "rules" names what applies: all of
# exact, table, case, domain, os-login, teleport-user, identity-center, federated, role-session.
# identity: { domain: example.com, domains: { corp.example.com: example.com }, people: { "arn:aws:iam::111122223333:user/anna": anna@example.com }, table: ./identities.csv }

# How far apart sessions of one identity may lie that are beside each other, and how long after a
# command on a terminal its API call may come.
correlation: { tolerance: 60s, nested: 10s }

# Where sessions come from: Teleport's logs and recordings, in Athena and S3 or in folders; Cloud
# Audit Logs in BigQuery, or in folders; CloudTrail in Athena, in its bucket, or in folders; folders of
# recordings.
sources: []
#  - kind: teleport                 # External Audit Storage, synced to a folder
#    events: { archive: ./longterm/events }
#    recordings: { folder: ./longterm/sessions }
#    labels: [env, team]            # labels of servers, databases, … to keep, as teleport.label.env
#  - kind: recordings               # .tar and .cast files (asciinema, Tailscale, Terminal-Bench)
#    folder: ./casts
#  - kind: teleport                 # the same from the cloud
#    events: { athena: { region: eu-west-1, workgroup: teleport_events_x, database: teleport_events_x, table: teleport_events, output: s3://transient-x/query_results } }
#    recordings: { s3: s3://longterm-x/sessions, region: eu-west-1 }
#  - kind: gcp
#    bigquery: { project: logging-prod, dataset: audit_logs, location: EU, tables: partitioned, maxBytesBilled: 50GiB, streams: [activity] }
#  - kind: gcp
#    archive: ./gcs
#  - kind: aws
#    athena: { region: us-east-1, workgroup: primary, database: logs, table: cloudtrail, output: s3://results-x/, partitions: { account: account, region: region, day: timestamp } }
#  - kind: aws                      # the bucket itself, some accounts and regions of it
#    archive: s3://trail-x/AWSLogs
#    region: us-east-1
#    accounts: ["111122223333"]
#    regions: [eu-west-1, us-east-1]
#  - kind: aws
#    archive: ./AWSLogs

# How calls without sessions are glued: the longest silence inside a session, and the time within
# which the calls of one command lie. "driverAddress: false" brings one software's calls from several
# addresses together; after a change pull again with --force. Terminals of one identity, login and
# target that follow within "activityGap" are judged together as well.
sessions: { idleThreshold: 10m, commandFold: 2s, activityGap: 15s }

# The rules, and what is believed before any of them has voted.
# phase1: { rules: ./rules, prior: { human: 0.6, agent: 0.1, automation: 0.3 } }

# The LLM that reads what the rules send to it. The key comes from the environment.
# phase2: { baseURL: "https://llm.internal/v1", apiKeyEnv: SHELLSCOPE_LLM_KEY, model: some-model, price: { input: 1.0, output: 4.0 }, budget: 20, maxPerSession: 0.5, concurrency: 4 }

# What a shared page must not show.
share: { pseudonyms: true, words: [] }
`;
