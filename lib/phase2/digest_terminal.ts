import type { TerminalLine, TerminalText } from "../recording/terminal/terminal_text.ts";
import { cleanText } from "../redact/clean_text.ts";
import { instructionLines } from "../redact/instructions.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { Digest } from "./digest.ts";
import { secondsText } from "./seconds_text.ts";

interface TerminalDigestOptions {
  redactor: Redactor;
  /** Widths that the terminal had: a line as wide as one of them may go on in the next. */
  widths?: readonly number[];
  /** Seconds at which a stretch with another rhythm begins, as the segments of the session say. */
  partsFrom?: readonly number[];
}

/** A silence that is worth a line of its own. */
const SILENCE_MS = 2000;
/** Shorter times are not told. */
const SHOWN_MS = 100;
/** Output that follows so closely is one flow. */
const FLOW_MS = 250;
/** Of a longer flow of output the middle is only counted. */
const FLOW_LINES = 60;
const FLOW_HEAD = 25;
const FLOW_TAIL = 15;
/** Longer lines are cut, and say so. */
const LINE_CHARACTERS = 1000;
/** What looks like a prompt with a command is never left out of a flow. */
const PROMPT = /^.{0,120}[$#%>❯➜λ] \S/u;

interface Shown {
  text: string;
  firstMs: number;
  lastMs: number;
  /** What is told of the line before its text. */
  marks: string;
  withheld: boolean;
  /** Lines alike that followed, and were folded into this one. */
  again: number;
}

/**
 * The text of a terminal for a model: a line each with its time, how long it took to appear, what
 * became of it; silences; where the rhythm changes; lines that repeat folded and long output elided,
 * both with counts. Secrets are replaced, and lines that speak to the reader withheld.
 */
export function digestTerminal(text: TerminalText, options: TerminalDigestOptions): Digest {
  const { redactor, widths = [], partsFrom = [] } = options;
  const written = text.lines.filter((line) => line.text.trim() !== "");
  const clean = written.map((line) => {
    const { text, removed } = cleanText(line.text);
    return { text: unforged(text), removed };
  });
  const instructions = instructionLines(written.map((line) => line.text));
  const { lines: redacted, counts } = redactor.lines(clean.map(({ text }, i) => ({
    text,
    wraps: widths.includes(cellsOf(written[i]!.text)),
  })));
  const shown = written.flatMap((line, i): Shown[] => {
    const kind = instructions.get(i);
    const plain = redacted[i]!.trimEnd();
    if (plain === "" && kind === undefined) return [];
    return [{
      text: kind === undefined
        ? cut(plain)
        : `[${plain.length} characters that speak to the reader]`,
      firstMs: line.firstMs,
      lastMs: line.lastMs,
      marks: marksOf(line),
      withheld: kind !== undefined,
      again: line.repeats,
    }];
  });
  const digest: Digest = {
    kind: "pty",
    lines: [],
    redacted: counts,
    instructions: [],
    invisible: clean.reduce((sum, { removed }) => sum + removed, 0),
    elided: 0,
    stopped: text.stopped,
  };
  writeLines(digest, folded(shown), partsFrom);
  if (text.stopped !== null) {
    digest.lines.push(`(the text ends here: the recording has too many ${text.stopped})`);
  }
  return digest;
}

/** What a digest says in its own words within a line: placeholders, marks, counts. */
const OWN_WORDS =
  /\[(?=[a-z-]{1,30} [0-9]|[0-9]{1,9} (?:more )?characters)|\((?=(?:overwritten|erased|full-screen|partly invisible|[0-9]{1,9} steps?)\b|and [0-9]{1,9} more alike)/g;

/** A session's text that writes as a digest does, told from it by a backslash. */
function unforged(text: string): string {
  return text.replace(OWN_WORDS, "\\$&");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

/** Columns that a text takes in a terminal. */
function cellsOf(text: string): number {
  const plain = text.replace(/[\p{M}\p{Cf}]/gu, "");
  return plain.replace(WIDE, "00").length;
}

/** How a line came about that took its time: key by key, or whole after a silence. */
function stepsOf({ firstMs, lastMs, growths, waitedMs }: TerminalLine): string {
  if (growths === 0 || lastMs - firstMs < SHOWN_MS) return "";
  const steps = growths === 1 ? "1 step" : `${growths} steps`;
  return waitedMs < SHOWN_MS ? steps : `${steps} after ${secondsText(waitedMs)}`;
}

function marksOf(line: TerminalLine): string {
  const marks = [
    line.fate === "kept" ? "" : line.fate,
    line.screen === "alternate" ? "full-screen" : "",
    line.concealed.length > 0 ? "partly invisible" : "",
    stepsOf(line),
  ].filter((mark) => mark !== "");
  return marks.length === 0 ? "" : ` (${marks.join(", ")})`;
}

function cut(text: string): string {
  if (text.length <= LINE_CHARACTERS) return text;
  const kept = text.slice(0, LINE_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return `${kept} [${text.length - kept.length} more characters left out]`;
}

/** Lines without those that say the same as the one before them. */
function folded(lines: readonly Shown[]): Shown[] {
  const kept: Shown[] = [];
  for (const line of lines) {
    const last = kept.at(-1);
    if (last !== undefined && last.text === line.text && last.marks === line.marks) {
      last.again += line.again + 1;
      last.lastMs = Math.max(last.lastMs, line.lastMs);
    } else kept.push({ ...line });
  }
  return kept;
}

function writeLines(digest: Digest, lines: readonly Shown[], partsFrom: readonly number[]): void {
  const parts = partsFrom.map((seconds) => seconds * 1000).filter((ms) => ms > 0).sort((a, b) =>
    a - b
  );
  let before = 0;
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    while (parts.length > 0 && line.firstMs >= parts[0]!) {
      digest.lines.push(`(the rhythm changes at ${secondsText(parts.shift()!)})`);
    }
    if (line.firstMs - before >= SILENCE_MS) {
      digest.lines.push(`(silence of ${secondsText(line.firstMs - before)})`);
    }
    const end = flowEnd(lines, i);
    const left = elidedOf(lines, i, end);
    for (let k = i; k < end; k++) {
      if (k === left.from && left.count > 0) {
        digest.lines.push(`(${left.count} lines of output left out)`);
        digest.elided += left.count;
      }
      if (k >= left.from && k < left.until && !left.kept.has(k)) continue;
      if (lines[k]!.withheld) digest.instructions.push(digest.lines.length + 1);
      digest.lines.push(lineText(lines[k]!));
    }
    before = Math.max(before, ...lines.slice(i, end).map(({ lastMs }) => lastMs));
    i = end;
  }
}

function lineText({ text, firstMs, lastMs, marks, again }: Shown): string {
  const took = lastMs - firstMs;
  const over = took >= SHOWN_MS ? ` +${secondsText(took)}` : "";
  const more = again > 0 ? `  (and ${again} more alike)` : "";
  return `${secondsText(firstMs)}${over}${marks} ${text}${more}`;
}

/** Where a flow of output that begins at a line ends: lines that appear whole and close together. */
function flowEnd(lines: readonly Shown[], from: number): number {
  let end = from + 1;
  while (
    end < lines.length && isOutput(lines[end]!) &&
    lines[end]!.firstMs - lines[end - 1]!.lastMs < FLOW_MS
  ) end++;
  return end;
}

function isOutput({ firstMs, lastMs }: Shown): boolean {
  return lastMs - firstMs < FLOW_MS;
}

/** The middle of a long flow, without what must be kept of it. */
function elidedOf(
  lines: readonly Shown[],
  from: number,
  end: number,
): { from: number; until: number; kept: Set<number>; count: number } {
  if (end - from <= FLOW_LINES) return { from: end, until: end, kept: new Set(), count: 0 };
  const [head, tail] = [from + FLOW_HEAD, end - FLOW_TAIL];
  const kept = new Set<number>();
  for (let k = head; k < tail; k++) {
    if (lines[k]!.withheld || PROMPT.test(lines[k]!.text)) kept.add(k);
  }
  return { from: head, until: tail, kept, count: tail - head - kept.size };
}
