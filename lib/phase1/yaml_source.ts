import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import type { z } from "zod";
import type { RuleFault } from "../model/errors.ts";
import { suggestion } from "./suggestion.ts";

/** Largest file of a pack, in characters. */
const MAX_FILE_LENGTH = 200_000;
/** Most aliases one file may resolve. */
const MAX_ALIASES = 20;

/** A path from a document's root: keys and indexes. */
export type Path = readonly (string | number)[];

/** A YAML file with the positions of its parts. */
export interface YamlSource {
  readonly file: string;
  /** Line and column of the node (or its key) at a path, or of the closest one above it. */
  at(path: Path, options?: { key?: boolean }): RuleFault["at"];
  /** Line and column of an offset inside the text at a path, whatever way it is quoted. */
  inside(path: Path, offset: number): RuleFault["at"];
}

/**
 * Reads one YAML file and checks it against a schema. Faults are pushed with their positions; the
 * value is null where there was one. Size and aliases are bounded, tags and duplicate keys are
 * faults.
 */
export function readYaml<T>(
  source: { file: string; text: string },
  schema: z.ZodType<T>,
  faults: RuleFault[],
): { value: T | null; source: YamlSource } {
  const { file } = source;
  const text = source.text.slice(0, MAX_FILE_LENGTH);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2", schema: "core" });
  const positions = new Positions(file, text, document, lines);
  const before = faults.length;
  if (source.text.length > MAX_FILE_LENGTH) {
    faults.push({
      problem: `File has more than ${MAX_FILE_LENGTH} characters`,
      at: { file, line: 1, column: 1 },
    });
  }
  for (const error of [...document.errors, ...document.warnings]) {
    faults.push({
      // the parser's stack ran over
      problem: error.code === "RESOURCE_EXHAUSTION"
        ? "YAML is nested too deep; write it flatter"
        : error.message.split(/ at line \d|\n/)[0] ?? "YAML can't be read",
      at: positions.ofOffset(error.pos[0]),
    });
  }
  visit(document, {
    Scalar(role, node) {
      if (role !== "key" || node.value !== "__proto__") return;
      const at = positions.ofOffset(node.range?.[0] ?? 0);
      faults.push({ problem: `Unknown key "__proto__"`, at });
    },
  });
  if (faults.length > before) return { value: null, source: positions };
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const problem = `Aliases can't be resolved: ${(error as Error).message}`;
    faults.push({ problem, at: { file, line: 1, column: 1 } });
    return { value: null, source: positions };
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { value: parsed.data, source: positions };
  for (const { problem, path, key } of flatten(parsed.error.issues, [])) {
    faults.push({ problem, at: positions.at(path, { key }) });
  }
  return { value: null, source: positions };
}

interface Issue {
  problem: string;
  path: Path;
  /** Whether the key is at fault, not the value. */
  key: boolean;
}

/** One line a fault; of a union, the branch that came closest speaks. */
function flatten(issues: readonly z.core.$ZodIssue[], base: Path): Issue[] {
  return issues.flatMap((issue): Issue[] => {
    const own = issue.path.map((part) => typeof part === "number" ? part : String(part));
    const path = [...base, ...own];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        problem: `Unknown key "${key}"${suggestion(key, KEYS)}`,
        path: [...path, key],
        key: true,
      }));
    }
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const closest = issue.errors.reduce((a, b) => distance(b) < distance(a) ? b : a);
      return flatten(closest, path);
    }
    const key = issue.code === "invalid_key";
    const message = key ? issue.issues[0]?.message ?? issue.message : issue.message;
    const where = path.length === 0 ? "" : `"${path.join(".")}": `;
    return [{ problem: `${where}${message}`, path, key }];
  });
}

/** How far a union's branch is from fitting: a wrong type at its top is worst. */
function distance(issues: readonly z.core.$ZodIssue[]): number {
  let sum = 0;
  for (const issue of issues) {
    sum += issue.path.length === 0 && issue.code === "invalid_type" ? 100 : 1;
    if (issue.code === "unrecognized_keys") sum += issue.keys.length * 2;
  }
  return sum;
}

/** Every key of the two schemas, for suggestions. */
const KEYS = [
  ..."id title status applies when params votes why falsePositives references tests".split(" "),
  ..."prior margin calibration cohorts reasons lists macros human agent automation".split(" "),
  ..."class tool toolIn model weight cohort routing reason name row expect value min".split(" "),
  ..."max doc kind points".split(" "),
];

class Positions implements YamlSource {
  constructor(
    readonly file: string,
    private readonly text: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  ofOffset(offset: number): RuleFault["at"] {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  at(path: Path, options: { key?: boolean } = {}): RuleFault["at"] {
    return this.ofOffset(this.nodeAt(path, options.key ?? false)?.range?.[0] ?? 0);
  }

  inside(path: Path, offset: number): RuleFault["at"] {
    const node = this.nodeAt(path, false);
    if (!isScalar(node) || typeof node.value !== "string" || !node.range) return this.at(path);
    return this.ofOffset(alignedOffset(this.text, node as Scalar<string>, offset));
  }

  /** The node at a path, its key where that is asked for, or the closest node above it. */
  private nodeAt(path: Path, key: boolean): Node | null {
    let node: Node | null = this.document.contents;
    for (const [depth, part] of path.entries()) {
      const last = depth === path.length - 1;
      if (isMap(node)) {
        const pair: Pair | undefined = node.items.find((item) =>
          isScalar(item.key) && String(item.key.value) === String(part)
        );
        if (pair === undefined) return node;
        const useKey = !isNode(pair.value) || (last && (key || !isScalar(pair.value)));
        node = (useKey ? pair.key : pair.value) as Node;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(part)];
        if (!isNode(item)) return node;
        node = item;
      } else return node;
    }
    return node;
  }
}

/** Walks value and source together: folding and escapes only ever add characters to the source. */
function alignedOffset(text: string, scalar: Scalar<string>, offset: number): number {
  const [start, end] = scalar.range as [number, number, number];
  const block = scalar.type === "BLOCK_FOLDED" || scalar.type === "BLOCK_LITERAL";
  let at = start;
  if (block) at = text.indexOf("\n", start) + 1;
  const value = scalar.value;
  for (let i = 0; i <= offset && i < value.length && at < end; i++) {
    const wanted = value[i]!;
    if (/\s/.test(wanted)) {
      if (i < offset) { while (at < end && /\s/.test(text[at]!)) at++; }
      continue;
    }
    while (at < end && text[at] !== wanted) at++;
    if (i === offset) return at;
    at++;
  }
  return Math.min(at, end);
}
