import assert from "node:assert/strict";
import fc from "../property.ts";
import { Environment } from "@marcbachmann/cel-js";
import { compileExpression, type Row } from "../../lib/phase1/expression/expression.ts";
import {
  FEATURE_VARIABLES,
  LABELS_CLOSED_TO_RULES,
  ROW_VARIABLES,
  RULE_VARIABLES,
} from "../../lib/phase1/variables.ts";
import { RuleError } from "../../lib/model/errors.ts";

const row: Row = {
  pty_events: 100,
  pty_gap_p50: 0.25,
  pty_gap_p90: null,
  pty_bracketed_paste: true,
  kind: "ssh",
  login: "root",
  labels: { env: "prod", "team.name": "sre" },
};

const CASES: [expression: string, expected: unknown][] = [
  ["pty_events >= 30", true],
  ["pty_events == 100", true],
  ["pty_events != 100", false],
  ["pty_events > 30.5 && pty_gap_p50 < 1", true],
  ["pty_events / 8 == 12.5", true],
  ["-pty_gap_p50 + 1 == 0.75", true],
  ["1 + 2 * 3 == 7", true],
  ["abs(-2) == 2 && min(1, 2) == 1 && max(1, 2) == 2", true],
  ["pty_bracketed_paste", true],
  ["!pty_bracketed_paste", false],
  ["pty_bracketed_paste == true", true],
  ['kind in ["ssh", "pty"]', true],
  ["pty_events in [1, -2, 100]", true],
  ['labels["team.name"] == "sre"', true],
  ['labels.env == "prod"', true],
  ['"env" in labels', true],
  ['"nope" in labels', false],
  ['login.startsWith("ro") && login.endsWith("ot") && login.contains("oo")', true],
  ['login.matches("^r.*t$")', true],
  ["size(login) == 4", true],
  ['"ABC".lowerAscii() == "abc"', true],
  ['pty_events > 50 ? kind == "ssh" : kind == "db"', true],
  // Missing values.
  ["pty_gap_p90 > 1", ["pty_gap_p90"]],
  ["pty_gap_cv > 1", ["pty_gap_cv"]],
  ["!(pty_gap_p90 > 1)", ["pty_gap_p90"]],
  ["pty_gap_p90 > 1 && pty_events > 1000", false],
  ["pty_events > 1000 && pty_gap_p90 > 1", false],
  ["pty_gap_p90 > 1 && pty_events > 30", ["pty_gap_p90"]],
  ["pty_gap_p90 > 1 || pty_events > 30", true],
  ["pty_events > 30 || pty_gap_p90 > 1", true],
  ["pty_gap_p90 > 1 || pty_events > 1000", ["pty_gap_p90"]],
  ["(pty_gap_p90 > 1 && pty_events > 1000) || pty_gap_cv > 1", ["pty_gap_cv"]],
  ["pty_gap_p90 == pty_gap_p90", ["pty_gap_p90"]],
  ["has(pty_gap_p90)", false],
  ["has(pty_events)", true],
  ["has(pty_gap_p90) && pty_gap_p90 > 1", false],
  ["!has(pty_gap_p90) || pty_gap_p90 > 1", true],
  ["has(labels.env) && !has(labels.nope)", true],
  ['labels.nope == "x"', ['labels["nope"]']],
  ["pty_gap_p90 > 1 ? true : true", ["pty_gap_p90"]],
  ["pty_events > 1 ? true : pty_gap_p90 > 1", true],
  ["pty_events / 0 > 1", ["pty_events"]],
  ['principal in ["a"]', ["principal"]],
  ['principal.matches("a")', ["principal"]],
];

Deno.test("compileExpression() follows the table of meanings", () => {
  for (const [text, expected] of CASES) {
    const outcome = compileExpression(text, { variables: ROW_VARIABLES }).evaluate(row);
    const wanted = Array.isArray(expected) ? { missing: expected } : { value: expected };
    assert.deepEqual(outcome, wanted, text);
  }
});

const FAULTS: [expression: string, problem: RegExp, column: number][] = [
  ["pty_event > 1", /Unknown feature "pty_event"; did you mean "pty_events"\?/, 1],
  ["true && pty_gap_p95 > 1", /did you mean "pty_gap_p9[09]"/, 9],
  ["pty_events >= ", /can't be read/, 15],
  ["pty_events = 1", /Unexpected character/, 12],
  ["pty_events", /is a number, a bool was wanted/, 1],
  ['pty_events > "1"', /can't compare a number with a string/, 1],
  ["pty_events == null", /has\(x\)/, 15],
  ["pty_events + kind > 1", /wants two numbers/, 1],
  ["!pty_events", /wants a bool/, 2],
  ["pty_events && true", /wants true or false/, 1],
  ["[1,2].exists(x, x > 1)", /no loops/, 1],
  ["labels.all(k, true)", /no loops/, 1],
  ["cel.bind(x, 1, x > 0)", /no loops/, 1],
  ['labels["truth.operator-type"] == "human"', /ground truth or a verdict/, 1],
  ['"fixture.source" in labels', /ground truth or a verdict/, 1],
  ["labels[kind] == 'a'", /must be written out/, 1],
  ["kind.foo == 1", /Only labels, params and lists/, 1],
  ["pty_events.constructor == 1", /Only labels, params and lists/, 1],
  ["kind.matches(login)", /written out/, 1],
  ["kind.matches('(')", /Pattern is not valid/, 14],
  ["kind.matches('(a{1000}){1000}')", /Pattern is not valid/, 14],
  ["kind.startWith('a')", /Unknown function "startWith"; did you mean "startsWith"\?/, 1],
  ["abs('a') > 1", /"abs" takes number, not string/, 1],
  ["kind in [1, 'a']", /A list holds/, 9],
  ["kind in [login]", /A list holds/, 9],
  ["{'a': 1} == 1", /not part of the rule language/, 1],
  ["1u < 2", /not part of the rule language/, 1],
  ["pty_events % 2 == 0", /not part of the rule language/, 1],
  ["params.x > 1", /Unknown parameter "x"/, 1],
  ["kind in lists.shells", /Unknown list "shells"/, 9],
  ["has(pty_events > 1)", /"has" takes the name/, 5],
];

Deno.test("compileExpression() reports a fault with its column", () => {
  for (const [text, problem, column] of FAULTS) {
    assert.throws(
      () =>
        compileExpression(text, {
          variables: RULE_VARIABLES,
          closedLabels: LABELS_CLOSED_TO_RULES,
        }),
      (error: unknown) => {
        assert(error instanceof RuleError, text);
        assert.match(error.problem, problem, text);
        assert.deepEqual(error.at, { file: "expression", line: 1, column }, text);
        return true;
      },
      text,
    );
  }
});

Deno.test("compileExpression() lists every fault of a text, each on its line", () => {
  assert.throws(
    () => compileExpression("pty_evnts > 1 &&\n  pty_gap_p5O > 2", { variables: RULE_VARIABLES }),
    (error: unknown) => {
      assert(error instanceof RuleError);
      const places = error.faults.map((fault) => [fault.at.line, fault.at.column]);
      assert.deepEqual(places, [[1, 1], [2, 3]]);
      return true;
    },
  );
});

Deno.test("compileExpression() bounds length, depth and patterns", () => {
  const variables = RULE_VARIABLES;
  const long = Array(2000).fill("true").join("&&");
  for (const text of [long, "!".repeat(3000) + "true", "(".repeat(100) + "1" + ")".repeat(100)]) {
    assert.throws(() => compileExpression(text, { variables }), RuleError);
  }
  const evil = compileExpression('login.matches("^(a+)+$")', { variables });
  const started = performance.now();
  assert.deepEqual(evil.evaluate({ login: "a".repeat(100_000) + "!" }), { value: true });
  assert(performance.now() - started < 2000);
});

Deno.test("compileExpression() reads parameters, lists and macros of its scope", () => {
  const variables = RULE_VARIABLES;
  const params = new Map([["least", { fullName: "some-rule.least", value: 50 }]]);
  const lists = new Map([["shells", ["bash", "ssh"]]]);
  const macros = new Map([[
    "busy",
    compileExpression("pty_events > params.least", { variables, params }),
  ]]);
  const expression = compileExpression("busy && kind in lists.shells", {
    variables,
    params,
    lists,
    macros,
  });
  assert.deepEqual(expression.evaluate(row), { value: true });
  assert.deepEqual(expression.evaluate(row, new Map([["some-rule.least", 500]])), { value: false });
  assert.deepEqual(expression.reads, ["pty_events", "kind"]);
  assert.deepEqual(expression.params, ["some-rule.least"]);
});

const numeric = [...FEATURE_VARIABLES].filter(([, type]) => type === "number").slice(0, 12)
  .map(([name]) => name);

/** Random comparisons over a few features, as text. */
const texts: fc.Arbitrary<string> = fc.letrec<{ bool: string; number: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...numeric),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => `(${n.toFixed(3)})`),
    fc.tuple(tie("number"), fc.constantFrom("+", "-", "*"), tie("number"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
  ),
  bool: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(tie("number"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("number"))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie("bool"), fc.constantFrom("&&", "||"), tie("bool"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie("bool").map((a) => `!(${a})`),
    fc.tuple(tie("bool"), tie("bool"), tie("bool")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
})).bool;

Deno.test("evaluate() agrees with cel-js, an absent key of which is an abstention", () => {
  const environment = new Environment({ unlistedVariablesAreDyn: true });
  const rows = fc.record(
    Object.fromEntries(
      numeric.map((name) => [name, fc.double({ noNaN: true, min: -1e3, max: 1e3 })]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(texts, rows, (text, some) => {
      const ours = compileExpression(text, { variables: RULE_VARIABLES }).evaluate(some);
      let theirs: unknown;
      try {
        theirs = environment.evaluate(text, some);
      } catch {
        theirs = undefined;
      }
      assert.deepEqual("value" in ours ? ours.value : undefined, theirs);
    }),
    { numRuns: 300 },
  );
});

Deno.test("evaluate() never throws, whatever the row holds", () => {
  const expressions = CASES.map(([text]) => compileExpression(text, { variables: ROW_VARIABLES }));
  const rows = fc.dictionary(
    fc.constantFrom("pty_events", "pty_gap_p90", "kind", "login", "labels", "pty_bracketed_paste"),
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  );
  fc.assert(
    fc.property(rows, (some) => {
      for (const expression of expressions) {
        const outcome = expression.evaluate(some);
        assert(
          "missing" in outcome ? outcome.missing.length > 0 : typeof outcome.value === "boolean",
        );
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("compileExpression() throws nothing but RuleError on any text", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), texts.map((text) => text.slice(0, -2))),
      (text) => {
        try {
          compileExpression(text, { variables: RULE_VARIABLES });
        } catch (error) {
          assert(error instanceof RuleError);
        }
      },
    ),
    { numRuns: 500 },
  );
});
