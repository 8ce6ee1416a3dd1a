/**
 * Bytes to text, piece by piece: a character cut between two pieces comes with the second, what is
 * no UTF-8 becomes U+FFFD.
 */
export class Utf8Repair {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  take(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What is left of a character that was never finished. */
  end(): string {
    return this.#decoder.decode();
  }
}
