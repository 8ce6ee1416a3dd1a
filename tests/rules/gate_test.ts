import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configSchema } from "../../lib/config/config.ts";
import { fixturesConfig } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { shellscope } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { absent, CASTS } from "./public_casts.ts";

/**
 * The gate that every change of the pack goes through: no figure below the ones accepted last
 * (rules/baseline.json), and no person and no script called agent but for the known exceptions.
 */

const RULES = fileURLToPath(new URL("../../rules", import.meta.url));

async function gate(db: string, name: string): Promise<void> {
  const accept = Deno.args.includes("--update") ? ["--accept", name] : [];
  const { status, out, err } = await shellscope(
    ...["eval", "--db", db, "--rules", RULES, "--brief", "--against", join(RULES, "baseline.json")],
    ...["--benign", join(RULES, "benign_exceptions.json"), ...accept],
  );
  const mend = "Where the change is right on the whole, accept it: " +
    "deno test -A tests/rules/gate_test.ts -- --update";
  assert.equal(status, 0, `${err}\n${mend}\n\n${out}`);
}

Deno.test("the pack is no worse than accepted on the fixtures, and calls no benign one agent", async () => {
  using folder = temporaryFolder();
  const config = fixturesConfig(join(folder.path, "fixtures.sqlite"), configSchema.parse({}));
  await runPipeline(config, { rules: RULES, now: () => new Date("2026-04-01T12:00:00Z") });
  await gate(config.store, "fixtures");
});

Deno.test({
  name: "the pack is no worse than accepted on public recordings (needs ../shared/data)",
  ignore: absent,
  async fn() {
    using folder = temporaryFolder();
    const db = join(folder.path, "casts.sqlite");
    await shellscope("parse", CASTS, "--labels", join(CASTS, "labels.tsv"), "--db", db);
    await gate(db, "casts");
  },
});
