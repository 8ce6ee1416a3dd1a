import type { ASTNode } from "@marcbachmann/cel-js";
import type { ValueType } from "../variables.ts";
import type { ExpressionScope, ParameterValues, Row } from "./expression.ts";

/** A value of the language; undefined is "missing". */
export type Value = boolean | number | string | readonly string[] | readonly number[];

export interface Context {
  readonly row: Row;
  /** Where the names of `scope.fromScore` are read; the row where not given. */
  readonly score?: Row | undefined;
  readonly params: ParameterValues | undefined;
  /** Names wanted and not found, in the order met; may hold repeats. */
  readonly missing: string[];
}

export interface Compiled extends Parts {
  run(context: Context): Value | undefined;
  type: ValueType;
}

/** What an expression is made of; a name may stand in a list more than once. */
export interface Parts {
  reads: readonly string[];
  params: readonly string[];
  /** Its comparisons of numbers: where it can turn from true to false. */
  comparisons: readonly Comparison[];
  /** Parameters in which it is a number that only rises or only falls, the row given. */
  affine: readonly string[];
  /** Parameters that it depends on in other ways than by comparisons that turn once as they rise. */
  loose: readonly string[];
}

/** A comparison of two numbers. */
export interface Comparison {
  readonly op: "==" | "!=" | "<" | "<=" | ">" | ">=";
  readonly left: Compiled;
  readonly right: Compiled;
  /** Parameters at whose rise it turns once at most, the row given. */
  readonly turns: readonly string[];
  run(context: Context): Value | undefined;
}

/** What several parts come to together. */
export function together(...parts: readonly Parts[]): Parts {
  return {
    reads: parts.flatMap(({ reads }) => reads),
    params: parts.flatMap(({ params }) => params),
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    affine: [],
    loose: parts.flatMap(({ loose }) => loose),
  };
}

/** A fault at an offset of the expression's text. */
export class ExpressionFault {
  constructor(readonly problem: string, readonly offset: number) {}
}

/** What compiling one node needs; `compile` recurses. */
export interface Compiler {
  scope: ExpressionScope;
  compile(node: ASTNode): Compiled | null;
  fault(problem: string, node: ASTNode): null;
}

/** Whether labels may be read at all, and this one of them. */
export function labelFault(scope: ExpressionScope, key: string): string | null {
  if (!scope.variables.has("labels")) return "Labels can't be read here";
  if (scope.closedLabels?.some((prefix) => key.startsWith(prefix))) {
    return `Label "${key}" is ground truth or a verdict: a rule may not read it`;
  }
  return null;
}

/** The label's value, or undefined. */
export function readLabel(row: Row, key: string): string | undefined {
  const labels = row["labels"];
  if (typeof labels !== "object" || labels === null || !Object.hasOwn(labels, key)) {
    return undefined;
  }
  const value = (labels as Record<string, unknown>)[key];
  return typeof value === "string" ? value : undefined;
}
