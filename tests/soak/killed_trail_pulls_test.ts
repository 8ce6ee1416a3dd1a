import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyWhole, TRAIL_BUCKET, TRAIL_NAME } from "../pipeline/api/cloudtrail_places.ts";
import { inFolder } from "../sources/archive_folder.ts";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { trailTable } from "../sources/loopback/trail_table.ts";
import { disturb, formatKilledPulls } from "./killed_pulls.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/aws", import.meta.url));
/** What stands in the fixtures wherever there is content. */
const MARKER = "zq7marker";

const CONFIG = `sources:
  - kind: aws
    accounts: ["111122223333"]
    athena:
      region: eu-west-1
      workgroup: research
      database: logs
      table: ${TRAIL_NAME}
      output: s3://results-x/
      partitions: { account: account, region: region, day: timestamp }
  - kind: aws
    archive: s3://${TRAIL_BUCKET}/AWSLogs
    region: eu-west-1
`;

Deno.test("pull aws ends with the same rows, killed at random moments under faults or not at all", async () => {
  await inFolder(async (folder) => {
    const tree = join(folder, "tree");
    await copyWhole(FIXTURES, tree);
    await using athena = await openAthenaServer({ events: trailTable(tree, { name: TRAIL_NAME }) });
    await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder: tree });
    const stores = join(folder, "stores");
    await Deno.mkdir(stores);
    const report = await disturb(stores, {
      ...{ kills: 3, seed: 20260310, config: CONFIG, athena, s3 },
      args: ["aws", "--since", "2026-03-10", "--until", "2026-03-13"],
    });
    assert.deepEqual(report.differences, [], formatKilledPulls(report));
    assert.equal(report.killedAfterMs.length, 3);
    assert.ok(report.rows > 500, `${report.rows} rows`);
    assert.ok(report.requests.faulty > 0);
    for await (const { name } of Deno.readDir(stores)) {
      const bytes = await Deno.readFile(join(stores, name));
      assert.ok(!new TextDecoder("latin1").decode(bytes).includes(MARKER), name);
    }
  });
});
