import { LOOK_ALIKE, LOOK_ALIKES } from "./look_alikes.ts";

/** Letters in frames and flags that Unicode does not fold: each row has the alphabet in order. */
const FRAMED = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu;
const FRAMED_ROWS = [0x1f150, 0x1f170, 0x1f1e6];

function letterOf(framed: string): string {
  const code = framed.codePointAt(0)!;
  const row = FRAMED_ROWS.findLast((first) => first <= code)!;
  return String.fromCharCode(0x61 + code - row);
}

/**
 * A text as its meaning reads, whatever its letters are: compatibility forms and accents folded,
 * look-alikes of other scripts as Latin, lower case, unseen characters gone, words spelt with blanks
 * or dots between their letters closed up, white space as one blank.
 */
export function foldedText(text: string): string {
  const plain = text.normalize("NFKD").replace(FRAMED, letterOf).toLowerCase()
    .replace(/[\p{M}\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]/gu, "")
    .replace(LOOK_ALIKE, (char) => LOOK_ALIKES.get(char)!)
    .replace(/[\p{Cc}\p{Z}]+/gu, " ");
  return plain.replace(
    /(?<![\p{L}\p{N}])\p{L}(?:[ ._-]\p{L}){3,80}(?![\p{L}\p{N}])/gu,
    (spelt) => spelt.replace(/[ ._-]/g, ""),
  );
}
