import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RuleError } from "../model/errors.ts";
import { compilePack, readPackFiles } from "./pack.ts";
import type { ParameterValues } from "./expression/expression.ts";
import type { RulePack } from "./rule.ts";
import { changesOf } from "./write_back.ts";

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
  const before = compilePack(files, { folder: from });
  for (const [name, value] of values) checkValue(before, { name, value, file: from });
  const changes = changesOf(files, before, { params: values });
  const after = new Map(changes.map((change) => [change.path, change.after]));
  const changed = files.map(({ path, text }) => ({ path, text: after.get(path) ?? text }));
  const pack = compilePack(changed, { folder: to });
  for (const { path, text } of changed) {
    const file = join(to, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return pack;
}

function checkValue(
  { params }: RulePack,
  { name, value, file }: { name: string; value: number; file: string },
): void {
  const at = { file, line: 1, column: 1 };
  const param = params.get(name);
  if (param === undefined) {
    throw new RuleError(`There is no parameter "${name}" to set`, at);
  }
  const { min, max } = param;
  if ((min === null || value >= min) && (max === null || value <= max)) return;
  const range = `${min ?? "any"} to ${max ?? "any"}`;
  throw new RuleError(`Parameter "${name}" can't be ${value}: its range is ${range}`, at);
}
