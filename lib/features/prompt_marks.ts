/** Characters that end a prompt: shells' own and those of the usual themes. */
const PROMPT_MARKS: ReadonlySet<number> = codePoints("$#%>❯➜➤▶›»⟩λ✗✔±⚡→");
/** Characters that end a question. */
const ASKING: ReadonlySet<number> = codePoints(":?])>");
const ASCII_MARKS = Uint8Array.from({ length: 128 }, (_, rune) => PROMPT_MARKS.has(rune) ? 1 : 0);

/** Whether a prompt may end in this character. */
export function isPromptMark(rune: number): boolean {
  return rune < 128 ? ASCII_MARKS[rune] === 1 : PROMPT_MARKS.has(rune);
}

/** Whether a question of a program may end in this character. */
export function asks(rune: number): boolean {
  return ASKING.has(rune);
}

function codePoints(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.codePointAt(0)!));
}
