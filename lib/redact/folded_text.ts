import { taggedText } from "./clean_text.ts";
import { encodedTexts } from "./encoded_text.ts";
import { LOOK_ALIKE, LOOK_ALIKES } from "./look_alikes.ts";

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
  for (const { decoded } of encodedTexts(line)) {
    if (isSentence(decoded)) readings.push(foldedText(decoded));
  }
  return readings;
}

function isSentence(text: string): boolean {
  const letters = text.match(/[\p{L} .,:;!?'"\n-]/gu)?.length ?? 0;
  return letters >= 0.85 * text.length && text.includes(" ");
}
