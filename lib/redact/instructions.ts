import { foldedText } from "./folded_text.ts";
import {
  FOREIGN_PHRASES,
  type InstructionKind,
  PHRASE_PARTS,
  PHRASES,
  TIGHT_PHRASES,
} from "./instruction_phrases.ts";
import { readingsOf } from "./readings.ts";

/** What stands behind so many characters of one line is looked at in pieces. */
const LONGEST_LINE = 4096;
const OVERLAP = 200;

/** What a line of terminal text tries on its reader; null where it tries nothing. */
export function instructionIn(line: string): InstructionKind | null {
  for (let at = 0; at < Math.max(1, line.length); at += LONGEST_LINE - OVERLAP) {
    const piece = line.slice(at, at + LONGEST_LINE);
    if (/[\u0250-\uffff]/.test(piece) && isForeign(piece)) return "override";
    const readings = readingsOf(piece);
    for (const reading of readings) {
      if (!PHRASE_PARTS.test(reading)) continue;
      for (const [kind, phrase] of PHRASES) {
        if (phrase.test(reading)) return kind;
      }
    }
    if (readings[0]!.replace(NO_LETTERS, "").search(TIGHT_PHRASES) >= 0) return "override";
  }
  return null;
}

const NO_LETTERS = /[^a-z]+/g;

function isForeign(piece: string): boolean {
  const plain = piece.normalize("NFKC").replace(/\p{Cf}/gu, "").toLowerCase();
  return FOREIGN_PHRASES.some((phrase) => phrase.test(plain));
}

/**
 * Lines that hold an instruction to a reader, by their place in `lines`: by themselves, or read
 * together with the line behind where a sentence was broken, or with other short ones.
 */
export function instructionLines(lines: readonly string[]): Map<number, InstructionKind> {
  const found = new Map<number, InstructionKind>();
  lines.forEach((line, i) => {
    const kind = instructionIn(line);
    if (kind !== null) found.set(i, kind);
  });
  for (let i = 0; i + 1 < lines.length; i++) {
    if (found.has(i) || found.has(i + 1)) continue;
    const kind = brokenInstruction(lines[i]!.trim(), lines[i + 1]!.trim());
    if (kind === null) continue;
    found.set(i, kind);
    found.set(i + 1, kind);
  }
  for (const i of pieceMeal(lines)) found.set(i, found.get(i) ?? "override");
  return found;
}

/** What an order to override begins with. */
const OVERRIDE_PARTS =
  /ignor|disregard|forget|overr|bypass|discard|drop|skip|vergiss|oublie|olvida|negeer|\bnew\b|system|developer|(?:ign|ove|for|dis|byp)[a-z]{0,6}$/;

/** A few words that end a sentence which the line before began. */
const FEW_WORDS = 5;

// Two lines that only happen to follow each other say much by chance: what would override the reader
// counts, and a verdict whose last words stand alone.
function brokenInstruction(one: string, two: string): InstructionKind | null {
  if (one === "" || two === "") return null;
  const [end, begin] = [one.slice(-OVERLAP), two.slice(0, OVERLAP)];
  const isFew = two.split(/\s+/, FEW_WORDS + 1).length <= FEW_WORDS;
  // neither line alone is one, so each has a part of it
  if (!isFew && !OVERRIDE_PARTS.test(foldedText(end))) return null;
  for (const both of [`${end} ${begin}`, `${end}${begin}`]) {
    const kind = PHRASE_PARTS.test(foldedText(both)) ? instructionIn(both) : null;
    if (kind === "override") return kind;
    if (kind !== null && isFew) return kind;
  }
  return null;
}

/** Lines so short that a sentence may be told in them word by word, or letter by letter. */
const SHORT_LINE = 24;
const TYPED = /^.{0,120}?[$#%>❯➜λ] (\S.{0,23})$/u;

/** Short lines that follow each other, or short commands, which together tell a sentence. */
function pieceMeal(lines: readonly string[]): Set<number> {
  const told = new Set<number>();
  const inRows: Piece[] = [];
  const typed: Piece[] = [];
  lines.forEach((line, i) => {
    const text = line.trim();
    const command = TYPED.exec(text)?.[1];
    if (command !== undefined) typed.push({ line: i, text: lettersOf(command) });
    // a longer line ends a sentence that was told in short ones
    inRows.push({ line: i, text: text.length <= SHORT_LINE ? lettersOf(text) : "." });
  });
  for (const pieces of [inRows, typed]) {
    for (const line of tightIn(pieces)) told.add(line);
  }
  return told;
}

interface Piece {
  line: number;
  text: string;
}

function lettersOf(text: string): string {
  return foldedText(text).replace(NO_LETTERS, "");
}

function* tightIn(pieces: readonly Piece[]): Generator<number> {
  const text = pieces.map(({ text }) => text).join("");
  let piece = 0;
  let begin = 0;
  for (const { index, 0: match } of text.matchAll(TIGHT_PHRASES)) {
    const end = index + match.length;
    for (; piece < pieces.length && begin < end; piece++) {
      const { line, text } = pieces[piece]!;
      if (begin + text.length > index && text !== "") yield line;
      begin += text.length;
    }
  }
}
