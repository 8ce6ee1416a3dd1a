import { runeWidth } from "../../lib/features/rune_width.ts";

/**
 * The terminal of `EchoScreen`, written for reading: one byte after the other, every row kept as a
 * list of characters. What the fast one leaves out or takes at one go is held against it.
 */
export class PlainScreen {
  column = 0;
  cells: number[] = [];
  chars = 0;
  lineFeeds = 0;
  titles = 0;
  redrawn = false;
  alternate = false;
  pasteMode = false;
  readonly #columns: number;
  #state: "text" | "escape" | "control" | "string" | "string escape" | "charset" = "text";
  #sequence = "";
  #returned = false;
  #rune: number[] = [];

  constructor(columns: number) {
    this.#columns = columns;
  }

  print(data: Uint8Array): void {
    this.chars = this.lineFeeds = 0;
    this.redrawn = false;
    for (const byte of data) this.#byte(byte);
  }

  #byte(byte: number): void {
    if (this.#state !== "text") return this.#escaped(byte);
    if (this.#rune.length > 0 && (byte & 0xc0) !== 0x80) {
      this.#rune = [];
      this.#show(0xfffd);
    }
    if (byte >= 0x80) return this.#runeByte(byte);
    if (byte >= 0x20 && byte < 0x7f) return this.#show(byte);
    if (byte === 0x1b) this.#state = "escape";
    else if (byte === 8) {
      this.column = Math.max(0, this.column - 1);
      this.redrawn = true;
    } else if (byte === 9) {
      this.chars += 1;
      this.column = (Math.floor(this.column / 8) + 1) * 8;
    } else if (byte === 10) {
      this.lineFeeds += 1;
      this.cells = [];
      this.#returned = false;
    } else if (byte === 13) {
      this.#returned = this.column > 0;
      this.column = 0;
    }
  }

  #runeByte(byte: number): void {
    if (byte < 0xc0 && this.#rune.length === 0) return this.#show(0xfffd);
    this.#rune.push(byte);
    const [first] = this.#rune as [number];
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (this.#rune.length < length) return;
    const bits = this.#rune.slice(1).map((each) => (each & 0x3f).toString(2).padStart(6, "0"));
    const rune = parseInt((first & (0x7f >> length)).toString(2) + bits.join(""), 2);
    this.#rune = [];
    this.#show(rune);
  }

  #show(rune: number): void {
    const width = runeWidth(rune);
    if (width === 0) return;
    this.chars += 1;
    if (this.#returned) this.redrawn = true;
    this.#returned = false;
    if (this.#columns > 0 && this.column + width > this.#columns) {
      this.column = 0;
      this.cells = [];
    }
    while (this.cells.length < this.column) this.cells.push(0x20);
    for (let i = 0; i < width; i++) this.cells[this.column + i] = rune;
    this.column += width;
  }

  #escaped(byte: number): void {
    const char = String.fromCharCode(byte);
    if (byte === 0x1b) this.#state = this.#state === "string" ? "string escape" : "escape";
    else if (this.#state === "escape") this.#escape(char);
    else if (this.#state === "control") {
      if (byte === 10) {
        this.lineFeeds += 1;
        this.cells = [];
        this.#returned = false;
      } else if (byte >= 0x40 && byte <= 0x7e) {
        this.#state = "text";
        this.#command(char);
      } else this.#sequence += char;
    } else if (this.#state === "string") {
      if (byte === 7) this.#state = "text";
      else if (this.#sequence.length < 3) {
        this.#sequence += char;
        if (/^\][012];$/.test(this.#sequence)) this.titles += 1;
      }
    } else if (this.#state === "string escape") this.#state = char === "\\" ? "text" : "string";
    else this.#state = "text";
  }

  #escape(char: string): void {
    this.#sequence = char === "]" ? char : "";
    if (char === "[") this.#state = "control";
    else if ("]PX^_".includes(char)) this.#state = "string";
    else if ("()#".includes(char)) this.#state = "charset";
    else {
      if (char === "M" || char === "8") this.redrawn = true;
      this.#state = "text";
    }
  }

  #command(final: string): void {
    const mayBePrivate = this.#sequence.includes("?");
    const numbers = this.#sequence.replace(/[^0-9;:]/g, "").split(/[;:]/).map(Number);
    const first = numbers[0]!;
    const count = Math.max(1, first);
    const last = this.#columns || 9999;
    if ("AFDGHfd".includes(final)) this.redrawn = true;
    if (final === "F") this.column = 0;
    if (final === "C") this.column = Math.min(this.column + count, last);
    if (final === "D") this.column = Math.max(0, this.column - count);
    if (final === "G") this.column = count - 1;
    if (final === "H" || final === "f") this.column = Math.max(1, numbers[1] ?? 1) - 1;
    if ((final === "J" || final === "K") && first === 0) this.cells.splice(this.column);
    if ((final === "J" || final === "K") && first === 2) this.cells = [];
    if (!mayBePrivate || (final !== "h" && final !== "l")) return;
    for (const mode of numbers) {
      if (mode === 2004) this.pasteMode = final === "h";
      if (mode === 1049 || mode === 1047 || mode === 47) this.alternate = final === "h";
    }
  }
}
