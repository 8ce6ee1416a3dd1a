import type { TerminalLimits, TerminalLine, TerminalText } from "./terminal_text.ts";

/** A text on a row, and when it came there. */
interface Written {
  text: string;
  order: number;
  firstMs: number;
  lastMs: number;
  growths: number;
  waitedMs: number;
  concealed: readonly string[];
}

/** A text that was replaced, while it may still come back. */
interface Version extends Written {
  fate: "overwritten" | "erased";
}

/** One row of a screen, as it was last looked at. */
export interface Row extends Written {
  /** Whether it goes on where the row above ends. */
  wrapped: boolean;
  /** Whether cells of it may be invisible. */
  scan: boolean;
  /** Replaced last; dropped if the same text is written again, as redrawing programs do. */
  pending: Version | null;
  /** Replaced texts that were noted, by what is left of them without digits and repetition. */
  noted: Map<string, TerminalLine> | null;
}

/** A row as it is after a look at the screen. */
export interface RowLook {
  text: string;
  wrapped: boolean;
  concealed: readonly string[];
}

const NOTHING: readonly string[] = [];
/** Different replaced texts noted of one row before the rest is counted only. */
const MAX_NOTED = 256;

interface Entry {
  order: number;
  line: TerminalLine;
}

/** Gathers lines: what rows said when they were replaced, scrolled away or the end came. */
export class LineLedger {
  stopped: TerminalText["stopped"] = null;
  /** Milliseconds of the event being played. */
  nowMs = 0;

  readonly #limits: TerminalLimits;
  readonly #entries: Entry[] = [];
  #nextOrder = 0;
  #screen: TerminalLine["screen"] = "normal";
  /** Order of the line kept last on either screen. */
  #keptOrder = { normal: 0, alternate: 0 };
  #characters = 0;
  #open: TerminalLine | null = null;

  constructor(limits: TerminalLimits) {
    this.#limits = limits;
  }

  get screen(): TerminalLine["screen"] {
    return this.#screen;
  }

  set screen(screen: TerminalLine["screen"]) {
    this.#screen = screen;
    this.#open = null;
    this.#keptOrder.alternate = ++this.#nextOrder;
  }

  /** A row without text. */
  blank(): Row {
    return {
      text: "",
      order: this.#nextOrder,
      firstMs: this.nowMs,
      lastMs: this.nowMs,
      growths: 0,
      waitedMs: 0,
      concealed: NOTHING,
      wrapped: false,
      scan: false,
      pending: null,
      noted: null,
    };
  }

  /** Brings a row up to date; text that is gone is noted, unless it comes back. */
  update(row: Row, look: RowLook): void {
    row.wrapped = look.wrapped;
    if (row.text === look.text) {
      row.concealed = look.concealed;
      return;
    }
    const { text: old, pending } = row;
    if (old === "") {
      row.order = ++this.#nextOrder;
      this.#begin(row);
    } else if (survives(old, look.text)) {
      if (row.growths === 0) row.waitedMs = this.nowMs - row.lastMs;
      row.growths++;
    } else {
      if (pending === null || old.startsWith(pending.text)) row.pending = versionOf(row, look.text);
      else if (!isRest(old, look.text, pending.text)) {
        this.#note(row, pending);
        row.pending = versionOf(row, look.text);
      }
      row.order = ++this.#nextOrder;
      if (!old.startsWith(look.text)) this.#begin(row);
    }
    row.text = look.text;
    row.concealed = look.concealed;
    row.lastMs = this.nowMs;
    if (row.pending !== null && look.text.startsWith(row.pending.text)) {
      row.firstMs = row.pending.firstMs;
      row.growths = row.pending.growths + 1;
      row.waitedMs = row.pending.waitedMs;
      row.order = row.pending.order;
      row.pending = null;
    }
  }

  #begin(row: Row): void {
    row.firstMs = this.nowMs;
    row.growths = 0;
    row.waitedMs = 0;
  }

  /** The row is gone from the screen, and its text with it. */
  lose(row: Row): void {
    this.#settle(row);
    if (row.text !== "") this.#note(row, versionOf(row, ""));
  }

  /** The row has left the screen at the top, or the end has come; rows come in their order. */
  keep(row: Row, cols: number): void {
    this.#settle(row);
    const order = Math.max(this.#keptOrder[this.#screen], row.order);
    this.#keptOrder[this.#screen] = order;
    const open = this.#open;
    if (row.wrapped && open !== null) {
      const room = this.#limits.maxLineCharacters - open.text.length;
      const added = padded(open.text, cols) + row.text;
      this.#characters += Math.min(room, row.text.length);
      open.text = added.slice(0, this.#limits.maxLineCharacters);
      open.lastMs = Math.max(open.lastMs, row.lastMs);
      open.growths += row.growths;
      if (row.concealed.length > 0) open.concealed = [...open.concealed, ...row.concealed];
      return;
    }
    this.#open = this.#add(order, {
      text: row.text,
      firstMs: row.firstMs,
      lastMs: row.lastMs,
      growths: row.growths,
      waitedMs: row.waitedMs,
      fate: "kept",
      screen: this.#screen,
      concealed: row.concealed,
      repeats: 0,
    });
  }

  /** What comes next is no continuation of what was kept last. */
  endLine(): void {
    this.#open = null;
  }

  /** All lines in their order. */
  lines(): TerminalLine[] {
    // sort() is stable: lines of one order stay as they were added
    return this.#entries.sort((a, b) => a.order - b.order).map(({ line }) => line);
  }

  #settle(row: Row): void {
    if (row.pending !== null) this.#note(row, row.pending);
    row.pending = null;
  }

  #note(row: Row, version: Version): void {
    row.noted ??= new Map();
    const shape = shapeOf(version.text);
    const alike = row.noted.get(shape);
    if (alike) {
      alike.repeats += 1;
      return;
    }
    if (row.noted.size >= MAX_NOTED) {
      row.noted.values().next().value!.repeats += 1;
      return;
    }
    const { order, ...rest } = version;
    row.noted.set(shape, this.#add(order, { ...rest, screen: this.#screen, repeats: 0 }));
  }

  #add(order: number, line: TerminalLine): TerminalLine {
    this.#entries.push({ order, line });
    this.#characters += line.text.length;
    if (this.#entries.length >= this.#limits.maxLines) this.stopped ??= "lines";
    if (this.#characters >= this.#limits.maxCharacters) this.stopped ??= "characters";
    return line;
  }
}

function versionOf(row: Row, replacement: string): Version {
  const { text, order, firstMs, lastMs, growths, waitedMs, concealed } = row;
  const fate = text.startsWith(replacement) ? "erased" : "overwritten";
  return { text, order, firstMs, lastMs, growths, waitedMs, concealed, fate };
}

// Nothing of `old` is gone from `text`: each of its characters is still there, in their order.
function survives(old: string, text: string): boolean {
  if (text.startsWith(old)) return true;
  if (text.length < old.length) return false;
  let at = 0;
  for (let i = 0; i < text.length && at < old.length; i++) {
    if (text.charCodeAt(i) === old.charCodeAt(at)) at++;
  }
  return at === old.length;
}

// All that `old` loses on its way to `text` stood in `before` already, in the same place.
function isRest(old: string, text: string, before: string): boolean {
  for (let i = 0; i < old.length; i++) {
    if (old[i] !== text[i] && old[i] !== before[i] && old[i] !== " ") return false;
  }
  return true;
}

/** A text without what changes from frame to frame: counts, bars, spinners. */
function shapeOf(text: string): string {
  return text.replace(/\d+/g, "0").replace(/[^\p{L}0]+/gu, " ");
}

// A row that goes on below is full: the blanks at its end were trimmed, not absent.
function padded(text: string, cols: number): string {
  const missing = (cols - (text.length % cols)) % cols;
  return missing === 0 || /[^\x20-\u10ff]|\p{M}/u.test(text) ? text : text + " ".repeat(missing);
}
