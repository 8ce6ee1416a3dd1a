import assert from "node:assert/strict";
import fc from "../property.ts";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { editBlock, editNumbers } from "../../lib/phase1/edit_yaml.ts";
import { compilePack, readPackFiles } from "../../lib/phase1/pack.ts";
import { weightsOf } from "../../lib/phase1/revote.ts";
import { unifiedDiff } from "../../lib/phase1/unified_diff.ts";
import { changesOf, formatChanges } from "../../lib/phase1/write_back.ts";

const FOLDER = fileURLToPath(new URL("../../rules", import.meta.url));
const FILES = await readPackFiles(FOLDER);
const PACK = compilePack(FILES);

function written(changes: ReturnType<typeof changesOf>) {
  const after = new Map(changes.map((change) => [change.path, change.after]));
  return compilePack(FILES.map(({ path, text }) => ({ path, text: after.get(path) ?? text })));
}

/** The lines with each number masked: all that may change. */
function masked(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/-?\d+(\.\d+)?/g, "#"));
}

const PARAMS = [...PACK.params.values()].filter(({ min, max }) => min !== null && max !== null);

Deno.test("changesOf() writes any numbers into the real pack, and nothing else changes", () => {
  const at = fc.integer({ min: 0, max: 50 }).map((i) => i / 50);
  const some = fc.array(fc.tuple(fc.constantFrom(...PARAMS), at), { maxLength: 6 });
  const heavier = fc.array(fc.tuple(fc.constantFrom(...weightsOf(PACK).keys()), at), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(some, heavier, (chosen, rules) => {
      const params = new Map(
        chosen.map(([{ fullName, min, max }, share]) =>
          [fullName, Number((min! + share * (max! - min!)).toPrecision(4))] as const
        ),
      );
      const weights = new Map(rules.map(([id, share]) => {
        const own = Object.entries(weightsOf(PACK).get(id)!);
        return [
          id,
          Object.fromEntries(
            own.map(([name, weight]) =>
              [name, Math.sign(weight) * Math.max(0.05, Math.round(400 * share) / 100)] as const
            ),
          ),
        ] as const;
      }));
      const changes = changesOf(FILES, PACK, { params, weights });
      const after = written(changes);
      for (const [name, { value }] of PACK.params) {
        assert.equal(after.params.get(name)!.value, params.get(name) ?? value, name);
      }
      for (const [id, own] of weightsOf(PACK)) {
        assert.deepEqual(weightsOf(after).get(id), weights.get(id) ?? own, id);
      }
      for (const { before, after } of changes) assert.deepEqual(masked(after), masked(before));
    }),
    { numRuns: 6 },
  );
});

Deno.test("changesOf() leaves a pack alone whose numbers are the ones asked for", () => {
  const params = new Map([...PACK.params].map(([name, { value }]) => [name, value]));
  assert.deepEqual(changesOf(FILES, PACK, { params, weights: weightsOf(PACK) }), []);
});

Deno.test("changesOf() writes the calibration with its note, and is shown as a diff", () => {
  const calibration = { kind: "temperature" as const, value: 0.83 };
  const changes = changesOf(FILES, PACK, { calibration, fitted: "on 9 sessions" });
  assert.deepEqual(written(changes).calibration, { ...calibration, fitted: "on 9 sessions" });
  const diff = formatChanges("rules", changes);
  assert.match(diff, /^--- rules\/pack\.yaml\n\+\+\+ rules\/pack\.yaml\n@@ /);
  assert.match(diff, /\n\+ {2}value: 0\.83\n\+ {2}fitted: "on 9 sessions"\n/);
});

Deno.test("editNumbers() keeps comments, quotes and order, whatever the style", () => {
  const text = "# top\na: { x: 1, y: 'two' } # flow\nb:\n  - 3   # three\n  - z: -4.5\n";
  const edited = editNumbers(text, [
    { path: ["a", "x"], value: -0.25 },
    { path: ["b", 0], value: 1e-7 },
    { path: ["b", 1, "z"], value: 10 },
  ]);
  assert.equal(
    edited,
    "# top\na: { x: -0.25, y: 'two' } # flow\nb:\n  - 0.0000001   # three\n  - z: 10\n",
  );
  assert.throws(() => editNumbers(text, [{ path: ["a", "y"], value: 1 }]), TypeError);
});

Deno.test("editBlock() replaces a value in block or flow style, or adds it at the end", () => {
  for (
    const text of [
      "a: 1\nc: { kind: t, value: 1 } # note\n\n# next\nd: 2\n",
      "a: 1\nc:\n  kind: t\n  value: 1\n\n# next\nd: 2\n",
      "a: 1\n# next\nd: 2\n",
    ]
  ) {
    const edited = editBlock(text, "c", { kind: "t", value: 0.5, note: "x: y #" });
    assert.deepEqual(parse(edited), { a: 1, c: { kind: "t", value: 0.5, note: "x: y #" }, d: 2 });
    assert.ok(edited.includes("# next"));
  }
});

Deno.test("unifiedDiff() tells lines taken out and put in, with lines around them", () => {
  const before = [..."abcdefghijklmno"].join("\n");
  const after = before.replace("b", "B").replace("n\n", "n\nN\n");
  assert.equal(
    unifiedDiff("f", before, after),
    "--- f\n+++ f\n@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -12,4 +12,5 @@\n l\n m\n n\n+N\n o\n",
  );
  assert.equal(unifiedDiff("f", before, before), "");
});
