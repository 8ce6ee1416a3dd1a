import { taggedText } from "./clean_text.ts";

/**
 * Letters of other scripts that look like Latin ones, from the confusables of Unicode's technical
 * standard 39, as far as they make words that a model reads as English.
 */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  [
    ["а", "a"],
    ["е", "e"],
    ["о", "o"],
    ["р", "p"],
    ["с", "c"],
    ["у", "y"],
    ["х", "x"],
    ["і", "i"],
    ["ј", "j"],
    ["ѕ", "s"],
    ["һ", "h"],
    ["ԁ", "d"],
    ["ɡ", "g"],
    ["ӏ", "l"],
    ["ո", "n"],
    ["ս", "u"],
    ["ᴜ", "u"],
    ["ѵ", "v"],
    ["ԝ", "w"],
    ["т", "t"],
    ["м", "m"],
    ["н", "h"],
    ["к", "k"],
    ["в", "b"],
    ["г", "r"],
    ["п", "n"],
    ["и", "u"],
    ["α", "a"],
    ["ε", "e"],
    ["ι", "i"],
    ["ο", "o"],
    ["ρ", "p"],
    ["υ", "u"],
    ["ν", "v"],
    ["κ", "k"],
    ["τ", "t"],
    ["χ", "x"],
    ["γ", "y"],
    ["η", "n"],
    ["ω", "w"],
    ["ı", "i"],
    ["ſ", "s"],
    ["ℓ", "l"],
    ["∣", "l"],
  ] as const,
);
const LOOK_ALIKE = new RegExp(`[${[...LOOK_ALIKES.keys()].join("")}]`, "gu");

/** Digits and signs that stand for letters in words: `1gn0re`. */
const DIGIT_LETTERS: ReadonlyMap<string, string> = new Map(
  [["0", "o"], ["1", "i"], ["3", "e"], ["4", "a"], ["5", "s"], ["7", "t"], ["@", "a"], ["$", "s"]],
);

/**
 * A text as its meaning reads, whatever its letters are: compatibility forms and accents folded,
 * look-alikes of other scripts as Latin, lower case, unseen characters gone, words spelt with blanks
 * or dots between their letters closed up, white space as one blank.
 */
export function foldedText(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase()
    .replace(/[\p{M}\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]/gu, "")
    .replace(LOOK_ALIKE, (char) => LOOK_ALIKES.get(char)!)
    .replace(/[\p{Cc}\p{Z}]+/gu, " ");
  return plain.replace(
    /(?<![\p{L}\p{N}])\p{L}(?:[ ._-]\p{L}){3,80}(?![\p{L}\p{N}])/gu,
    (spelt) => spelt.replace(/[ ._-]/g, ""),
  );
}

/** The readings of a line in which an instruction may be hidden, the plain one first. */
export function readingsOf(line: string): string[] {
  const folded = foldedText(line);
  const readings = [folded];
  const lettered = folded.replace(
    /(?<=[a-z])[013457@$]|[013457@$](?=[a-z])/g,
    (char) => DIGIT_LETTERS.get(char)!,
  );
  if (lettered !== folded) readings.push(lettered);
  const tagged = taggedText(line);
  if (tagged !== "") readings.push(foldedText(tagged));
  for (const decoded of decodedTexts(line)) readings.push(foldedText(decoded));
  return readings;
}

/** Runs that may be base64 or hex of a sentence; a sentence needs some length. */
const ENCODED = /[A-Za-z0-9+/_-]{24,}={0,2}/g;
const MOST_DECODED = 16_384;

/** What base64 and hex in a line say, where it is text. */
function* decodedTexts(line: string): Generator<string> {
  for (const [run] of line.matchAll(ENCODED)) {
    const head = run.slice(0, MOST_DECODED);
    if (/^(?:[0-9a-f]{2})+$/i.test(head)) yield* readable(hexBytes(head));
    yield* readable(base64Bytes(head));
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function base64Bytes(text: string): Uint8Array {
  const plain = text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  const whole = plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0));
  return Uint8Array.from(atob(whole), (char) => char.charCodeAt(0));
}

function* readable(bytes: Uint8Array): Generator<string> {
  if (bytes.length < 16) return;
  const text = new TextDecoder().decode(bytes);
  const letters = text.match(/[\p{L} .,:;!?'"\n-]/gu)?.length ?? 0;
  if (letters >= 0.85 * text.length && text.includes(" ")) yield text;
}
