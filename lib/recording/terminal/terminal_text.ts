import type { TerminalSize } from "../../model/event.ts";

/**
 * One line that a terminal showed. `text` is what a program wrote there, without escape sequences
 * and trailing blanks; it may hold any other character, so show it through `printable()`.
 */
export interface TerminalLine {
  text: string;
  /** When this text appeared, in milliseconds of the recording's own clock. */
  firstMs: number;
  /** When it was last added to. */
  lastMs: number;
  /** How often it grew after it had appeared, by events. */
  growths: number;
  /** The silence before it first appeared. */
  waitedMs: number;
  /**
   * `kept`: it scrolled away in view or was there at the end. `overwritten` and `erased`: other
   * text, or nothing, took its place; such a line comes before what replaced it.
   */
  fate: "kept" | "overwritten" | "erased";
  screen: "normal" | "alternate";
  /** The parts of `text` that could not be seen: concealed, or in the colour of their background. */
  concealed: readonly string[];
  /**
   * How often more a text alike in all but digits and repeated signs was replaced in this place:
   * the frames of a spinner, the steps of a progress bar.
   */
  repeats: number;
}

/** Bounds on what the text of one recording may cost. */
export interface TerminalLimits {
  /** Output that is looked at; what comes later is left out. */
  maxBytes: number;
  /** Lines that are kept; what comes later is left out. */
  maxLines: number;
  /** Characters of all lines together. */
  maxCharacters: number;
  /** Characters of one line; longer ones are cut. */
  maxLineCharacters: number;
  /** Larger sizes of the terminal are taken for this. */
  maxSize: TerminalSize;
  /**
   * Cells that the terminal may move or clear; sequences of a few bytes that move whole screens
   * use it up. Counted, so the same bytes end in the same place on every machine.
   */
  maxCells: number;
}

/** The bounds where none are given. */
export const DEFAULT_TERMINAL_LIMITS: Readonly<TerminalLimits> = {
  maxBytes: 64 * 1024 * 1024,
  maxLines: 200_000,
  maxCharacters: 64 * 1024 * 1024,
  maxLineCharacters: 16384,
  maxSize: { cols: 1000, rows: 500 },
  maxCells: 2_000_000_000,
};

/** What a terminal showed in the course of a recording. */
export interface TerminalText {
  /** In the order of their writing; lines side by side on a screen from top to bottom. */
  lines: TerminalLine[];
  /** The limit that ended it early (`failures`: of the terminal itself); null: all output is in. */
  stopped: "bytes" | "lines" | "characters" | "cells" | "failures" | null;
  /** Sequences that asked for absurd counts, and places where the terminal itself failed. */
  refused: number;
}

/** The size of a terminal whose recording does not tell: Teleport's own. */
export const DEFAULT_SIZE: Readonly<TerminalSize> = { cols: 80, rows: 25 };
