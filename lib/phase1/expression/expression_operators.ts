import type { ASTNode } from "@marcbachmann/cel-js";
import type { Compiled, Compiler, Context, Value } from "./expression_parts.ts";
import { labelFault, readLabel, together } from "./expression_parts.ts";
import type { ValueType } from "../variables.ts";

/** Compiles `&&`, `||`, `!`, `?:`, comparisons, arithmetic and `in`. */
export function compileOperator(compiler: Compiler, node: ASTNode): Compiled | null {
  switch (node.op) {
    case "&&":
    case "||":
      return compileLogic(compiler, node, node.args);
    case "!_":
    case "-_":
      return compileUnary(compiler, node);
    case "?:":
      return compileChoice(compiler, node, node.args);
    case "in":
      return compileIn(compiler, node, node.args);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compileComparison(compiler, node);
    case "+":
    case "-":
    case "*":
    case "/":
      return compileArithmetic(compiler, node);
    default:
      return compiler.fault(`Operator "${node.op}" is not part of the rule language`, node);
  }
}

/** The outcome is decided: what was missing on the way does not matter. */
function settle(context: Context, mark: number, value: boolean): boolean {
  if (context.missing.length > mark) context.missing.length = mark;
  return value;
}

function compileLogic(
  compiler: Compiler,
  node: ASTNode,
  args: [ASTNode, ASTNode],
): Compiled | null {
  const left = compiler.compile(args[0]);
  const right = compiler.compile(args[1]);
  if (left === null || right === null) return null;
  for (const [side, at] of [[left, args[0]], [right, args[1]]] as const) {
    if (side.type !== "bool") {
      return compiler.fault(`"${node.op}" wants true or false, not a ${side.type}`, at);
    }
  }
  // `decisive` settles the outcome whatever the other side is, even when that is missing.
  const decisive = node.op === "||";
  return {
    run(context) {
      const mark = context.missing.length;
      const a = left.run(context);
      if (a === decisive) return settle(context, mark, decisive);
      const b = right.run(context);
      if (b === decisive) return settle(context, mark, decisive);
      if (a === undefined || b === undefined) return undefined;
      return settle(context, mark, !decisive);
    },
    type: "bool",
    ...together(left, right),
  };
}

function compileUnary(compiler: Compiler, node: ASTNode): Compiled | null {
  const child = node.args as ASTNode;
  const inner = compiler.compile(child);
  if (inner === null) return null;
  const type = node.op === "!_" ? "bool" : "number";
  if (inner.type !== type) {
    return compiler.fault(`"${node.op[0]}" wants a ${type}, not a ${inner.type}`, child);
  }
  const { run } = inner;
  return {
    ...inner,
    run: type === "bool"
      ? (context) => {
        const value = run(context);
        return value === undefined ? undefined : !value;
      }
      : (context) => {
        const value = run(context);
        return value === undefined ? undefined : -(value as number);
      },
  };
}

function compileChoice(
  compiler: Compiler,
  node: ASTNode,
  args: [ASTNode, ASTNode, ASTNode],
): Compiled | null {
  const [test, yes, no] = args.map((arg) => compiler.compile(arg));
  if (!test || !yes || !no) return null;
  if (test.type !== "bool") {
    return compiler.fault(`"?" wants true or false, not a ${test.type}`, args[0]);
  }
  if (yes.type !== no.type) {
    return compiler.fault(`Both sides of ":" must be of one type`, node);
  }
  return {
    run(context) {
      const chosen = test.run(context);
      if (chosen === undefined) return undefined;
      return chosen ? yes.run(context) : no.run(context);
    },
    type: yes.type,
    ...together(test, yes, no),
  };
}

function compileIn(
  compiler: Compiler,
  node: ASTNode,
  args: [ASTNode, ASTNode],
): Compiled | null {
  const [keyNode, setNode] = args;
  const key = compiler.compile(keyNode);
  const set = compiler.compile(setNode);
  if (key === null || set === null) return null;
  if (set.type === "labels") {
    if (keyNode.op !== "value" || typeof keyNode.args !== "string") {
      return compiler.fault(
        `A key of labels must be written out, as in "some.key" in labels`,
        node,
      );
    }
    const name = keyNode.args;
    const fault = labelFault(compiler.scope, name);
    if (fault !== null) return compiler.fault(fault, keyNode);
    return {
      run: (context) => readLabel(context.row, name) !== undefined,
      type: "bool",
      ...together(),
      reads: [`labels["${name}"]`],
    };
  }
  const wanted: Partial<Record<ValueType, ValueType>> = { strings: "string", numbers: "number" };
  if (wanted[set.type] !== key.type) {
    return compiler.fault(`"in" can't look for a ${key.type} in a ${set.type}`, node);
  }
  const members = new Set(set.run({ row: {}, params: undefined, missing: [] }) as Value[]);
  return {
    ...together(key),
    run(context) {
      const value = key.run(context);
      return value === undefined ? undefined : members.has(value);
    },
    type: "bool",
  };
}

function compileComparison(compiler: Compiler, node: ASTNode): Compiled | null {
  const both = compilePair(compiler, node);
  if (both === null) return null;
  const { left, right } = both;
  const type = left.type;
  const orderable = type === "number" || type === "string";
  const equality = node.op === "==" || node.op === "!=";
  if (type !== right.type || !(orderable || (equality && type === "bool"))) {
    return compiler.fault(`"${node.op}" can't compare a ${type} with a ${right.type}`, node);
  }
  const op = node.op as keyof typeof COMPARE;
  const compiled = combine(left, right, { type: "bool", apply: COMPARE[op] });
  if (type !== "number") return compiled;
  const turns = equality ? [] : [...alone(left, right), ...alone(right, left)];
  return {
    ...compiled,
    comparisons: [...compiled.comparisons, { op, left, right, turns, run: compiled.run }],
    loose: compiled.loose.filter((name) => !turns.includes(name)),
  };
}

/** What one side rises or falls in, and the other does not read: together they might do both. */
function alone(own: Compiled, other: Compiled): string[] {
  return own.affine.filter((name) => !other.params.includes(name));
}

const COMPARE = {
  "==": (a: Value, b: Value) => a === b,
  "!=": (a: Value, b: Value) => a !== b,
  "<": (a: Value, b: Value) => a < b,
  "<=": (a: Value, b: Value) => a <= b,
  ">": (a: Value, b: Value) => a > b,
  ">=": (a: Value, b: Value) => a >= b,
};

function compileArithmetic(compiler: Compiler, node: ASTNode): Compiled | null {
  const both = compilePair(compiler, node);
  if (both === null) return null;
  const { left, right } = both;
  if (left.type !== "number" || right.type !== "number") {
    return compiler.fault(
      `"${node.op}" wants two numbers, not a ${left.type} and a ${right.type}`,
      node,
    );
  }
  const apply = ARITHMETIC[node.op as keyof typeof ARITHMETIC];
  const compiled = combine(left, right, { type: "number", apply });
  if (node.op === "/") return compiled;
  return { ...compiled, affine: [...alone(left, right), ...alone(right, left)] };
}

const ARITHMETIC = {
  "+": (a: Value, b: Value) => (a as number) + (b as number),
  "-": (a: Value, b: Value) => (a as number) - (b as number),
  "*": (a: Value, b: Value) => (a as number) * (b as number),
  "/": (a: Value, b: Value) => (a as number) / (b as number),
};

function compilePair(compiler: Compiler, node: ASTNode) {
  const [leftNode, rightNode] = node.args as [ASTNode, ASTNode];
  const left = compiler.compile(leftNode);
  const right = compiler.compile(rightNode);
  return left === null || right === null ? null : { left, right };
}

/** A result that is no finite number (x / 0) is missing, and so are the names it came from. */
function combine(
  left: Compiled,
  right: Compiled,
  options: { type: ValueType; apply: (a: Value, b: Value) => Value },
): Compiled {
  const { type, apply } = options;
  const parts = together(left, right);
  return {
    run(context) {
      const a = left.run(context);
      const b = right.run(context);
      if (a === undefined || b === undefined) return undefined;
      const value = apply(a, b);
      if (typeof value === "number" && !Number.isFinite(value)) {
        context.missing.push(...parts.reads);
        return undefined;
      }
      return value;
    },
    type,
    ...parts,
  };
}
