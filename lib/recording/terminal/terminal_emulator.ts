import xterm from "@xterm/headless";
import type { IBufferCell, Terminal } from "@xterm/headless";
import type { TerminalSize } from "../../model/event.ts";
import type { RowLook } from "./terminal_rows.ts";
import { Utf8Repair } from "../utf8_repair.ts";
import { MarkLimit } from "./mark_limit.ts";

/** Lines kept behind the screen until they were looked at; more than one piece can write. */
const LINES_BEHIND = 4096;
const TRIM_FROM = 1024;

/** What was written since the last look; rows count from the first line kept behind the screen. */
export interface Look {
  /** The first row of the screen. */
  base: number;
  /** The rows to look at. */
  from: number;
  to: number;
  /** Rows may have changed places: all of them are to be looked at. */
  moved: boolean;
  /** Cells that can't be seen may have been written. */
  scan: boolean;
}

interface EmulatorOptions {
  maxCells: number;
  maxLineCharacters: number;
  /** Text may be lost after this. */
  onLook(look: Look): void;
  /** Another screen is shown from now on. */
  onAlternate(entered: boolean): void;
  /** The terminal starts anew. */
  onReset(): void;
  onRefused(): void;
}

/** More cells were moved or cleared than is allowed. */
export class OutOfCells extends Error {
  override name = "OutOfCells";
}

/** The part of the emulator that its typings leave out: parsing now, faults as exceptions. */
interface Core {
  writeSync(data: string): void;
}

type Params = readonly (number | readonly number[])[];

/**
 * xterm.js without a display, told to stop before whatever loses text. Answers to queries, titles
 * and clipboard writes go nowhere.
 */
export class TerminalEmulator {
  cells = 0;

  readonly #terminal: Terminal;
  readonly #core: Core;
  readonly #options: EmulatorOptions;
  readonly #cell: IBufferCell;
  // asking the terminal for it each time is slow
  readonly #buffers: Terminal["buffer"];
  // xterm's own decoder drops some characters that are cut between pieces.
  readonly #utf8 = new Utf8Repair();
  readonly #marks = new MarkLimit();
  #from = 0;
  #to = 0;
  #moved = false;
  #scan = false;
  #styled = false;
  #regionTop = 0;
  #regionBottom: number;
  #resetting = false;

  constructor(size: TerminalSize, options: EmulatorOptions) {
    this.#options = options;
    this.#terminal = new xterm.Terminal({
      ...size,
      scrollback: LINES_BEHIND,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.#core = (this.#terminal as unknown as { _core: Core })._core;
    this.#buffers = this.#terminal.buffer;
    this.#cell = this.#buffers.active.getNullCell();
    this.#regionBottom = size.rows - 1;
    this.#register();
  }

  get base(): number {
    return this.#buffers.active.baseY;
  }

  /** Shows bytes. Throws what the emulator throws, and {@link OutOfCells}. */
  write(bytes: Uint8Array): void {
    let lineEnds = 0;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x0a) lineEnds++;
    this.spend(bytes.length + lineEnds * this.#terminal.cols);
    this.#core.writeSync(this.#marks.take(this.#utf8.take(bytes)));
    this.#afterReset();
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#terminal.resize(cols, rows);
    this.#regionTop = 0;
    this.#regionBottom = rows - 1;
  }

  /** What changed since the last look; from here on is the next. */
  look(): Look {
    this.#afterReset();
    const { baseY, cursorY, type } = this.#buffers.active;
    const cursor = baseY + cursorY;
    const scrolls = type === "alternate" || this.#regionTop > 0 ||
      this.#regionBottom < this.#terminal.rows - 1;
    const look: Look = {
      base: baseY,
      from: Math.min(this.#from, cursor),
      to: Math.max(this.#to, cursor),
      moved: this.#moved || (scrolls && cursorY >= this.#regionBottom),
      scan: this.#scan,
    };
    this.#from = this.#to = cursor;
    this.#moved = false;
    this.#scan = this.#styled;
    const rows = look.moved ? this.#terminal.rows : look.to - look.from + 1;
    this.spend(rows * this.#terminal.cols);
    return look;
  }

  /** The next look is at all rows. */
  lookAtAll(): void {
    this.#from = this.base;
    this.#to = this.base + this.#terminal.rows - 1;
  }

  /** Reads one row. */
  row(at: number, { scan }: { scan: boolean }): RowLook {
    const line = this.#buffers.active.getLine(at);
    if (line === undefined) return EMPTY;
    const whole = line.translateToString(true);
    this.spend(whole.length);
    const text = whole.slice(0, this.#options.maxLineCharacters).trimEnd();
    if (!scan || text === "") return { text, wrapped: line.isWrapped, concealed: NOTHING };
    const concealed: string[] = [];
    let run = "";
    for (let x = 0; x < line.length; x++) {
      const cell = line.getCell(x, this.#cell);
      if (cell && isConcealed(cell)) run += cell.getChars() || " ";
      else if (run !== "") {
        if (run.trim() !== "") concealed.push(run.trim());
        run = "";
      }
    }
    if (run.trim() !== "") concealed.push(run.trim());
    return { text, wrapped: line.isWrapped, concealed };
  }

  /** Whether so many lines lie behind the screen that it is time to {@link trim}. */
  get long(): boolean {
    return this.base >= TRIM_FROM;
  }

  /** Drops the lines behind the screen: rows then count from its first. */
  trim(): void {
    this.#terminal.options.scrollback = 0;
    this.#terminal.options.scrollback = LINES_BEHIND;
    const { baseY, cursorY } = this.#buffers.active;
    this.#from = this.#to = baseY + cursorY;
  }

  /** Lets go of the emulator. */
  close(): void {
    this.#terminal.dispose();
  }

  /** Counts work; throws where it is too much. */
  spend(cells: number): void {
    this.cells += cells;
    if (this.cells > this.#options.maxCells) throw new OutOfCells();
  }

  #register(): void {
    const { parser } = this.#terminal;
    const csi = (finals: string, action: (count: number, params: Params) => boolean | void) => {
      for (const id of finals.split(",")) {
        const final = id.at(-1)!;
        const extra = id.length === 1
          ? {}
          : "?>".includes(id[0]!)
          ? { prefix: id[0]! }
          : { intermediates: id[0]! };
        parser.registerCsiHandler({ final, ...extra }, (params) => {
          const first = params[0];
          return action(typeof first === "number" && first > 0 ? first : 1, params) ?? false;
        });
      }
    };
    const look = () => this.#options.onLook(this.look());
    const up = (rows: number) => {
      look();
      this.#from = Math.max(this.base, this.#from - rows);
    };
    const all = () => {
      look();
      this.lookAtAll();
      this.spend(this.#terminal.rows * this.#terminal.cols);
    };
    csi("D,G,`,K,X,P,@,?K,Z", (count) => {
      look();
      return this.#refuse(count > 100_000);
    });
    csi("A,F", (count) => up(count));
    csi("H,f,d", (_, [row]) => {
      look();
      const target = this.base + Math.max(0, (typeof row === "number" ? row : 1) - 1);
      this.#from = Math.min(this.#from, target);
    });
    csi("u", all);
    csi("?h,?l", (_, params) => {
      if (params.flat().some((mode) => SCREEN_MODES.has(mode))) all();
    });
    csi("r", (_, [top, bottom]) => {
      all();
      this.#setRegion(top, bottom);
    });
    csi("!p", () => {
      all();
      this.#setRegion(1, this.#terminal.rows);
    });
    csi(" @, A,'},'~", all);
    csi("J,?J", (_, [what]) => {
      all();
      // xterm.js fails on erasing all before its last cell
      const { cursorX, cursorY } = this.#buffers.active;
      const { cols, rows } = this.#terminal;
      return this.#refuse(what === 1 && cursorX >= cols - 1 && cursorY === rows - 1);
    });
    csi("L,M,S,T,^", (count) => {
      all();
      this.#moved = true;
      const absurd = count > Math.max(1000, this.#terminal.rows);
      if (!absurd) this.spend(count * this.#terminal.rows);
      return this.#refuse(absurd);
    });
    csi("b", (count) => {
      const absurd = count > this.#terminal.cols * this.#terminal.rows;
      if (!absurd) this.spend(count);
      return this.#refuse(absurd);
    });
    csi("I,Z", (count) => this.#refuse(count > this.#terminal.cols));
    csi("m", (_, params) => this.#style(params));
    parser.registerEscHandler({ final: "M" }, () => {
      up(1);
      this.#moved = this.#buffers.active.cursorY <= this.#regionTop;
      return false;
    });
    for (const final of ["8", "D", "E"]) {
      parser.registerEscHandler({ final }, () => {
        all();
        return false;
      });
    }
    parser.registerEscHandler({ intermediates: "#", final: "8" }, () => {
      all();
      return false;
    });
    parser.registerEscHandler({ final: "c" }, () => {
      look();
      this.#resetting = true;
      return false;
    });
    this.#buffers.onBufferChange((now) => {
      this.#afterReset();
      this.#options.onAlternate(now.type === "alternate");
      this.lookAtAll();
    });
  }

  #refuse(absurd: boolean): boolean {
    if (absurd) this.#options.onRefused();
    return absurd;
  }

  #setRegion(top: unknown, bottom: unknown): void {
    const rows = this.#terminal.rows;
    const first = typeof top === "number" && top > 0 ? top : 1;
    const last = typeof bottom === "number" && bottom > 0 ? Math.min(bottom, rows) : rows;
    if (last <= first) return;
    this.#regionTop = first - 1;
    this.#regionBottom = last - 1;
  }

  // Concealed text, or a colour of the background, which letters may share.
  #style(params: Params): void {
    const numbers = params.flat();
    if (numbers.length === 0 || numbers[0] === 0) this.#styled = false;
    for (const n of numbers) {
      if (n === 8 || (n >= 40 && n <= 48) || (n >= 100 && n <= 107)) {
        this.#styled = this.#scan = true;
      }
    }
  }

  #afterReset(): void {
    if (!this.#resetting) return;
    this.#resetting = false;
    this.#regionTop = 0;
    this.#regionBottom = this.#terminal.rows - 1;
    this.#options.onReset();
    this.lookAtAll();
    // lines may have scrolled away since
    this.#from = 0;
  }
}

/** Private modes that move the cursor or show another screen. */
const SCREEN_MODES = new Set([3, 6, 47, 1047, 1048, 1049]);

const NOTHING: readonly string[] = [];
const EMPTY: RowLook = { text: "", wrapped: false, concealed: NOTHING };

function isConcealed(cell: IBufferCell): boolean {
  if (cell.isInvisible()) return true;
  if (cell.isFgDefault() || cell.isBgDefault()) return false;
  return cell.isFgRGB() === cell.isBgRGB() && cell.getFgColor() === cell.getBgColor();
}
