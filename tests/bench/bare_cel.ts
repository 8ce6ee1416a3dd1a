import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Environment } from "@marcbachmann/cel-js";
import { parse } from "yaml";
import { ROUTING_VARIABLES } from "../../lib/phase1/variables.ts";

type BareRow = Record<string, unknown>;

/** A rule's two expressions, parsed once by the CEL library itself. */
interface BareRule {
  applies: (row: BareRow) => unknown;
  when: (row: BareRow) => unknown;
}

interface Shared {
  params: Record<string, number | { value: number }>;
  lists: Record<string, unknown[]>;
  macros: Record<string, string>;
}

/**
 * The baseline: the pack's own expressions as plain CEL, macros, parameters and lists written out,
 * each parsed once. `has(x)` is `true`, since plain CEL has no columns to ask for: rows come from
 * {@link bareRow}, in which nothing is missing. So no evaluation throws, which would be slow, and
 * nothing is noted of what a value was or was not.
 */
export async function bareRules(folder: string): Promise<BareRule[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) =>
    path.endsWith(".yaml")
  );
  const files = await Promise.all(
    paths.sort().map(async (path) => ({
      path,
      value: parse(await readFile(join(folder, path), "utf8")),
    })),
  );
  const shared: Shared = { params: {}, lists: {}, macros: {} };
  for (const { path, value } of files) {
    if (!path.endsWith("pack.yaml")) continue;
    for (const key of ["params", "lists", "macros"] as const) {
      Object.assign(shared[key], value[key]);
    }
  }
  const environment = new Environment({ unlistedVariablesAreDyn: true })
    .registerFunction("abs(double): double", Math.abs)
    .registerFunction("min(double, double): double", Math.min)
    .registerFunction("max(double, double): double", Math.max);
  return files.filter(({ path }) => !path.endsWith("pack.yaml")).map(({ value }) => {
    const scope = { ...shared, params: { ...shared.params, ...value.params } };
    const compile = (text: unknown) => environment.parse(writtenOut(String(text), scope));
    return { applies: compile(value.applies), when: compile(value.when) };
  });
}

/** Texts stay, names become what they stand for, whole numbers become doubles as in the rows. */
function writtenOut(text: string, shared: Shared): string {
  const part = /"[^"]*"|'[^']*'|has\([^()]*\)|(?:params|lists)\.\w+|[A-Za-z_]\w*|\d+(?:\.\d+)?/g;
  return text.replace(part, (found) => {
    if (found.startsWith('"') || found.startsWith("'")) return found;
    if (found.startsWith("has(")) return "true";
    if (/^\d+$/.test(found)) return `${found}.0`;
    const [kind, name] = found.split(".");
    if (kind === "params" && name !== undefined) {
      const param = shared.params[name]!;
      const value = typeof param === "number" ? param : param.value;
      return Number.isInteger(value) ? `${value}.0` : String(value);
    }
    if (kind === "lists" && name !== undefined) return JSON.stringify(shared.lists[name]);
    const macro = Object.hasOwn(shared.macros, found) ? shared.macros[found] : undefined;
    return macro === undefined ? found : `(${writtenOut(String(macro), shared)})`;
  });
}

const LABEL = /^labels\["(.+)"\]$/;

/** A row in which nothing that rules read is missing: 0, empty or false stands for it. */
export function bareRow(
  row: Readonly<Record<string, unknown>>,
  reads: ReadonlySet<string>,
): BareRow {
  const out: BareRow = {};
  for (const [name, type] of ROUTING_VARIABLES) {
    const empty = type === "number" ? 0 : type === "string" ? "" : type === "bool" ? false : {};
    out[name] = row[name] ?? empty;
  }
  const labels: Record<string, unknown> = { ...out["labels"] as object };
  for (const name of reads) {
    const key = LABEL.exec(name)?.[1];
    if (key !== undefined) labels[key] ??= "";
  }
  out["labels"] = labels;
  return out;
}

/** Evaluates every rule on a row, `when` where it applies; how many fire. */
export function fires(rules: readonly BareRule[], row: BareRow): number {
  let fired = 0;
  for (const { applies, when } of rules) {
    if (applies(row) === true && when(row) === true) fired++;
  }
  return fired;
}
