import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { RuleError } from "../model/errors.ts";
import { compilePack, type PackFile, readPackFiles } from "./pack.ts";
import type { ParameterValues } from "./expression.ts";
import type { RulePack } from "./rule.ts";

/**
 * Writes a copy of a pack with other values of its parameters (by full name: `rule-id.name`, or
 * `name` where the pack shares it). Comments and everything else stay as they are written. The copy
 * is compiled before a file of it is written. Throws a {@link RuleError} for a parameter that there
 * is not, and for a value outside of its range.
 */
export async function savePack(
  from: string,
  to: string,
  values: ParameterValues,
): Promise<RulePack> {
  const files = await readPackFiles(from);
  const written = new Set<string>();
  const changed = files.map((file) => withValues(file, values, written));
  for (const name of values.keys()) {
    if (written.has(name)) continue;
    throw new RuleError(`There is no parameter "${name}" to set`, {
      file: from,
      line: 1,
      column: 1,
    });
  }
  const pack = compilePack(changed, { folder: to });
  for (const name of values.keys()) checkRange(pack, name, from);
  for (const { path, text } of changed) {
    const file = join(to, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return pack;
}

function checkRange({ params }: RulePack, name: string, file: string): void {
  const { value, min, max } = params.get(name)!;
  if ((min === null || value >= min) && (max === null || value <= max)) return;
  const range = `${min ?? "any"} to ${max ?? "any"}`;
  throw new RuleError(`Parameter "${name}" can't be ${value}: its range is ${range}`, {
    ...{ file, line: 1, column: 1 },
  });
}

function withValues(file: PackFile, values: ParameterValues, written: Set<string>): PackFile {
  const document = parseDocument(file.text, { version: "1.2", schema: "core" });
  const isShared = /(^|\/)pack\.ya?ml$/.test(file.path);
  const prefix = isShared ? "" : `${document.get("id")}.`;
  let text = file.text;
  for (const [fullName, value] of values) {
    if (!fullName.startsWith(prefix) || (isShared && fullName.includes("."))) continue;
    const path = ["params", fullName.slice(prefix.length)];
    if (!document.hasIn(path)) continue;
    // a parameter is a number, or a map with its range
    const at = document.hasIn([...path, "value"]) ? [...path, "value"] : path;
    const node = document.getIn(at, true) as { range?: [number, number, number] } | undefined;
    if (node?.range === undefined) continue;
    // in the text itself: writing the document anew would lay it out otherwise
    const [start, end] = node.range;
    text = text.slice(0, start) + String(value) + text.slice(end);
    written.add(fullName);
    return withValues({ ...file, text }, without(values, fullName), written);
  }
  return { ...file, text };
}

function without(values: ParameterValues, name: string): ParameterValues {
  return new Map([...values].filter(([other]) => other !== name));
}
