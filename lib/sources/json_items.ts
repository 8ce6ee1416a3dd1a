import { constants, createGunzip, gunzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { StorageError } from "../model/errors.ts";
import { BOMB, isBomb } from "./gzip_bomb.ts";

/** Why something of a file did not become an item. */
export type ItemProblem =
  | "file can't be read"
  | "file is cut or damaged"
  | "entry is larger than 4 MiB"
  | "entry is empty"
  | typeof BOMB;

/** An item's longest text; longer ones are dropped and told. */
const MAX_ITEM_BYTES = 4 * 1024 * 1024;
/** Shorter texts can have no field that is read: millions of them fit into a small file. */
const MIN_ITEM_BYTES = 14;
/** Texts of this many bytes are handed out together. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** What a text costs beside its bytes. */
const TEXT_BYTES = 200;

/** Texts of a file: some of its items, or all that it holds as one document. */
type JsonTexts = { kind: "items"; texts: string[] } | { kind: "document"; text: string };

/** A longer file is split, however it is made. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/**
 * The JSON texts of a file in batches, read in a few chunks of memory whatever its size: its lines;
 * or where it spreads objects over lines, these; or where it is one array, or holds one in
 * `{"Records": […]}`, what stands in that. With `documents` a sound file of the last form comes as
 * one text, up to 16 MiB. Gzip is told by its first bytes, not by the file's name. Of a file that is
 * cut or damaged, or a bomb, comes what was whole before it. A text may still be no JSON. Throws the
 * `StorageError` of a place that fails, but where the file is gone.
 */
export async function* jsonItems(
  file: AsyncIterable<Uint8Array>,
  { onProblem, documents = false }: {
    onProblem: (problem: ItemProblem, count: number) => void;
    documents?: boolean;
  },
): AsyncGenerator<JsonTexts> {
  let splitter: Splitter | null = null;
  let texts: string[] = [];
  let bytes = 0;
  const decoder = new TextDecoder();
  /** There may be hundreds of millions: they are told together. */
  let empty = 0;
  const take = (item: Uint8Array) => {
    if (isBlank(item)) return;
    if (item.length < MIN_ITEM_BYTES) {
      empty++;
      return;
    }
    texts.push(decoder.decode(item).trim());
    bytes += item.length + TEXT_BYTES;
  };
  let isDamaged = false;
  const onFault = (problem: ItemProblem) => {
    isDamaged = true;
    onProblem(problem, 1);
  };
  const onLarge = () => onProblem("entry is larger than 4 MiB", 1);
  /** What was read of a file that may come as one; null: it does not. */
  let held: Uint8Array[] | null = documents ? [] : null;
  let heldBytes = 0;
  const split = (chunk: Uint8Array) => {
    splitter ??= splitterFor(shapeOf(chunk), take, onLarge);
    splitter.push(chunk);
  };
  for await (const chunk of inflated(file, onFault)) {
    if (held !== null) {
      held.push(chunk);
      heldBytes += chunk.length;
      const isDocument = shapeOf(held[0]!).startsWith("record");
      if (isDocument && heldBytes <= MAX_DOCUMENT_BYTES) continue;
      for (const each of held.splice(0)) split(each);
      held = null;
    } else split(chunk);
    if (bytes < BATCH_BYTES) continue;
    yield { kind: "items", texts };
    [texts, bytes] = [[], 0];
  }
  if (held !== null && held.length > 0 && !isDamaged) {
    return yield { kind: "document", text: textOf(held) };
  }
  for (const each of held ?? []) split(each);
  // the compiler does not see that it was set
  if ((splitter as Splitter | null)?.end() === "open" && !isDamaged) {
    onProblem("file is cut or damaged", 1);
  }
  if (empty > 0) onProblem("entry is empty", empty);
  if (texts.length > 0) yield { kind: "items", texts };
}

function isBlank(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > SPACE) return false;
  return true;
}

function textOf(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}

/** How the texts of a file lie in it, by its first bytes. */
export type ItemShape = "empty" | "lines" | "objects" | "array" | "records" | "record line";

const RECORDS = /^\{\s*"Records"\s*:\s*\[/;

/** The shape of a file by its first bytes, inflated; a byte order mark and white space aside. */
export function shapeOf(head: Uint8Array): ItemShape {
  const text = new TextDecoder().decode(head.subarray(0, 4096)).trimStart();
  if (text === "") return "empty";
  if (RECORDS.test(text)) return text.trimEnd().includes("\n") ? "records" : "record line";
  if (text.startsWith("[")) return "array";
  return /^\{\s*\n/.test(text) ? "objects" : "lines";
}

/** The first bytes of a file, inflated, and whether it was gzip. Throws where it can't be read. */
export async function headOf(path: string): Promise<{ head: Uint8Array; gzip: boolean }> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(1024);
  const head = bytes.subarray(0, await file.read(bytes) ?? 0);
  if (!isGzip(head)) return { head, gzip: false };
  try {
    return { head: gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }), gzip: true };
  } catch {
    return { head: new Uint8Array(), gzip: true };
  }
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

// A cut stream gives no error with Z_SYNC_FLUSH, and what was before the cut; its length tells.
async function* inflated(
  file: AsyncIterable<Uint8Array>,
  onProblem: (problem: ItemProblem) => void,
): AsyncGenerator<Uint8Array> {
  const tail = new Uint8Array(4);
  const chunks = file[Symbol.asyncIterator]();
  let [packed, bytes] = [0, 0];
  let gzip = false;
  let problem: ItemProblem = "file can't be read";
  try {
    const first = await chunks.next();
    if (first.done) return;
    problem = "file is cut or damaged";
    gzip = isGzip(first.value);
    const all = async function* () {
      let next: IteratorResult<Uint8Array> = first;
      for (; !next.done; next = await chunks.next()) {
        keepTail(tail, next.value);
        packed += next.value.length;
        yield next.value;
      }
    };
    const plain = gzip ? gunzipped(all()) : all();
    for await (const chunk of plain as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      yield chunk;
      if (gzip && isBomb({ packed, inflated: bytes })) return onProblem(BOMB);
    }
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    if (cause instanceof StorageError && cause.fault !== "missing") throw cause;
    return onProblem(problem);
  } finally {
    await chunks.return?.();
  }
  const claimed = new DataView(tail.buffer).getUint32(0, true);
  if (gzip && bytes % 2 ** 32 !== claimed) onProblem("file is cut or damaged");
}

// An error of what is piped does not go down the pipe by itself.
function gunzipped(chunks: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip(GUNZIP);
  // what is read ahead would count for what has come out
  const source = Readable.from(chunks, { highWaterMark: 1 });
  source.on("error", (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

const GUNZIP = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 * 1024 };

function keepTail(tail: Uint8Array, chunk: Uint8Array): void {
  if (chunk.length < tail.length) tail.copyWithin(0, chunk.length);
  const kept = chunk.subarray(-tail.length);
  tail.set(kept, tail.length - kept.length);
}

interface Splitter {
  push(chunk: Uint8Array): void;
  /** Whether the file ends within an object. */
  end(): "open" | "closed";
}

function splitterFor(
  shape: ItemShape,
  take: (item: Uint8Array) => void,
  onLarge: () => void,
): Splitter {
  const item = new ItemBytes(take, onLarge);
  if (shape === "lines" || shape === "empty") return new LineSplitter(item);
  return new ObjectSplitter(item, { depth: shape === "objects" ? 0 : shape === "array" ? 1 : 2 });
}

/** The bytes of one item, which may come in several chunks. */
class ItemBytes {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  constructor(
    private readonly take: (item: Uint8Array) => void,
    private readonly onLarge: () => void,
  ) {}

  add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes <= MAX_ITEM_BYTES) this.#parts.push(part.slice());
  }

  /** Takes the last part, or the only one, and all before it. */
  finish(part: Uint8Array): void {
    // most lie in one chunk: they are not copied
    if (this.#bytes === 0 && part.length <= MAX_ITEM_BYTES) {
      if (part.length > 0) this.take(part);
      return;
    }
    this.add(part);
    if (this.#bytes > MAX_ITEM_BYTES) this.onLarge();
    else this.take(this.#joined());
    this.#parts = [];
    this.#bytes = 0;
  }

  #joined(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

const NOTHING = new Uint8Array();

class LineSplitter implements Splitter {
  constructor(private readonly item: ItemBytes) {}

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(NEWLINE, at);
      if (end < 0) return this.item.add(chunk.subarray(at));
      this.item.finish(chunk.subarray(at, end));
      at = end + 1;
    }
  }

  end(): "closed" {
    this.item.finish(NOTHING);
    return "closed";
  }
}

/**
 * What stands at one depth of nesting: within arrays all of it, outside of any the objects, whatever
 * stands between them.
 */
class ObjectSplitter implements Splitter {
  readonly #itemDepth: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItem = false;
  /** Whether what holds the items is an array. */
  #inArray: boolean;
  constructor(private readonly item: ItemBytes, { depth }: { depth: number }) {
    this.#itemDepth = depth;
    this.#inArray = depth === 0;
  }

  push(chunk: Uint8Array): void {
    let begin = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      const isEnd = byte === OBJECT_END || byte === ARRAY_END;
      if (this.#inItem && this.#depth === this.#itemDepth && (byte === COMMA || isEnd)) {
        this.#finish(chunk.subarray(begin, at));
      } else if (!this.#inItem && this.#begins(byte)) {
        this.#inItem = true;
        begin = at;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OBJECT || byte === ARRAY) {
        if (this.#depth === this.#itemDepth - 1) this.#inArray = byte === ARRAY;
        this.#depth++;
      } else if (isEnd) {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#inItem && this.#depth === this.#itemDepth) {
          this.#finish(chunk.subarray(begin, at + 1));
        }
      }
    }
    if (this.#inItem) this.item.add(chunk.subarray(begin));
  }

  #begins(byte: number): boolean {
    if (this.#depth !== this.#itemDepth || !this.#inArray) return false;
    return byte === OBJECT ||
      (this.#itemDepth > 0 && byte > SPACE && byte !== COMMA && byte !== OBJECT_END &&
        byte !== ARRAY_END);
  }

  #finish(rest: Uint8Array): void {
    this.item.finish(rest);
    this.#inItem = false;
  }

  end(): "open" | "closed" {
    return this.#depth > 0 || this.#inString ? "open" : "closed";
  }
}

const [NEWLINE, SPACE, QUOTE, COMMA, BACKSLASH] = [10, 32, 34, 44, 92];
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [123, 125, 91, 93];
