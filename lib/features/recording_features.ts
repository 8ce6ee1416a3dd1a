import type { CmdFeatures } from "../model/cmd_features.ts";
import type { EventColumns, RecordingEvent, TerminalSize } from "../model/event.ts";
import type { PtyFeatures, PtyRhythm } from "../model/pty_features.ts";
import type { DeskFeatures } from "../model/desk_features.ts";
import type { CallTrace } from "./call.ts";
import { CallAccumulator } from "./call.ts";
import { CmdAccumulator } from "./cmd.ts";
import { DeskAccumulator } from "./desk.ts";
import type { HandOver } from "./hand_overs.ts";
import { PtyAccumulator } from "./pty.ts";
import { MarksAccumulator, type RecordingMarks } from "./recording_marks.ts";

/** All that is measured of a recording; null where there was nothing to measure. */
export interface RecordingMeasures {
  /** null, as `rhythm`, where nothing was printed. */
  pty: PtyFeatures | null;
  rhythm: PtyRhythm | null;
  /** null where no command, connection or file was recorded. */
  cmd: CmdFeatures | null;
  /**
   * Calls of a database, application or MCP session; `callFeatures()` measures them, together with
   * those of the session's other recordings.
   */
  calls: CallTrace | null;
  /** null but for desktops. */
  desk: DeskFeatures | null;
  /** Commands and addresses that it is held against other sessions by; in memory only. */
  marks: RecordingMarks | null;
}

/**
 * Measures a recording in one pass, a batch of events at a time, without holding it. Input events
 * are left out: Teleport never has them, and a feature that some recorders alone can give would
 * compare what can't be compared.
 *
 * ```ts
 * import { readRecording, RecordingFeatures } from "shellscope";
 *
 * const uri = "fixtures/casts/cut.cast";
 * const reader = readRecording({ uri, bytes: await Deno.readFile(uri) });
 * const features = new RecordingFeatures();
 * for await (const batch of reader) features.add(batch);
 * const { pty } = features.finish({ clockSteps: reader.outcome.clockSteps });
 * ```
 */
export class RecordingFeatures {
  readonly #pty = new PtyAccumulator();
  readonly #cmd = new CmdAccumulator();
  readonly #calls = new CallAccumulator();
  readonly #desk = new DeskAccumulator();
  readonly #marks = new MarksAccumulator();
  #printed = false;

  /** A batch of events, in the order in which they were recorded. */
  add(batch: readonly RecordingEvent[]): void {
    for (const event of batch) {
      if (event.type === "print") this.print(event.atMs, event.data, 0, event.data.length);
      else this.#other(event);
    }
  }

  /** As `add()`, for a batch in columns. */
  addColumns(batch: EventColumns): void {
    const { length, starts, others } = batch;
    for (let row = 0; row < length;) {
      const first = row;
      while (row < length && starts[row]! >= 0) row += 1;
      if (row > first) {
        this.#begin();
        this.#pty.prints(batch, first, row);
      }
      if (row === length) return;
      const event = others[~starts[row++]!]!;
      if (event.type === "print") this.print(event.atMs, event.data, 0, event.data.length);
      else this.#other(event);
    }
  }

  /** One print, which is a part of `bytes`. */
  print(atMs: number, bytes: Uint8Array, start: number, end: number): void {
    this.#begin();
    this.#pty.print(atMs / 1000, bytes, start, end);
  }

  /** The measures. `clockSteps` and `originMs` are the outcome's, which alone knows them. */
  finish(options: { clockSteps?: number; originMs?: number | null } = {}): RecordingMeasures {
    const measured = this.#pty.finish(options.clockSteps ?? null);
    return {
      ...{ pty: null, rhythm: null, ...measured },
      cmd: this.#cmd.finish(),
      calls: this.#calls.finish(options.originMs ?? null),
      desk: this.#desk.finish(),
      marks: this.#marks.finish(),
    };
  }

  /**
   * Says that what is measured is a stretch of a recording from `at` seconds on, with a terminal of
   * this size. `launched`: the program that drives it was started by the line entered before.
   */
  begin(at: number, { size, launched }: { size: TerminalSize | null; launched: boolean }): void {
    this.#pty.begin(at, size);
    if (launched) this.#pty.launch(at);
  }

  /** Where the driver changes. To be asked once, after the last batch. */
  handOvers(): HandOver[] {
    return this.#pty.handOvers();
  }

  #begin(): void {
    if (!this.#printed) this.#cmd.terminal();
    this.#printed = true;
  }

  #other(event: RecordingEvent): void {
    const at = event.atMs / 1000;
    switch (event.type) {
      case "start":
        this.#pty.begin(at, event.size);
        break;
      case "end":
        this.#pty.reach(at);
        break;
      case "resize":
        this.#pty.resize(event.size);
        break;
      case "join":
        this.#pty.join();
        break;
      case "query":
      case "request":
        return this.#calls.add(event);
      case "desktop":
        return this.#desk.add(event);
    }
    this.#cmd.add(event);
    this.#marks.add(event);
  }
}
