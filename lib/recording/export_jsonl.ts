import { Buffer } from "node:buffer";
import type { RecordingEvent } from "../model/event.ts";
import { inertJson } from "../model/printable.ts";
import type { Export, SourcedEvent } from "./export_events.ts";
import { readSourced } from "./export_events.ts";
import type { RecordingLimits } from "./limits.ts";
import type { RecordingSource } from "./read.ts";
import { teleportJson } from "./teleport_json.ts";
import { teleportMessage } from "./teleport_messages.ts";

/**
 * All events of a recording as JSON lines in Teleport's own shape, with the terminal's output in
 * `data` (base64), which `tsh play --format=json` leaves out.
 *
 * An asciicast is written in the same shape: its header as `session.start` (whole under `header`),
 * output as `print`, sizes as `resize`; `input`, `marker` and `exit` are kinds of our own. Times
 * count from its timestamp, or from 1970 where it has none.
 */
export function exportJsonl(
  source: RecordingSource,
  limits: Partial<RecordingLimits> = {},
): Export {
  const { outcome, batches } = readSourced(source, limits);
  async function* lines(): AsyncGenerator<string> {
    const cast = new CastEvents();
    for await (const batch of batches) {
      let text = "";
      for (const sourced of batch) {
        const { event, origin } = sourced;
        text += "record" in origin
          ? teleportJson(teleportMessage(origin.record, event))
          : cast.json(sourced, outcome.originMs ?? 0);
        text += "\n";
        if (text.length >= PIECE_LENGTH) {
          yield text;
          text = "";
        }
      }
      if (text !== "") yield text;
    }
  }
  return { outcome, remarks: [], [Symbol.asyncIterator]: lines };
}

const PIECE_LENGTH = 1 << 18;

/** Counts as Teleport's session writer does. */
class CastEvents {
  #index = 0;
  #chunk = 0;
  #offset = 0;
  #firstPrintMs: number | null = null;

  json({ event, origin }: SourcedEvent, originMs: number): string {
    const time = new Date(originMs + event.atMs).toISOString();
    const fields = { ei: this.#index++, ...this.#named(event, origin), time };
    return inertJson(JSON.stringify(fields));
  }

  #named(event: RecordingEvent, origin: SourcedEvent["origin"]): object {
    const said = "data" in origin ? origin.data : undefined;
    switch (event.type) {
      case "start": {
        const size = event.size ? { size: `${event.size.cols}:${event.size.rows}` } : {};
        return { event: "session.start", ...size, ..."header" in origin && origin };
      }
      case "print": {
        this.#firstPrintMs ??= event.atMs;
        const print = {
          event: "print",
          ci: this.#chunk++,
          bytes: event.data.length,
          ms: Math.round(event.atMs - this.#firstPrintMs),
          offset: this.#offset,
          data: base64(event.data),
        };
        this.#offset += event.data.length;
        return print;
      }
      case "input":
        return { event: "input", data: base64(event.data) };
      case "resize":
        return { event: "resize", size: `${event.size.cols}:${event.size.rows}` };
      case "other":
        return event.name === "exit"
          ? { event: "exit", status: said }
          : { event: event.name, label: said };
      default:
        return { event: event.type };
    }
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
