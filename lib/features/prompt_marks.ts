/** Characters that end a prompt: shells' own and those of the usual themes. */
const PROMPT_MARKS: ReadonlySet<number> = new Set(
  [..."$#%>❯➜➤▶›»⟩λ✗✔±⚡→"].map((char) => char.codePointAt(0)!),
);
const ASCII_MARKS = Uint8Array.from({ length: 128 }, (_, rune) => PROMPT_MARKS.has(rune) ? 1 : 0);

/** Whether a prompt may end in this character. */
export function isPromptMark(rune: number): boolean {
  return rune < 128 ? ASCII_MARKS[rune] === 1 : PROMPT_MARKS.has(rune);
}
