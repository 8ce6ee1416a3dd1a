import { Dice, mutate } from "./mutate.ts";
import type { Sample } from "./samples.ts";

/** One damaged recording; `name` says how it was made, for a report. */
interface SoakInput {
  name: string;
  file: Uint8Array;
}

/**
 * The inputs of a soak, each made from its number alone, so that a hang or a fault can be repeated
 * from the number and the seed: first every prefix of every sample, then by turns the changes of
 * single bytes in a shuffled order, until each was tried once, and random mutations.
 */
export class SoakPlan {
  readonly prefixes: number;
  readonly byteChanges: number;
  readonly #samples: readonly Sample[];
  readonly #seed: number;
  readonly #stride: number;

  constructor(samples: readonly Sample[], seed: number) {
    this.#samples = samples;
    this.#seed = seed;
    this.prefixes = samples.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
    this.byteChanges = samples.reduce((sum, { bytes }) => sum + bytes.length * 255, 0);
    this.#stride = coprimeStride(this.byteChanges, seed);
  }

  /** What the input of this number tries. */
  kind(number: number): "prefix" | "byte change" | "mutation" {
    if (number < this.prefixes) return "prefix";
    const after = number - this.prefixes;
    return after % 2 === 0 && after / 2 < this.byteChanges ? "byte change" : "mutation";
  }

  /** The number after which every change of a single byte was tried. */
  get whole(): number {
    return this.prefixes + 2 * this.byteChanges;
  }

  input(number: number): SoakInput {
    const kind = this.kind(number);
    if (kind === "prefix") return this.#prefix(number);
    const after = number - this.prefixes;
    if (kind === "byte change") {
      return this.#byteChange((after / 2 * this.#stride) % this.byteChanges);
    }
    return this.#mutation(number);
  }

  #prefix(number: number): SoakInput {
    let left = number;
    for (const { name, bytes, wrap } of this.#samples) {
      if (left <= bytes.length) {
        return { name: `${name}, first ${left} bytes`, file: wrap(bytes.subarray(0, left)) };
      }
      left -= bytes.length + 1;
    }
    throw new RangeError(`There is no prefix ${number}`);
  }

  #byteChange(number: number): SoakInput {
    let left = number;
    for (const { name, bytes, wrap } of this.#samples) {
      if (left < bytes.length * 255) {
        const at = Math.floor(left / 255);
        const changed = bytes.slice();
        changed[at] = (changed[at]! + 1 + left % 255) & 255;
        return { name: `${name}, byte ${at} set to ${changed[at]}`, file: wrap(changed) };
      }
      left -= bytes.length * 255;
    }
    throw new RangeError(`There is no change ${number}`);
  }

  #mutation(number: number): SoakInput {
    const dice = new Dice(Math.imul(this.#seed + 1, 0x9e3779b1) ^ number);
    const sample = this.#samples[dice.below(this.#samples.length)]!;
    const other = this.#samples[dice.below(this.#samples.length)]!;
    const changed = mutate(sample.bytes, dice, other.bytes);
    // Now and then the file is damaged as well as the text in it.
    const file = sample.wrap(changed);
    const twice = sample.wrap(sample.bytes) !== sample.bytes && dice.below(8) === 0;
    return {
      name: `${sample.name}, mutation ${number}`,
      file: twice ? mutate(file, dice, other.bytes) : file,
    };
  }
}

// Steps of this length visit every number below `count` once. Products stay below 2^53.
function coprimeStride(count: number, seed: number): number {
  let stride = 1_000_003 + (seed % 1000) * 2;
  while (greatestDivisor(stride, count) !== 1) stride += 2;
  return stride;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
