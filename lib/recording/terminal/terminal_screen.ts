import type { TerminalSize } from "../../model/event.ts";
import type { TerminalLimits, TerminalText } from "./terminal_text.ts";
import { DEFAULT_SIZE } from "./terminal_text.ts";
import type { Look } from "./terminal_emulator.ts";
import { OutOfCells, TerminalEmulator } from "./terminal_emulator.ts";
import type { Row } from "./terminal_rows.ts";
import { LineLedger } from "./terminal_rows.ts";

/** Output written between two looks at most: fewer lines than the emulator keeps behind. */
const PIECE_BYTES = 2048;
/** Places where the emulator may fail before the rest is left out. */
const MAX_FAILURES = 16;

/**
 * A terminal whose rows are watched: at every place where text could be lost (carriage return,
 * cursor movement, erasing, scrolling, another screen) the rows written since are looked at.
 */
export class TerminalScreen {
  readonly #limits: TerminalLimits;
  readonly #ledger: LineLedger;
  #emulator: TerminalEmulator;
  #size: TerminalSize = { ...DEFAULT_SIZE };
  #rows: Row[] = [];
  /** The rows of the normal screen while the alternate one is shown. */
  #normalRows: Row[] = [];
  #resizedBehind = false;
  #base = 0;
  #bytes = 0;
  #cells = 0;
  #refused = 0;
  #failures = 0;
  #stopped: TerminalText["stopped"] = null;

  constructor(limits: TerminalLimits) {
    this.#limits = limits;
    this.#ledger = new LineLedger(limits);
    this.#emulator = this.#start();
  }

  /** The limit that was met; nothing more is taken then. */
  get stopped(): TerminalText["stopped"] {
    return this.#stopped ?? this.#ledger.stopped;
  }

  /** Takes a new size. Absurd ones are cut to the limit. */
  resize(size: TerminalSize, atMs: number): void {
    const cols = clamp(size.cols, 2, this.#limits.maxSize.cols);
    const rows = clamp(size.rows, 1, this.#limits.maxSize.rows);
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    this.#ledger.nowMs = atMs;
    this.#guarded(() => {
      this.#look(this.#emulator.look());
      this.#emulator.spend(cols * rows + this.#size.cols * this.#size.rows);
      this.#size = { cols, rows };
      this.#trim();
      this.#emulator.resize(this.#size);
      this.#resizedBehind = this.#ledger.screen === "alternate";
      this.#reflowed();
    });
  }

  /** Shows output. */
  print(data: Uint8Array, atMs: number): void {
    this.#ledger.nowMs = atMs;
    const room = this.#limits.maxBytes - this.#bytes;
    const taken = data.length > room ? data.subarray(0, room) : data;
    this.#bytes += taken.length;
    for (let start = 0; start < taken.length && this.stopped === null;) {
      const end = pieceEnd(taken, start);
      const piece = taken.subarray(start, end);
      const shown = this.#guarded(() => this.#show(piece));
      // what the emulator failed on is shown all the same, without its sequences
      if (!shown && this.stopped === null) this.#guarded(() => this.#show(piece.map(inert)));
      start = end;
    }
    if (taken.length < data.length) this.#stopped ??= "bytes";
  }

  #show(piece: Uint8Array): void {
    this.#emulator.write(piece);
    this.#look(this.#emulator.look());
    if (this.#emulator.long) this.#trim();
  }

  /** Adds what the screen shows now, and gives all lines. */
  finish(): TerminalText {
    this.#leaveAlternate();
    this.#keepScreen(this.#rows);
    this.#emulator.close();
    return { lines: this.#ledger.lines(), stopped: this.stopped, refused: this.#refused };
  }

  #start(): TerminalEmulator {
    this.#rows = this.#blankRows(this.#size.rows);
    this.#base = 0;
    return new TerminalEmulator(this.#size, {
      maxCells: this.#limits.maxCells - this.#cells,
      maxLineCharacters: this.#limits.maxLineCharacters,
      onLook: (look) => this.#look(look),
      onAlternate: (entered) => entered ? this.#enterAlternate() : this.#leaveAlternate(),
      onReset: () => this.#reset(),
      onRefused: () => this.#refused++,
    });
  }

  // The emulator throws where it has a fault of its own, or a budget is used up.
  #guarded(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.#cells += this.#emulator.cells;
      if (error instanceof OutOfCells || ++this.#failures > MAX_FAILURES) {
        this.#stopped ??= error instanceof OutOfCells ? "cells" : "failures";
        return false;
      }
    }
    this.#refused++;
    this.#leaveAlternate();
    this.#keepScreen(this.#rows);
    this.#emulator.close();
    this.#emulator = this.#start();
    return false;
  }

  #look(look: Look): void {
    const { emulator, ledger } = { emulator: this.#emulator, ledger: this.#ledger };
    const { cols, rows } = this.#size;
    const scrolled = look.base - this.#base;
    if (scrolled > 0) {
      const gone = this.#rows.splice(0, Math.min(scrolled, rows));
      gone.forEach((row, i) => {
        if (this.#base + i >= look.from) ledger.update(row, emulator.row(this.#base + i, row));
        ledger.keep(row, cols);
      });
      for (let at = this.#base + gone.length; at < look.base; at++) {
        const row = ledger.blank();
        row.scan = look.scan;
        ledger.update(row, emulator.row(at, row));
        ledger.keep(row, cols);
      }
      while (this.#rows.length < rows) this.#rows.push(ledger.blank());
    }
    this.#base = look.base;
    if (look.moved) this.#resync(look);
    else {
      const last = Math.min(look.to - look.base, rows - 1);
      for (let i = Math.max(0, look.from - look.base); i <= last; i++) {
        const row = this.#rows[i]!;
        row.scan ||= look.scan;
        ledger.update(row, emulator.row(look.base + i, row));
      }
    }
  }

  // Rows may have changed places: known ones are found by their text.
  #resync(look: Look): void {
    const ledger = this.#ledger;
    const looks = this.#rows.map((row, i) => {
      row.scan ||= look.scan;
      return this.#emulator.row(look.base + i, row);
    });
    const old = this.#rows;
    const placed: (Row | null)[] = old.map((row, i) => row.text === looks[i]!.text ? row : null);
    const loose = new Map<string, Row[]>();
    old.forEach((row, i) => {
      if (placed[i] === null && row.text !== "") {
        loose.set(row.text, [...loose.get(row.text) ?? [], row]);
      }
    });
    const moved = new Set<Row>();
    looks.forEach(({ text }, i) => {
      const row = placed[i] === null ? loose.get(text)?.shift() : undefined;
      if (row) moved.add(placed[i] = row);
    });
    old.forEach((row, i) => {
      if (moved.has(row) || placed[i] === row) return;
      if (placed[i] === null) placed[i] = row;
      else ledger.lose(row);
    });
    this.#rows = placed.map((row) => row ?? ledger.blank());
    this.#rows.forEach((row, i) => ledger.update(row, looks[i]!));
  }

  // After a resize lines are broken elsewhere; only text that is nowhere any more is lost.
  #reflowed(): void {
    const old = this.#rows;
    const { base } = this.#emulator.look();
    const ledger = this.#ledger;
    const looks = [];
    for (let at = 0; at < base + this.#size.rows; at++) looks.push(this.#emulator.row(at, SCANNED));
    const whole = squeezed(looks.map(({ text }) => text).join(""));
    let from = 0;
    const rows = looks.map((look): Row => {
      const row = ledger.blank();
      if (look.text === "") return row;
      const key = squeezed(look.text);
      const index = old.findIndex(({ text }, i) =>
        i >= from && text !== "" && (key.includes(squeezed(text)) || squeezed(text).includes(key))
      );
      const source = old[index] ?? old[from];
      if (index >= 0) from = index;
      ledger.update(row, look);
      if (source && source.text !== "") {
        const { firstMs, lastMs, order, scan } = source;
        Object.assign(row, { firstMs, lastMs, order, scan });
      }
      return row;
    });
    for (const row of old) {
      if (row.text !== "" && !whole.includes(squeezed(row.text))) ledger.lose(row);
      else ledger.lose({ ...row, text: "" });
    }
    for (const row of rows.splice(0, base)) ledger.keep(row, this.#size.cols);
    this.#rows = rows;
    this.#base = base;
    this.#emulator.lookAtAll();
  }

  #trim(): void {
    this.#emulator.trim();
    this.#base = this.#emulator.base;
  }

  #enterAlternate(): void {
    if (this.#ledger.screen === "alternate") return;
    this.#normalRows = this.#rows;
    this.#ledger.screen = "alternate";
    this.#rows = this.#blankRows(this.#size.rows);
    this.#base = 0;
  }

  #leaveAlternate(): void {
    if (this.#ledger.screen === "normal") return;
    this.#keepScreen(this.#rows);
    this.#ledger.screen = "normal";
    this.#rows = this.#normalRows;
    this.#base = this.#emulator.base;
    if (this.#resizedBehind) this.#reflowed();
    this.#resizedBehind = false;
    this.#emulator.lookAtAll();
  }

  #reset(): void {
    this.#leaveAlternate();
    for (const row of this.#rows) this.#ledger.lose(row);
    this.#rows = this.#blankRows(this.#size.rows);
    this.#base = 0;
  }

  #keepScreen(rows: readonly Row[]): void {
    const last = rows.findLastIndex(({ text }) => text !== "");
    this.#ledger.endLine();
    rows.forEach((row, i) => {
      if (i <= last) this.#ledger.keep(row, this.#size.cols);
      else this.#ledger.lose(row);
    });
    this.#ledger.endLine();
  }

  #blankRows(count: number): Row[] {
    return Array.from({ length: count }, () => this.#ledger.blank());
  }
}

const SCANNED = { scan: true };

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

// ESC, and the first byte of C1 controls in UTF-8, as question marks.
function inert(byte: number): number {
  return byte === 0x1b || byte === 0xc2 ? 0x3f : byte;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

// Ends before a carriage return or backspace that may let text be overwritten.
function pieceEnd(data: Uint8Array, start: number): number {
  const last = Math.min(data.length, start + PIECE_BYTES);
  for (let at = start + 1; at < last; at++) {
    const byte = data[at]!;
    if (byte !== 0x0d && byte !== 0x08) continue;
    const next = data[at + 1];
    const before = data[at - 1];
    if (byte === 0x08) {
      if (before !== 0x08) return at;
    } else if (before !== 0x0d && next !== 0x0a && next !== 0x0d && next !== undefined) return at;
  }
  return last;
}
