/** Words that read like prose, in so many on end, are prose: half a sentence. */
const SHORTEST_RUN_WORDS = 7;
const LONGEST_WORD = 14;
/** Fewer words tell nothing. */
const FEWEST_WORDS = 30;
/** Of a stretch no more than this is looked at. */
const MAX_BYTES = 8 * 1024;

const enum Kind {
  Other,
  Letter,
  Space,
  LineEnd,
  /** Quotes and their like, which stand before and behind a word. */
  Quote,
  Opening,
  Closing,
  Escape,
  /** A byte of a character that has begun. */
  Rest,
}

const enum Word {
  None,
  Opened,
  Letters,
  Closed,
  /** Holds what words of prose do not: digits, slashes, underscores, … */
  Odd,
}

const enum Sequence {
  None,
  Begun,
  Control,
  Text,
}

const BRACKET = 0x5b;
const TEXT = 0x5d;
const BELL = 7;
const KINDS = kinds();

/**
 * How much of what was printed reads like prose: words of letters, seven or more on end in a row.
 * People's and models' sentences do; names of files, numbers, code and most messages of programs do
 * not. Of the words nothing is kept but counts. What is written without spaces between words is not
 * seen as prose.
 */
export class Prose {
  #words = 0;
  #prose = 0;
  #bytes = 0;
  #run = 0;
  #word: Word = Word.None;
  #letters = 0;
  #sequence: Sequence = Sequence.None;

  /** What follows is a stretch of its own. */
  restart(): void {
    this.#words =
      this.#prose =
      this.#bytes =
      this.#run =
      this.#letters =
        0;
    this.#word = Word.None;
    this.#sequence = Sequence.None;
  }

  /** Takes the part of `data` from `start` to before `end`. */
  add(data: Uint8Array, start: number, end: number): void {
    const until = Math.min(end, start + MAX_BYTES - this.#bytes);
    this.#bytes += until - start;
    for (let at = start; at < until;) {
      const byte = data[at]!;
      if (this.#sequence !== Sequence.None) {
        this.#skip(byte);
        at += 1;
        continue;
      }
      const kind = KINDS[byte]! as Kind;
      if (kind === Kind.Letter) at = this.#lettersFrom(data, at, until);
      else {
        this.#byte(kind);
        at += 1;
      }
    }
  }

  /** Nothing more of the stretch is looked at. */
  get full(): boolean {
    return this.#bytes >= MAX_BYTES;
  }

  /** What comes next is not beside what came before. */
  breakRow(): void {
    this.#endWord();
    this.#endRun();
  }

  /** Words that stand in prose. */
  get prose(): number {
    this.breakRow();
    return this.#prose;
  }

  /** The share of all words that stand in prose; null where there were fewer than 30. */
  get share(): number | null {
    this.breakRow();
    return this.#words < FEWEST_WORDS ? null : this.#prose / this.#words;
  }

  // Letters come in runs.
  #lettersFrom(data: Uint8Array, from: number, until: number): number {
    let at = from + 1;
    while (at < until && KINDS[data[at]!] === Kind.Letter) at += 1;
    this.#letters += at - from;
    this.#word = this.#word < Word.Closed ? Word.Letters : Word.Odd;
    return at;
  }

  #byte(kind: Exclude<Kind, Kind.Letter>): void {
    switch (kind) {
      case Kind.Space:
        return this.#endWord();
      case Kind.LineEnd:
        return this.breakRow();
      case Kind.Quote:
        // it may stand within a word too
        if (this.#word === Word.None) this.#word = Word.Opened;
        return;
      case Kind.Opening:
        this.#word = this.#word <= Word.Opened ? Word.Opened : Word.Odd;
        return;
      case Kind.Closing:
        this.#word = this.#word === Word.Letters || this.#word === Word.Closed
          ? Word.Closed
          : Word.Odd;
        return;
      case Kind.Escape:
        this.#sequence = Sequence.Begun;
        return;
      case Kind.Rest:
        return;
      default:
        this.#word = Word.Odd;
    }
  }

  // Escape sequences show nothing.
  #skip(byte: number): void {
    if (this.#sequence === Sequence.Begun) {
      this.#sequence = byte === BRACKET
        ? Sequence.Control
        : byte === TEXT
        ? Sequence.Text
        : Sequence.None;
    } else if (this.#sequence === Sequence.Control) {
      if (byte >= 0x40 && byte <= 0x7e) this.#sequence = Sequence.None;
    } else if (byte === BELL) this.#sequence = Sequence.None;
    else if (KINDS[byte] === Kind.Escape) this.#sequence = Sequence.Begun;
  }

  #endWord(): void {
    if (this.#word === Word.None) return;
    this.#words += 1;
    const reads = (this.#word === Word.Letters || this.#word === Word.Closed) &&
      this.#letters <= LONGEST_WORD;
    this.#word = Word.None;
    this.#letters = 0;
    if (reads) this.#run += 1;
    else this.#endRun();
  }

  #endRun(): void {
    if (this.#run >= SHORTEST_RUN_WORDS) this.#prose += this.#run;
    this.#run = 0;
  }
}

function kinds(): Uint8Array {
  const table = new Uint8Array(256).fill(Kind.Rest, 0x80, 0xc0).fill(Kind.Letter, 0xc0);
  const set = (characters: string, kind: Kind) => {
    for (const character of characters) table[character.charCodeAt(0)] = kind;
  };
  table.fill(Kind.Letter, 0x41, 0x5b).fill(Kind.Letter, 0x61, 0x7b);
  set(" \t", Kind.Space);
  set("\r\n", Kind.LineEnd);
  set("\"'`*", Kind.Quote);
  set("([", Kind.Opening);
  set(",.;:!?)]", Kind.Closing);
  set("\x1b", Kind.Escape);
  return table;
}
