import assert from "node:assert/strict";
import fc from "../property.ts";
import { EchoLines } from "../../lib/features/echo_lines.ts";

/** Prints with the time since the one before. */
type Script = readonly (readonly [gapSeconds: number, text: string | Uint8Array])[];

function follow(script: Script, columns = 80): EchoLines {
  const lines = new EchoLines();
  lines.screen.columns = columns;
  let at = 0;
  for (const [gap, text] of script) {
    at += gap;
    lines.add(at, typeof text === "string" ? new TextEncoder().encode(text) : text);
  }
  lines.finish();
  return lines;
}

const keys = (text: string, gap = 0.15): Script => [...text].map((key) => [gap, key]);
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l\r";
const PROMPT = "dana@web-1:~/src$ ";

interface Case {
  name: string;
  script: Script;
  columns?: number;
  expected: Partial<
    Record<
      | "keys"
      | "corrections"
      | "pastes"
      | "prompts"
      | "lines"
      | "linesTyped"
      | "linesWhole"
      | "wholeChars"
      | "wholeWords"
      | "linesLate"
      | "longWords"
      | "longProse"
      | "oneChar",
      number | null
    >
  >;
}

const CASES: Case[] = [
  {
    name: "a line typed key by key",
    script: [[0, PROMPT], ...keys("ls -l"), [0.4, "\r\n"], [0.01, "total 0\r\n"], [0.01, PROMPT]],
    expected: { keys: 5, lines: 1, linesTyped: 1, linesWhole: 0, prompts: 2, oneChar: 5 },
  },
  {
    name: "a line that arrives with its Enter",
    script: [[0, PROMPT], [2, "ls -l\r\n"], [0.01, "total 0\r\n" + PROMPT]],
    expected: { keys: 0, lines: 1, linesTyped: 0, linesWhole: 1, wholeChars: 5, wholeWords: 2 },
  },
  {
    name: "a line that arrives whole, then its Enter",
    script: [[0, PASTE_ON + PROMPT], [2, "ls -l"], [0.001, "\r\n" + PASTE_OFF]],
    expected: { lines: 1, linesWhole: 1 },
  },
  {
    name: "a line from the history that waits for Enter",
    script: [[0, PASTE_ON + PROMPT], [2, "ls -l"], [0.9, "\r\n" + PASTE_OFF]],
    expected: { lines: 1, linesWhole: 0, linesTyped: 0, linesLate: 1 },
  },
  {
    name: "a recording that begins with a line whose prompt came before",
    script: [[0, "make -j4 all\r\n" + PASTE_OFF], [0.2, "cc main.c\r\n"], [3, PASTE_ON + PROMPT]],
    expected: { lines: 1, linesWhole: 1, wholeChars: 12, wholeWords: 3, prompts: 1 },
  },
  {
    name: "completions listed below the line are no Enter",
    script: [
      [0, PASTE_ON + PROMPT],
      ...keys("gi"),
      [0.3, "\r\r\n\x1b[Jgit    gitk\r\n"],
      [0.001, "\x1b[A\x1b[A\x1b[20C"],
      ...keys("t"),
      [0.5, "\r\n"],
      [0.001, PASTE_OFF],
    ],
    expected: { keys: 3, lines: 1, linesTyped: 1, linesWhole: 0, corrections: 0 },
  },
  {
    name: "a paste with its line feed in it waits for Enter in zsh",
    script: [
      [0, PASTE_ON + PROMPT],
      [2, "\x1b[7mexport A=b\x1b[27m\r\r\n\x1b[K"],
      [1, "\x1b[A\x1b[18Cexport A=b"],
      [0.001, PASTE_OFF + "\r\r\n"],
    ],
    expected: { lines: 1, linesWhole: 0, linesTyped: 0, linesLate: 1 },
  },
  {
    name: "a task in prose, over continuation lines",
    script: [
      [0, PASTE_ON + PROMPT],
      [1, "ls -l\r\n" + PASTE_OFF + PASTE_ON + PROMPT],
      [1, "agent -p 'Find out why the build of this project fails and mend it.\r\n" + PASTE_OFF],
      [0.001, PASTE_ON + "> Write what you found into a file.'\r\n" + PASTE_OFF],
    ],
    expected: { lines: 2, linesWhole: 2, longWords: 21, longProse: 19 },
  },
  {
    name: "code in a here-document is no prose",
    script: [
      [0, PASTE_ON + PROMPT],
      [1, "cat <<X >a.py\r\n" + PASTE_OFF],
      [0.001, PASTE_ON + "> for i in range(9): print(i, x[i], sep='_')\r\n" + PASTE_OFF],
    ],
    expected: { lines: 1, longWords: 10, longProse: 0 },
  },
  {
    name: "the prompt in an event of its own",
    script: [[0, PASTE_ON], [0.001, PROMPT], [2, "ls -l\r\n" + PASTE_OFF]],
    expected: { prompts: 1, lines: 1, linesWhole: 1 },
  },
  {
    name: "prompt, line and Enter in one event",
    script: [[0, PASTE_ON + PROMPT], [
      1,
      "a1\r\n" + PASTE_OFF + PASTE_ON + PROMPT + "b22\r\n" + PASTE_OFF,
    ]],
    expected: { lines: 2, linesWhole: 2, prompts: 1 + 1 },
  },
  {
    name: "continuation lines are no commands",
    script: [
      [0, PASTE_ON + PROMPT],
      [1, "cat <<X\r\n" + PASTE_OFF],
      [0.001, PASTE_ON + "> one\r\n" + PASTE_OFF + PASTE_ON + "> "],
      [0.001, "X\r\n" + PASTE_OFF],
      [0.001, "one\r\n" + PASTE_ON + PROMPT],
    ],
    expected: { lines: 1, linesWhole: 1, prompts: 2, wholeChars: 7 + 3 + 1, wholeWords: 4 },
  },
  {
    name: "continuation lines without bracketed paste",
    script: [[0, PROMPT], [1, "cat <<X\r\n"], [0.001, "> "], [0.001, "one two\r\n"], [0, "> "], [
      0,
      "X\r\n",
    ]],
    expected: { lines: 1, linesWhole: 1, prompts: 1 },
  },
  {
    name: "a closing Ctrl-D is no command",
    script: [[0, PASTE_ON + PROMPT], [9, PASTE_OFF + "\r\nexit\r\n"]],
    expected: { lines: 0, linesWhole: 0 },
  },
  {
    name: "a closing Ctrl-D without bracketed paste",
    script: [[0, PROMPT], [1, "ls -l\r\n"], [0.1, PROMPT], [9, "logout\r\n"]],
    expected: { lines: 1, linesWhole: 1, wholeChars: 5 },
  },
  {
    name: "`> ` is a prompt where no other was seen",
    script: [[0, "> "], ...keys("x+1", 0.05), [0.05, "\r\n"], [0.01, "[1] 2\r\n"], [0.01, "> "]],
    expected: { prompts: 2, lines: 1, linesTyped: 1, keys: 3 },
  },
  {
    name: "corrections: backspace, in three spellings, and a killed line",
    script: [
      [0, PROMPT],
      ...keys("abcdef"),
      [0.2, "\b \b"],
      [0.2, "\b\x1b[K"],
      [0.2, "\b\x1b[1P"],
      [0.2, "\b\b\b\x1b[K"],
      ...keys("ls"),
      [0.3, "\r\n"],
    ],
    expected: { corrections: 4, keys: 8, lines: 1, linesTyped: 1 },
  },
  {
    name: "the cursor keys correct nothing",
    script: [[0, PROMPT], ...keys("abc"), [0.2, "\b"], [0.2, "\x1b[C"], [0.2, "\x1b[2D"]],
    expected: { corrections: 0, keys: 3 },
  },
  {
    name: "a key in the middle of a line",
    script: [[0, PROMPT], ...keys("ac"), [0.2, "\b"], [0.2, "bc\b"], [0.2, "\r\n"]],
    expected: { keys: 3, corrections: 0, lines: 1, linesTyped: 1 },
  },
  {
    name: "suggestions and highlighting do not hide keys",
    script: [
      [0, PROMPT],
      [0.2, "g\x1b[90mit status\x1b[39m\x1b[9D"],
      [0.2, "\b\x1b[32mgi\x1b[39m\x1b[90mt status\x1b[39m\x1b[8D"],
      [0.2, "\b\b\x1b[32mgit\x1b[39m"],
      [0.3, "\x1b[K\r\n"],
    ],
    expected: { keys: 3, corrections: 0, lines: 1, linesTyped: 1 },
  },
  {
    name: "a wide character is one key",
    script: [[0, PROMPT], [0.2, "日"], [0.2, "本"], [0.2, "é"], [0.3, "\r\n"]],
    expected: { keys: 3, oneChar: 3, lines: 1 },
  },
  {
    name: "a character cut in two",
    script: [[0, PROMPT], [0.2, Uint8Array.of(0xc3)], [0, Uint8Array.of(0xa9)], [0.3, "\r\n"]],
    expected: { keys: 1, oneChar: 1 },
  },
  {
    name: "an escape sequence cut in two",
    script: [[0, PROMPT.slice(0, -2) + "\x1b[3"], [0, "2m$ \x1b"], [0, "[0m"], [1, "ls -l\r\n"]],
    expected: { lines: 1, linesWhole: 1, prompts: 1 },
  },
  {
    name: "typing over the edge of the terminal",
    columns: 24,
    script: [[0, PROMPT], ...keys("abcde"), [0.1, "f \r"], ...keys("gh"), [0.2, "\b\x1b[K"], [
      0.3,
      "\r\n",
    ]],
    expected: { keys: 8, corrections: 1, lines: 1, linesTyped: 1 },
  },
  {
    name: "a completion beside keys is paste-like",
    script: [[0, PROMPT], ...keys("cat r"), [0.4, "eadme.md "], [0.6, "\r\n"]],
    expected: { keys: 5, pastes: 1, lines: 1, linesTyped: 1 },
  },
  {
    name: "a line recalled and entered by hand is neither typed nor whole",
    script: [[0, PROMPT], [1, "make test"], [0.3, "\r\n"]],
    expected: { lines: 1, linesTyped: 0, linesWhole: 0 },
  },
  {
    name: "streamed text with marks in it is no prompt where the shell uses bracketed paste",
    script: [
      [0, PASTE_ON + PROMPT],
      [1, "agent\r\n" + PASTE_OFF],
      [0.05, "# "],
      [0.05, "Plan\r\n"],
      [0.05, "> "],
      [0.05, "quoted text\r\n"],
      [0.05, "$ "],
      [0.05, "ls -l\r\n"],
    ],
    expected: { lines: 1, linesWhole: 1, prompts: 1, keys: 0 },
  },
  {
    name: "progress bars are no prompts",
    script: [[0, PROMPT], [1, "get x\r\n"], [0.1, "\r 40% "], [0.1, "\r######### "], [
      0.1,
      "\r100% ",
    ]],
    expected: { lines: 1, prompts: 1, keys: 0, corrections: 0 },
  },
  {
    name: "an answer to a question is typed, but no command line",
    script: [[0, PROMPT], [1, "rm x\r\n"], [0.01, "remove x? "], [1, "y"], [0.2, "\r\n"], [
      0.01,
      PROMPT,
    ]],
    expected: { lines: 1, keys: 1, prompts: 2 },
  },
  {
    name: "a full-screen program types no lines",
    script: [
      [0, PROMPT],
      ...keys("vi"),
      [0.3, "\r\n"],
      [0.01, "\x1b[?1049h\x1b[H\x1b[2J~\r\n~"],
      ...keys("hello"),
      [1, "\x1b[?1049l"],
      [0.01, PROMPT],
    ],
    expected: { lines: 1, keys: 2, prompts: 2 },
  },
  {
    name: "a line given up with Ctrl-C is no line",
    script: [[0, PROMPT], ...keys("slee"), [1, "^C"], [0, "\r\n"], [0.01, PROMPT], [1, "^C\r\n"], [
      0.01,
      PROMPT,
    ]],
    expected: { keys: 4, lines: 0, linesWhole: 0, linesTyped: 0, prompts: 3 },
  },
  {
    name: "the known prompt and a line in one print, without bracketed paste",
    script: [
      [0, PROMPT],
      [2, "make\r\n"],
      [0.5, `built\r\n${PROMPT}make test\r\nok\r\n${PROMPT}`],
      [1, `uptime -p\r\nup\r\n${PROMPT}`],
    ],
    expected: { lines: 3, linesWhole: 3, prompts: 3, wholeChars: 9 },
  },
  {
    name: "another row with a mark in it is no prompt",
    script: [[0, PROMPT], [2, "cat doc\r\n"], [0.1, `dana@web-1:/etc$ ls -l\r\n${PROMPT}`]],
    expected: { lines: 1, prompts: 2 },
  },
  {
    name: "a shell within a multiplexer on the alternate screen",
    script: [
      [0, "\x1b[?1049h\x1b[H\x1b[2J"],
      [0.01, PROMPT + "\x1b[24;1H\x1b[42m[0] 0:bash\x1b[m\x1b[1;19H"],
      ...keys("ls -l"),
      [0.2, "\x1b[24;60H12:01\x1b[1;24H"],
      [0.4, "\r\n"],
      [0.1, `total 0\r\n${PROMPT}`],
      [3, "pwd\r\n"],
      [0.1, `/src\r\n${PROMPT}`],
    ],
    expected: { keys: 5, lines: 2, linesTyped: 1, linesWhole: 1, prompts: 3 },
  },
  {
    name: "bars of progress are no prompts, even the first thing of all",
    script: [
      [0, "Fetching (1/3): ## "],
      [0.1, "\rFetching (1/3): #### "],
      [0.1, "\r[====> "],
      [0.1, "\r[======> "],
      [0.1, "\rUnpacking 12% "],
      [0.1, "\r\n"],
      [0.1, PROMPT],
    ],
    expected: { prompts: 1, lines: 0, corrections: 0 },
  },
  {
    name: "a prompt drawn again with more in it types nothing",
    script: [
      [0, PASTE_ON + "src ❯ "],
      [0.2, "\r\x1b[Ksrc main ❯ "],
      [0.2, "\r\x1b[Ksrc main* ❯ "],
      [3, "ls -l\r\n" + PASTE_OFF],
    ],
    expected: { prompts: 1, keys: 0, corrections: 0, lines: 1, linesWhole: 1 },
  },
  {
    name: "words that an input method hands over are typed",
    script: [[0, PROMPT], ...keys("git "), [0.8, "日本語"], [0.8, "入力"], [0.3, "\r\n"]],
    expected: { keys: 4, pastes: 0, lines: 1, linesTyped: 1 },
  },
  {
    name: "bytes that are no UTF-8 take a cell each",
    script: [[0, PROMPT], [0.2, Uint8Array.of(0x80)], [0.2, "a"], [0.2, "\b \b"], [0.2, "\r\n"]],
    expected: { keys: 2, corrections: 1, lines: 1 },
  },
];

for (const { name, script, columns, expected } of CASES) {
  Deno.test(`EchoLines: ${name}`, () => {
    const lines = follow(script, columns);
    const { chars: wholeChars, words: wholeWords, longWords, longProse } = lines.whole;
    const of = { wholeChars, wholeWords, longWords, longProse };
    const seen = Object.fromEntries(
      Object.keys(expected).map((key) => [
        key,
        key in of ? of[key as keyof typeof of] : lines[key as keyof EchoLines],
      ]),
    );
    assert.deepEqual(seen, expected);
  });
}

Deno.test("EchoLines measures silence, delays and key gaps", () => {
  const lines = follow([
    [0, PROMPT],
    [7, "ls -l\r\n"],
    [0.5, PROMPT],
    [2, "p"],
    ...keys("wd", 0.1),
    [0.45, "\r\n"],
  ]);
  const near = (value: number | null, expected: number) =>
    assert.ok(Math.abs(value! - expected) < 1e-9, `${value}`);
  near(lines.whole.silences.quantile(0.5), 7);
  assert.equal(lines.whole.silencesOver5s, 1);
  near(lines.promptDelays.quantile(0.5), 2);
  near(lines.enterDelays.quantile(0.5), 0.45);
  near(lines.keyPace.gaps.quantile(0.5), 0.1);
});

Deno.test("EchoLines takes any bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 120 });
  const wild = fc.array(
    fc.constantFrom(
      27,
      91,
      93,
      63,
      59,
      50,
      48,
      52,
      104,
      108,
      65,
      68,
      71,
      72,
      74,
      75,
      80,
      10,
      13,
      8,
      32,
      36,
      120,
      200,
    ),
    { maxLength: 90 },
  )
    .map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(bytes, wild), { maxLength: 40 }),
      fc.integer({ min: 0, max: 100 }),
      (prints, columns) => {
        const lines = follow(prints.map((data) => [0.1, data] as const), columns);
        assert.ok(lines.lines >= lines.linesTyped + lines.linesWhole);
        assert.ok(Number.isFinite(lines.screen.column) && lines.screen.column >= 0);
      },
    ),
    { numRuns: 500 },
  );
});
