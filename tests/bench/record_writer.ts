import { encodeEvent, type EventObject } from "../../fixtures/generate/protostream_writer.ts";

/** What a print's record says. */
export interface PrintRecord {
  ei: number;
  ci: number;
  atMs: number;
  data: Uint8Array;
  /** Milliseconds since the first print. */
  delayMs: number;
  offset: number;
}

/** Bytes that the writer can hold beyond what it is asked for: one record. */
const SLACK_BYTES = 65_536;

/**
 * Collects the plain text of a part. Prints are written by hand, twenty times as fast as the
 * writer of the fixtures does it; `check()` holds the two equal.
 */
export class RecordWriter {
  size = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes + SLACK_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Any event, the slow way. */
  event(event: EventObject): void {
    const message = encodeEvent(event);
    this.#view.setUint32(this.size, message.length);
    this.#bytes.set(message, this.size + 4);
    this.size += 4 + message.length;
  }

  print({ ei, ci, atMs, data, delayMs, offset }: PrintRecord): void {
    const seconds = Math.floor(atMs / 1000);
    const nanos = (atMs - seconds * 1000) * 1_000_000;
    const time = fieldBytes(seconds) + fieldBytes(nanos);
    const metadata = fieldBytes(ei) + 7 + 2 + time;
    const numbers = [ci, data.length, delayMs, offset];
    const fields = numbers.reduce((sum, value) => sum + fieldBytes(value), 0);
    const message = 2 + metadata + fields + 1 + varintBytes(data.length) + data.length;
    this.#view.setUint32(this.size, 1 + varintBytes(message) + message);
    this.size += 4;
    this.#varint(0x3a, message);
    this.#varint(0x0a, metadata);
    this.#field(0x08, ei);
    this.#bytes.set(TYPE_PRINT, this.size);
    this.size += TYPE_PRINT.length;
    this.#varint(0x2a, time);
    this.#field(0x08, seconds);
    this.#field(0x10, nanos);
    this.#field(0x10, ci);
    this.#varint(0x1a, data.length);
    this.#bytes.set(data, this.size);
    this.size += data.length;
    this.#field(0x20, data.length);
    this.#field(0x28, delayMs);
    this.#field(0x30, offset);
  }

  /** Takes what was written, and begins anew. A view that holds until the next record. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.size);
    this.size = 0;
    return taken;
  }

  /** Throws where a print written by hand is not what the writer of the fixtures makes of it. */
  static check(print: PrintRecord): void {
    const byHand = new RecordWriter(print.data.length);
    byHand.print(print);
    const expected = new RecordWriter(print.data.length);
    expected.event({
      event: "print",
      ...{ ei: print.ei, ci: print.ci, data: print.data, bytes: print.data.length },
      ...{ time: new Date(print.atMs).toISOString(), ms: print.delayMs, offset: print.offset },
    });
    const [one, other] = [byHand.take(), expected.take()];
    if (one.length === other.length && one.every((byte, i) => byte === other[i])) return;
    throw new Error(`Print ${print.ei} is written in two ways`);
  }

  // As proto3 has it, a zero is left out.
  #field(tag: number, value: number): void {
    if (value !== 0) this.#varint(tag, value);
  }

  #varint(tag: number, value: number): void {
    const bytes = this.#bytes;
    bytes[this.size++] = tag;
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) bytes[this.size++] = (left % 128) | 128;
    bytes[this.size++] = left;
  }
}

/** `Metadata.Type`. */
const TYPE_PRINT = Uint8Array.of(0x12, 5, ...new TextEncoder().encode("print"));

function fieldBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left > 127; left = Math.floor(left / 128)) bytes += 1;
  return bytes;
}
