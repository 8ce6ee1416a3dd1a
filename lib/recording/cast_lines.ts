import type { RecordingEvent } from "../model/event.ts";
import { AsciicastDecoder } from "./asciicast.ts";
import type { ByteCursor } from "./byte_cursor.ts";
import type { ReadingContext } from "./outcome.ts";
import { fault, skip } from "./outcome.ts";

const NEWLINE = 10;

/**
 * Reads asciicast text, a chunk at a time. The first line decides: a header of v2 or v3, else the
 * whole text is tried as the one object of v1.
 */
export async function* readAsciicast(
  cursor: ByteCursor,
  context: ReadingContext,
): AsyncGenerator<RecordingEvent[]> {
  const lines = new LineReader(cursor, context);
  const decoder = new AsciicastDecoder(context);
  const first = await lines.first();
  if (first === null || !decoder.header(first)) {
    if (!decoder.document(await lines.rest(first ?? ""))) return unrecognised(context, lines);
    decoder.finish();
    yield decoder.events;
    return;
  }
  try {
    for await (const batch of lines.batches()) {
      for (const line of batch) decoder.line(line);
      if (decoder.events.length > 0) {
        const events = decoder.events;
        decoder.events = [];
        yield events;
      }
      if (context.eventCount > context.limits.maxEvents) {
        const error = `More than ${context.limits.maxEvents} events`;
        return fault(context, { state: "failed", error, offset: cursor.position });
      }
    }
    // A header that no line follows.
    if (decoder.events.length > 0) yield decoder.events;
  } finally {
    decoder.finish();
  }
}

function unrecognised(context: ReadingContext, lines: LineReader): void {
  fault(
    context,
    lines.cut
      ? { state: "truncated", error: "The text ends within its header", offset: 0 }
      : { state: "unsupported", error: "This is no recording of a known format", offset: 0 },
  );
}

interface Line {
  text: string;
  offset: number;
  ended: boolean;
}

/** Cuts text into lines of bounded length. */
class LineReader {
  /** Whether the text ended where JSON could still have gone on. */
  cut = false;
  readonly #cursor: ByteCursor;
  readonly #context: ReadingContext;
  readonly #decoder = new TextDecoder();
  #carry: Uint8Array[] = [];
  #carried = 0;
  #lineOffset = 0;
  #skipping = false;

  constructor(cursor: ByteCursor, context: ReadingContext) {
    this.#cursor = cursor;
    this.#context = context;
  }

  /** The first line; null where it is too long. */
  async first(): Promise<string | null> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const piece = await this.#cursor.next();
      if (piece === null) {
        this.cut = true;
        break;
      }
      const end = piece.indexOf(NEWLINE);
      pieces.push(end < 0 ? piece : piece.subarray(0, end + 1));
      length += pieces.at(-1)!.length;
      if (end >= 0) {
        this.#cursor.unread(piece.subarray(end + 1));
        break;
      }
      if (length > this.#context.limits.maxDocumentBytes) return null;
    }
    this.#lineOffset = length;
    return this.#decoder.decode(join(pieces, length));
  }

  /** All of the text, within the limit of a document. */
  async rest(first: string): Promise<string> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    if (!first.trimStart().startsWith("{")) {
      this.cut = false;
      return "";
    }
    for (;;) {
      const piece = await this.#cursor.next();
      if (piece === null) break;
      pieces.push(piece);
      length += piece.length;
      if (length > this.#context.limits.maxDocumentBytes) return "";
    }
    this.cut = !/\}\s*$/.test(first) || length > 0;
    return first + this.#decoder.decode(join(pieces, length));
  }

  /** The lines after the first, a chunk's worth at a time. */
  async *batches(): AsyncGenerator<Line[]> {
    for (;;) {
      const piece = await this.#cursor.next();
      if (piece === null) break;
      yield this.#split(piece);
    }
    if (this.#carried > 0) yield [this.#line(new Uint8Array(0), false)];
  }

  #split(piece: Uint8Array): Line[] {
    const lines: Line[] = [];
    let at = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, at)) {
      if (this.#skipping) {
        this.#skipping = false;
        this.#lineOffset += end + 1 - at;
      } else lines.push(this.#line(piece.subarray(at, end), true));
      at = end + 1;
    }
    const rest = piece.subarray(at);
    if (this.#skipping) this.#lineOffset += rest.length;
    else if (rest.length > 0) {
      this.#carry.push(rest);
      this.#carried += rest.length;
      if (this.#carried > this.#context.limits.maxLineBytes) {
        skip(this.#context, "line too long");
        this.#lineOffset += this.#carried;
        this.#carry = [];
        this.#carried = 0;
        this.#skipping = true;
      }
    }
    return lines;
  }

  #line(end: Uint8Array, ended: boolean): Line {
    const whole = this.#carried === 0
      ? end
      : join([...this.#carry, end], this.#carried + end.length);
    const offset = this.#lineOffset;
    this.#lineOffset += whole.length + (ended ? 1 : 0);
    this.#carry = [];
    this.#carried = 0;
    return { text: this.#decoder.decode(whole), offset, ended };
  }
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
