import protobuf from "protobufjs";
import type { RecordingEvent, TerminalSize } from "../model/event.ts";
import type { SessionFacts } from "../model/session.ts";
import { Duplicates, fingerprint } from "./duplicates.ts";
import type { ReadingContext } from "./outcome.ts";
import { count, skip } from "./outcome.ts";
import { RecordingClock } from "./recording_clock.ts";
import { teleportEvent } from "./teleport_events.ts";
import type { Decoded } from "./teleport_facts.ts";
import { inner, integer, isoTime, kindOf, saneTime, terminalSize } from "./teleport_facts.ts";
import type { TeleportSchema, UnionMember } from "./teleport_schema.ts";
import { teleportSchema } from "./teleport_schema.ts";
import type { WalkPlan } from "./wire.ts";
import { METADATA_ONLY, WireWalker } from "./wire.ts";

const SESSION_PRINT = 7;
const RESIZE = 9;
const DESKTOP_RECORDING = 69;

const PRINT_PLAN: WalkPlan = { data: 3, delay: 5 };
const RESIZE_PLAN: WalkPlan = { data: 6, delay: 0 };
const DESKTOP_PLAN: WalkPlan = { data: 2, delay: 3 };

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
 * Prints, resizes and desktop frames go through {@link WireWalker}; everything else, and whatever
 * it declines, through protobufjs with the member's own type. Nothing a record holds makes it
 * throw.
 */
export class TeleportDecoder {
  /** Events decoded since the caller last took them. */
  events: RecordingEvent[] = [];

  readonly #context: ReadingContext;
  readonly #schema: TeleportSchema = teleportSchema();
  readonly #isKnown = (member: number): boolean => this.#schema.byNumber.has(member);
  readonly #walker = new WireWalker();
  readonly #range = { start: 0, end: 0 };
  readonly #clock = new RecordingClock();
  readonly #duplicates = new Duplicates();
  readonly #startFacts: SessionFacts = {};
  readonly #endFacts: SessionFacts = {};
  #size: TerminalSize | null = null;
  #firstDelayedAtMs: number | null = null;
  #prints = 0;
  #printBytes = 0;
  #kind: SessionFacts["kind"];

  constructor(context: ReadingContext) {
    this.#context = context;
  }

  /** Decodes one record, `view` being a view of all of `bytes`. */
  record(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const walker = this.#walker;
    this.#range.start = start;
    this.#range.end = end;
    const print = fingerprint(view, start, end);
    if (!walker.outer(bytes, this.#range, this.#isKnown)) {
      return this.#general(bytes.subarray(start, end), print);
    }
    const member = walker.member;
    this.#range.start = walker.memberStart;
    this.#range.end = walker.memberEnd;
    if (member === SESSION_PRINT && walker.walk(bytes, this.#range, PRINT_PLAN)) {
      if (this.#duplicates.seen(walker.index, print)) return skip(this.#context, "duplicate");
      const from = walker.dataStart;
      const data = from < 0 ? NO_BYTES : bytes.subarray(from, walker.dataEnd);
      this.#prints += 1;
      this.#printBytes += data.length;
      this.events.push({ type: "print", atMs: this.#delayedTime(walker), data });
      return;
    }
    if (member === RESIZE && walker.walk(bytes, this.#range, RESIZE_PLAN)) {
      if (this.#duplicates.seen(walker.index, print)) return skip(this.#context, "duplicate");
      const from = walker.dataStart;
      return this.#resize(walker, from < 0 ? NO_BYTES : bytes.subarray(from, walker.dataEnd));
    }
    if (member === DESKTOP_RECORDING && walker.walk(bytes, this.#range, DESKTOP_PLAN)) {
      if (this.#duplicates.seen(walker.index, print)) return skip(this.#context, "duplicate");
      this.#kind ??= "desktop";
      const size = walker.memberEnd - walker.memberStart;
      const data = walker.dataStart < 0 ? size : walker.dataEnd - walker.dataStart;
      return this.#emit({ type: "desktop", atMs: this.#delayedTime(walker), bytes: data });
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
    const facts = { ...seen, ...this.#endFacts, ...this.#startFacts };
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

  #emit(event: RecordingEvent): void {
    count(this.#context, event.type);
    this.events.push(event);
  }

  #time(timed: Timed): number {
    const wallMs = timed.hasTime ? saneTime(timed.seconds, timed.nanos) : null;
    return wallMs === null ? this.#clock.atMs : this.#clock.at(wallMs);
  }

  // A print without a time of its own comes its delay after the first print.
  #delayedTime(timed: Timed): number {
    const wallMs = timed.hasTime ? saneTime(timed.seconds, timed.nanos) : null;
    if (wallMs === null && timed.delay > 0 && this.#firstDelayedAtMs !== null) {
      const origin = this.#clock.originMs ?? 0;
      return this.#clock.at(origin + this.#firstDelayedAtMs + timed.delay);
    }
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
      this.events.push({ type: "print", atMs: this.#delayedTime(timed), data });
      return;
    }
    if (member.number === RESIZE) {
      return this.#resize(timed, new TextEncoder().encode(String(fields.TerminalSize ?? "")));
    }
    this.#kind ??= kindOf(member.name, fields);
    const event = teleportEvent(member.name, fields, this.#time(timed));
    if (event.type === "start") {
      merge(this.#startFacts, event.facts);
      this.#size ??= event.size;
    }
    if (event.type === "end") merge(this.#endFacts, event.facts);
    this.#emit(event);
  }
}

const NO_BYTES = new Uint8Array(0);

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
