import assert from "node:assert/strict";
import { pullApiSource } from "../../../lib/pipeline/api/pull_api_source.ts";
import { openStore } from "../../../lib/store/store.ts";

const ARCHIVE = "../shared/data/aws";
const isThere = await Deno.stat(ARCHIVE).then(() => true, () => false);
if (!isThere) {
  console.warn(`${ARCHIVE} is absent: the test on public CloudTrail events is left out`);
}

/** Calls and sessions by driver, as the README has them. */
const DRIVERS = [
  ["stratus-red-team", 1146, 7],
  ["terraform", 1006, 2],
  ["aws-service", 353, 19],
  ["console", 328, 5],
  ["boto3", 43, 3],
  ["ssm-agent", 21, 2],
  ["aws-sdk-go", 2, 1],
  ["aws-internal", 1, 1],
];

Deno.test({
  name: "public CloudTrail events become sessions, none is lost (needs ../shared/data)",
  ignore: !isThere,
  async fn() {
    using store = openStore(":memory:");
    const pulled = await pullApiSource(store, { kind: "aws", archive: ARCHIVE }, {
      ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => new Date("2026-01-01") },
    });
    assert.deepEqual(pulled, {
      ...{ sessions: 40, days: 2, calls: 2900, bytesScanned: pulled.bytesScanned, problems: [] },
    });
    const rows = store.database.prepare(
      `SELECT CASE WHEN instr(driver, ' ') > 0 THEN substr(driver, 1, instr(driver, ' ') - 1)
         ELSE driver END AS family, sum(call_calls) AS calls, count(*) AS sessions
       FROM session_frame WHERE subject_kind = 'session' GROUP BY 1 ORDER BY 2 DESC`,
    ).all().map(({ family, calls, sessions }) => [family, calls, sessions]);
    assert.deepEqual(rows, DRIVERS);
    assert.deepEqual(store.database.prepare("SELECT * FROM skips").all(), []);
    const { files } = store.database.prepare(
      "SELECT count(*) AS files FROM session_frame WHERE call_gap_p50 IS NOT NULL",
    ).get()!;
    assert.equal(files, 0, "gaps need finer times than whole seconds");
  },
});
