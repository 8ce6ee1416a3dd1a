/**
 * Bytes to typed events.
 *
 * Read: Teleport's ProtoStream, V1 and clear V2, all kinds of session (SSH, Kubernetes, databases,
 * chunks of applications, Windows and Linux desktops, MCP, old ones with BPF events inside);
 * asciicast v1, v2 and v3, from Tailscale's recorder with the identity in its header; each also
 * inside one gzip or zstd. Every event comes out in order, those no feature needs by name, those of
 * a newer Teleport by number. Statements and requests come out as a method and an outcome, desktop
 * messages as what they are and their size: their content is passed over.
 *
 * Not read, and named instead: encrypted V2 parts (only the cluster's Auth has the keys; the clear
 * parts around them are read), tar recordings of Teleport before 4.4, newer versions of the
 * container, and whatever is no recording.
 *
 * Bad data is an outcome with an offset, never an exception: the first fault names the state, what
 * decodes before it and after it is handed out, and every record left out is counted with its
 * reason. What a reader can't know from the bytes (the id of an asciicast, a session's end that
 * only the audit log has) is left to the caller.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { EventColumns, RecordingEvent, RecordingOutcome } from "../model/event.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { readAsciicast } from "./cast_lines.ts";
import { columnsOf, eventsOf } from "./event_columns.ts";
import type { InflateEnd } from "./inflate.ts";
import { inflateGzipMember, isGzip, MEMBER_BYTES } from "./inflate.ts";
import type { RecordingLimits } from "./limits.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { ReadingContext, RecordingTap } from "./outcome.ts";
import { emptyOutcome, fault } from "./outcome.ts";
import { isProtoStream, readProtoStream } from "./protostream.ts";
import { inflateZstd, isZstd } from "./zstd.ts";

/**
 * Changes whenever the same bytes would give other events or features: recordings are then read
 * again.
 */
export const EXTRACTOR_VERSION = "5";

/** Where a recording comes from. */
export interface RecordingSource {
  /** Its path or address: only its last component is looked at, for the id of the session. */
  uri: string;
  /** Read once, from the begin; compressed or not. */
  bytes: AsyncIterable<Uint8Array> | Uint8Array;
}

/**
 * Events in batches, once: as objects by iterating, or by `columns()`, which costs a fraction of
 * that for recordings with many small prints. `outcome` is `pending` until iteration has ended,
 * and stays so if the caller leaves early.
 */
export interface RecordingReader extends AsyncIterable<RecordingEvent[]> {
  readonly outcome: RecordingOutcome;
  /**
   * What identifies an asciicast, which names no session: the SHA-256 of its text in hex, the same
   * whether the file is plain, gzipped or zstd-compressed. null until iteration has ended, and for
   * other formats.
   */
  readonly contentId: string | null;
  /** The same events in columns that are used again for each batch; in place of iterating. */
  columns(): AsyncIterable<EventColumns>;
}

/**
 * Reads a recording of any known format as a stream. Iterating never throws for what the bytes
 * hold; errors of the source itself (a disk, a network) pass through.
 *
 * Memory stays within a few chunks of 256 KiB, the limits for lines and replays, and some 5 MB for
 * finding duplicates, whatever the size of the recording.
 */
export function readRecording(
  source: RecordingSource,
  limits: Partial<RecordingLimits> = {},
): RecordingReader {
  return readTapped(source, { limits });
}

/** As {@link readRecording}; `tap` sees what the events are made of. */
export function readTapped(
  source: RecordingSource,
  { limits, tap }: { limits?: Partial<RecordingLimits>; tap?: RecordingTap },
): RecordingReader {
  const outcome = emptyOutcome();
  const context: ReadingContext = {
    outcome,
    limits: { ...DEFAULT_LIMITS, ...limits },
    fileName: source.uri.slice(
      Math.max(source.uri.lastIndexOf("/"), source.uri.lastIndexOf("\\")) + 1,
    ),
    inflatedBytes: 0,
    eventCount: 0,
    contentId: null,
    ...(tap && { tap }),
  };
  return new Reader(source.bytes, context);
}

/** What a reader of a format hands on: columns, or objects where it made those anyway. */
type Batch = EventColumns | RecordingEvent[];

class Reader implements RecordingReader {
  readonly #batches: AsyncGenerator<Batch>;
  readonly #context: ReadingContext;

  constructor(bytes: AsyncIterable<Uint8Array> | Uint8Array, context: ReadingContext) {
    this.#context = context;
    this.#batches = readAll(bytes, context);
  }

  get outcome(): RecordingOutcome {
    return this.#context.outcome;
  }

  get contentId(): string | null {
    return this.#context.contentId;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordingEvent[]> {
    for await (const batch of this.#batches) yield Array.isArray(batch) ? batch : eventsOf(batch);
  }

  async *columns(): AsyncGenerator<EventColumns> {
    for await (const batch of this.#batches) yield Array.isArray(batch) ? columnsOf(batch) : batch;
  }
}

async function* readAll(
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  context: ReadingContext,
): AsyncGenerator<Batch> {
  const cursor = new ByteCursor(bytes);
  try {
    const head = await cursor.peek(4);
    const layer = isGzip(head) ? inflateGzipFile : isZstd(head) ? inflateZstd : null;
    if (layer === null) yield* readPlain(cursor, context);
    else yield* readCompressed(cursor, context, layer);
    if (context.outcome.error === null) context.outcome.state = "parsed";
  } finally {
    await cursor.close();
  }
}

type Layer = typeof inflateZstd;

async function* readCompressed(
  cursor: ByteCursor,
  context: ReadingContext,
  layer: Layer,
): AsyncGenerator<Batch> {
  const { maxPartBytes, maxReplayBytes } = context.limits;
  let end: InflateEnd = { state: "whole" };
  async function* inflated(): AsyncGenerator<Uint8Array> {
    end = yield* layer(cursor, { maxOutputBytes: maxPartBytes, maxReplayBytes });
    const error = COMPRESSION_FAULTS[end.state];
    if (error === null) return;
    const reason = end.state === "corrupt" ? `: ${end.reason}` : "";
    fault(context, {
      state: end.state === "cut" ? "truncated" : "failed",
      error: error + reason,
      offset: cursor.position,
    });
  }
  yield* readPlain(new ByteCursor(inflated()), context);
  // Places within the inflated text mean nothing to somebody who has the file.
  if (end.state === "whole" && context.outcome.error !== null) context.outcome.errorOffset = null;
}

const COMPRESSION_FAULTS: Readonly<Record<InflateEnd["state"], string | null>> = {
  whole: null,
  cut: "The compressed file is cut",
  corrupt: "The compressed file is damaged",
  "too-large": "The compressed file inflates to more than the limit",
};

// gzip files may hold several members, one after the other; the limit is for all of them.
async function* inflateGzipFile(
  ...[cursor, limits]: Parameters<Layer>
): AsyncGenerator<Uint8Array, InflateEnd> {
  let left = limits.maxOutputBytes;
  for (;;) {
    const member = inflateGzipMember(cursor, { ...limits, maxOutputBytes: left });
    let bytes = 0;
    let step = await member.next();
    for (; !step.done; step = await member.next()) {
      bytes += step.value.length;
      yield step.value;
    }
    if (step.value.state !== "whole" || !isGzip(await cursor.peek(3))) return step.value;
    left -= Math.max(MEMBER_BYTES, bytes);
    if (left <= 0) return { state: "too-large" };
  }
}

async function* readPlain(
  cursor: ByteCursor,
  context: ReadingContext,
): AsyncGenerator<Batch> {
  const head = await cursor.peek(512);
  const truncated = head.length < 8 && head[0] !== 0x7b;
  if (head.length === 0 || (truncated && head.every((byte) => byte < 3))) {
    const error = head.length === 0 ? "The file is empty" : "The file ends within its first header";
    return fault(context, { state: "truncated", error, offset: 0 });
  }
  if (isProtoStream(head)) return yield* readProtoStream(cursor, context);
  if (isTar(head)) {
    const error = "This is a tar archive; recordings of Teleport before 4.4 can't be read";
    return fault(context, { state: "unsupported", error, offset: 0 });
  }
  const brace = head.findIndex((byte) => !BLANK.includes(byte));
  if (head[brace] === 0x7b) return yield* readHashed(cursor, context);
  const error = "This is no recording of a known format";
  return fault(context, { state: "unsupported", error, offset: 0 });
}

// Text that may be an asciicast, hashed on its way; what a reader that gave up left over, too.
async function* readHashed(cursor: ByteCursor, context: ReadingContext): AsyncGenerator<Batch> {
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for (let piece = await cursor.next(); piece !== null; piece = await cursor.next()) {
      hash.update(piece);
      yield piece;
    }
  }
  const pieces = hashed();
  yield* readAsciicast(new ByteCursor(pieces), context);
  if (context.outcome.format === null) return;
  for await (const _ of pieces);
  context.contentId = hash.digest("hex");
}

/** White space and the byte order mark, which may precede JSON. */
const BLANK: readonly number[] = [0x20, 9, 10, 13, 0xef, 0xbb, 0xbf];

// POSIX tars say so; older ones are known by their checksum, which counts itself as spaces.
function isTar(head: Uint8Array): boolean {
  if (head.length < 512) return false;
  if (new TextDecoder().decode(head.subarray(257, 262)) === "ustar") return true;
  const stated = parseInt(new TextDecoder().decode(head.subarray(148, 156)).replace("\0", " "), 8);
  const sum = head.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return stated === sum;
}
