/** Text that a model may read, and how much of it no reader would have seen. */
interface CleanText {
  text: string;
  /** Characters taken out: controls, and those without a glyph of their own. */
  removed: number;
}

/**
 * Characters that show nothing or move what is shown: controls and formats (zero-width, bidi, tag
 * characters), line and paragraph separators, half surrogates, variation selectors, fillers and the
 * combining grapheme joiner. Tabs become blanks.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** One line without characters that a reader can't see. Its visible text stays as it is. */
export function cleanText(line: string): CleanText {
  let removed = 0;
  const text = line.replace(UNSEEN, (char) => {
    if (char === "\t") return " ";
    removed++;
    return "";
  });
  return { text, removed };
}

/**
 * What tag characters spell: they copy ASCII invisibly (U+E0020 to U+E007E), and some models read
 * them. Empty where there are none.
 */
export function taggedText(line: string): string {
  let spelt = "";
  for (const [char] of line.matchAll(/[\u{e0020}-\u{e007e}]/gu)) {
    spelt += String.fromCodePoint(char.codePointAt(0)! - 0xe0000);
  }
  return spelt;
}
