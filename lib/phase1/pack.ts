import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { RuleError, type RuleFault } from "../model/errors.ts";
import { readPlainText } from "../model/plain_file.ts";
import type { Distribution } from "../model/verdict.ts";
import { compileRule } from "./pack_rule.ts";
import { mergeShared } from "./pack_shared.ts";
import type { PackParameter, Rule, RulePack } from "./rule.ts";
import { RULE_SCHEMA, type RuleFile, SHARED_SCHEMA, type SharedFile } from "./rule_schema.ts";
import { readYaml, type YamlSource } from "./yaml_source.ts";

/** One YAML file of a pack: its `path` below the folder, with `/`, and its `text`. */
export interface PackFile {
  path: string;
  text: string;
}

/** Where a pack sets none: what a fleet sees before any evidence. */
const DEFAULT_PRIOR: Distribution = { human: 0.6, agent: 0.1, automation: 0.3 };
const DEFAULT_MARGIN = 0.2;
/** Most rule files of one pack. */
const MAX_FILES = 2000;

/**
 * Loads a pack: every `*.yaml` below the folder is a rule, every `pack.yaml` holds what rules
 * share. Throws a {@link RuleError} that lists every fault of every file with line and column.
 */
export async function loadPack(folder: string): Promise<RulePack> {
  return compilePack(await readPackFiles(folder), { folder });
}

/** The YAML files of a pack, by path. Throws a {@link RuleError} where there is none. */
export async function readPackFiles(folder: string): Promise<PackFile[]> {
  let paths: string[];
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error("not a folder");
    const entries = await readdir(folder, { recursive: true });
    paths = entries.map((path) => path.replaceAll("\\", "/"));
  } catch (cause) {
    throw new RuleError("Cannot read the folder of rules", { file: folder, line: 1, column: 1 }, {
      cause,
    });
  }
  const wanted = paths.filter((path) => path.endsWith(".yaml") || path.endsWith(".yml")).sort();
  if (wanted.length === 0 || wanted.length > MAX_FILES) {
    const problem = wanted.length === 0 ? "No rules (*.yaml) in this folder" : "Too many rules";
    throw new RuleError(problem, { file: folder, line: 1, column: 1 });
  }
  const files: PackFile[] = [];
  for (const path of wanted) {
    files.push({ path, text: await ruleText(join(folder, path)) });
  }
  return files;
}

/** A longer file is no rule. */
const MAX_BYTES = 1024 * 1024;

async function ruleText(file: string): Promise<string> {
  let problem = "This is no plain file; take it out of the folder of rules";
  try {
    const read = await readPlainText(file, MAX_BYTES);
    if (read.state === "read") return read.text;
    if (read.state === "too-long") problem = "The file is longer than 1 MiB: it is no rule";
  } catch {
    problem = "Cannot read the file; check its rights";
  }
  throw new RuleError(problem, { file, line: 1, column: 1 });
}

/** Compiles a pack from its files; `folder` is only for errors. Pure. */
export function compilePack(
  files: readonly PackFile[],
  options: { folder?: string } = {},
): RulePack {
  const faults: RuleFault[] = [];
  const ordered = [...files].sort((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
  const shared: { value: SharedFile; source: YamlSource }[] = [];
  const ruleFiles: { value: RuleFile; source: YamlSource }[] = [];
  for (const { path, text } of ordered) {
    const file = options.folder === undefined ? path : join(options.folder, path);
    if (isShared(path)) {
      const { value, source } = readYaml({ file, text }, SHARED_SCHEMA, faults);
      if (value !== null) shared.push({ value, source });
    } else {
      const { value, source } = readYaml({ file, text }, RULE_SCHEMA, faults);
      if (value !== null) ruleFiles.push({ value, source });
    }
  }
  const merged = mergeShared(shared, faults);
  const params = new Map<string, PackParameter>(merged.params);
  const rules: Rule[] = [];
  const seen = new Map<string, string>();
  for (const { value, source } of ruleFiles) {
    const first = seen.get(value.id);
    if (first !== undefined) {
      faults.push({ problem: `Id "${value.id}" is already in ${first}`, at: source.at(["id"]) });
    }
    seen.set(value.id, source.file);
    const rule = compileRule(value, source, { shared: merged, params, faults });
    if (rule !== null) rules.push(rule);
  }
  const [first, ...others] = faults;
  if (first !== undefined) throw new RuleError(first.problem, first.at, { others });
  rules.sort((a, b) => a.file < b.file ? -1 : 1);
  const pack = {
    rules,
    verdictRules: together(rules.filter((rule) => rule.kind !== "routing")),
    routingRules: rules.filter((rule) => rule.kind === "routing"),
    params,
    prior: merged.prior ?? DEFAULT_PRIOR,
    margin: merged.margin ?? DEFAULT_MARGIN,
    calibration: merged.calibration ?? { kind: "temperature" as const, value: 1 },
    cohorts: merged.cohorts,
    reasons: merged.reasons,
  };
  const hash = hashOf(pack, {
    macros: shared.map(({ value }) => value.macros),
    lists: shared.map(({ value }) => value.lists),
  });
  return { ...pack, hash, version: `phase1@${hash.slice(0, 8)}` };
}

/**
 * Rules that apply to the same rows one after the other, with one expression for all: it is then
 * evaluated once. Otherwise in the order they had.
 */
function together(rules: readonly Rule[]): Rule[] {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = [rule.applies.text, ...rule.applies.params].join("\n");
    const [first, ...others] = groups.get(key) ?? [];
    groups.set(
      key,
      first === undefined ? [rule] : [first, ...others, { ...rule, applies: first.applies }],
    );
  }
  return [...groups.values()].flat();
}

/** Whether a file of a pack holds what rules share, and is no rule itself. */
export function isShared(path: string): boolean {
  return /(^|\/)pack\.ya?ml$/.test(path);
}

function depth(file: PackFile): number {
  return file.path.split("/").length;
}

/** Of what decides verdicts: expressions, parameters, votes, scoring; not of prose and tests. */
function hashOf(pack: Omit<RulePack, "hash" | "version">, sources: unknown): string {
  const { fitted: _, ...calibration } = pack.calibration;
  const rules = pack.rules.map((rule) => [
    rule.id,
    rule.applies.text,
    rule.when.text,
    rule.votes,
    rule.namedTools.map((vote) => [vote.in.text, vote.weight]),
  ]).sort((a, b) => String(a[0]) < String(b[0]) ? -1 : 1);
  const params = [...pack.params.values()].map((param) => [param.fullName, param.value]).sort();
  const decisive = [
    rules,
    params,
    sources,
    pack.prior,
    pack.margin,
    calibration,
    [...pack.cohorts.keys()],
    [...pack.reasons.keys()],
  ];
  return createHash("sha256").update(JSON.stringify(decisive)).digest("hex");
}
