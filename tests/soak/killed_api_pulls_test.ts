import assert from "node:assert/strict";
import { join } from "node:path";
import { differences, shareKey, tablesOf, taskFlags } from "./compared_stores.ts";
import { seeded } from "../seeded.ts";
import { endOf } from "./kill_after.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const KILLS = 3;

/** Pulls the logs of API calls among the fixtures in a process; milliseconds, null where killed. */
async function pull(
  folder: string,
  { name, afterMs }: { name: string; afterMs?: number },
): Promise<number | null> {
  const config = join(folder, `${name}.yaml`);
  await Deno.writeTextFile(
    config,
    `store: ${join(folder, `${name}.sqlite`)}
sessions: { idleThreshold: 10m }
sources:
  - { kind: gcp, archive: ${join(Deno.cwd(), "fixtures/gcp")} }
  - { kind: aws, archive: ${join(Deno.cwd(), "fixtures/aws")} }
`,
  );
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...await taskFlags(), "pull", "all", "--config", config],
    ...{ env: { NO_COLOR: "1" }, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  const { code, killed, said } = await endOf(child, afterMs);
  if (killed) return null;
  assert.equal(code, 3, said); // some of the fixtures' files are damaged
  return performance.now() - began;
}

Deno.test("pulls of API calls that are killed end where an undisturbed one does", async () => {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  const calmMs = (await pull(folder, { name: "calm" }))!;
  await shareKey(folder);
  const chance = seeded(20260310);
  for (let i = 0; i < KILLS; i++) {
    // a pull may end sooner than the undisturbed one did: then the next is killed earlier
    for (let afterMs = (0.25 + 0.7 * chance()) * calmMs;; afterMs *= 0.7) {
      if (await pull(folder, { name: "killed", afterMs }) === null) break;
    }
  }
  await pull(folder, { name: "killed" });
  const [calm, found] = ["calm", "killed"].map((name) => tablesOf(join(folder, `${name}.sqlite`)));
  assert.ok(calm!.get("sessions")!.length > 90);
  assert.deepEqual(differences(calm!, found!), []);
});
