import type { RuleFault } from "../model/errors.ts";
import { suggestion } from "./suggestion.ts";
import { compileAt, packParameter, type Shared } from "./pack_shared.ts";
import { collectVotes } from "./pack_votes.ts";
import type { PackParameter, Rule, RuleKind } from "./rule.ts";
import type { RuleFile } from "./rule_schema.ts";
import {
  LABELS_CLOSED_TO_RULES,
  ROUTING_VARIABLES,
  RULE_VARIABLES,
  SCORE_VARIABLES,
} from "./variables.ts";
import type { YamlSource } from "./yaml_source.ts";

/** Compiles one rule; null where it has a fault. Its parameters are added to `params`. */
export function compileRule(
  file: RuleFile,
  source: YamlSource,
  into: { shared: Shared; params: Map<string, PackParameter>; faults: RuleFault[] },
): Rule | null {
  const { shared, faults } = into;
  const before = faults.length;
  const votes = collectVotes(file, source, { shared, faults });
  const params = new Map<string, PackParameter>(shared.params);
  for (const [name, entry] of Object.entries(file.params)) {
    const at = source.at(["params", name], { key: true });
    if (shared.params.has(name)) {
      faults.push({ problem: `Parameter "${name}" is already shared by the pack`, at });
    }
    const parameter = packParameter(`${file.id}.${name}`, entry);
    const { min, max, value } = parameter;
    if ((min !== null && value < min) || (max !== null && value > max)) {
      faults.push({ problem: `Parameter "${name}" lies outside its own range`, at });
    }
    params.set(name, parameter);
    into.params.set(parameter.fullName, parameter);
  }
  const scope = {
    variables: votes.kind === "routing" ? ROUTING_VARIABLES : RULE_VARIABLES,
    ...votes.kind === "routing" ? { fromScore: SCORE_VARIABLES } : {},
    params,
    lists: shared.lists,
    macros: shared.macros,
    closedLabels: LABELS_CLOSED_TO_RULES,
  };
  const applies = compileAt(file.applies, source, { path: ["applies"], faults, scope });
  const when = compileAt(file.when, source, { path: ["when"], faults, scope });
  const namedTools = votes.named.flatMap(({ text, path, weight }) => {
    const named = compileAt(text, source, {
      path,
      faults,
      scope: { ...scope, expects: "string" },
    });
    return named === null ? [] : [{ in: named, weight }];
  });
  if (applies !== null && when !== null) {
    for (const name of Object.keys(file.params)) {
      const fullName = `${file.id}.${name}`;
      if (applies.params.includes(fullName) || when.params.includes(fullName)) continue;
      faults.push({
        problem: `Parameter "${name}" is not used`,
        at: source.at(["params", name], { key: true }),
      });
    }
  }
  checkTestRows(file, source, { kind: votes.kind, faults });
  if (applies === null || when === null || faults.length > before) return null;
  const { id, title, status, why, falsePositives, references, tests } = file;
  const { kind, stored } = votes;
  return {
    id,
    title,
    status,
    kind,
    file: source.file,
    applies,
    when,
    reads: [
      ...new Set(
        [applies, when, ...namedTools.map((vote) => vote.in)].flatMap(({ reads }) => reads),
      ),
    ],
    weights: stored.weights ?? {},
    cohort: stored.cohort ?? null,
    routing: stored.routing ?? null,
    votes: stored,
    namedTools,
    why,
    falsePositives,
    references,
    tests,
  };
}

function checkTestRows(
  file: RuleFile,
  source: YamlSource,
  options: { kind: RuleKind; faults: RuleFault[] },
): void {
  const variables = options.kind === "routing" ? ROUTING_VARIABLES : RULE_VARIABLES;
  for (const [index, test] of file.tests.entries()) {
    for (const [name, value] of Object.entries(test.row)) {
      const path = ["tests", index, "row", name];
      const type = variables.get(name);
      if (type === undefined) {
        options.faults.push({
          problem: `Unknown feature "${name}"${suggestion(name, variables.keys())}`,
          at: source.at(path, { key: true }),
        });
        continue;
      }
      const wanted = type === "labels" ? "object" : type === "bool" ? "boolean" : type;
      if (value !== null && typeof value !== wanted) {
        options.faults.push({
          problem: `"${name}" is a ${type}, the test gives a ${typeof value}`,
          at: source.at(path),
        });
      }
    }
  }
}
