import protobuf from "protobufjs";
import type { RecordingEvent, TerminalSize } from "../model/event.ts";
import type { SessionFacts } from "../model/session.ts";
import { tdpbMessage, tdpMessage } from "./desktop_messages.ts";
import { Duplicates, fingerprint, printFingerprint } from "./duplicates.ts";
import { ColumnsOfEvents, NO_BYTES } from "./event_columns.ts";
import type { ReadingContext } from "./outcome.ts";
import { count, skip } from "./outcome.ts";
import { PrintRun } from "./print_run.ts";
import { PrintWalker } from "./print_walker.ts";
import type { RecordRun, RecordSink } from "./record_splitter.ts";
import { RecordingClock } from "./recording_clock.ts";
import { teleportEvent } from "./teleport_events.ts";
import type { Decoded } from "./teleport_facts.ts";
import {
  inner,
  integer,
  isoTime,
  isSaneTime,
  kindOf,
  requestFacts,
  saneTime,
  terminalSize,
} from "./teleport_facts.ts";
import type { TeleportSchema, UnionMember } from "./teleport_schema.ts";
import { teleportSchema } from "./teleport_schema.ts";
import type { WalkPlan } from "./wire.ts";
import { METADATA_ONLY, WireWalker } from "./wire.ts";

const SESSION_PRINT = 7;
const RESIZE = 9;
const DESKTOP_RECORDING = 69;
/** Member and wire type of a print, as its record begins. */
const PRINT_TAG = SESSION_PRINT * 8 + 2;

const PRINT_PLAN: WalkPlan = { data: 3, delay: 5 };
const RESIZE_PLAN: WalkPlan = { data: 6, delay: 0 };
const TDP_PLAN: WalkPlan = { data: 2, delay: 3 };
const TDPB_PLAN: WalkPlan = { data: 4, delay: 3 };

/** Messages that are prints of a kind: their time may be a delay since the first of them. */
interface Timed {
  index: number;
  hasTime: boolean;
  seconds: number;
  nanos: number;
  delay: number;
}

/**
 * Turns the records of a ProtoStream into events. One decoder reads one recording, part by part.
 * Prints go through {@link PrintWalker}; what it declines, resizes and desktop frames through
 * {@link WireWalker}; everything else, and whatever that declines, through protobufjs with the
 * member's own type. Nothing a record holds makes it throw.
 */
export class TeleportDecoder implements RecordSink {
  /** Events decoded since the last `begin()`. */
  readonly batch = new ColumnsOfEvents();

  readonly #context: ReadingContext;
  readonly #schema: TeleportSchema = teleportSchema();
  readonly #isKnown = (member: number): boolean => this.#schema.byNumber.has(member);
  readonly #walker = new WireWalker();
  readonly #run: PrintRun;
  readonly #printWalker = new PrintWalker();
  readonly #range = { start: 0, end: 0 };
  readonly #clock = new RecordingClock();
  readonly #duplicates = new Duplicates();
  readonly #startFacts: SessionFacts = {};
  readonly #endFacts: SessionFacts = {};
  readonly #requestFacts: SessionFacts = {};
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #size: TerminalSize | null = null;
  #firstDelayedAtMs: number | null = null;
  #prints = 0;
  #printBytes = 0;
  #kind: SessionFacts["kind"];

  constructor(context: ReadingContext) {
    this.#context = context;
    const into = { batch: this.batch, clock: this.#clock, duplicates: this.#duplicates };
    this.#run = new PrintRun(into, context.limits);
  }

  get full(): boolean {
    return this.batch.full;
  }

  /** Begins a batch of events from records within `bytes`, of which `view` is a view. */
  begin(bytes: Uint8Array, view: DataView): void {
    this.settle();
    this.#bytes = bytes;
    this.#view = view;
    this.batch.begin(bytes);
  }

  /** Decodes the plain prints that follow each other from `from` on. */
  run(from: number): RecordRun {
    const run = this.#run;
    // times are told from the first event that has one, and delays from the first print
    if (this.#firstDelayedAtMs === null || this.#clock.originMs === null) run.none(from);
    else {
      run.take(this.#bytes, this.#view, from);
      this.#prints += run.records;
      this.#printBytes += run.printBytes;
    }
    return run;
  }

  /** Decodes the record from `start` to `end` of the bytes last begun. */
  record(start: number, end: number): void {
    const bytes = this.#bytes;
    if (bytes[start] === PRINT_TAG) {
      let at = start + 1;
      let size = bytes[at++]!;
      for (let shift = 7; shift < 28 && size >= 1 << shift; shift += 7) {
        size += (bytes[at++]! - 1) << shift;
      }
      const walker = this.#printWalker;
      if (size === end - at && walker.walk(bytes, at, end)) {
        this.#range.start = start;
        this.#range.end = end;
        return this.#print(walker, printFingerprint(this.#view, this.#range, walker));
      }
    }
    this.#unusual(bytes, { start, end, print: fingerprint(this.#view, start, end) });
  }

  // Whatever is no print, or none of the plain form.
  #unusual(
    bytes: Uint8Array,
    { start, end, print }: { start: number; end: number; print: number },
  ): void {
    const walker = this.#walker;
    this.#range.start = start;
    this.#range.end = end;
    if (!walker.outer(bytes, this.#range, this.#isKnown)) {
      return this.#general(bytes.subarray(start, end), print);
    }
    const member = walker.member;
    this.#range.start = walker.memberStart;
    this.#range.end = walker.memberEnd;
    if (member === SESSION_PRINT && walker.walk(bytes, this.#range, PRINT_PLAN)) {
      return this.#print(walker, print);
    }
    if (member === RESIZE && walker.walk(bytes, this.#range, RESIZE_PLAN)) {
      if (this.#duplicates.seen(walker.index, print)) return skip(this.#context, "duplicate");
      const from = walker.dataStart;
      return this.#resize(walker, from < 0 ? NO_BYTES : bytes.subarray(from, walker.dataEnd));
    }
    if (member === DESKTOP_RECORDING && walker.walk(bytes, this.#range, TDP_PLAN)) {
      if (this.#duplicates.seen(walker.index, print)) return skip(this.#context, "duplicate");
      const tdp = this.#walked(bytes);
      walker.walk(bytes, this.#range, TDPB_PLAN);
      return this.#desktop(walker, tdp, this.#walked(bytes));
    }
    this.#member(member, bytes.subarray(this.#range.start, this.#range.end), print);
  }

  /** Adds up what the recording said of its session; call it when all records are in. */
  finish(): void {
    const { outcome } = this.#context;
    this.settle();
    const origin = this.#clock.originMs;
    outcome.originMs = origin;
    outcome.clockSteps = this.#clock.steps;
    const seen: SessionFacts = {};
    if (this.#kind) seen.kind = this.#kind;
    if (origin !== null) {
      seen.started_at = isoTime(origin);
      seen.ended_at = isoTime(origin + this.#clock.atMs);
    }
    const named = /^([0-9a-fA-F-]{36})\.tar$/.exec(this.#context.fileName)?.[1];
    if (named) seen.session_id = named;
    const facts = { ...seen, ...this.#requestFacts, ...this.#endFacts, ...this.#startFacts };
    if (this.#endFacts.ended_at) facts.ended_at = this.#endFacts.ended_at;
    if (facts.started_at && facts.ended_at) {
      const seconds = (Date.parse(facts.ended_at) - Date.parse(facts.started_at)) / 1000;
      facts.duration_seconds = seconds >= 0 ? seconds : this.#clock.atMs / 1000;
      if (seconds < 0 && origin !== null) facts.ended_at = isoTime(origin + this.#clock.atMs);
    }
    outcome.facts = facts;
  }

  /** Brings the counts of the outcome up to date. */
  settle(): void {
    if (this.#prints > 0) count(this.#context, "print", this.#prints);
    this.#context.outcome.outputBytes += this.#printBytes;
    this.#prints = this.#printBytes = 0;
  }

  #print(walked: PrintWalker | WireWalker, print: number): void {
    if (this.#duplicates.seen(walked.index, print)) return skip(this.#context, "duplicate");
    const start = Math.max(0, walked.dataStart);
    const end = Math.max(0, walked.dataEnd);
    this.#prints += 1;
    this.#printBytes += end - start;
    const { seconds, nanos, hasTime } = walked;
    const plain = hasTime && this.#firstDelayedAtMs !== null && isSaneTime(seconds, nanos);
    if (plain) this.#clock.at(seconds * 1000 + nanos / 1e6);
    else this.#delayedTime(walked);
    this.batch.print(this.#clock.atMs, start, end);
  }

  // The data that the walker found last.
  #walked(bytes: Uint8Array): Uint8Array {
    const { dataStart, dataEnd } = this.#walker;
    return dataStart < 0 ? NO_BYTES : bytes.subarray(dataStart, dataEnd);
  }

  #desktop(timed: Timed, tdp: Uint8Array, tdpb: Uint8Array): void {
    this.#kind ??= "desktop";
    const what = tdp.length > 0 ? tdpMessage(tdp) : tdpbMessage(tdpb);
    const atMs = this.#delayedTime(timed);
    this.#emit({ type: "desktop", atMs, what, bytes: tdp.length || tdpb.length });
  }

  #emit(event: RecordingEvent): void {
    count(this.#context, event.type);
    this.batch.push(event);
  }

  #time(timed: Timed): number {
    const wallMs = timed.hasTime ? saneTime(timed.seconds, timed.nanos) : null;
    return wallMs === null ? this.#clock.atMs : this.#clock.at(wallMs);
  }

  // A print without a time of its own comes its delay after the first print.
  #delayedTime(timed: Timed): number {
    const wallMs = timed.hasTime ? saneTime(timed.seconds, timed.nanos) : null;
    const from = this.#firstDelayedAtMs;
    if (wallMs === null && from !== null) return this.#clock.reach(from + timed.delay);
    const atMs = wallMs === null ? this.#clock.atMs : this.#clock.at(wallMs);
    this.#firstDelayedAtMs ??= atMs - timed.delay;
    return atMs;
  }

  #resize(timed: Timed, size: Uint8Array): void {
    const atMs = this.#time(timed);
    const parsed = size.length > 16 ? null : terminalSize(new TextDecoder().decode(size));
    this.#size = parsed ?? this.#size;
    this.#emit(
      this.#size
        ? { type: "resize", atMs, size: this.#size }
        : { type: "other", atMs, name: "Resize" },
    );
  }

  #member(number: number, message: Uint8Array, print: number): void {
    const member = this.#schema.byNumber.get(number);
    const walker = this.#walker;
    const whole = { start: 0, end: message.length };
    if (member?.type) return this.#decode(member, member.type, message, print);
    const walked = walker.walk(message, whole, METADATA_ONLY);
    if (walked && this.#duplicates.seen(walker.index, print)) {
      return skip(this.#context, "duplicate");
    }
    const atMs = walked ? this.#time(walker) : this.#clock.atMs;
    if (member) {
      this.#kind ??= kindOf(member.name, {});
      return this.#emit(teleportEvent(member.name, {}, atMs));
    }
    const { unknown } = this.#context.outcome;
    unknown[number] = (unknown[number] ?? 0) + 1;
    this.#emit({ type: "unknown", atMs, number });
  }

  #decode(member: UnionMember, type: protobuf.Type, message: Uint8Array, print: number): void {
    let fields: Decoded;
    try {
      fields = type.decode(message) as unknown as Decoded;
    } catch {
      return skip(this.#context, "undecodable");
    }
    this.#decoded(member, fields, print);
  }

  // The record is unusual for the walker: let protobufjs read the whole union.
  #general(record: Uint8Array, print: number): void {
    let union: Decoded;
    try {
      union = this.#schema.union.decode(record) as unknown as Decoded;
    } catch {
      return skip(this.#context, "undecodable");
    }
    const name = Object.keys(union).find((key) => this.#schema.byName.has(key));
    if (name === undefined) return skip(this.#context, "empty");
    const member = this.#schema.byName.get(name)!;
    const value = union[name];
    if (value instanceof Uint8Array) return this.#member(member.number, value, print);
    this.#decoded(member, value as Decoded, print);
  }

  #decoded(member: UnionMember, fields: Decoded, print: number): void {
    const metadata = "metadata" in fields ? inner(fields, "metadata") : inner(fields, "Metadata");
    if (this.#duplicates.seen(Number(integer(metadata.Index)), print)) {
      return skip(this.#context, "duplicate");
    }
    const timed = timedOf(metadata, fields);
    if (member.number === SESSION_PRINT) {
      const data = fields.Data instanceof Uint8Array ? fields.Data : NO_BYTES;
      this.#prints += 1;
      this.#printBytes += data.length;
      this.batch.push({ type: "print", atMs: this.#delayedTime(timed), data });
      return;
    }
    if (member.number === RESIZE) {
      return this.#resize(timed, new TextEncoder().encode(String(fields.TerminalSize ?? "")));
    }
    if (member.number === DESKTOP_RECORDING) {
      const { Message: tdp, TDPBMessage: tdpb } = fields;
      const bytes = (value: unknown) => value instanceof Uint8Array ? value : NO_BYTES;
      return this.#desktop(timed, bytes(tdp), bytes(tdpb));
    }
    this.#kind ??= kindOf(member.name, fields);
    const event = teleportEvent(member.name, fields, this.#time(timed));
    if (event.type === "request") merge(this.#requestFacts, requestFacts(fields));
    if (event.type === "start") {
      merge(this.#startFacts, event.facts);
      this.#size ??= event.size;
    }
    if (event.type === "end") merge(this.#endFacts, event.facts);
    this.#emit(event);
  }
}

function timedOf(metadata: Decoded, fields: Decoded): Timed {
  const time = metadata.Time;
  const { seconds, nanos } = (time ?? {}) as { seconds?: unknown; nanos?: unknown };
  return {
    index: Number(integer(metadata.Index)),
    hasTime: typeof time === "object" && time !== null,
    seconds: Number(integer(seconds)),
    nanos: typeof nanos === "number" ? nanos : 0,
    delay: Number(integer(fields.DelayMilliseconds)),
  };
}

// The first event that says something is believed.
function merge(facts: SessionFacts, more: SessionFacts): void {
  for (const [key, value] of Object.entries(more)) {
    if (!(key in facts)) Object.assign(facts, { [key]: value });
  }
}
