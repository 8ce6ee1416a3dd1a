import type { RecordingEvent, TerminalSize } from "../model/event.ts";
import type { SessionFacts } from "../model/session.ts";
import type { ReadingContext } from "./outcome.ts";
import { count, fault, recognise, skip } from "./outcome.ts";
import { tailscaleFacts } from "./tailscale_header.ts";
import { isoTime, text } from "./teleport_facts.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";
import { LAST_MS, OVERTAKEN_MS } from "./recording_clock.ts";

/** A line of an asciicast, with its place in the text. */
interface CastLine {
  text: string;
  /** Bytes from the start of the text. */
  offset: number;
  /** Whether a line end followed. */
  ended: boolean;
}

/**
 * Turns the lines of an asciicast (v1, v2 or v3) into events. `line()` is called once a line in
 * order, `finish()` at the end; both say nothing of what was wrong but count it in the outcome.
 * Time steps back are clamped as in {@link RecordingClock}; v3 counts from the event before.
 */
export class AsciicastDecoder {
  events: RecordingEvent[] = [];

  readonly #context: ReadingContext;
  readonly #encoder = new TextEncoder();
  #version: 0 | 2 | 3 = 0;
  #atMs = 0;
  #shiftMs = 0;
  #size: TerminalSize | null = null;
  #facts: SessionFacts = { kind: "pty" };

  constructor(context: ReadingContext) {
    this.#context = context;
  }

  /** Whether the header was read; false: this is no asciicast v2 or v3. */
  header(text: string): boolean {
    const header = parsed(text);
    if (!isJsonObject(header) || (header.version !== 2 && header.version !== 3)) return false;
    this.#version = header.version;
    recognise(this.#context, `asciicast-v${header.version}`);
    const term = isJsonObject(header.term) ? header.term : {};
    this.#begin(
      header,
      header.version === 2 ? header : {
        width: term.cols,
        height: term.rows,
      },
    );
    return true;
  }

  /** Reads one line after the header. */
  line({ text, offset, ended }: CastLine): void {
    if (text === "" || text === "\r") return;
    if (this.#version === 3 && text.startsWith("#")) return;
    const event = parsed(text);
    if (Array.isArray(event)) return this.#event(event);
    if (ended || event !== undefined) return skip(this.#context, "unreadable line");
    fault(this.#context, { state: "truncated", error: "The last line is cut", offset });
  }

  /** Reads an asciicast v1, which is one object; false where `text` is none. */
  document(text: string): boolean {
    const cast = parsed(text);
    if (!isJsonObject(cast) || cast.version !== 1 || !Array.isArray(cast.stdout)) return false;
    recognise(this.#context, "asciicast-v1");
    this.#version = 3;
    this.#begin(cast, cast);
    for (const frame of cast.stdout) {
      if (Array.isArray(frame) && frame.length >= 2) this.#event([frame[0], "o", frame[1]]);
      else skip(this.#context, "unreadable line");
    }
    return true;
  }

  /** Adds up what the recording says of its session. */
  finish(): void {
    const { outcome } = this.#context;
    const seconds = this.#atMs / 1000;
    Object.assign(outcome.facts, this.#facts);
    outcome.facts.duration_seconds = seconds;
    if (outcome.originMs === null) return;
    outcome.facts.started_at = isoTime(outcome.originMs);
    outcome.facts.ended_at = isoTime(Math.min(outcome.originMs + this.#atMs, LAST_MS));
  }

  #begin(header: JsonObject, term: JsonObject): void {
    const { timestamp } = header;
    if (typeof timestamp === "number" && timestamp > 0 && timestamp * 1000 < LAST_MS) {
      this.#context.outcome.originMs = timestamp * 1000;
    }
    this.#size = sizeOf(term.width, term.height);
    this.#context.tap?.castHeader?.(header);
    const tailscale = tailscaleFacts(header);
    if (tailscale !== null) this.#facts = tailscale;
    // Its recorder notes the command given at connection, and nothing for a shell.
    const command = tailscale === null ? undefined : text(header, "command");
    const start: RecordingEvent = { type: "start", atMs: 0, facts: this.#facts, size: this.#size };
    this.#emit(command === undefined ? start : { ...start, command });
  }

  #event(event: readonly unknown[]): void {
    const [time, code, data] = event;
    if (typeof time !== "number" || !Number.isFinite(time) || typeof code !== "string") {
      return skip(this.#context, "unreadable line");
    }
    const before = this.events.length;
    const atMs = this.#time(time * 1000);
    if (code === "o" || code === "i") {
      if (typeof data !== "string") return skip(this.#context, "unreadable line");
      const bytes = this.#encoder.encode(data);
      if (code === "o") this.#context.outcome.outputBytes += bytes.length;
      this.#emit({ type: code === "o" ? "print" : "input", atMs, data: bytes });
    } else if (code === "r") {
      const [cols, rows] = typeof data === "string" ? data.split("x", 2) : [];
      this.#size = sizeOf(Number(cols), Number(rows)) ?? this.#size;
      if (this.#size) this.#emit({ type: "resize", atMs, size: this.#size });
      else skip(this.#context, "unreadable size");
    } else if (code === "m" || code === "x") {
      this.#emit({ type: "other", atMs, name: code === "m" ? "marker" : "exit" });
    } else skip(this.#context, "unknown event code");
    if (this.events.length > before) this.#context.tap?.castEvent?.(code, data);
  }

  #time(ms: number): number {
    const { outcome } = this.#context;
    if (this.#version === 3) {
      if (ms < 0) outcome.clockSteps += 1;
      this.#atMs += Math.max(0, ms);
    } else if (ms + this.#shiftMs >= this.#atMs) this.#atMs = ms + this.#shiftMs;
    else {
      outcome.clockSteps += 1;
      const back = this.#atMs - ms - this.#shiftMs;
      if (back > OVERTAKEN_MS) this.#shiftMs += back;
    }
    this.#atMs = Math.min(this.#atMs, LAST_MS);
    return this.#atMs;
  }

  #emit(event: RecordingEvent): void {
    count(this.#context, event.type);
    this.events.push(event);
  }
}

function sizeOf(cols: unknown, rows: unknown): TerminalSize | null {
  const sane = [cols, rows].every((n) => Number.isInteger(n) && Number(n) > 0 && Number(n) < 65536);
  return sane ? { cols: Number(cols), rows: Number(rows) } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
