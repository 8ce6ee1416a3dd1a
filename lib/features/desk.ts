import type { DeskFeatures } from "../model/desk_features.ts";
import type { RecordingEvent } from "../model/event.ts";
import { GapsOfFew } from "./gaps_of_few.ts";

/** The `desk_…` features of a desktop recording, in one pass. */
export class DeskAccumulator {
  #messages = 0;
  #frames = 0;
  #bytes = 0;
  #inputs = 0;
  #clipboard = 0;
  #files = 0;
  #lastFrame = NaN;
  #lastInput = NaN;
  readonly #frameGaps = new GapsOfFew();
  readonly #inputGaps = new GapsOfFew();

  add(event: RecordingEvent): void {
    if (event.type !== "desktop") return;
    const at = event.atMs / 1000;
    this.#messages += 1;
    switch (event.what) {
      case "frame":
        this.#frames += 1;
        this.#bytes += event.bytes;
        if (!Number.isNaN(this.#lastFrame)) this.#frameGaps.add(at - this.#lastFrame);
        this.#lastFrame = at;
        return;
      case "input":
        this.#inputs += 1;
        if (!Number.isNaN(this.#lastInput)) this.#inputGaps.add(at - this.#lastInput);
        this.#lastInput = at;
        return;
      case "clipboard":
        this.#clipboard += 1;
        return;
      case "file":
        this.#files += 1;
    }
  }

  /** The features; null where there was no message of a desktop. */
  finish(): DeskFeatures | null {
    if (this.#messages === 0) return null;
    return {
      desk_frames: this.#frames,
      desk_bytes: this.#bytes,
      desk_frame_gap_p50: this.#frameGaps.quantiles.quantile(0.5),
      desk_inputs: this.#inputs,
      desk_input_gap_p50: this.#inputGaps.quantiles.quantile(0.5),
      desk_input_gap_cv: this.#inputGaps.variation(),
      desk_clipboard: this.#clipboard,
      desk_files: this.#files,
    };
  }
}
