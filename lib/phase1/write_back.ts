import { join } from "node:path";
import { parse } from "yaml";
import { editBlock, editNumbers, hasNumber, type NumberEdit } from "./edit_yaml.ts";
import type { PackNumbers } from "./fit_numbers.ts";
import { isShared, type PackFile } from "./pack.ts";
import type { RulePack } from "./rule.ts";
import type { RuleFile } from "./rule_schema.ts";
import { unifiedDiff } from "./unified_diff.ts";
import type { Path } from "./yaml_source.ts";

/** A file of a pack as it is and as it would be. */
export interface FileChange {
  /** Below the pack's folder. */
  path: string;
  /** Its text as it is. */
  before: string;
  /** Its text as it would be, comments and order kept. */
  after: string;
}

/**
 * What writing other numbers into a pack's files would change: only the numbers themselves; the
 * calibration is written with a note of what it was `fitted` on. Files that stay as they are are left
 * out. Pure: writing is the caller's.
 */
export function changesOf(
  files: readonly PackFile[],
  pack: RulePack,
  numbers: Partial<PackNumbers> & { fitted?: string },
): FileChange[] {
  const { params = new Map(), weights = new Map(), calibration, fitted } = numbers;
  const rules = files.filter(({ path }) => !isShared(path))
    .map((file) => ({ file, rule: parse(file.text) as RuleFile }));
  const shared = files.filter(({ path }) => isShared(path));
  const edits = new Map<PackFile, NumberEdit[]>();
  const add = (file: PackFile | undefined, path: Path, value: number) => {
    if (file === undefined) throw new TypeError(`No file of the pack has "${path.join(".")}"`);
    edits.set(file, [...edits.get(file) ?? [], { path, value }]);
  };
  for (const [fullName, value] of params) {
    if (pack.params.get(fullName)?.value === value) continue;
    const [owner, name] = fullName.split(".");
    const candidates = name === undefined
      ? shared
      : rules.filter(({ rule }) => rule.id === owner).map(({ file }) => file);
    const file = candidates.find(({ text }) => paramPath(text, name ?? owner!) !== null);
    add(file, file === undefined ? [fullName] : paramPath(file.text, name ?? owner!)!, value);
  }
  for (const { file, rule } of rules) {
    for (const [i, vote] of rule.votes.entries()) {
      if (!("class" in vote)) continue;
      const weight = weights.get(rule.id)?.[vote.class];
      if (weight !== undefined && weight !== vote.weight) add(file, ["votes", i, "weight"], weight);
    }
  }
  const changed = new Map([...edits].map(([file, own]) => [file, editNumbers(file.text, own)]));
  if (calibration !== undefined && calibration.kind === "temperature") {
    const holder = shared.find(({ text }) => (parse(text) ?? {}).calibration !== undefined) ??
      shared[0];
    if (holder !== undefined) {
      const { kind, value } = calibration;
      const entries = { kind, value, ...fitted !== undefined && { fitted } };
      changed.set(holder, editBlock(changed.get(holder) ?? holder.text, "calibration", entries));
    }
  }
  return [...changed].map(([{ path, text }, after]) => ({ path, before: text, after }))
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The changes as one text to review. */
export function formatChanges(folder: string, changes: readonly FileChange[]): string {
  return changes.map(({ path, before, after }) => unifiedDiff(join(folder, path), before, after))
    .join("");
}

/** Where a parameter's number stands, in either spelling. */
function paramPath(text: string, name: string): Path | null {
  return [["params", name], ["params", name, "value"]].find((path) => hasNumber(text, path)) ??
    null;
}
