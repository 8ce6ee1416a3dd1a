import { createHash } from "node:crypto";

/**
 * Hashes bytes as they pass by: the session id of an asciicast is the SHA-256 of its file as
 * stored, in hex.
 *
 * ```ts
 * const id = new ContentId();
 * const reader = readRecording({ uri, bytes: id.through(file.readable) });
 * for await (const batch of reader) use(batch);
 * const sessionId = await id.digest();
 * ```
 */
export class ContentId {
  readonly #hash = createHash("sha256");
  #rest: AsyncIterator<Uint8Array> | null = null;

  /** The same bytes, hashed. */
  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = this.#rest = bytes[Symbol.asyncIterator]();
    for (let step = await source.next(); !step.done; step = await source.next()) {
      this.#hash.update(step.value);
      yield step.value;
    }
    this.#rest = null;
  }

  /** The id in hex. Reads what a reader that gave up early left over. */
  async digest(): Promise<string> {
    const source = this.#rest;
    this.#rest = null;
    for (let step = await source?.next(); step && !step.done; step = await source?.next()) {
      this.#hash.update(step.value);
    }
    return this.#hash.digest("hex");
  }
}

/** The id of bytes in memory. */
export function contentId(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
