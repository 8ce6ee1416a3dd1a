import assert from "node:assert/strict";
import fc from "../property.ts";
import { EchoLines } from "../../lib/features/echo_lines.ts";

/**
 * What line editors write for keys, as their sources and recordings show it, on a terminal of 80
 * columns. Each editor turns what is typed into prints, so that the same typing can be asked of all.
 */
interface Editor {
  prompt: string;
  key(line: string, key: string): string;
  /** Takes back the last character of `line`. */
  back(line: string): string;
  enter(line: string): string;
}

const SUGGESTION = " --all --verbose";
const suggest = (text = SUGGESTION) => `\x1b[90m${text}\x1b[39m\x1b[${text.length}D`;
const cells = (text: string) =>
  [...text].reduce(
    (sum, char) =>
      sum + (/[\u1100-\u115f\u2e80-\uffef]|\p{Emoji_Presentation}/u.test(char) ? 2 : 1),
    0,
  );
const word = (line: string) => line.slice(line.lastIndexOf(" ") + 1);
const left = (n: number) => n === 0 ? "" : n < 4 ? "\b".repeat(n) : `\x1b[${n}D`;
const ZSH_PROMPT = "\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m" + " ".repeat(79) + "\r \r" +
  "\r\x1b[0m\x1b[27m\x1b[24m\x1b[J\x1b[01;32m➜  \x1b[36msrc\x1b[00m \x1b[K\x1b[?1h\x1b=\x1b[?2004h";
const ZSH_ENTER = "\x1b[?1l\x1b>\x1b[?2004l\r\r\n";

const EDITORS: Record<string, Editor> = {
  "readline": {
    prompt: "\x1b[?2004h\x1b]0;dana@web-1: ~\x07\x1b[01;32mdana@web-1\x1b[00m:~$ ",
    key: (_, key) => key,
    back: (line) => `${left(cells(line.at(-1)!))}\x1b[K`,
    enter: () => "\r\n\x1b[?2004l\r",
  },
  "no line editor": {
    prompt: "dana@web-1:~$ ",
    key: (_, key) => key,
    back: (line) => {
      const n = cells(line.at(-1)!);
      return "\b".repeat(n) + " ".repeat(n) + "\b".repeat(n);
    },
    enter: () => "\r\n",
  },
  "zsh with autosuggestions": {
    prompt: ZSH_PROMPT,
    key: (_, key) => key + suggest(),
    back: (line) => `${left(cells(line.at(-1)!))}${suggest(" -la" + SUGGESTION)}`,
    enter: () => `\x1b[K${ZSH_ENTER}`,
  },
  "zsh with highlighting": {
    prompt: ZSH_PROMPT,
    key: (line, key) =>
      `${left(cells(word(line)))}\x1b[1m\x1b[31m${word(line)}${key}\x1b[0m\x1b[39m`,
    back: (line) => `${left(cells(word(line)))}\x1b[32m${word(line).slice(0, -1)}\x1b[39m \b`,
    enter: (line) => `${left(cells(word(line)))}\x1b[4m${word(line)}\x1b[24m${ZSH_ENTER}`,
  },
  "zsh with both": {
    prompt: ZSH_PROMPT,
    key: (line, key) => `${left(cells(word(line)))}\x1b[32m${word(line)}${key}\x1b[39m${suggest()}`,
    back: (line) =>
      `${left(cells(word(line)))}\x1b[32m${word(line).slice(0, -1)}\x1b[39m${suggest()}\x1b[K`,
    enter: (line) => `\x1b[K${left(cells(word(line)))}\x1b[32m${word(line)}\x1b[39m${ZSH_ENTER}`,
  },
  "fish": {
    prompt: "\x1b[2m⏎\x1b(B\x1b[m" + " ".repeat(79) +
      "\r⏎ \r\x1b[2K\x1b]0;fish ~\x07\x1b[30m\x1b(B\x1b[m" +
      "\x1b[?2004h\x1b[92mdana\x1b(B\x1b[m@web-1 \x1b[32m~\x1b(B\x1b[m> \x1b[K\r\x1b[14C",
    key: (line, key) =>
      `\r\x1b[${14 + cells(word(line) === line ? "" : line)}C` +
      `\x1b[38;2;0;95;215m${
        word(line) === line ? line : ""
      }${key}\x1b[38;2;85;85;85m${SUGGESTION}` +
      `\x1b[${SUGGESTION.length}D\x1b[30m\x1b(B\x1b[m`,
    back: (line) => `\b${" ".repeat(1)}\r\x1b[${14 + cells(line.slice(0, -1))}C\x1b[K`,
    enter: (line) => `\x1b[K\r\x1b[${14 + cells(line)}C\r\n\x1b[30m\x1b(B\x1b[m\x1b[?2004l`,
  },
};

interface Typed {
  text: string;
  /** Backspaces at the end, each followed by the same character again. */
  slips: number;
}

function type(
  editor: Editor,
  lines: readonly Typed[],
): { echo: EchoLines; keys: number; slips: number } {
  const echo = new EchoLines();
  echo.screen.columns = 80;
  const encoder = new TextEncoder();
  let at = 0;
  let keys = 0;
  let slips = 0;
  const print = (gap: number, text: string) => echo.add(at += gap, encoder.encode(text));
  print(0, "Welcome\r\n");
  print(0.01, editor.prompt);
  for (const { text, slips: wanted } of lines) {
    let line = "";
    let gap = 2;
    for (const char of text) {
      print(gap, editor.key(line, char));
      line += char;
      keys += 1;
      gap = 0.12;
    }
    for (let i = 0; i < wanted; i++) {
      const last = [...line].at(-1)!;
      print(0.3, editor.back(line));
      line = line.slice(0, -last.length);
      print(0.2, editor.key(line, last));
      line += last;
      keys += 1;
      slips += 1;
    }
    print(0.4, editor.enter(line));
    print(0.02, "some output\r\nmore: 12 %\r\n");
    print(0.03, editor.prompt);
  }
  echo.finish();
  return { echo, keys, slips };
}

const TEXT = fc.stringMatching(/^[a-z]{1,8}( -[a-z]{1,3})?( [a-z./]{1,12})?$/);

for (const [name, editor] of Object.entries(EDITORS)) {
  Deno.test(`EchoLines sees keys, corrections and lines through ${name}`, () => {
    const typing = fc.array(fc.record({ text: TEXT, slips: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(typing, (lines) => {
        const { echo, keys, slips } = type(editor, lines);
        const { linesTyped, linesWhole, corrections, pastes, prompts } = echo;
        assert.deepEqual(
          { keys: echo.keys, corrections, linesTyped, linesWhole, pastes, prompts },
          {
            keys,
            corrections: slips,
            linesTyped: lines.length,
            linesWhole: 0,
            pastes: 0,
            prompts: lines.length + 1,
          },
        );
        const near = (value: number | null, expected: number) =>
          assert.ok(
            value !== null && Math.abs(value - expected) < 1e-6,
            `${value}, not ${expected}`,
          );
        near(echo.enterDelays.quantile(0.5), 0.4);
        near(echo.promptDelays.quantile(0.5), 2);
      }),
      { numRuns: 60 },
    );
  });

  Deno.test(`EchoLines sees lines that arrive whole through ${name}`, () => {
    const echo = new EchoLines();
    echo.screen.columns = 80;
    const encoder = new TextEncoder();
    let at = 0;
    const print = (gap: number, text: string) => echo.add(at += gap, encoder.encode(text));
    print(0, editor.prompt);
    for (const line of ["git status --short", "ls -la /var/log"]) {
      print(6, editor.key("", line) + editor.enter(line));
      print(0.1, `output\r\n${editor.prompt}`);
    }
    const { lines, linesWhole, keys, corrections } = echo;
    assert.deepEqual({ lines, linesWhole, keys, corrections }, {
      lines: 2,
      linesWhole: 2,
      keys: 0,
      corrections: 0,
    });
    assert.equal(echo.whole.silencesOver5s, 2);
  });
}

Deno.test("EchoLines sees wide characters typed one by one, in any plain editor", () => {
  for (const name of ["readline", "no line editor", "zsh with autosuggestions"]) {
    const { echo, keys } = type(EDITORS[name]!, [{ text: "echo 日本語✅é", slips: 2 }]);
    assert.deepEqual(
      [echo.keys, echo.corrections, echo.linesTyped, echo.pastes],
      [keys, 2, 1, 0],
      name,
    );
  }
});
