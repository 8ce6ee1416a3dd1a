/** Chunks shorter than this are not worth a view of their own. */
const WORTH_A_VIEW = 2048;

/**
 * Finds where plain text (ASCII without control characters) ends: four bytes at a time in chunks
 * that hold many prints.
 */
export class TextRun {
  #data: Uint8Array | null = null;
  #words: Int32Array = new Int32Array(0);
  /** Where the first word begins in the data. */
  #shift = 0;

  /** The place of the first byte from `from` on that is no plain text; `until` without one. */
  end(data: Uint8Array, from: number, until: number): number {
    let at = from;
    if (data.length >= WORTH_A_VIEW && until - from >= 8) {
      if (data !== this.#data) this.#view(data);
      const shift = this.#shift;
      const aligned = at + ((shift - at) & 3);
      while (at < aligned) {
        const byte = data[at]!;
        if (byte < 0x20 || byte > 0x7e) return at;
        at += 1;
      }
      const words = this.#words;
      const last = (until - shift) >> 2;
      let i = (at - shift) >> 2;
      for (; i < last; i++) {
        const word = words[i]!;
        // a byte below 0x20, above 0x7e, or just above one that is
        if (((word - 0x20202020) | (word + 0x01010101) | word) & 0x80808080) break;
      }
      at = (i << 2) + shift;
    }
    while (at < until) {
      const byte = data[at]!;
      if (byte < 0x20 || byte > 0x7e) return at;
      at += 1;
    }
    return at;
  }

  #view(data: Uint8Array): void {
    this.#data = data;
    this.#shift = -data.byteOffset & 3;
    const length = (data.length - this.#shift) >> 2;
    this.#words = new Int32Array(data.buffer, data.byteOffset + this.#shift, length);
  }
}
