import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "../property.ts";
import { isLabelKey, isLabelValue } from "../../lib/model/label.ts";
import { parseSidecar, readSidecar, sidecarPath } from "../../lib/sources/labels_sidecar.ts";
import { inFolder } from "./archive_folder.ts";

Deno.test("sidecarPath() puts the labels beside a recording of any name", () => {
  assert.equal(sidecarPath("a/x.tar"), "a/x.labels.json");
  assert.equal(sidecarPath("a/x.cast.gz"), "a/x.labels.json");
  assert.equal(sidecarPath("a/x.y.cast.zst"), "a/x.y.labels.json");
});

Deno.test("parseSidecar() takes what it says of the operator for ground truth", () => {
  const { labels, refused } = parseSidecar(JSON.stringify({
    "operator.type": "agent",
    "agent.tool": "claude-code",
    "agent.model": "vendor/model 4.5",
    "fixture.task_passed": true,
    "fixture.tbench_dataset_version": 0.1,
    "truth.reviewed-by": "anna",
    "fixture.empty": "",
    "fixture.nothing": null,
  }));
  assert.deepEqual(Object.fromEntries(labels.map(({ key, value }) => [key, value])), {
    "truth.operator-type": "agent",
    "truth.agent-tool": "claude-code",
    "truth.agent-model": "vendor-model-4.5",
    "fixture.task-passed": "true",
    "fixture.tbench-dataset-version": "0.1",
    "truth.reviewed-by": "anna",
  });
  assert.deepEqual(refused, {});
});

Deno.test("parseSidecar() refuses what would speak for a classifier or a reviewer, and counts it", () => {
  const { labels, refused } = parseSidecar(JSON.stringify({
    "operator.type": "martian",
    "routing.cohort": "bot",
    "review.done": "yes",
    "confidence.operator-type": "1.0",
    "substrate.kind": "asciicast",
    "manual:root": "x",
    "fixture.list": ["a"],
    "fixture.<script>": "x",
    "fixture.signs": "\u202E\u0000",
    "truth.operator_type": "human",
    "truth.operator-type": "agent",
  }));
  assert.deepEqual(labels, [{ key: "truth.operator-type", value: "human" }]);
  assert.deepEqual(refused, {
    "operator type is not known": 1,
    "key is neither truth.* nor fixture.*": 5,
    "value is no text, number or flag": 1,
    "key is not valid": 1,
    "value is not valid": 1,
    "key comes twice": 1,
  });
});

Deno.test("parseSidecar() gives valid labels or reasons for any text", () => {
  const anyKey = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((name) => `fixture.${name}`),
    fc.string().map((name) => `agent.${name}`),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.dictionary(anyKey, fc.jsonValue()).map((value) => JSON.stringify(value)),
  );
  fc.assert(fc.property(text, (content) => {
    const { labels } = parseSidecar(content);
    for (const { key, value } of labels) {
      assert.ok(isLabelKey(key) && isLabelValue(value) && value !== "");
      assert.match(key, /^(truth|fixture)\./);
    }
  }));
});

Deno.test("readSidecar() tells no file from a bad one", async () => {
  await inFolder(async (folder) => {
    const recording = join(folder, "x.tar");
    assert.equal(await readSidecar(recording), null);
    await Deno.writeTextFile(join(folder, "x.labels.json"), "[1]");
    assert.deepEqual(await readSidecar(recording), {
      labels: [],
      refused: { "file is no JSON object": 1 },
    });
    await Deno.writeTextFile(join(folder, "x.labels.json"), `"${"x".repeat(70000)}"`);
    assert.deepEqual((await readSidecar(recording))?.refused, { "file is too long": 1 });
    await Deno.remove(join(folder, "x.labels.json"));
    await Deno.mkdir(join(folder, "x.labels.json"));
    assert.deepEqual((await readSidecar(recording))?.refused, { "file is no plain file": 1 });
  });
});

Deno.test("readSidecar() follows no link", async () => {
  await inFolder(async (folder) => {
    const [recording, sidecar] = [join(folder, "x.tar"), join(folder, "x.labels.json")];
    await Deno.writeTextFile(join(folder, "elsewhere"), '{"operator.type":"human"}');
    await Deno.symlink(join(folder, "elsewhere"), sidecar);
    assert.deepEqual((await readSidecar(recording))?.refused, { "file is no plain file": 1 });
  });
});
