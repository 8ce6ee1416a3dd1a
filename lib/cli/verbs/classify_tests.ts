import { runRuleTests } from "../../phase1/test_rules.ts";
import type { RulePack } from "../../phase1/rule.ts";
import { type Format, formatRows } from "../format.ts";
import type { ExitStatus, Terminal } from "../verb.ts";

/** Runs the tests that stand inside the rules of a pack, and prints those that fail: status 1. */
export function testPack(
  pack: RulePack,
  format: Format,
  terminal: Pick<Terminal, "out" | "err">,
): ExitStatus {
  const results = runRuleTests(pack);
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const rows = failed.map(({ ruleId, name, expected, got, missing }) => ({
      ...{ rule: ruleId, test: name, expected, got, missing: missing.join(" ") },
    }));
    const columns = ["rule", "test", "expected", "got", "missing"];
    terminal.out(formatRows(rows, { columns, format }));
  }
  const { length: rules } = pack.rules;
  terminal.err(
    `${pack.version}: ${results.length} tests of ${rules} rules, ${failed.length} failed\n`,
  );
  return failed.length === 0 ? 0 : 1;
}
