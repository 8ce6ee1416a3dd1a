import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LogRow } from "../../fixtures/generate/log_files.ts";
import { openStore } from "../../lib/store/store.ts";
import { rightAnswer, serveLlm } from "../phase2/llm_server.ts";
import { TRAIL_BUCKET } from "../pipeline/api/cloudtrail_places.ts";
import { writeArchive } from "../sources/archive_folder.ts";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { serveToken } from "../sources/loopback/google_token.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import {
  dayFolders,
  gzipTree,
  hostileEvents,
  writeEntries,
  writeRecordings,
  writeTrail,
} from "./hostile_sources.ts";
import { HOSTILE_VALUES } from "./hostile_values.ts";
import { assertPageInert, assertPrintable, assertVerbsInert } from "./inert_output.ts";

const KEY_ENV = "SHELLSCOPE_ATTACK_KEY";
const TABLE = "cloudaudit_googleapis_com_activity";
const EVENT_MS = Date.UTC(2026, 2, 10, 9);
const ATHENA = "region: eu-west-1, workgroup: w, output: s3://results/x";

const configOf = (baseURL: string) =>
  `store: ./s.sqlite
sources:
  - kind: teleport
    events: { athena: { ${ATHENA}, database: audit, table: teleport_events } }
    recordings: { s3: s3://${TRAIL_BUCKET}/sessions }
    labels: [env, team]
  - { kind: aws, archive: "s3://${TRAIL_BUCKET}/AWSLogs", region: eu-west-1 }
  - { kind: gcp, bigquery: { project: p, dataset: audit_logs, location: EU, maxBytesBilled: 1GiB, streams: [activity] } }
phase2: { baseURL: "${baseURL}", apiKeyEnv: ${KEY_ENV}, model: m, price: { input: 1, output: 4 }, budget: 100, maxPerSession: 5 }
`;

/** Rows of the table of events: each column hostile, also where its text is no JSON. */
function hostileRows(): LogRow[] {
  const rows = hostileEvents().map((event): LogRow => ({
    ...{ uid: String(event.uid), session_id: String(event.sid), event_type: String(event.event) },
    eventMs: Date.parse(String(event.time)) || EVENT_MS,
    ...{ event_data: JSON.stringify(event), user: String(event.user) },
  }));
  const columns = HOSTILE_VALUES.map((value, i): LogRow => ({
    ...{ uid: `${value}${i}`, session_id: value, event_type: value, eventMs: EVENT_MS },
    ...{ event_data: value, user: value },
  }));
  return [...rows, ...columns].map((row) => ({
    ...row,
    // what Parquet's writer takes for text
    ...{ session_id: row.session_id.toWellFormed(), event_type: row.event_type.toWellFormed() },
    ...{ event_data: row.event_data.toWellFormed(), user: row.user.toWellFormed() },
    uid: row.uid.toWellFormed(),
  }));
}

/** A file system's name of one: no slash, no NUL, not too long. */
function asName(value: string): string {
  return value.toWellFormed().replace(/[\/\0]/g, "_").slice(0, 60);
}

/** Objects that are broken, under names that somebody chose. */
async function writeHostileNames(bucket: string): Promise<void> {
  const [day] = await dayFolders(join(bucket, "AWSLogs"));
  for (const value of HOSTILE_VALUES) {
    const name = asName(value);
    await Deno.writeTextFile(join(day!, `${name}.json.gz`), "no gzip");
    await Deno.writeTextFile(join(bucket, "sessions", `${name}.tar`), value);
    const region = join(bucket, "AWSLogs/111122223333/CloudTrail", name);
    await Deno.mkdir(join(region, "2026/03/10"), { recursive: true });
  }
}

/** Routes sessions of each substrate to the model by hand. */
function routeSome(path: string): void {
  using store = openStore(path);
  store.database.prepare(
    `INSERT OR REPLACE INTO labels (subject_id, key, value, set_by, set_at)
     SELECT session_id, 'routing.phase2', CASE kind WHEN 'api' THEN 'call-graph' ELSE 'pty' END,
       'manual:test', '2026-01-01T00:00:00.000Z'
     FROM (SELECT *, row_number() OVER (PARTITION BY substrate ORDER BY session_id) AS place
       FROM sessions)
     WHERE place <= 15`,
  ).run();
}

Deno.test("hostile rows, names of objects and answers of a model are inert wherever they come out", async (t) => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const bucket = at("bucket");
  await writeRecordings(join(bucket, "sessions"));
  await writeTrail(bucket);
  await gzipTree(join(bucket, "AWSLogs"));
  const events = await writeArchive(at("log"), { "2026-03-10/a.parquet": hostileRows() });
  await writeHostileNames(bucket);
  await writeEntries(at("gcp"));
  await using athena = await openAthenaServer({ events });
  await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder: bucket });
  await using bigquery = await openBigQueryServer({
    tables: [{ id: TABLE, files: [at("gcp/cloudaudit.googleapis.com/activity/*/*/*/*.json")] }],
  });
  await using token = serveToken();
  await using llm = serveLlm((request, number) => {
    const value = HOSTILE_VALUES[number % HOSTILE_VALUES.length]!.slice(0, 300);
    const field = ["reason", "agent_tool", "techniques", "evidence", "operator_type"][number % 5]!;
    if (number % 7 === 0) return { text: value };
    if (field === "techniques") return { answer: rightAnswer(request, { techniques: [value] }) };
    if (field !== "evidence") return { answer: rightAnswer(request, { [field]: value }) };
    return { answer: rightAnswer(request, { evidence: [{ line: 1, quote: value }] }) };
  });
  const config = at("shellscope.yaml");
  await Deno.writeTextFile(config, configOf(llm.baseURL));
  const env = {
    ...{ AWS_ENDPOINT_URL_ATHENA: athena.endpoint, AWS_ENDPOINT_URL_S3: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    ...{ BIGQUERY_EMULATOR_HOST: bigquery.endpoint, GCE_METADATA_HOST: token.host },
    ...{ AWS_EC2_METADATA_DISABLED: "true", NO_COLOR: "1", [KEY_ENV]: "k" },
  };
  const call = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "lib/cli/main.ts", ...args, "--config", config],
      env,
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok([0, 3].includes(code), said);
    return said;
  };
  const window = ["--since", "2026-03-09", "--until", "2026-03-13"];
  const ran = await call("run", "--no-phase2", "--out", at("out"), ...window);
  routeSome(at("s.sqlite"));
  const asked = await call("classify", "--phase", "2");
  const said = ran + asked;
  {
    using store = new DatabaseSync(at("s.sqlite"), { readOnly: true });
    assert.equal(store.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
    const count = store.prepare("SELECT count(*) AS n FROM sessions WHERE substrate = ?");
    for (const substrate of ["teleport-recording", "gcp-cloud-audit", "aws-cloudtrail"]) {
      assert.ok(Number(count.get(substrate)!.n) > 5, `${substrate} gives sessions`);
    }
  }
  assert.ok(llm.requests.length > 10, `${llm.requests.length} requests`);

  await t.step("on a terminal, in JSON and CSV", async () => {
    assertPrintable(said, "run");
    await assertVerbsInert(config);
  });

  await t.step("on the page, before and behind the model's answers", async () => {
    assertPageInert(await Deno.readTextFile(at("out/findings.html")));
    await call("render", "notebooks/07_findings.ipynb", "--out", at("out"));
    const page = await Deno.readTextFile(at("out/07_findings.html"));
    assert.match(page, /phase2/);
    assertPageInert(page);
  });
});
