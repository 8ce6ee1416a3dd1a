import type { EventColumns, RecordingEvent } from "../model/event.ts";

/** Rows of a batch: its columns stay in the first caches of a processor. */
const ROWS = 4096;

/** Columns being filled; see {@link EventColumns}. */
export class ColumnsOfEvents implements EventColumns {
  length = 0;
  bytes: Uint8Array = new Uint8Array(0);
  readonly atMs = new Float64Array(ROWS);
  readonly starts = new Int32Array(ROWS);
  readonly ends = new Int32Array(ROWS);
  others: RecordingEvent[] = [];

  /** Whether the batch has to be handed out before the next row. */
  get full(): boolean {
    return this.length === ROWS;
  }

  /** Begins the next batch, whose prints lie in `bytes`. */
  begin(bytes: Uint8Array): void {
    this.length = 0;
    this.bytes = bytes;
    if (this.others.length > 0) this.others = [];
  }

  print(atMs: number, start: number, end: number): void {
    const row = this.length++;
    this.atMs[row] = atMs;
    this.starts[row] = start;
    this.ends[row] = end;
  }

  /** Adds an event with data of its own, or without any. */
  push(event: RecordingEvent): void {
    const row = this.length++;
    this.atMs[row] = event.atMs;
    this.starts[row] = ~this.others.length;
    this.ends[row] = 0;
    this.others.push(event);
  }
}

/** The events of a batch as objects. */
export function eventsOf(batch: EventColumns): RecordingEvent[] {
  const { length, bytes, atMs, starts, ends, others } = batch;
  const events: RecordingEvent[] = [];
  for (let row = 0; row < length; row++) {
    const start = starts[row]!;
    if (start < 0) events.push(others[~start]!);
    else {
      events.push({
        type: "print",
        atMs: atMs[row]!,
        data: bytes.subarray(start, ends[row]!),
      });
    }
  }
  return events;
}

/** Columns for events that exist as objects already: all of them `others`. */
export function columnsOf(events: readonly RecordingEvent[]): EventColumns {
  return {
    length: events.length,
    bytes: NO_BYTES,
    atMs: Float64Array.from(events, (event) => event.atMs),
    starts: Int32Array.from(events, (_, row) => ~row),
    ends: new Int32Array(events.length),
    others: events,
  };
}

/** Nothing at all. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);
