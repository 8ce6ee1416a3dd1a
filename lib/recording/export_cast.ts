import type { RecordingEvent, RecordingOutcome, TerminalSize } from "../model/event.ts";
import type { SessionFacts } from "../model/session.ts";
import { inertJson, jsonText } from "../model/printable.ts";
import type { Export, SourcedEvent } from "./export_events.ts";
import { readSourced } from "./export_events.ts";
import type { RecordingLimits } from "./limits.ts";
import type { RecordingSource } from "./read.ts";
import { inner, timeMs } from "./teleport_facts.ts";
import { teleportMessage } from "./teleport_messages.ts";
import { DEFAULT_SIZE } from "./terminal/terminal_text.ts";
import { Utf8Repair } from "./utf8_repair.ts";
import { isJsonObject, type JsonObject } from "./json_object.ts";

/** The versions of asciicast that are written. */
export type CastVersion = 2 | 3;

/**
 * The terminal of a recording as an asciicast. Time 0 is the recording's first event, so that the
 * silence before the first output stays; times are whole milliseconds, and what rounding takes
 * from one interval the next gives back. Output that is no UTF-8 is repaired across events; an
 * event that only begins a character is written empty, to keep its time.
 *
 * Written beside output, input and sizes: markers, also where somebody joins or leaves, and the
 * status of the last command that tells one (v3 only). Everything else has no place in the format.
 * Of an asciicast's header all keys that both versions know are kept.
 */
export function exportCast(
  source: RecordingSource,
  { version = 3, limits = {} }: { version?: CastVersion; limits?: Partial<RecordingLimits> } = {},
): Export {
  const { outcome, batches } = readSourced(source, limits);
  const remarks: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    const writer = new CastWriter(version, outcome);
    for await (const batch of batches) {
      for (const sourced of batch) writer.add(sourced);
      if (writer.text !== "") yield writer.take();
    }
    writer.end();
    yield writer.take();
    const { others, prints } = writer;
    if (others > 0) remarks.push(`${others} events have no place in an asciicast`);
    if (prints === 0) remarks.push("The recording has no terminal output");
  }
  return { outcome, remarks, [Symbol.asyncIterator]: lines };
}

class CastWriter {
  text = "";
  /** Events that were left out. */
  others = 0;
  prints = 0;

  readonly #version: CastVersion;
  readonly #outcome: RecordingOutcome;
  readonly #output = new Utf8Repair();
  readonly #input = new Utf8Repair();
  #started = false;
  #size: TerminalSize | null = null;
  #header: JsonObject = {};
  /** Events that came before it was known how large the terminal is. */
  #early: SourcedEvent[] = [];
  /** Of a ProtoStream, whose reader tells it at the end only. */
  #originMs: number | null = null;
  #writtenMs = 0;
  #exit: string | null = null;

  constructor(version: CastVersion, outcome: RecordingOutcome) {
    this.#version = version;
    this.#outcome = outcome;
  }

  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }

  add(sourced: SourcedEvent): void {
    if (this.#started) return this.#write(sourced);
    const { event, origin } = sourced;
    if (this.#originMs === null && "record" in origin) this.#originMs = originOf(sourced);
    if (event.type === "start") {
      this.#size ??= event.size;
      this.#header = "header" in origin ? origin.header : this.#described(sourced, event.facts);
      return;
    }
    this.#early.push(sourced);
    if (event.type === "resize") this.#size ??= event.size;
    const waits = event.type !== "print" && event.type !== "input" && event.type !== "resize";
    if (!waits || this.#early.length >= MAX_EARLY) this.#start();
  }

  /** Writes what is left. */
  end(): void {
    if (!this.#started) this.#start();
    const rest = this.#output.end();
    if (rest !== "") this.#event(this.#writtenMs, "o", rest);
    const typed = this.#input.end();
    if (typed !== "") this.#event(this.#writtenMs, "i", typed);
    if (this.#exit !== null && this.#version === 3) this.#event(this.#writtenMs, "x", this.#exit);
  }

  #start(): void {
    this.#started = true;
    const { cols, rows } = sane(this.#size ?? DEFAULT_SIZE);
    const origin = this.#outcome.originMs ?? this.#originMs;
    const timestamp = origin === null ? {} : { timestamp: Math.floor(origin / 1000) };
    const common = kept(this.#header);
    const { type, version, theme } = termOf(this.#header);
    const header = this.#version === 2
      ? { version: 2, width: cols, height: rows, ...timestamp, ...common, ...theme && { theme } }
      : {
        version: 3,
        term: { cols, rows, ...type && { type }, ...version && { version }, ...theme && { theme } },
        ...timestamp,
        ...common,
      };
    this.text += `${inertJson(JSON.stringify(header))}\n`;
    for (const early of this.#early.splice(0)) this.#write(early);
  }

  #described({ event, origin }: SourcedEvent, facts: SessionFacts): JsonObject {
    const { login, target } = facts;
    const title = login && target ? `${login}@${target}` : login ?? target;
    const fields = "record" in origin ? teleportMessage(origin.record, event).fields : null;
    const words = fields?.InitialCommand;
    const command = Array.isArray(words) && words.length > 0 ? words.join(" ") : undefined;
    return { ...title && { title }, ...command && { command } };
  }

  #write({ event, origin }: SourcedEvent): void {
    switch (event.type) {
      case "print":
        this.prints += 1;
        return this.#event(event.atMs, "o", this.#output.take(event.data));
      case "input":
        return this.#event(event.atMs, "i", this.#input.take(event.data));
      case "resize": {
        const { cols, rows } = sane(event.size);
        return this.#event(event.atMs, "r", `${cols}x${rows}`);
      }
      case "join":
      case "leave":
        return this.#event(event.atMs, "m", `session.${event.type}`);
      default:
        return this.#rest(event, origin);
    }
  }

  #rest(event: RecordingEvent, origin: SourcedEvent["origin"]): void {
    if (event.type === "command" && event.source === "exec" && event.exitCode !== null) {
      this.#exit = String(event.exitCode);
    }
    if (!("code" in origin)) {
      if (event.type !== "end") this.others += 1;
    } else if (origin.code === "m") {
      this.#event(event.atMs, "m", typeof origin.data === "string" ? origin.data : "");
    } else if (origin.code === "x" && this.#version === 3) {
      this.#event(event.atMs, "x", String(origin.data ?? "").slice(0, 16));
    } else this.others += 1;
  }

  #event(atMs: number, code: string, data: string): void {
    const ms = Math.max(this.#writtenMs, Math.round(atMs));
    const time = this.#version === 2 ? ms : ms - this.#writtenMs;
    this.#writtenMs = ms;
    this.text += `[${(time / 1000).toFixed(3)}, "${code}", ${jsonText(data)}]\n`;
  }
}

// The time of the first event that has one is where the recording's own clock starts.
function originOf({ event, origin }: SourcedEvent): number | null {
  if (!("record" in origin)) return null;
  const { fields, metadata } = teleportMessage(origin.record, event);
  const own = metadata ?? (fields && inner(fields, "metadata" in fields ? "metadata" : "Metadata"));
  const atMs = timeMs(own?.Time);
  return atMs === null ? null : atMs - event.atMs;
}

/** Events without output are held so many at most, while the size is not known. */
const MAX_EARLY = 10_000;

function sane({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: Math.min(cols, 65535), rows: Math.min(rows, 65535) };
}

const TEXTS = ["title", "command"] as const;

// What both versions know, if it is what it should be.
function kept(header: JsonObject): JsonObject {
  const { idle_time_limit, env, tags } = header;
  const kept: Record<string, unknown> = {};
  if (typeof idle_time_limit === "number") kept.idle_time_limit = idle_time_limit;
  for (const key of TEXTS) if (typeof header[key] === "string") kept[key] = header[key];
  if (isJsonObject(env)) {
    kept.env = Object.fromEntries(Object.entries(env).filter(([, v]) => typeof v === "string"));
  }
  if (Array.isArray(tags)) kept.tags = tags.filter((tag) => typeof tag === "string");
  return kept;
}

function termOf(header: JsonObject): { type?: string; version?: string; theme?: JsonObject } {
  const term = isJsonObject(header.term) ? header.term : {};
  const env = isJsonObject(header.env) ? header.env : {};
  const type = term.type ?? env.TERM;
  const theme = term.theme ?? header.theme;
  return {
    ...typeof type === "string" && { type },
    ...typeof term.version === "string" && { version: term.version },
    ...isJsonObject(theme) && { theme },
  };
}
