import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { configSchema } from "../../lib/config/config.ts";
import { loadPrompt, PROMPTS } from "../../lib/phase2/prompt.ts";
import { priceOf, sideOf } from "../../lib/pipeline/phase2/compare_models.ts";
import { inFolder } from "../store/sample.ts";

Deno.test("loadPrompt() takes the kit's prompts by name, and those of files", async () => {
  // a released text is never changed: a new one is a new file
  const texts = await Promise.all(PROMPTS.map(async (name) => (await loadPrompt(name)).text));
  assert.deepEqual(
    texts.map((text) => createHash("sha256").update(text).digest("hex").slice(0, 16)),
    ["8f5a2714bfe0b1f7", "c5abea73ca06d635"],
  );
  await inFolder(async (folder) => {
    const path = join(folder, "mine.md");
    await Deno.writeTextFile(path, "Judge.");
    const mine = await loadPrompt(path);
    assert.deepEqual([mine.name, mine.text], ["mine", "Judge."]);
    await Deno.writeTextFile(path, " ");
    await assert.rejects(loadPrompt(path), /must have text/);
  })();
  await assert.rejects(loadPrompt("operator-9"), /There is no prompt "operator-9"; the kit has/);
  await assert.rejects(loadPrompt("nowhere/x.md"), /Cannot read the prompt "nowhere\/x.md"/);
});

Deno.test("sideOf() tells models, prompts and both", () => {
  const configured = { model: "a", prompt: undefined };
  const cases: [string, { model: string; prompt: string | undefined }][] = [
    ["b", { model: "b", prompt: undefined }],
    ["b@operator-1", { model: "b", prompt: "operator-1" }],
    ["@operator-1", { model: "a", prompt: "operator-1" }],
    ["@my/own.md", { model: "a", prompt: "my/own.md" }],
    ["b@20240229", { model: "b@20240229", prompt: undefined }],
    ["b@20240229@operator-1", { model: "b@20240229", prompt: "operator-1" }],
  ];
  for (const [text, side] of cases) assert.deepEqual(sideOf(text, configured), side);
  assert.throws(() => sideOf("a", configured), /is what is asked anyway/);
});

Deno.test("priceOf() takes a model's own price where there is one", () => {
  const phase2 = configSchema.parse({
    phase2: {
      ...{ baseURL: "http://127.0.0.1/v1", apiKeyEnv: "KEY", model: "m", budget: 1 },
      ...{ maxPerSession: 1, price: { input: 1, output: 4 } },
      prices: { b: { input: 2, output: 8 } },
    },
  }).phase2!;
  assert.deepEqual(["m", "b", "c", "toString"].map((name) => priceOf(phase2, name).input), [
    ...[1, 2, 1, 1],
  ]);
});
