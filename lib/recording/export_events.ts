import type { RecordingEvent, RecordingOutcome } from "../model/event.ts";
import type { RecordingLimits } from "./limits.ts";
import type { RecordingSource } from "./read.ts";
import { readTapped } from "./read.ts";

/** What an event was made of: a record, the header of an asciicast, or one of its events. */
type Origin =
  | { record: Uint8Array }
  | { header: Readonly<Record<string, unknown>> }
  | { code: string; data: unknown };

/** An event together with what it was made of. */
export interface SourcedEvent {
  event: RecordingEvent;
  origin: Origin;
}

/**
 * A recording in another form, as pieces of text. It holds what the session held: hand it on only
 * to who asked for that. `outcome` and `remarks` are final once iteration has ended; remarks say
 * what the form could not take, without content.
 */
export interface Export extends AsyncIterable<string> {
  readonly outcome: RecordingOutcome;
  /** A sentence each; empty where the form took all. */
  readonly remarks: readonly string[];
}

/** Reads events with what they were made of, in batches. */
export function readSourced(
  source: RecordingSource,
  limits: Partial<RecordingLimits> = {},
): { outcome: RecordingOutcome; batches: AsyncGenerator<SourcedEvent[]> } {
  const origins: Origin[] = [];
  const reader = readTapped(source, {
    limits,
    tap: {
      record: (record) => origins.push({ record }),
      castHeader: (header) => origins.push({ header }),
      castEvent: (code, data) => origins.push({ code, data }),
    },
  });
  async function* batches(): AsyncGenerator<SourcedEvent[]> {
    for await (const events of reader) {
      const seen = origins.splice(0, events.length);
      yield events.map((event, i) => ({ event, origin: seen[i]! }));
    }
  }
  return { outcome: reader.outcome, batches: batches() };
}
