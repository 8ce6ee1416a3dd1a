import type { CmdFeatures } from "../model/cmd_features.ts";
import type { RecordingEvent } from "../model/event.ts";
import type { PtyFeatures, PtyRhythm } from "../model/pty_features.ts";
import { CmdAccumulator } from "./cmd.ts";
import { PtyAccumulator } from "./pty.ts";

/** All that is measured of a recording; null where there was nothing to measure. */
export interface RecordingMeasures {
  pty: PtyFeatures | null;
  rhythm: PtyRhythm | null;
  cmd: CmdFeatures | null;
}

/**
 * Measures a recording in one pass, a batch of events at a time, without holding it. Input events
 * are left out: Teleport never has them, and a feature that some recorders alone can give would
 * compare what can't be compared.
 *
 * ```ts
 * const features = new RecordingFeatures();
 * for await (const batch of reader) features.add(batch);
 * const { pty } = features.finish({ clockSteps: reader.outcome.clockSteps });
 * ```
 */
export class RecordingFeatures {
  readonly #pty = new PtyAccumulator();
  readonly #cmd = new CmdAccumulator();

  add(batch: readonly RecordingEvent[]): void {
    const pty = this.#pty;
    for (const event of batch) {
      if (event.type === "print") {
        pty.print(event.atMs / 1000, event.data);
        this.#cmd.add(event);
      } else this.#other(event);
    }
  }

  /** The measures. `clockSteps` is the outcome's, which alone knows it. */
  finish(options: { clockSteps?: number } = {}): RecordingMeasures {
    const measured = this.#pty.finish(options.clockSteps ?? null);
    return { pty: null, rhythm: null, ...measured, cmd: this.#cmd.finish() };
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
    }
    this.#cmd.add(event);
  }
}
