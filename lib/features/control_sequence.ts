const MAX_PARAMETERS = 32;
const LARGEST_PARAMETER = 99999;

const SEMICOLON = 0x3b;
const COLON = 0x3a;
const QUESTION = 0x3f;

/** The parameters of a control sequence: what stands between `ESC [` and its final byte. */
export class ControlSequence {
  /** The first `count` of these were given; one left out is 0, and so is the first at least. */
  readonly parameters = new Int32Array(MAX_PARAMETERS);
  count = 1;
  /** Whether it begins with a question mark. */
  isPrivate = false;

  begin(): void {
    this.parameters[0] = 0;
    this.count = 1;
    this.isPrivate = false;
  }

  /** Reads from behind `ESC [` up to the first byte that is no part of parameters; says where. */
  read(data: Uint8Array, from: number, until: number): number {
    this.begin();
    let at = from;
    while (at < until && this.take(data[at]!)) at += 1;
    return at;
  }

  /** Takes one byte, unless it is no part of parameters. */
  take(byte: number): boolean {
    if (byte >= 0x30 && byte <= 0x39) {
      const value = this.parameters[this.count - 1]! * 10 + byte - 0x30;
      this.parameters[this.count - 1] = Math.min(LARGEST_PARAMETER, value);
    } else if (byte === SEMICOLON || byte === COLON) {
      if (this.count < MAX_PARAMETERS) this.parameters[this.count++] = 0;
    } else if (byte === QUESTION) this.isPrivate = true;
    else return false;
    return true;
  }
}
