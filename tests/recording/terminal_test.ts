import assert from "node:assert/strict";
import fc from "../property.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import { terminalText } from "../../lib/recording/terminal/terminal.ts";
import type {
  TerminalLimits,
  TerminalLine,
  TerminalText,
} from "../../lib/recording/terminal/terminal_text.ts";
import { TerminalEmulator } from "../../lib/recording/terminal/terminal_emulator.ts";

type Step = string | Uint8Array | { cols: number; rows: number };

/** Plays steps, each 100 ms after the one before, on a terminal of 20x5. */
async function play(
  steps: readonly Step[],
  limits: Partial<TerminalLimits> = {},
): Promise<TerminalText> {
  const events = steps.map((step, i): RecordingEvent => {
    const atMs = (i + 1) * 100;
    if (typeof step === "string") {
      return { type: "print", atMs, data: new TextEncoder().encode(step) };
    }
    return step instanceof Uint8Array
      ? { type: "print", atMs, data: step }
      : { type: "resize", atMs, size: step };
  });
  const start: RecordingEvent = { type: "start", atMs: 0, facts: {}, size: { cols: 20, rows: 5 } };
  return await terminalText([[start], events], limits);
}

/** Lines as `text`, replaced ones with `~` or `-` in front, alternate ones with `|`. */
function told({ lines }: TerminalText): string[] {
  const mark = { kept: "", overwritten: "~", erased: "-" };
  return lines.map(({ text, fate, screen, repeats }) =>
    `${mark[fate]}${screen === "alternate" ? "|" : ""}${text}${repeats > 0 ? ` x${repeats}` : ""}`
  );
}

const CASES: readonly { name: string; steps: readonly Step[]; lines: readonly string[] }[] = [
  { name: "gives lines", steps: ["one\r\ntwo", "\r\n", "three"], lines: ["one", "two", "three"] },
  {
    name: "keeps lines that scrolled away",
    steps: ["1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7"],
    lines: [..."1234567"],
  },
  {
    name: "keeps blank lines between, not behind",
    steps: ["a\r\n\r\nb\r\n\r\n"],
    lines: ["a", "", "b"],
  },
  {
    name: "joins what the terminal broke",
    steps: ["x".repeat(45), "\r\nnext"],
    lines: ["x".repeat(45), "next"],
  },
  {
    name: "keeps blanks where a line was broken",
    steps: [`${"x".repeat(18)}  yy`],
    lines: [`${"x".repeat(18)}  yy`],
  },
  {
    name: "notes text behind a carriage return",
    steps: ["rm -rf /\rls      "],
    lines: ["~rm -rf /", "ls"],
  },
  {
    name: "notes text replaced within one print by cursor movement",
    steps: ["secret\u001b[6Dpublic"],
    lines: ["~secret", "public"],
  },
  {
    name: "notes text replaced by backspaces",
    steps: ["evil\b\b\b\bgood"],
    lines: ["~evil", "good"],
  },
  {
    name: "notes erased text once, not with each key",
    steps: ["abc", "\b \b", "\b \b", "x"],
    lines: ["-abc", "ax"],
  },
  {
    name: "sees no loss in inserted text",
    steps: ["ls foo\u001b[3D", "\u001b[4@-la "],
    lines: ["ls -la foo"],
  },
  {
    name: "notes a cleared screen",
    steps: ["one\r\ntwo", "\u001b[2J\u001b[H", "three"],
    lines: ["-one", "-two", "three"],
  },
  {
    name: "sees no loss where the same is drawn again",
    steps: ["one\r\ntwo", "\u001b[H\u001b[2J", "one\r\ntwo", "\r\u001b[K", "two"],
    lines: ["one", "two"],
  },
  {
    name: "notes an erased end of a line",
    steps: ["abcdef\u001b[3D\u001b[K"],
    lines: ["-abcdef", "abc"],
  },
  {
    name: "counts the frames of a spinner",
    steps: ["\r- wait 1", "\r\\ wait 2", "\r| wait 3", "\r\u001b[Kdone"],
    lines: ["~- wait 1 x2", "done"],
  },
  {
    name: "keeps the alternate screen apart",
    steps: ["$ vi\r\n", "\u001b[?1049h\u001b[Hinside", "\r\nmore", "\u001b[?1049l", "$ "],
    lines: ["$ vi", "|inside", "|more", "$"],
  },
  {
    name: "notes what an alternate screen showed before",
    steps: ["\u001b[?1049h\u001b[Hpage one", "\u001b[H\u001b[2Jsheet two", "\u001b[?1049l"],
    lines: ["~|page one", "|sheet two"],
  },
  {
    name: "finds lines again that a scrolling region moved",
    steps: ["a\r\nb\r\nc\r\nd\r\ne", "\u001b[2;4r\u001b[4;1H\nnew\u001b[r"],
    lines: ["a", "-b", "c", "d", "new", "e"],
  },
  {
    name: "finds lines again that were inserted before",
    steps: ["a\r\nb\r\nc", "\u001b[2;1H\u001b[Lnew"],
    lines: ["a", "new", "b", "c"],
  },
  {
    name: "notes deleted lines",
    steps: ["a\r\nb\r\nc", "\u001b[2;1H\u001b[M"],
    lines: ["a", "-b", "c"],
  },
  { name: "notes what a reset took", steps: ["gone", "\u001bcnew"], lines: ["-gone", "new"] },
  {
    name: "puts split characters and sequences together",
    steps: ["\u001b[3", "1mré", Uint8Array.of(0xc3), Uint8Array.of(0xa9), "\u001b", "[0m!"],
    lines: ["réé!"],
  },
  { name: "follows wide characters", steps: ["日本語\u001b[6Dx"], lines: ["~日本語", "x 本語"] },
  {
    name: "keeps text over resizes",
    steps: ["a long line of text\r\n", { cols: 10, rows: 5 }, "next", { cols: 40, rows: 9 }, "!"],
    lines: ["a long line of text", "next!"],
  },
  {
    name: "keeps lines that a smaller screen pushes out",
    steps: [
      "1\r\n2\r\n3\r\n4\r\n5",
      { cols: 20, rows: 2 },
      "\r\n6",
      { cols: 20, rows: 6 },
      "\r\n7",
    ],
    lines: [..."1234567"],
  },
  {
    name: "keeps both screens over a resize within the alternate one",
    steps: [
      "1\r\n2\r\n3\r\n4",
      "\u001b[?1049h\u001b[Hin",
      { cols: 30, rows: 3 },
      "\u001b[?1049l",
      "\r\n5",
    ],
    lines: ["1", "2", "3", "4", "|in", "5"],
  },
];

for (const { name, steps, lines } of CASES) {
  Deno.test(`terminalText() ${name}`, async () => {
    const text = await play(steps);
    assert.deepEqual(told(text), lines);
    assert.deepEqual([text.stopped, text.refused], [null, 0]);
  });
}

Deno.test("terminalText() tells when a line was first and last written", async () => {
  const { lines } = await play(["ab", "c", "\r\nd", "\rx"]);
  const times = lines.map(({ text, firstMs, lastMs }: TerminalLine) => [text, firstMs, lastMs]);
  assert.deepEqual(times, [["abc", 100, 200], ["d", 300, 300], ["x", 400, 400]]);
});

Deno.test("terminalText() notes concealed text and text in the colour of its background", async () => {
  const { lines } = await play([
    "a \u001b[8mhidden\u001b[0m b\r\n",
    "\u001b[31;41mred\u001b[0m c\r\n",
    "\u001b[38;2;1;2;3;48;2;1;2;3mtrue\u001b[0m\r\n",
    "\u001b[30;47mseen\u001b[0m",
  ]);
  assert.deepEqual(lines.map(({ text, concealed }) => [text, concealed]), [
    ["a hidden b", ["hidden"]],
    ["red c", ["red"]],
    ["true", ["true"]],
    ["seen", []],
  ]);
});

Deno.test("terminalText() clamps absurd sizes", async () => {
  const text = await play([
    { cols: 65535, rows: 65535 },
    `${"x".repeat(1500)}\r\n`,
    { cols: 1, rows: 1 },
    "y",
  ]);
  assert.equal(text.stopped, null);
  assert.match(told(text).join(""), /^x+y$/);
});

Deno.test("terminalText() takes 80x25 where no size is known", async () => {
  const data = new TextEncoder().encode(`${"x".repeat(79)}\u001b[40Gy`);
  const { lines } = await terminalText([[{ type: "print", atMs: 0, data }]]);
  assert.equal(lines.at(-1)!.text, `${"x".repeat(39)}y${"x".repeat(39)}`);
});

Deno.test("terminalText() ends at each of its limits", async () => {
  const flood = "line\r\n".repeat(2000);
  assert.equal((await play([flood], { maxBytes: 500 })).stopped, "bytes");
  const few = await play([flood], { maxLines: 50 });
  assert.equal(few.stopped, "lines");
  assert.ok(few.lines.length < 1000);
  assert.equal((await play([flood], { maxCharacters: 100 })).stopped, "characters");
  assert.equal(
    (await play(["x".repeat(5000)], { maxLineCharacters: 100 })).lines[0]!.text.length,
    100,
  );
  assert.equal((await play(["\u001b[2J".repeat(3000)], { maxCells: 100_000 })).stopped, "cells");
});

const HOSTILE: Readonly<Record<string, string>> = {
  "repeats a character two thousand million times": "a\u001b[2147483647b",
  "scrolls up without end": "a\u001b[2147483647S",
  "scrolls down without end": "a\u001b[2147483647T",
  "inserts lines without end": "a\u001b[2147483647L",
  "deletes lines without end": "a\u001b[2147483647M",
  "tabs without end": "a\u001b[2147483647I",
  "tabs back without end": "a\u001b[2147483647Z",
  "writes endless marks on one letter": `a${"\u0301".repeat(200_000)}`,
  "never ends a title": `\u001b]0;${"x".repeat(200_000)}`,
  "sets hundreds of attributes": `\u001b[${"1;".repeat(5000)}m`,
  "erases above from the last cell": "\u001b[99;99Hx\u001b[1J",
  "fills the screen": "\u001b#8".repeat(500),
  "switches screens": "\u001b[?1049hx\u001b[?1049l".repeat(2000),
};

for (const [name, content] of Object.entries(HOSTILE)) {
  Deno.test(`terminalText() gets over output that ${name}`, async () => {
    const { lines, stopped } = await play([content, "\u0007\u001b\\\r\nafter"]);
    assert.equal(stopped, null);
    assert.ok(lines.some(({ text }) => /after/.test(text)));
  });
}

Deno.test("terminalText() is bounded on floods of what costs most", async () => {
  const big = { cols: 1000, rows: 500 };
  const floods = [
    "\u001b[500S",
    "\u001b[500L",
    "\u001b[2J",
    "\n",
    "\u001b#8",
    "a\u001b[999b",
    "\u001bc",
  ];
  for (const flood of floods) {
    const { stopped } = await play([big, flood.repeat(20_000)], { maxCells: 20_000_000 });
    assert.equal(stopped, "cells", JSON.stringify(flood));
  }
  const resizes = Array.from({ length: 400 }, (_, i) => ({ cols: 900 + (i % 2) * 50, rows: 400 }));
  assert.equal((await play(resizes, { maxCells: 20_000_000 })).stopped, "cells");
});

const SEQUENCES = fc.oneof(
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }), weight: 5 },
  fc.constantFrom(
    "\r",
    "\n",
    "\r\n",
    "\b",
    "\t",
    "\u001bM",
    "\u001bD",
    "\u001b7",
    "\u001b8",
    "\u001bc",
  ),
  fc.tuple(fc.array(fc.nat(30), { maxLength: 3 }), fc.constantFrom(..."ABCDEFGHJKLMPSTXZ@`bdfru"))
    .map(([params, final]) => `\u001b[${params.join(";")}${final}`),
  fc.tuple(fc.constantFrom(6, 25, 47, 1047, 1049, 2004), fc.constantFrom("h", "l"))
    .map(([mode, final]) => `\u001b[?${mode}${final}`),
  fc.constantFrom(
    "\u001b[8m",
    "\u001b[31;41m",
    "\u001b[0m",
    "\u001b]0;t\u0007",
    "\u001b#8",
    "\u001b[!p",
  ),
);

Deno.test("terminalText() never throws, and pieces of any size give the same text", async () => {
  const encoder = new TextEncoder();
  await fc.assert(
    fc.asyncProperty(
      fc.array(SEQUENCES, { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        const bytes = encoder.encode(parts.join(""));
        const whole = await play([bytes]);
        assert.deepEqual(await play([bytes]), whole);
        const pieces = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        const kept = (text: TerminalText) =>
          text.lines.filter(({ fate }) => fate === "kept").map(({ text }) => text).sort();
        assert.deepEqual(kept(await play(pieces)), kept(whole));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("terminalText() takes any bytes and sizes", async () => {
  const step = fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 80 }), weight: 4 },
    fc.record({ cols: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { stopped } = await play(steps);
      assert.equal(stopped, null);
    }),
    { numRuns: 200 },
  );
});

Deno.test("terminalText() goes on where the emulator fails, and hides nothing for it", async () => {
  const { write } = TerminalEmulator.prototype;
  let failures = 0;
  TerminalEmulator.prototype.write = function (bytes) {
    if (bytes.includes(0x1b)) {
      failures++;
      throw new TypeError("a fault of the emulator");
    }
    write.call(this, bytes);
  };
  try {
    const text = await play(["before\r\n", "\u001b[1mamid", "\r\nafter"]);
    assert.deepEqual(told(text), ["before", "?[1mamid", "after"]);
    assert.deepEqual([text.stopped, text.refused, failures], [null, 1, 1]);
    const many = await play(Array.from({ length: 40 }, () => "\u001b[m"));
    assert.equal(many.stopped, "failures");
  } finally {
    TerminalEmulator.prototype.write = write;
  }
});
