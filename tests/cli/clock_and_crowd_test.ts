import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../lib/config/config.ts";
import { OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { differences, tablesOf } from "../soak/compared_stores.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

Deno.test("runs by a clock that goes back by an hour, weeks or years end with the same rows", async () => {
  using folder = temporaryFolder();
  const run = async (name: string, ...clocks: string[]) => {
    const store = join(folder.path, `${name}.sqlite`);
    const config = configSchema.parse({
      store,
      sources: [
        { kind: "gcp", archive: join(FIXTURES, "across/gcp") },
        { kind: "recordings", folder: join(FIXTURES, "casts") },
        {
          kind: "teleport",
          events: { archive: join(FIXTURES, "teleport/events") },
          recordings: { folder: join(FIXTURES, "teleport/sessions") },
        },
      ],
    });
    for (const clock of clocks) {
      const { problems } = await runPipeline(config, {
        ...{ rules: OWN_RULES, now: () => new Date(clock) },
      });
      // by a clock before the calls that are stored their log is left alone
      assert.equal(problems.length, clock < "2026" ? 1 : 0, problems.join());
      if (problems.length > 0) assert.match(problems[0]!, /the clock says 2020.*: set the clock/);
    }
    return tablesOf(store);
  };
  const straight = await run("straight", "2026-04-02T00:00:00Z");
  await Deno.copyFile(
    join(folder.path, "straight.sqlite.key"),
    join(folder.path, "back.sqlite.key"),
  );
  const back = await run(
    "back",
    ...[
      "2026-04-02T00:00:00Z",
      "2026-04-01T23:00:00Z",
      "2026-03-18T00:00:00Z",
      "2020-01-01T00:00:00Z",
    ],
    "2026-04-02T00:00:00Z",
  );
  assert.ok(straight.get("sessions")!.length > 100);
  assert.deepEqual(differences(straight, back), []);
});

Deno.test("ten thousand files in a folder, a hundred of them recordings, some with odd names", async () => {
  using folder = temporaryFolder();
  const odd = ["a\nb", "\x1b]0;x\x07", "\u202e", "'; DROP TABLE", "=1+1", " "];
  for (let i = 0; i < 10_000; i++) {
    const isRecording = i % 100 === 0;
    const name = isRecording ? `${odd[(i / 100) % odd.length]}${i}.cast` : `${i}.txt`;
    const text = isRecording ? `{"version":2,"width":80,"height":24}\n[${i + 1},"o","x"]\n` : "";
    Deno.writeTextFileSync(join(folder.path, name), text);
  }
  const store = join(folder.path, "s.sqlite");
  const source = { kind: "recordings", folder: folder.path };
  const config = configSchema.parse({ store, sources: [source] });
  const summary = await runPipeline(config, { rules: OWN_RULES, now: () => new Date(0) });
  assert.deepEqual(summary.problems, []);
  assert.equal(summary.sources[0]!.recordings, 100);
  assert.equal(tablesOf(store).get("sessions")!.length, 100);
});
