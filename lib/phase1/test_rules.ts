import { testRule } from "./evaluate.ts";
import type { Rule, RulePack } from "./rule.ts";
import type { TestExpectation } from "./rule_schema.ts";

/** One test inside a rule, run. */
export interface RuleTestResult {
  /** The rule that the test stands in. */
  ruleId: string;
  /** Its path, the pack's folder as it was given in front. */
  file: string;
  /** The test's own name, or its number from 1. */
  name: string;
  /** What the test says that the rule does: `fires`, is `silent`, or `abstains`. */
  expected: TestExpectation;
  /** What it did. */
  got: TestExpectation;
  /** Whether both are the same. */
  passed: boolean;
  /** What was missing, where it abstained. */
  missing: string[];
}

/**
 * Runs the tests that stand inside the rules of a pack. A rule that does not apply to a row is
 * silent on it.
 */
export function runRuleTests(pack: RulePack): RuleTestResult[] {
  return pack.rules.flatMap((rule) => rule.tests.map((test, index) => runOne(rule, test, index)));
}

function runOne(rule: Rule, test: Rule["tests"][number], index: number): RuleTestResult {
  const { outcome, missing } = testRule(rule, { row: test.row });
  const got = GOT[outcome];
  return {
    ruleId: rule.id,
    file: rule.file,
    name: test.name ?? `test ${index + 1}`,
    expected: test.expect,
    got,
    passed: got === test.expect,
    missing,
  };
}

const GOT = {
  fired: "fires",
  silent: "silent",
  "not-applicable": "silent",
  abstained: "abstains",
} as const;
