import type { RecordingFormat, RecordingOutcome } from "../model/event.ts";
import type { RecordingState } from "../model/vocabulary.ts";
import type { RecordingLimits } from "./limits.ts";

/** What went wrong first, and where: bytes from the start of the file as stored. */
interface RecordingFault {
  state: RecordingState;
  error: string;
  offset: number | null;
}

/** An outcome while it is being made. */
export function emptyOutcome(): RecordingOutcome {
  return {
    state: "pending",
    format: null,
    error: null,
    errorOffset: null,
    facts: {},
    originMs: null,
    parts: 0,
    events: {},
    outputBytes: 0,
    unknown: {},
    skipped: {},
    clockSteps: 0,
  };
}

/**
 * Sees what events are made of, for who needs more than the event says (export): called once for
 * each event handed out, in their order. Reading is slower with one.
 */
export interface RecordingTap {
  /** The protobuf bytes of the record, a view that stays valid. */
  record?(record: Uint8Array): void;
  /** The header of an asciicast, for its start event. */
  castHeader?(header: Readonly<Record<string, unknown>>): void;
  /** What an asciicast's event `[time, code, data]` says. */
  castEvent?(code: string, data: unknown): void;
}

/** What all readers of a format share: the outcome they fill and the limits they keep. */
export interface ReadingContext {
  outcome: RecordingOutcome;
  limits: RecordingLimits;
  /** What the file is called, without its folder. */
  fileName: string;
  /** Bytes inflated so far, over all parts. */
  inflatedBytes: number;
  eventCount: number;
  /** SHA-256 of the text of an asciicast, once all of it was read. */
  contentId: string | null;
  tap?: RecordingTap;
}

/** Sets the format that was recognised. */
export function recognise(context: ReadingContext, format: RecordingFormat): void {
  context.outcome.format = format;
}

/** Notes a fault. The first one names the state; later ones are counted by their state. */
export function fault(context: ReadingContext, fault: RecordingFault): void {
  const { outcome } = context;
  if (outcome.error !== null) return skip(context, `later fault: ${fault.state}`);
  outcome.state = fault.state;
  outcome.error = fault.error;
  outcome.errorOffset = fault.offset;
}

/** Counts something left out. Reasons come from a closed list of ours. */
export function skip(context: ReadingContext, reason: string, count = 1): void {
  const { skipped } = context.outcome;
  skipped[reason] = (skipped[reason] ?? 0) + count;
}

/** Counts events handed out, by type. */
export function count(context: ReadingContext, type: string, count = 1): void {
  const { events } = context.outcome;
  events[type] = (events[type] ?? 0) + count;
  context.eventCount += count;
}
