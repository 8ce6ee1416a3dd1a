import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { COHORTS } from "../../lib/model/vocabulary.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { MAX_WEIGHT, TEST_EXPECTATIONS } from "../../lib/phase1/rule_schema.ts";
import { runRuleTests } from "../../lib/phase1/test_rules.ts";

const FOLDER = fileURLToPath(new URL("../../rules", import.meta.url));
const pack = await loadPack(FOLDER);

/**
 * What a rule may not lean on: where and how a recording was made, how long it ran, and how many
 * lines a harness injected. They separate the recordings at hand and mean nothing.
 */
const ACCIDENTS = [
  "pty_seconds",
  "pty_trimmed_seconds",
  "pty_tail_seconds",
  "pty_bytes",
  "pty_lines",
  "pty_lines_whole",
  "pty_prompts",
  "pty_pauses_1s",
  "pty_pauses_5s",
  "pty_pauses_30s",
  "pty_clock_steps",
  "pty_title_changes",
  "pty_bracketed_paste",
  "pty_resizes",
  "call_seconds",
  "call_minutes",
  "duration_seconds",
  "target",
  "scope",
  "login",
  "recordings",
];

Deno.test("rules pass the tests that stand inside them", () => {
  const failed = runRuleTests(pack).filter((result) => !result.passed);
  assert.deepEqual(failed, []);
});

Deno.test("each rule has a test that fires, one that is silent and one that abstains", () => {
  for (const rule of pack.rules) {
    for (const expect of TEST_EXPECTATIONS) {
      assert(rule.tests.some((test) => test.expect === expect), `${rule.id} has none: ${expect}`);
    }
  }
});

Deno.test("each rule stands in a file of its name, says why, and cites something", () => {
  for (const rule of pack.rules) {
    assert(rule.file.endsWith(`/${rule.id}.yaml`), rule.file);
    assert(rule.why.length >= 80, `${rule.id}: why is too short`);
    assert(rule.references.length > 0, `${rule.id} has no reference`);
  }
});

Deno.test("weights stay within what one observation can carry", () => {
  for (const rule of pack.rules) {
    for (const weight of Object.values(rule.weights)) assert(Math.abs(weight) <= MAX_WEIGHT);
  }
});

Deno.test("no rule of the score reads what is an accident of the recorder", () => {
  for (const rule of pack.rules.filter((each) => each.kind === "score")) {
    const read = [...rule.applies.reads, ...rule.when.reads];
    assert.deepEqual(read.filter((name) => ACCIDENTS.includes(name)), [], rule.id);
  }
});

Deno.test("every parameter says what it is and lies inside a range", () => {
  for (const { fullName, doc, min, max } of pack.params.values()) {
    assert(doc !== null && min !== null && max !== null, fullName);
  }
});

Deno.test("cohorts of the pack are words of the house", () => {
  for (const name of pack.cohorts.keys()) {
    assert((COHORTS as readonly string[]).includes(name), name);
  }
});
