import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RuleError } from "../../lib/model/errors.ts";
import { compilePack, loadPack } from "../../lib/phase1/pack.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const GOOD = `id: some-rule
title: Some rule
status: test
applies: has(pty_events)
when: >-
  pty_events > params.least &&
  pty_gap_p50 < 1
params:
  least: { value: 10, min: 1, max: 100, doc: Least events }
votes:
  - { class: agent, weight: 1.5 }
why: Because
falsePositives: [None]
tests:
  - row: { pty_events: 20, pty_gap_p50: 0.5 }
    expect: fires
`;

/** Each fault as `line:column problem`. */
function faultsOf(...texts: string[]): string[] {
  try {
    compilePack(texts.map((text, i) => ({ path: `rule-${i}.yaml`, text })));
  } catch (error) {
    assert(error instanceof RuleError);
    return error.faults.map(({ at, problem }) => `${at.line}:${at.column} ${problem}`);
  }
  return [];
}

Deno.test("compilePack() takes a whole rule", () => {
  const pack = compilePack([{ path: "some-rule.yaml", text: GOOD }]);
  const [rule] = pack.rules;
  assert.deepEqual(rule?.weights, { agent: 1.5 });
  assert.deepEqual(pack.params.get("some-rule.least"), {
    fullName: "some-rule.least",
    value: 10,
    min: 1,
    max: 100,
    doc: "Least events",
  });
  assert.match(pack.version, /^phase1@[0-9a-f]{8}$/);
});

const FAULTY: [name: string, change: [string, string], faults: string[]][] = [
  ["an unknown feature, inside folded text", ["pty_gap_p50 < 1", "pty_gap_p51 < 1"], [
    '7:3 Unknown feature "pty_gap_p51"; did you mean "pty_gap_p50"?',
  ]],
  ["an unknown parameter", ["params.least", "params.leest"], [
    '6:16 Unknown parameter "leest"; did you mean "least"?',
  ]],
  ["an unknown key", ["title: Some", "titel: Some"], [
    '1:1 "title": Invalid input: expected string, received undefined',
    '2:1 Unknown key "titel"; did you mean "title"?',
  ]],
  ["an unused parameter", ["params.least", "10"], ['9:3 Parameter "least" is not used']],
  ["an unknown class", ["class: agent", "class: robot"], [
    '11:14 "votes.0.class": Invalid option: expected one of "human"|"agent"|"automation"',
  ]],
  ["a weight beyond the bound", ["weight: 1.5", "weight: 9"], [
    '11:29 "votes.0.weight": Too big: expected number to be <=4',
  ]],
  ["an unknown cohort", ["{ class: agent, weight: 1.5 }", "{ cohort: aws-servise }"], [
    '11:5 Unknown cohort "aws-servise"; did you mean "aws-service"?',
  ]],
  ["two kinds of votes", ["weight: 1.5 }", "weight: 1.5 }\n  - { cohort: aws-service }"], [
    "10:1 A rule votes for classes, or for tools and models, or names one cohort or routing",
  ]],
  ["a wrong feature in a test", ["pty_events: 20,", "pty_evnts: 20,"], [
    '15:12 Unknown feature "pty_evnts"; did you mean "pty_events"?',
  ]],
  ["a wrong type in a test", ["pty_events: 20,", "pty_events: many,"], [
    '15:24 "pty_events" is a number, the test gives a string',
  ]],
  ["a duplicate key", ["why: Because", "why: Because\nwhy: Again"], [
    "13:1 Map keys must be unique",
  ]],
  ["a value outside its range", ["value: 10", "value: 1000"], [
    '9:3 Parameter "least" lies outside its own range',
  ]],
  ["broken YAML", ["why: Because", "why: [Because"], [
    "13:1 Flow sequence in block collection must be sufficiently indented and end with a ]",
  ]],
  ["a tag", ["why: Because", "why: !!js/function Because"], [
    "12:6 Unresolved tag: tag:yaml.org,2002:js/function",
  ]],
];

Deno.test("compilePack() reports each fault with line, column and a mend", () => {
  for (const [name, [from, to], expected] of FAULTY) {
    const found = faultsOf(GOOD.replace(from, to));
    assert.deepEqual(found.slice(0, expected.length).sort(), [...expected].sort(), name);
  }
});

Deno.test("compilePack() lists the faults of all files at once", () => {
  const found = faultsOf(
    GOOD.replace("pty_events >", "pty_event >"),
    GOOD.replace("id: some-rule", "id: other").replace("pty_gap_p50 <", "nonsense <"),
  );
  assert.equal(found.length, 2);
});

Deno.test("compilePack() refuses an id that is taken", () => {
  assert.match(faultsOf(GOOD, GOOD)[0] ?? "", /^1:5 Id "some-rule" is already in rule-0.yaml/);
});

Deno.test("compilePack() bounds aliases and nesting", () => {
  const bomb = [
    "a: &a [x,x]",
    ...[..."bcdefghi"].map((c, i) => {
      const before = "abcdefghi"[i];
      return `${c}: &${c} [${Array(9).fill(`*${before}`).join(",")}]`;
    }),
  ].join("\n");
  assert.match(faultsOf(bomb)[0] ?? "", /Aliases can't be resolved/);
  assert.match(faultsOf("id: *nowhere")[0] ?? "", /lias/);
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  assert.match(faultsOf(deep)[0] ?? "", /^1:\d+ YAML is nested too deep; write it flatter$/);
});

Deno.test("compilePack() keeps hostile keys out", () => {
  assert(faultsOf(GOOD.replace("  least:", "  __proto__:")).length > 0);
  assert(faultsOf(GOOD.replace("row: { pty_events: 20,", "row: { __proto__: 20,")).length > 0);
  assert.equal(({} as Record<string, unknown>)["value"], undefined);
});

Deno.test("compilePack() shares macros, lists, parameters and cohorts", () => {
  const pack = packOf(
    packFile({
      prior: { human: 0.5, agent: 0.25, automation: 0.25 },
      margin: 0.1,
      cohorts: { kube: "Cluster" },
      params: { least: 30 },
      lists: { recorded: ["ssh", "pty"] },
      macros: { recorded: "kind in lists.recorded", busy: "recorded && pty_events > params.least" },
    }),
    ruleFile("a", { when: "busy" }),
    ruleFile("b", { when: 'kind == "kube"', votes: [{ cohort: "kube" }] }),
  );
  assert.deepEqual(pack.rules[0]?.when.reads, ["kind", "pty_events"]);
  assert.equal(pack.prior.human, 0.5);
});

Deno.test("compilePack() refuses a prior that does not add up, and names set twice", () => {
  const again = { path: "more/pack.yaml", text: "margin: 0.1\nparams: { least: 1 }\n" };
  assert.throws(
    () =>
      packOf(
        packFile({
          prior: { human: 0.5, agent: 0.5, automation: 0.5 },
          margin: 0.2,
          params: { least: 2 },
        }),
        again,
        ruleFile("a"),
      ),
    (error: unknown) => {
      assert(error instanceof RuleError);
      assert.equal(error.faults.length, 3);
      return true;
    },
  );
});

Deno.test("compilePack() hashes what decides, not the prose", () => {
  const hash = (parts: Record<string, unknown>) => packOf(ruleFile("a", parts)).hash;
  assert.equal(hash({ why: "One" }), hash({ why: "Another", title: "Other" }));
  assert.notEqual(hash({}), hash({ when: "pty_events > 11" }));
  assert.notEqual(hash({}), hash({ votes: [{ class: "agent", weight: 2 }] }));
});

Deno.test("loadPack() reads folders, names files in faults, and says what is missing", async () => {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  await assert.rejects(loadPack(join(folder, "none")), /Cannot read the folder of rules/);
  await assert.rejects(loadPack(folder), /No rules/);
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "some-rule.yaml"), GOOD);
  await writeFile(join(folder, "README.md"), "not a rule");
  assert.equal((await loadPack(folder)).rules.length, 1);
  await writeFile(join(folder, "bad.yaml"), GOOD.replace("pty_events >", "pty_event >"));
  await assert.rejects(loadPack(folder), /bad\.yaml:6:3: Unknown feature "pty_event"/);
});
