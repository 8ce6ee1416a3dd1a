import { printable } from "../model/printable.ts";
import type { Export } from "./export_events.ts";
import type { RecordingLimits } from "./limits.ts";
import type { RecordingSource } from "./read.ts";
import { readRecording } from "./read.ts";
import { terminalText } from "./terminal/terminal.ts";
import type { TerminalLine } from "./terminal/terminal_text.ts";

/**
 * What the terminal of a recording showed, a line each: seconds since the recording's first event,
 * what became of it (`~` overwritten, `-` erased), `|` where it stood on the alternate screen, the
 * text. Behind it, in brackets, how many texts like it followed in its place and which part of it
 * could not be seen. No character that a terminal would act on is left.
 */
export function exportText(
  source: RecordingSource,
  options: { limits?: Partial<RecordingLimits> } = {},
): Export {
  const reader = readRecording(source, options.limits);
  const remarks: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    const { lines, stopped, refused } = await terminalText(reader);
    for (let at = 0; at < lines.length; at += LINES_A_PIECE) {
      yield lines.slice(at, at + LINES_A_PIECE).map((line) => `${formatLine(line)}\n`).join("");
    }
    if (stopped !== null) remarks.push(`The text ends early: too many ${stopped}`);
    if (refused > 0) remarks.push(`${refused} absurd control sequences were passed over`);
    if (lines.length === 0) remarks.push("The recording has no terminal output");
  }
  return { outcome: reader.outcome, remarks, [Symbol.asyncIterator]: lines };
}

const LINES_A_PIECE = 1000;
const FATES: Readonly<Record<TerminalLine["fate"], string>> = {
  kept: " ",
  overwritten: "~",
  erased: "-",
};

function formatLine(line: TerminalLine): string {
  const time = (line.firstMs / 1000).toFixed(3).padStart(10);
  const screen = line.screen === "alternate" ? "|" : " ";
  const more = line.repeats > 0 ? `  [and ${line.repeats} alike]` : "";
  const hidden = line.concealed.map((part) => `  [not visible: ${printable(part)}]`).join("");
  return `${time} ${FATES[line.fate]}${screen} ${printable(line.text)}${more}${hidden}`.trimEnd();
}
