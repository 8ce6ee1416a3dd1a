/** Where in a control sequence a text ended. */
type State = "text" | "escape" | "intermediate" | "sequence" | "string" | "string-escape";

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * Masks terminal output so that its layout stays and its words do not: letters become `x` or `X`,
 * digits `0`; line ends, punctuation, colours and movements stay; titles, links and every other
 * string that a terminal takes in are dropped. One instance reads one recording: a sequence may be
 * split over its prints.
 */
export class TerminalMask {
  #state: State = "text";

  mask(print: string): string {
    let masked = "";
    for (const char of print) masked += this.#next(char);
    return masked;
  }

  #next(char: string): string {
    switch (this.#state) {
      case "text":
        return this.#inText(char);
      case "escape":
        if (char === "[") this.#state = "sequence";
        else if ("]PX^_".includes(char)) {
          this.#state = "string";
          return "";
        } else this.#state = /[ -/]/.test(char) ? "intermediate" : "text";
        return `\x1b${char}`;
      case "intermediate":
        if (!/[ -/]/.test(char)) this.#state = "text";
        return char;
      case "sequence":
        // parameters and intermediates, then one final character
        if (!/[ -?]/.test(char)) this.#state = "text";
        return /[ -~]/.test(char) ? char : "";
      case "string":
        if (char === "\x07" || char === "\x9c") this.#state = "text";
        else if (char === "\x1b") this.#state = "string-escape";
        return "";
      case "string-escape":
        this.#state = char === "\\" ? "text" : "string";
        return "";
    }
  }

  #inText(char: string): string {
    if (char === "\x1b") {
      this.#state = "escape";
      return "";
    }
    if (char === "\x9b") {
      this.#state = "sequence";
      return "\x1b[";
    }
    if ("\x90\x98\x9d\x9e\x9f".includes(char)) {
      this.#state = "string";
      return "";
    }
    return maskedCharacter(char);
  }
}

function maskedCharacter(char: string): string {
  if (/\p{N}/u.test(char)) return "0";
  if (/\p{L}/u.test(char)) return WIDE.test(char) ? "ｘ" : /\p{Lu}/u.test(char) ? "X" : "x";
  // marks, tags and private characters could carry text
  return /[\p{M}\p{Co}\p{Cf}\p{Cn}\p{Cs}]/u.test(char) ? "" : char;
}
