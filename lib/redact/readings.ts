import { taggedText } from "./clean_text.ts";
import { encodedTexts } from "./encoded_text.ts";
import { foldedText } from "./folded_text.ts";
import { correctedText } from "./misspelt.ts";

/**
 * The readings of a line in which an instruction may be hidden, the plain one first; all folded
 * (`foldedText()`). Those that only a decoder sees come where they say something like one.
 */
export function readingsOf(line: string): string[] {
  const folded = foldedText(line);
  const readings = [folded];
  const tagged = taggedText(line);
  if (tagged !== "") readings.push(foldedText(tagged));
  for (const { decoded } of encodedTexts(line)) {
    if (isSentence(decoded)) readings.push(foldedText(decoded));
  }
  const others = [
    withLetters(folded),
    joinedWords(line),
    unescaped(line),
    reversed(folded),
    shifted(folded),
    correctedText(folded),
  ];
  for (const other of others) {
    if (other !== null && other !== folded && TELLING.test(other)) readings.push(other);
  }
  return readings;
}

/** Parts of words without which no instruction is told; also backwards, and shifted. */
const STEMS = [
  ...["instruct", "prompt", "ignor", "disregard", "forget", "human", "person", "operator"],
  ...["verdict", "classif", "assistant", "system", "rules"],
];
const TELLING = new RegExp(STEMS.join("|"));
const TELLING_REVERSED = new RegExp(STEMS.map((stem) => [...stem].reverse().join("")).join("|"));
const TELLING_SHIFTED = new RegExp(STEMS.map(rot13).join("|"));

/** Digits and signs that stand for letters in words: `1gn0re`. */
const DIGIT_LETTERS: ReadonlyMap<string, string> = new Map(
  [["0", "o"], ["1", "i"], ["3", "e"], ["4", "a"], ["5", "s"], ["7", "t"], ["@", "a"], ["$", "s"]],
);

function withLetters(folded: string): string | null {
  if (!/[013457@$]/.test(folded)) return null;
  return folded.replace(
    /(?<=[a-z])[013457@$]+|[013457@$]+(?=[a-z])/g,
    (run) => run.replace(/./g, (char) => DIGIT_LETTERS.get(char)!),
  );
}

/** Words that names join: `IgnoreAll`, `ignore_all`, `/ignore/all`. */
function joinedWords(line: string): string | null {
  if (!/[a-z][A-Z]|[A-Za-z][_/|+.=-][A-Za-z]/.test(line)) return null;
  return foldedText(line.replace(/([a-z])(?=[A-Z])/g, "$1 ").replace(/[_/|+.=-]+/g, " "));
}

/** What the escapes of shells, URLs and HTML say. */
function unescaped(line: string): string | null {
  if (!/\\x[0-9a-f]{2}|\\[0-7]{3}|\\u00[0-9a-f]{2}|%[0-9a-f]{2}|&#x?[0-9a-f]{2}/i.test(line)) {
    return null;
  }
  const plain = line.replace(
    /\\x([0-9a-f]{2})|\\u00([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{2});/gi,
    (_, ...codes) => character(parseInt(codes.slice(0, 4).find((code) => code !== undefined), 16)),
  ).replace(/\\([0-7]{3})/g, (_, code) => character(parseInt(code, 8)))
    .replace(/&#([0-9]{2,3});/g, (_, code) => character(Number(code)));
  return foldedText(plain);
}

function character(code: number): string {
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : " ";
}

/** Letters turned on their head; such text is written from its end. */
const TURNED: ReadonlyMap<string, string> = new Map(
  "ɐa qb ɔc pd ǝe ɟf ƃg ɥh ɾj ʞk ןl ɯm un nu dp bq ɹr ʇt ʌv ʍw ʎy".split(" ")
    .map(([turned, letter]) => [turned!, letter!]),
);

function reversed(folded: string): string | null {
  if (TELLING_REVERSED.test(folded)) return [...folded].reverse().join("");
  if (!/[ɐɔǝɟɥɯɹʇʌʍʎ]/u.test(folded)) return null;
  return [...folded].reverse().map((char) => TURNED.get(char) ?? char).join("");
}

/** The shift of letters that every shell user knows. */
function shifted(folded: string): string | null {
  return TELLING_SHIFTED.test(folded) ? rot13(folded) : null;
}

function rot13(text: string): string {
  return text.replace(
    /[a-z]/g,
    (char) => String.fromCharCode((char.charCodeAt(0) - 97 + 13) % 26 + 97),
  );
}

function isSentence(text: string): boolean {
  const letters = text.match(/[\p{L} .,:;!?'"\n-]/gu)?.length ?? 0;
  return letters >= 0.85 * text.length && text.includes(" ");
}
