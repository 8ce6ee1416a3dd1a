import { concat } from "../../fixtures/generate/protostream_writer.ts";

/** Numbers of 32 bits that repeat for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `bound` - 1; 0 where `bound` is 0. */
  below(bound: number): number {
    return bound > 0 ? this.next() % bound : 0;
  }
}

type Change = (bytes: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

/** Values that lie at the edge of what a length, a tag or a count may be. */
const EDGES = [0, 1, 2, 7, 8, 31, 127, 128, 255, 256, 65535, 65536, 65537, 2 ** 31, 2 ** 32 - 1];

const CHANGES: readonly Change[] = [
  function flipBits(bytes, dice) {
    const changed = bytes.slice();
    for (let flips = 1 + dice.below(8); flips > 0; flips--) {
      const at = dice.below(changed.length);
      changed[at] = changed[at]! ^ (1 << dice.below(8));
    }
    return changed;
  },
  function setByte(bytes, dice) {
    const changed = bytes.slice();
    changed[dice.below(changed.length)] = dice.below(2) ? EDGES[dice.below(9)]! : dice.below(256);
    return changed;
  },
  function cut(bytes, dice) {
    return bytes.subarray(0, dice.below(bytes.length + 1));
  },
  function remove(bytes, dice) {
    const from = dice.below(bytes.length);
    return spliced(bytes, from, from + 1 + dice.below(32), new Uint8Array(0));
  },
  function repeat(bytes, dice) {
    const from = dice.below(bytes.length);
    const piece = bytes.subarray(from, from + 1 + dice.below(200));
    let run = piece;
    for (let doublings = dice.below(5); doublings > 0; doublings--) run = concat([run, run]);
    return spliced(bytes, from, from, run);
  },
  function insertNoise(bytes, dice) {
    const noise = Uint8Array.from({ length: 1 + dice.below(40) }, () => dice.below(256));
    const at = dice.below(bytes.length + 1);
    return spliced(bytes, at, at, noise);
  },
  function splice(bytes, dice, other) {
    const from = dice.below(other.length);
    const piece = other.subarray(from, from + 1 + dice.below(other.length));
    const at = dice.below(bytes.length + 1);
    return spliced(bytes, at, at + dice.below(2) * piece.length, piece);
  },
  function swap(bytes, dice) {
    const at = dice.below(bytes.length);
    return concat([bytes.subarray(at), bytes.subarray(0, at)]);
  },
  // Lengths of records, of parts and of protobuf fields are all big-endian numbers or varints.
  function lieAboutLength(bytes, dice) {
    const changed = bytes.slice();
    const wide = dice.below(3) === 0;
    const at = dice.below(Math.max(1, changed.length - (wide ? 8 : 4)));
    const view = new DataView(changed.buffer);
    const value = EDGES[dice.below(EDGES.length)]!;
    if (wide && at + 8 <= changed.length) {
      view.setUint32(at, dice.below(2) ? 0xffffffff : 0);
      view.setUint32(at + 4, value);
    } else if (at + 4 <= changed.length) view.setUint32(at, value);
    return changed;
  },
  function longVarint(bytes, dice) {
    const run = new Uint8Array(1 + dice.below(12)).fill(0xff);
    run[run.length - 1] = dice.below(256);
    const at = dice.below(bytes.length + 1);
    return spliced(bytes, at, at + dice.below(2) * run.length, run);
  },
];

/** Changes `bytes` one to four times over. */
export function mutate(bytes: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let times = 1 + dice.below(4); times > 0; times--) {
    changed = CHANGES[dice.below(CHANGES.length)]!(changed, dice, other);
    if (changed.length === 0) return changed;
  }
  return changed;
}

function spliced(bytes: Uint8Array, from: number, until: number, piece: Uint8Array): Uint8Array {
  return concat([bytes.subarray(0, from), piece, bytes.subarray(until)]);
}
