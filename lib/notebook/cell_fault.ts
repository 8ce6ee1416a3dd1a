import { withoutTerminalCodes } from "./visible_text.ts";

/** What `deno transpile` makes of a cell, or why it can't. */
type Transpiled =
  | { state: "ok"; code: string; mappings: string }
  | { state: "invalid"; problem: string; line: number | null };

/**
 * The kernel runs a cell's JavaScript, laid out anew: its stack traces count lines of a text nobody
 * has. This makes the same text again, with a map back to the source.
 */
export async function transpileCell(source: string): Promise<Transpiled> {
  const folder = await Deno.makeTempDir({ prefix: "shellscope-cell-" });
  try {
    const config = { compilerOptions: { verbatimModuleSyntax: true } };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
    await Deno.writeTextFile(`${folder}/cell.ts`, source);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["transpile", "--quiet", "--source-map", "inline", "cell.ts"],
      cwd: folder,
      stdin: "null",
    });
    const { success, stdout, stderr } = await command.output();
    if (!success) return invalid(withoutTerminalCodes(new TextDecoder().decode(stderr)));
    const [code = "", map = ""] = new TextDecoder().decode(stdout)
      .split("//# sourceMappingURL=data:application/json;base64,");
    return { state: "ok", code, mappings: map === "" ? "" : JSON.parse(atob(map.trim())).mappings };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * The line of the source, from 1, where a place in the kernel's text comes from. The kernel leaves
 * out some of the comments, so its lines can be fewer than ours: the answer is null where more
 * than one line could be meant.
 */
export function sourceLine(
  transpiled: Extract<Transpiled, { state: "ok" }>,
  at: { line: number; column: number },
): number | null {
  const lines = transpiled.code.split("\n");
  const map = decodeMappings(transpiled.mappings);
  const comments = lines.filter((line) => /^\s*(\/\/|\/?\*)/.test(line) || line.includes("/*"));
  const slack = comments.length === 0 ? 0 : Math.max(comments.length, commentLines(lines));
  const found = new Set<number>();
  // The kernel puts this in front of the first line.
  const column = at.line === 1
    ? Math.max(1, at.column - "'use strict'; void 0;".length)
    : at.column;
  for (let line = at.line; line <= Math.min(at.line + slack, lines.length); line++) {
    if (!couldBeAt(lines[line - 1] ?? "", column)) continue;
    const segment = (map[line - 1] ?? []).findLast((segment) => segment.column < column);
    if (segment !== undefined) found.add(segment.sourceLine);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only + 1 : null;
}

/** Whether an error could be reported at a column (from 1) of a line: where a word begins. */
function couldBeAt(line: string, column: number): boolean {
  if (/^\s*\/\//.test(line)) return false;
  if (line.startsWith("import ")) return true; // the kernel makes another statement of it
  const before = line[column - 2] ?? " ";
  const here = line[column - 1] ?? "";
  return /[\w$]/.test(here) ? !/[\w$]/.test(before) : /[([{"'`]/.test(here);
}

/** The place of the cell's own top level in a stack trace: the outermost frame. */
export function topLevelFrame(
  traceback: readonly string[],
): { line: number; column: number } | null {
  for (const frame of traceback.toReversed()) {
    const match = /^\s*at (?:async )?<anonymous>:(\d+):(\d+)$/.exec(frame);
    if (match) return { line: Number(match[1]), column: Number(match[2]) };
  }
  return null;
}

/** A cell's lines with their numbers, the faulty one marked; at most twenty around it. */
export function quoteSource(source: string, faulty: number | null): string {
  const lines = source.split("\n");
  const first = Math.max(1, (faulty ?? 1) - 10);
  return lines.slice(first - 1, first + 19).map((line, i) => {
    const number = first + i;
    return `${number === faulty ? ">" : " "} ${String(number).padStart(3)} | ${line.slice(0, 160)}`;
  }).join("\n");
}

function invalid(stderr: string): Transpiled {
  const problem = /^error: (.+)$/m.exec(stderr)?.[1] ?? "The cell can't be parsed";
  const line = /cell\.ts:(\d+):\d+/.exec(stderr)?.[1];
  return { state: "invalid", problem, line: line === undefined ? null : Number(line) };
}

function commentLines(lines: readonly string[]): number {
  const text = lines.join("\n");
  return (text.match(/\/\*[^]*?\*\//g) ?? []).reduce(
    (n, block) => n + block.split("\n").length,
    0,
  ) +
    (text.match(/^\s*\/\//gm) ?? []).length;
}

interface Segment {
  /** Both from 0. */
  column: number;
  sourceLine: number;
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The mappings of a source map of one source (ECMA-426), line by line. */
function decodeMappings(mappings: string): Segment[][] {
  let sourceLine = 0;
  return mappings.split(";").map((line) => {
    let column = 0;
    const segments: Segment[] = [];
    for (const text of line.split(",")) {
      const [columnStep, , lineStep] = decodeVlq(text);
      if (columnStep === undefined || lineStep === undefined) continue;
      column += columnStep;
      sourceLine += lineStep;
      segments.push({ column, sourceLine });
    }
    return segments;
  });
}

function decodeVlq(text: string): number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const char of text) {
    const digit = BASE64.indexOf(char);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    values.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return values;
}
