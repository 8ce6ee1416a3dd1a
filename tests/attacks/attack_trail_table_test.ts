import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TRAIL_NAME } from "../pipeline/api/cloudtrail_places.ts";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { trailTable } from "../sources/loopback/trail_table.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { gzipTree, writeTrail } from "./hostile_sources.ts";
import { assertPageInert, assertPrintable, assertVerbsInert } from "./inert_output.ts";
import { measuredRun } from "./measured_run.ts";

const CONFIG = `store: ./s.sqlite
sources:
  - kind: aws
    athena: { region: eu-west-1, workgroup: w, output: "s3://results/x", database: logs,
      table: ${TRAIL_NAME}, partitions: { account: account, region: region, day: timestamp } }
`;

Deno.test("hostile rows of CloudTrail's table in Athena are inert wherever they come out", async () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeTrail(at("trail"));
  await gzipTree(at("trail/AWSLogs"));
  const table = trailTable(at("trail"), { name: TRAIL_NAME });
  await using athena = await openAthenaServer({ events: table });
  const config = at("shellscope.yaml");
  await Deno.writeTextFile(config, CONFIG);
  const window = ["--since", "2026-03-09", "--until", "2026-03-13"];
  const { status, said } = await measuredRun(
    ["run", "--config", config, "--out", at("out"), ...window],
    {
      ...{ AWS_ENDPOINT_URL_ATHENA: athena.endpoint, AWS_ACCESS_KEY_ID: "AKIATEST" },
      ...{ AWS_SECRET_ACCESS_KEY: "secret", AWS_EC2_METADATA_DISABLED: "true" },
    },
  );
  assert.ok([0, 3].includes(status), said);
  assertPrintable(said, "run");
  {
    using store = new DatabaseSync(at("s.sqlite"), { readOnly: true });
    assert.equal(store.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
    const count = store.prepare("SELECT count(*) AS n FROM sessions WHERE instr(principal, ?)");
    for (const text of ["<script>", "=HYPERLINK", "DROP TABLE", "]52;c", "＝1", "gnp.exe"]) {
      assert.ok(Number(count.get(text)!.n) > 0, text);
    }
  }
  await assertVerbsInert(config);
  assertPageInert(await Deno.readTextFile(at("out/findings.html")));
});
