import type { ASTNode } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import type { Compiled, Compiler, Value } from "./expression_parts.ts";
import { readLabel, together } from "./expression_parts.ts";
import { suggestion } from "../suggestion.ts";
import type { ValueType } from "../variables.ts";

interface Call {
  name: string;
  receiver?: ASTNode;
  args: readonly ASTNode[];
}

interface FunctionDefinition {
  /** The receiver's type first, where it is a method. */
  takes: readonly ValueType[];
  returns: ValueType;
  apply: (...values: never[]) => Value;
}

/** Functions and methods of the language, apart from `has` and `matches`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(Object.entries(
  {
    abs: { takes: ["number"], returns: "number", apply: (a: number) => Math.abs(a) },
    min: {
      takes: ["number", "number"],
      returns: "number",
      apply: (a: number, b: number) => Math.min(a, b),
    },
    max: {
      takes: ["number", "number"],
      returns: "number",
      apply: (a: number, b: number) => Math.max(a, b),
    },
    size: { takes: ["string"], returns: "number", apply: (a: string) => a.length },
    startsWith: {
      takes: ["string", "string"],
      returns: "bool",
      apply: (a: string, b: string) => a.startsWith(b),
    },
    endsWith: {
      takes: ["string", "string"],
      returns: "bool",
      apply: (a: string, b: string) => a.endsWith(b),
    },
    contains: {
      takes: ["string", "string"],
      returns: "bool",
      apply: (a: string, b: string) => a.includes(b),
    },
    lowerAscii: {
      takes: ["string"],
      returns: "string",
      apply: (a: string) => a.replace(/[A-Z]+/g, (run) => run.toLowerCase()),
    },
  } satisfies Record<string, FunctionDefinition>,
));

const COMPREHENSIONS = ["all", "exists", "exists_one", "map", "filter", "bind"];
const MAX_PATTERN_LENGTH = 200;
/** Longest text a pattern is tried on; the rest is not looked at. */
const MAX_MATCHED_LENGTH = 4096;
/** Most texts of which a pattern remembers the outcome. */
const MAX_KNOWN = 500;

/** Compiles a call of a function or a method. */
export function compileCall(compiler: Compiler, node: ASTNode, call: Call): Compiled | null {
  const { name, receiver } = call;
  const args = receiver === undefined ? call.args : [receiver, ...call.args];
  if (name === "has") return compileHas(compiler, node, args);
  if (COMPREHENSIONS.includes(name)) {
    return compiler.fault(`"${name}" is not part of the rule language: rules have no loops`, node);
  }
  const compiled = args.map((arg) => compiler.compile(arg));
  const operands = compiled.filter((operand) => operand !== null);
  if (operands.length < compiled.length) return null;
  if (name === "matches") return compileMatches(compiler, node, { operands, args });
  const definition = FUNCTIONS.get(name);
  if (definition === undefined) {
    const known = [...FUNCTIONS.keys(), "has", "matches"];
    return compiler.fault(`Unknown function "${name}"${suggestion(name, known)}`, node);
  }
  const { takes, returns } = definition;
  const given = operands.map((operand) => operand.type);
  if (given.join() !== takes.join()) {
    return compiler.fault(
      `"${name}" takes ${takes.join(", ")}, not ${given.join(", ") || "nothing"}`,
      node,
    );
  }
  const apply = definition.apply as unknown as (a: Value, b?: Value) => Value;
  const [first, second] = operands as [Compiled, Compiled | undefined];
  return {
    run(context) {
      const a = first.run(context);
      const b = second?.run(context);
      if (a === undefined || (second !== undefined && b === undefined)) return undefined;
      return apply(a, b);
    },
    type: returns,
    ...together(...operands),
  };
}

/** `has(x)`: whether a feature, a column or a label is there. Never missing itself. */
function compileHas(
  compiler: Compiler,
  node: ASTNode,
  args: readonly ASTNode[],
): Compiled | null {
  const [arg] = args;
  if (args.length !== 1 || arg === undefined) {
    return compiler.fault(`"has" takes one name, as in has(pty_events)`, node);
  }
  const inner = compiler.compile(arg);
  if (inner === null) return null;
  const [name] = inner.reads;
  const isName = arg.op === "id" && compiler.scope.variables.has(arg.args);
  const isLabel = (arg.op === "." || arg.op === "[]") && name?.startsWith("labels[");
  if (!isName && !isLabel || name === undefined) {
    return compiler.fault(`"has" takes the name of a feature, a column or a label`, arg);
  }
  const key = isLabel ? name.slice('labels["'.length, -2) : "";
  return {
    run: isLabel ? (context) => readLabel(context.row, key) !== undefined : (context) => {
      const mark = context.missing.length;
      const found = inner.run(context) !== undefined;
      context.missing.length = mark;
      return found;
    },
    type: "bool",
    ...together(),
    reads: inner.reads,
  };
}

/** `x.matches("pattern")`: RE2 syntax, literal pattern, linear time; finds anywhere in x. */
function compileMatches(
  compiler: Compiler,
  node: ASTNode,
  call: { operands: readonly Compiled[]; args: readonly ASTNode[] },
): Compiled | null {
  const [text] = call.operands;
  const pattern = call.args[1];
  if (
    text?.type !== "string" || call.args.length !== 2 || pattern?.op !== "value" ||
    typeof pattern.args !== "string"
  ) {
    return compiler.fault(`"matches" takes a text and a pattern that is written out`, node);
  }
  if (pattern.args.length > MAX_PATTERN_LENGTH) {
    return compiler.fault(
      `Pattern has ${pattern.args.length} characters, at most ${MAX_PATTERN_LENGTH} are allowed`,
      pattern,
    );
  }
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern.args);
  } catch (error) {
    return compiler.fault(`Pattern is not valid: ${(error as Error).message}`, pattern);
  }
  // the same clients and principals come again and again, and the engine takes its time
  const known = new Map<string, boolean>();
  return {
    ...together(text),
    run(context) {
      const value = text.run(context);
      if (value === undefined) return undefined;
      const matched = (value as string).slice(0, MAX_MATCHED_LENGTH);
      const before = known.get(matched);
      if (before !== undefined) return before;
      const found = expression.matcher(matched).find();
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(matched, found);
      return found;
    },
    type: "bool",
  };
}
