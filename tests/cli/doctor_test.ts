import assert from "node:assert/strict";
import { join } from "node:path";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const FIXTURES = join(Deno.cwd(), "fixtures/teleport");

Deno.test("doctor prints each check and ends with 0 while nothing fails, else with 1", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  const source = (sessions: string) =>
    `sources:
  - kind: teleport
    events: { archive: ${JSON.stringify(join(FIXTURES, "events"))} }
    recordings: { folder: ${JSON.stringify(sessions)} }
`;
  await Deno.writeTextFile(config, source(join(FIXTURES, "sessions")));
  const good = await shellscope("doctor", "--config", config, "--format", "jsonl");
  assert.equal(good.status, 0, good.out);
  assert.deepEqual(jsonLines(good.out).map(({ check, state }) => [check, state]), [
    ["events", "ok"],
    ["events file", "ok"],
    ["recordings", "ok"],
    ["recording", "ok"],
  ]);

  await Deno.writeTextFile(config, source(join(folder.path, "gone")));
  const bad = await shellscope("doctor", "--config", config);
  assert.equal(bad.status, 1);
  assert.match(bad.out, /^teleport .*\n {2}ok +events +2026/);
  assert.match(bad.out, /failed +recordings +.*gone: no such file or folder\n +check the path/);
  assert.match(bad.err, /2 ok, 0 warnings, 1 failed/);

  await Deno.writeTextFile(config, "sources: []\n");
  const none = await shellscope("doctor", "--config", config);
  assert.equal(none.status, 1);
  assert.match(none.out, /init/);
});
