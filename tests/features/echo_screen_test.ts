import assert from "node:assert/strict";
import fc from "../property.ts";
import { EchoScreen } from "../../lib/features/echo_screen.ts";
import { PrintBlock, REDRAWN } from "../../lib/features/print_block.ts";
import { PlainScreen } from "./plain_screen.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Pieces of what terminals are sent: whole rows above all, since those take the shortcut. */
const PIECE = fc.oneof(
  fc.stringMatching(/^[ -~]{0,60}\r\n$/).map(encode),
  fc.stringMatching(/^[ -~]{0,12}$/).map(encode),
  fc.constantFrom(
    ...[
      "\r",
      "\n",
      "\b",
      "\t",
      "\x07",
      "\x7f",
      "\r\n",
      "\x1b[0m",
      "\x1b[01;32m",
      "\x1b[K",
      "\x1b[2K",
    ],
    ...[
      "\x1b[2J",
      "\x1b[5D",
      "\x1b[3C",
      "\x1b[7G",
      "\x1b[4;9H",
      "\x1b[A",
      "\x1bM",
      "\x1b8",
      "\x1b(B",
    ],
    ...["\x1b]0;title\x07", "\x1b]133;A\x1b\\", "\x1b[?2004h", "\x1b[?2004l\r", "\x1b[?1049h"],
    ...[
      "\x1b[?1049l",
      "\x1b[?25l",
      "\x1b[",
      "\x1b",
      "日本",
      "é",
      "e\u0301",
      "✅",
      "🙂",
      "⠋ 12s",
      "─│",
    ],
    ...["dana@web-1:~$ ", "\x1b[1m\x1b[7m%\x1b[27m"],
  ).map(encode),
  fc.uint8Array({ maxLength: 6 }),
);
const PRINT = fc.array(PIECE, { maxLength: 8 }).map((pieces) => {
  const data = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    data.set(piece, at);
    at += piece.length;
  }
  return data;
});
/** Prints may be cut anywhere. */
const PRINTS = fc.array(fc.tuple(PRINT, fc.nat(40)), { maxLength: 12 }).map((prints) =>
  prints.flatMap(([data, cut]) => [data.subarray(0, cut), data.subarray(cut)])
);

function seen(screen: EchoScreen | PlainScreen, row: number[]) {
  const { column, chars, lineFeeds, titles, redrawn, alternate, pasteMode } = screen;
  return { column, chars, lineFeeds, titles, redrawn, alternate, pasteMode, row };
}

/** Feeds a print that lies in `data` somewhere; a stretch may end before it does. */
function feed(screen: EchoScreen, data: Uint8Array, start: number, end: number) {
  let chars = 0;
  let lineFeeds = 0;
  let redrawn = false;
  for (let from = start; from < end;) {
    const came = screen.feed(data, from, end);
    assert.ok(came > from, "it goes on");
    from = came;
    chars += screen.chars;
    lineFeeds += screen.lineFeeds;
    redrawn ||= screen.redrawn;
  }
  return { chars, lineFeeds, redrawn };
}

for (const overlook of [true, false]) {
  const name = overlook ? "while nobody reads at a prompt" : "at a prompt";
  Deno.test(`EchoScreen shows what a plain terminal shows, ${name}`, () => {
    fc.assert(
      fc.property(PRINTS, fc.constantFrom(0, 20, 80), fc.boolean(), (prints, columns, inChunk) => {
        const plain = new PlainScreen(columns);
        const screen = new EchoScreen();
        screen.columns = columns;
        screen.overlook = overlook;
        for (const print of prints) {
          plain.print(print);
          // in a chunk of many prints text is compared four bytes at a time
          const data = inChunk ? new Uint8Array(4096) : print;
          const start = inChunk ? 1000 + print.length % 7 : 0;
          if (inChunk) data.set(print, start);
          const counts = feed(screen, data, start, start + print.length);
          const width = Math.min(screen.column, 200);
          const row = Array.from({ length: width }, (_, i) => screen.before(screen.column - i));
          const expected = Array.from({ length: width }, (_, i) => plain.cells[i] ?? 0x20);
          assert.deepEqual({ ...seen(screen, row), ...counts }, seen(plain, expected));
        }
      }),
      { numRuns: 1500 },
    );
  });
}

Deno.test("EchoScreen stops in known rows alone, wherever it was told to", () => {
  const data = encode("text $ more\r\ndana:~$ ls\r\n$ x\r\n");
  const screen = new EchoScreen();
  screen.overlook = true;
  screen.promptByte = "d".charCodeAt(0);
  const came = screen.feed(data, 0, data.length);
  assert.equal(new TextDecoder().decode(data.subarray(0, came)), "text $ more\r\ndana:~$ ");
  assert.ok(screen.stoppedAtMark);
  assert.equal(screen.feed(data, came, data.length), data.length);
});

Deno.test("EchoScreen.briefs() takes usual prints as feed() does, and leaves all others", () => {
  const piece = fc.oneof(
    fc.constantFrom("\r", "\b", "\b\b", "\r\n", "\n", "\x1b[K", "\x1b[2K", "\x1b[m", "\x1b[1;32m"),
    fc.constantFrom("\x1b[3;7H", "\x1b[9H", "\x1b[1A", "\x1b[?25l", "\x1b[", "\x1b[?2004h"),
    fc.constantFrom("⠋ ", "─", "漢", "\xe9", "$ ", "x$ ", "? ", " "),
    fc.string({ maxLength: 6 }),
  );
  const prints = fc.array(fc.array(piece, { maxLength: 4 }), { minLength: 1, maxLength: 40 });
  let taken = 0;
  fc.assert(
    fc.property(prints, fc.constantFrom(0, 7, 80), (prints, columns) => {
      const [usual, careful] = [new EchoScreen(), new EchoScreen()];
      for (const screen of [usual, careful]) {
        screen.columns = columns;
        screen.overlook = true;
      }
      const block = blockOf(prints.map((pieces) => pieces.join("")));
      for (let row = 0; row < block.length;) {
        const next = usual.briefs(block, row, block.length);
        taken += next - row;
        let chars = 0;
        let single = false;
        for (; row < next; row++) {
          assert.ok(!single);
          feedRow(careful, block, row);
          chars += careful.chars;
          single = careful.chars === 1 && careful.lineFeeds === 0;
          assert.equal(block.marks[row] === REDRAWN, careful.redrawn);
          assert.ok(!careful.pasteBegan && !careful.stoppedAtMark);
          assert.ok(!mayPrompt(careful));
        }
        assert.equal(usual.chars, chars);
        assert.equal(usual.single, single);
        // the print it stopped at may have changed cells, and changes them again
        if (next < block.length) {
          for (const screen of [usual, careful]) feedRow(screen, block, row);
          row += 1;
        }
        assert.deepEqual(shown(usual), shown(careful));
      }
    }),
  );
  assert.ok(taken > 100);
});

function blockOf(prints: readonly string[]): PrintBlock {
  const block = new PrintBlock();
  const encoder = new TextEncoder();
  block.bytes = encoder.encode(prints.join(""));
  let at = 0;
  for (const print of prints) {
    const row = block.length++;
    block.starts[row] = at;
    block.ends[row] = at += encoder.encode(print).length;
  }
  return block;
}

function feedRow(screen: EchoScreen, { bytes, starts, ends }: PrintBlock, row: number): void {
  const end = ends[row]!;
  for (let at = starts[row]!; at < end;) at = screen.feed(bytes, at, end);
}

// A row under the cursor that a prompt or a question may end in.
function mayPrompt(screen: EchoScreen): boolean {
  if (screen.column === 0 || (screen.chars === 0 && !screen.moved)) return false;
  if (screen.pasteMode) return true;
  return screen.before(1) === 0x20 && ["$", "#", "%", ">", ":", "?"].includes(
    String.fromCodePoint(screen.before(2)),
  );
}

function shown(screen: EchoScreen) {
  const { column, place, rowByte, pasteMode } = screen;
  const cells = Array.from({ length: column }, (_, back) => screen.before(back + 1));
  return { column, place, rowByte, pasteMode, cells };
}
