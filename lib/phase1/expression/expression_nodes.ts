import type { ASTNode } from "@marcbachmann/cel-js";
import { compileCall, FUNCTIONS } from "./expression_calls.ts";
import type { ExpressionScope } from "./expression.ts";
import { compileOperator } from "./expression_operators.ts";
import {
  type Compiled,
  type Compiler,
  ExpressionFault,
  labelFault,
  readLabel,
  together,
  type Value,
} from "./expression_parts.ts";
import { suggestion } from "../suggestion.ts";
import type { ValueType } from "../variables.ts";

const MAX_DEPTH = 60;

/** Compiles a node and all below it; faults are collected, null where there was one. */
export function compileNode(
  node: ASTNode,
  scope: ExpressionScope,
  faults: ExpressionFault[],
  depth: number,
): Compiled | null {
  const compiler: Compiler = {
    scope,
    compile: (child) => compileNode(child, scope, faults, depth + 1),
    fault(problem, at) {
      faults.push(new ExpressionFault(problem, at.start));
      return null;
    },
  };
  if (depth > MAX_DEPTH) return compiler.fault("Expression is nested too deeply", node);
  switch (node.op) {
    case "value":
      return compileLiteral(compiler, node);
    case "id":
      return compileName(compiler, node, node.args);
    case ".":
    case "[]":
      return compileAccess(compiler, node);
    case "list":
      return compileList(compiler, node, node.args);
    case "call":
      return compileCall(compiler, node, { name: node.args[0], args: node.args[1] });
    case "rcall":
      return compileCall(compiler, node, {
        name: node.args[0],
        receiver: node.args[1],
        args: node.args[2],
      });
    case "map":
    case ".?":
    case "[?]":
      return compiler.fault("Maps and optional access are not part of the rule language", node);
    default:
      return compileOperator(compiler, node);
  }
}

/** A compiled constant. */
function constant(value: Value, type: ValueType): Compiled {
  return { run: () => value, type, ...together() };
}

function compileLiteral(compiler: Compiler, node: ASTNode): Compiled | null {
  const value = node.args as unknown;
  if (typeof value === "bigint") return constant(Number(value), "number");
  if (typeof value === "number") return constant(value, "number");
  if (typeof value === "string") return constant(value, "string");
  if (typeof value === "boolean") return constant(value, "bool");
  if (value === null) {
    return compiler.fault("null can't be compared: has(x) tells whether x was measured", node);
  }
  return compiler.fault("Unsigned numbers and bytes are not part of the rule language", node);
}

function compileName(compiler: Compiler, node: ASTNode, name: string): Compiled | null {
  const { variables, macros } = compiler.scope;
  const type = variables.get(name);
  if (type !== undefined) {
    if (type === "labels") {
      return { run: (c) => c.row["labels"] as never, type, ...together() };
    }
    return { run: readColumn(compiler, name, type), type, ...together(), reads: [name] };
  }
  const macro = macros?.get(name);
  if (macro !== undefined) return macro;
  if (name === "params" || name === "lists") {
    return compiler.fault(`"${name}" needs a name behind it, as in ${name}.x`, node);
  }
  const known = [...variables.keys(), ...macros?.keys() ?? [], ...FUNCTIONS.keys()];
  return compiler.fault(`Unknown feature "${name}"${suggestion(name, known)}`, node);
}

function readColumn(compiler: Compiler, name: string, type: ValueType): Compiled["run"] {
  const expected = type === "bool" ? "boolean" : type;
  const fromScore = compiler.scope.fromScore?.has(name) ?? false;
  return (context) => {
    const source = fromScore ? context.score ?? context.row : context.row;
    // no column has the name of something that all objects have
    const value = source[name];
    if (typeof value === expected && value === value) return value as Value;
    context.missing.push(name);
    return undefined;
  };
}

function compileAccess(compiler: Compiler, node: ASTNode): Compiled | null {
  const [left, right] = node.args as [ASTNode, ASTNode | string];
  const key = typeof right === "string" ? right : right.op === "value" ? right.args : null;
  if (left.op !== "id") {
    return compiler.fault("Only labels, params and lists have fields", node);
  }
  if (typeof key !== "string") {
    return compiler.fault(
      `A key of ${left.args} must be written out, as in labels["some.key"]`,
      node,
    );
  }
  if (left.args === "labels") return compileLabel(compiler, node, key);
  if (left.args === "params") {
    const params = compiler.scope.params ?? new Map();
    const parameter = params.get(key);
    if (parameter === undefined) {
      return compiler.fault(`Unknown parameter "${key}"${suggestion(key, params.keys())}`, node);
    }
    const { fullName, value } = parameter;
    return {
      run: (context) => context.params?.get(fullName) ?? value,
      type: "number",
      ...together(),
      params: [fullName],
      affine: [fullName],
      loose: [fullName],
    };
  }
  if (left.args === "lists") {
    const lists = compiler.scope.lists ?? new Map();
    const list = lists.get(key);
    if (list === undefined) {
      return compiler.fault(`Unknown list "${key}"${suggestion(key, lists.keys())}`, node);
    }
    return constant(list, typeof list[0] === "number" ? "numbers" : "strings");
  }
  return compiler.fault("Only labels, params and lists have fields", node);
}

function compileLabel(compiler: Compiler, node: ASTNode, key: string): Compiled | null {
  const fault = labelFault(compiler.scope, key);
  if (fault !== null) return compiler.fault(fault, node);
  const name = `labels["${key}"]`;
  return {
    run(context) {
      const value = readLabel(context.row, key);
      if (value === undefined) context.missing.push(name);
      return value;
    },
    type: "string",
    ...together(),
    reads: [name],
  };
}

function compileList(compiler: Compiler, node: ASTNode, items: ASTNode[]): Compiled | null {
  const values = items.map((item) => literalOf(item));
  const types = new Set(values.map((value) => typeof value));
  if (values.length === 0 || types.size > 1 || !(types.has("string") || types.has("number"))) {
    return compiler.fault("A list holds literal texts or literal numbers, at least one", node);
  }
  return constant(values as string[] | number[], types.has("number") ? "numbers" : "strings");
}

function literalOf(node: ASTNode): unknown {
  if (node.op === "-_") {
    const value = literalOf(node.args);
    return typeof value === "number" ? -value : undefined;
  }
  if (node.op !== "value") return undefined;
  return typeof node.args === "bigint" ? Number(node.args) : node.args;
}
