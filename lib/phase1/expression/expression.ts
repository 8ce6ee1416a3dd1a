import { Environment } from "@marcbachmann/cel-js";
import { RuleError, type RuleFault } from "../../model/errors.ts";
import { compileNode } from "./expression_nodes.ts";
import { type Compiled, type Context, ExpressionFault, type Parts } from "./expression_parts.ts";
import type { ValueType, Variables } from "../variables.ts";

/** Longest expression, in characters. */
const MAX_EXPRESSION_LENGTH = 4000;

/** A row as the store's view gives it: null, undefined and absent are all "missing". */
export type Row = Readonly<Record<string, unknown>>;

/** Values of parameters that stand in for the written ones, by full name (`rule-id.name`). */
export type ParameterValues = ReadonlyMap<string, number>;

/** What a name of the pack stands for. */
export interface Parameter {
  /** `rule-id.name`, or `name` for one shared by the pack. */
  fullName: string;
  value: number;
}

export interface ExpressionScope {
  variables: Variables;
  /** Those of them that stand apart from the row: what a score came to. */
  fromScore?: Variables;
  /** Read as `params.name`. */
  params?: ReadonlyMap<string, Parameter>;
  /** Read as `lists.name`. */
  lists?: ReadonlyMap<string, readonly string[] | readonly number[]>;
  /** Whole expressions by name, read like a variable. */
  macros?: ReadonlyMap<string, Expression>;
  /** Prefixes of label keys that may not be read. */
  closedLabels?: readonly string[];
  /** The type the expression must have; a boolean where not given. */
  expects?: ValueType | "any";
  /** For errors: where the text stands. */
  file?: string;
  /** Position in the file of an offset in the text; default: lines and columns of the text. */
  locate?: (offset: number) => { line: number; column: number };
}

/** The value of an expression, or the names that were wanted and not there. */
type Outcome = { value: boolean | number | string } | { missing: string[] };

/**
 * A compiled expression. `reads` are the names of columns and labels (`labels["x"]`) that it may
 * read, `params` the full names of its parameters; both, and `comparisons`, each once, in order.
 */
export interface Expression extends Readonly<Parts> {
  /** As written. */
  readonly text: string;
  readonly type: ValueType;
  /** Never throws, whatever the row holds: a value of the wrong type counts as missing. */
  evaluate(row: Row, params?: ParameterValues): Outcome;
  /**
   * The same without allocation: undefined is "missing", and the names are pushed to
   * `context.missing`.
   */
  readonly run: Compiled["run"];
}

const parser = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 400, maxDepth: 40, maxListElements: 200, maxCallArguments: 8 },
});

/**
 * Compiles a CEL expression over one row. The grammar is CEL's; the language is a bounded part of
 * it (`rules/README.md`): numbers are doubles, no comprehensions, `matches()` takes a literal
 * pattern and runs in linear time. The work of one evaluation is bounded by the text's length, so
 * none can hang, and nothing of the row is ever executed.
 *
 * A missing value is not false: `missing && true` is missing, `missing && false` is false,
 * `missing || true` is true. `has(x)` asks.
 *
 * Throws a {@link RuleError} that lists every fault found, each with line and column.
 */
export function compileExpression(text: string, scope: ExpressionScope): Expression {
  const faults: ExpressionFault[] = [];
  const compiled = parseAndCompile(text, scope, faults);
  if (compiled !== null && faults.length === 0) {
    const expects = scope.expects ?? "bool";
    if (expects !== "any" && compiled.type !== expects) {
      faults.push(
        new ExpressionFault(`Expression is a ${compiled.type}, a ${expects} was wanted`, 0),
      );
    }
  }
  if (compiled === null || faults.length > 0) throw toRuleError(text, faults, scope);
  const { run } = compiled;
  return {
    text,
    type: compiled.type,
    reads: [...new Set(compiled.reads)],
    params: [...new Set(compiled.params)],
    comparisons: [...new Set(compiled.comparisons)],
    affine: compiled.affine,
    loose: [...new Set(compiled.loose)],
    run,
    evaluate(row, params) {
      const context: Context = { row, params, missing: [] };
      const value = run(context);
      if (value === undefined) return { missing: [...new Set(context.missing)] };
      return { value: value as boolean | number | string };
    },
  };
}

function parseAndCompile(
  text: string,
  scope: ExpressionScope,
  faults: ExpressionFault[],
): Compiled | null {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    faults.push(
      new ExpressionFault(
        `Expression has ${text.length} characters, at most ${MAX_EXPRESSION_LENGTH} are allowed`,
        0,
      ),
    );
    return null;
  }
  let ast;
  try {
    ast = parser.parse(text).ast;
  } catch (error) {
    const { summary, range } = error as { summary?: string; range?: { start: number } };
    faults.push(
      new ExpressionFault(
        `Expression can't be read: ${summary ?? "too deeply nested"}`,
        range?.start ?? 0,
      ),
    );
    return null;
  }
  return compileNode(ast, scope, faults, 0);
}

function toRuleError(
  text: string,
  faults: readonly ExpressionFault[],
  scope: ExpressionScope,
): RuleError {
  const locate = scope.locate ?? ((offset: number) => lineAndColumn(text, offset));
  const located: RuleFault[] = faults.map((fault) => ({
    problem: fault.problem,
    at: { file: scope.file ?? "expression", ...locate(fault.offset) },
  }));
  const [first, ...others] = located as [RuleFault, ...RuleFault[]];
  return new RuleError(first.problem, first.at, { others });
}

/** Line and column, counted from 1, of an offset in a text. */
function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}
