import type { RuleFault } from "../model/errors.ts";
import { RuleError } from "../model/errors.ts";
import { AUTOMATION_COHORTS } from "../model/vocabulary.ts";
import { compileExpression, type Expression, type Parameter } from "./expression/expression.ts";
import { FUNCTIONS } from "./expression/expression_calls.ts";
import type { PackParameter, RulePack } from "./rule.ts";
import type { RuleFile, SharedFile } from "./rule_schema.ts";
import { LABELS_CLOSED_TO_RULES, ROUTING_VARIABLES, RULE_VARIABLES } from "./variables.ts";
import type { YamlSource } from "./yaml_source.ts";

/** What the rules of a pack share, merged from its `pack.yaml` files. */
export interface Shared {
  prior: RulePack["prior"] | null;
  margin: number | null;
  calibration: RulePack["calibration"] | null;
  cohorts: Map<string, string>;
  reasons: Map<string, string>;
  params: Map<string, PackParameter>;
  lists: Map<string, readonly string[] | readonly number[]>;
  macros: Map<string, Expression>;
}

/** Merges `pack.yaml` files in the order given; a name may stand in one of them only. */
export function mergeShared(
  files: readonly { value: SharedFile; source: YamlSource }[],
  faults: RuleFault[],
): Shared {
  const shared: Shared = {
    prior: null,
    margin: null,
    calibration: null,
    cohorts: new Map(AUTOMATION_COHORTS.map((name) => [name, "What a cloud does to itself"])),
    reasons: new Map(),
    params: new Map(),
    lists: new Map(),
    macros: new Map(),
  };
  for (const { value, source } of files) {
    for (const key of ["prior", "margin", "calibration"] as const) {
      if (value[key] === undefined) continue;
      if (shared[key] !== null) {
        faults.push({ problem: `"${key}" is set twice in this pack`, at: source.at([key]) });
      }
      Object.assign(shared, { [key]: value[key] });
    }
    for (const key of ["cohorts", "reasons", "lists"] as const) {
      for (const [name, entry] of Object.entries(value[key] ?? {})) {
        const target = shared[key] as Map<string, typeof entry>;
        const own = key === "cohorts" && (AUTOMATION_COHORTS as readonly string[]).includes(name);
        if (target.has(name) && !own) {
          faults.push(twice(name, source, [key, name]));
        }
        target.set(name, entry);
      }
    }
    for (const [name, entry] of Object.entries(value.params ?? {})) {
      if (shared.params.has(name)) faults.push(twice(name, source, ["params", name]));
      shared.params.set(name, packParameter(name, entry));
    }
    compileMacros({ value, source }, { shared, faults });
  }
  if (shared.prior !== null) {
    const sum = shared.prior.human + shared.prior.agent + shared.prior.automation;
    if (Math.abs(sum - 1) > 0.001) {
      const source = files.find((file) => file.value.prior !== undefined)?.source;
      const at = source?.at(["prior"]) ?? { file: "pack.yaml", line: 1, column: 1 };
      faults.push({ problem: `"prior" adds up to ${sum}, not to 1`, at });
    }
  }
  return shared;
}

function compileMacros(
  file: { value: SharedFile; source: YamlSource },
  into: { shared: Shared; faults: RuleFault[] },
): void {
  const { shared, faults } = into;
  for (const [name, text] of Object.entries(file.value.macros ?? {})) {
    const path = ["macros", name];
    if (shared.macros.has(name)) faults.push(twice(name, file.source, path));
    if (ROUTING_VARIABLES.has(name) || FUNCTIONS.has(name) || RESERVED.includes(name)) {
      faults.push({
        problem: `Macro "${name}" has the name of something else`,
        at: file.source.at(path, { key: true }),
      });
    }
    const compiled = compileAt(text, file.source, {
      path,
      faults,
      scope: {
        variables: RULE_VARIABLES,
        params: shared.params,
        lists: shared.lists,
        macros: new Map(shared.macros),
        closedLabels: LABELS_CLOSED_TO_RULES,
        expects: "any",
      },
    });
    if (compiled !== null) shared.macros.set(name, compiled);
  }
}

const RESERVED = ["params", "lists", "labels", "has", "matches", "true", "false", "null"];

/** Compiles the expression at a path of a file; faults go to the list, null where there was one. */
export function compileAt(
  text: string,
  source: YamlSource,
  options: {
    path: readonly (string | number)[];
    faults: RuleFault[];
    scope: Parameters<typeof compileExpression>[1];
  },
): Expression | null {
  try {
    return compileExpression(text, {
      ...options.scope,
      file: source.file,
      locate: (offset) => source.inside(options.path, offset),
    });
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    options.faults.push(...error.faults);
    return null;
  }
}

/** A parameter in either spelling, under its full name. */
export function packParameter(
  fullName: string,
  entry: RuleFile["params"][string],
): PackParameter & Parameter {
  const detail: Exclude<typeof entry, number> = typeof entry === "number"
    ? { value: entry }
    : entry;
  return {
    fullName,
    value: detail.value,
    min: detail.min ?? null,
    max: detail.max ?? null,
    doc: detail.doc ?? null,
  };
}

function twice(name: string, source: YamlSource, path: readonly string[]): RuleFault {
  return { problem: `"${name}" is already there in this pack`, at: source.at(path, { key: true }) };
}
