import type { RecordingEvent } from "../../lib/model/event.ts";
import { terminalText } from "../../lib/recording/terminal/terminal.ts";
import { Redactor } from "../../lib/redact/redactor.ts";
import type { Digest } from "../../lib/phase2/digest.ts";
import { digestTerminal } from "../../lib/phase2/digest_terminal.ts";

/** Terminal output, each piece an event of its own, `gapMs` apart; through to a digest. */
export async function digestOf(
  pieces: readonly string[],
  { cols = 80, gapMs = 20, words = [] as string[] } = {},
): Promise<Digest> {
  const encoder = new TextEncoder();
  const prints = pieces.map((piece, i): RecordingEvent => ({
    type: "print",
    atMs: (i + 1) * gapMs,
    data: encoder.encode(piece),
  }));
  const start: RecordingEvent = { type: "start", atMs: 0, facts: {}, size: { cols, rows: 24 } };
  const text = await terminalText([[start], prints]);
  return digestTerminal(text, { redactor: new Redactor(words), widths: [cols] });
}

/** How programs put a text on a screen: as it is, in colour, in pieces, drawn row by row. */
export const PRINTERS: readonly {
  name: string;
  pieces: (text: string, random: () => number, cols: number) => string[];
}[] = [
  { name: "plain", pieces: (text) => [text.replaceAll("\n", "\r\n")] },
  {
    name: "split over prints",
    pieces: (text, random) => {
      const plain = text.replaceAll("\n", "\r\n");
      const pieces: string[] = [];
      for (let at = 0; at < plain.length;) {
        const length = 1 + Math.floor(random() * 9);
        pieces.push(plain.slice(at, at + length));
        at += length;
      }
      return pieces;
    },
  },
  {
    name: "coloured in the middle",
    pieces: (text, random) => {
      const at = Math.floor(random() * text.length);
      const plain = `${text.slice(0, at)}\u001b[1;31m${text.slice(at)}\u001b[0m`;
      return [plain.replaceAll("\n", "\r\n")];
    },
  },
  {
    name: "rows placed by the cursor, as multiplexers do",
    pieces: (text, _random, cols) =>
      text.split("\n").flatMap((line) => {
        const rows = line.match(new RegExp(`.{1,${cols}}`, "g")) ?? [""];
        return [...rows.map((row) => `${row}\r\n`)];
      }),
  },
];
