import type { RawMinute } from "../model/call_minute.ts";
import { HOUR_MS } from "../model/time.ts";

/**
 * The calls that came out of a log's earlier parts. Logs are delivered at least once, and of copies
 * that lie in two parts no query knows. Holds 12 to 24 bytes a call, a hash of it.
 */
export class SeenCalls {
  readonly #hours = new Map<number, HashSet>();

  /**
   * A minute without the calls that came before, and how many those were. Calls that are only
   * counted ({@link RawMinute.callsOmitted}) are not known again.
   */
  unseen(minute: RawMinute): { minute: RawMinute; copies: number } {
    const hour = Math.floor(minute.minuteMs / HOUR_MS);
    let seen = this.#hours.get(hour);
    if (seen === undefined) this.#hours.set(hour, seen = new HashSet());
    const group = hashOfGroup(minute);
    const calls = minute.calls.filter(({ id, offsetMs }) =>
      seen.add(mixed(id, [group[0] ^ offsetMs, group[1]]))
    );
    const copies = minute.calls.length - calls.length;
    return { minute: copies === 0 ? minute : { ...minute, calls }, copies };
  }

  /** Forgets the calls of hours that end before a time, in milliseconds since 1970. */
  forget(beforeMs: number): void {
    for (const hour of [...this.#hours.keys()]) {
      if ((hour + 1) * HOUR_MS <= beforeMs) this.#hours.delete(hour);
    }
  }
}

/** 64 bits. */
type Hash = readonly [low: number, high: number];

/** Of what one query groups calls by. */
function hashOfGroup({ principal, ...minute }: RawMinute): Hash {
  const { name, type, delegations, delegator } = principal;
  const { userAgent, address, invokedBy, console, scope, credential, minuteMs } = minute;
  const by = [name, type, delegations, delegator, userAgent, address, invokedBy, console, scope];
  return mixed([...by, credential, minuteMs].join("\n"), [0, 0]);
}

// Half a million calls a second are too many for a digest each. Ids are no caller's to choose: nobody
// can write a call that passes for a copy of another.
function mixed(text: string, [low, high]: Hash): Hash {
  let [a, b] = [low, high];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b + code, 0x85ebca6b) ^ (b >>> 13);
  }
  return [avalanche(a), avalanche(b ^ a)];
}

/** Lets each bit of a number turn about half of all. The constants are those of MurmurHash3. */
function avalanche(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Hashes in a table of numbers, since a Set takes four times as much and ends at 16 million. */
class HashSet {
  #table = new Uint32Array(2 * 256);
  #size = 0;

  /** Whether it was not there. */
  add([low, high]: Hash): boolean {
    // a pair of zeros is an empty place
    const isNew = this.#put(low, high === 0 ? 1 : high);
    if (isNew && ++this.#size * 3 > this.#table.length) this.#grow();
    return isNew;
  }

  #put(low: number, high: number): boolean {
    const table = this.#table;
    const last = table.length - 1;
    for (let at = (low * 2) & last;; at = (at + 2) & last) {
      if (table[at + 1] === 0) {
        table[at] = low;
        table[at + 1] = high;
        return true;
      }
      if (table[at] === low && table[at + 1] === high) return false;
    }
  }

  #grow(): void {
    const before = this.#table;
    this.#table = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== 0) this.#put(before[at]!, before[at + 1]!);
    }
  }
}
