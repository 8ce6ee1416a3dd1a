import type { EventColumns, RecordingEvent, TerminalSize } from "../model/event.ts";
import type { HandOver } from "./hand_overs.ts";
import { RecordingFeatures, type RecordingMeasures } from "./recording_features.ts";

/** A stretch of a recording between changes of driver, measured as if it were all there is. */
interface Segment extends RecordingMeasures {
  /** Seconds on the recording's own clock; a segment ends where the next one begins. */
  fromSeconds: number;
  untilSeconds: number;
}

/**
 * Measures the stretches between hand-overs, on a second reading of a recording: they are known
 * only once all of it was seen, and its prints are not kept. Recordings without a hand-over need
 * none. The measures are those of {@link RecordingFeatures}, begun anew at each hand-over; where a
 * program takes over from hands, its output counts as the tail of what was entered last.
 */
export class SegmentFeatures {
  readonly #handOvers: readonly HandOver[];
  readonly #segments: Segment[] = [];
  #features = new RecordingFeatures();
  #prints = 0;
  #fromSeconds = 0;
  #lastSeconds = 0;
  #size: TerminalSize | null = null;

  /** `handOvers` in order, as {@link RecordingFeatures.handOvers} found them. */
  constructor(handOvers: readonly HandOver[]) {
    this.#handOvers = handOvers;
  }

  /** Takes the same events as were measured before. */
  add(batch: readonly RecordingEvent[]): void {
    for (const event of batch) this.#event(event);
  }

  /** As `add()`, for a batch in columns. */
  addColumns(batch: EventColumns): void {
    const { length, bytes, atMs, starts, ends, others } = batch;
    for (let row = 0; row < length; row++) {
      const start = starts[row]!;
      if (start >= 0) this.#print(atMs[row]!, bytes, start, ends[row]!);
      else this.#event(others[~start]!);
    }
  }

  /** The segments, in order; none without a hand-over. */
  finish(): Segment[] {
    if (this.#handOvers.length === 0) return [];
    this.#close(this.#lastSeconds);
    return this.#segments;
  }

  #print(atMs: number, bytes: Uint8Array, start: number, end: number): void {
    const next = this.#handOvers[this.#segments.length];
    if (next !== undefined && this.#prints >= next.print) this.#handOver(next);
    this.#prints += 1;
    this.#lastSeconds = atMs / 1000;
    this.#features.print(atMs, bytes, start, end);
  }

  #event(event: RecordingEvent): void {
    if (event.type === "print") {
      return this.#print(event.atMs, event.data, 0, event.data.length);
    }
    this.#lastSeconds = event.atMs / 1000;
    if ((event.type === "start" || event.type === "resize") && event.size) this.#size = event.size;
    this.#features.add([event]);
  }

  #handOver({ at, to }: HandOver): void {
    this.#close(at);
    this.#fromSeconds = at;
    this.#features = new RecordingFeatures();
    this.#features.begin(at, { size: this.#size, launched: to === "program" });
  }

  #close(untilSeconds: number): void {
    const fromSeconds = this.#fromSeconds;
    this.#segments.push({ fromSeconds, untilSeconds, ...this.#features.finish() });
  }
}
