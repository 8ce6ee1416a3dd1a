/** A change of who drives, found in the echo and the rhythm of a recording. */
export interface HandOver {
  /** Index of the first print of the new stretch, counted from 0 over the prints of a recording. */
  print: number;
  /** Its time in seconds on the recording's own clock. */
  at: number;
  /** Who drives from there on: hands at a keyboard, or a program. */
  to: "hands" | "program";
}

/** What is read of the echo after each print: running counts, and whether a full screen is shown. */
interface EchoCounts {
  readonly keys: number;
  readonly corrections: number;
  readonly lines: number;
  readonly linesTyped: number;
  readonly linesWhole: number;
  readonly oneChar: number;
  readonly prompts: number;
  readonly screen: { readonly alternate: boolean };
}

/** Nobody types two keys within this time; pastes arrive so. */
const PACE_SECONDS = 0.02;
/** Line editors with suggestions or highlighting write the echo of one key in up to so many prints. */
const ECHO_PRINTS = 3;
/** A print is alone if nothing else is printed this long before and after it. */
const ALONE_SECONDS = 0.03;
/** A single character alone is a key where another one is this near in time, and in prints. */
const NEAR_SECONDS = 1.5;
const NEAR_PRINTS = 2;
/** Bytes of a lone character, in UTF-8. */
const CHARACTER_BYTES = 4;
/** A line that came at once and then waited this long for Enter was pasted or recalled by hand. */
const ENTER_SECONDS = 1;
/** Keys faster than this, one after the other, hint at a program that plays a person. */
const FAST_SECONDS = 0.05;
/** On a full screen a key shows as a small redraw, at uneven gaps of this length. */
const REDRAW_BYTES = 80;
const REDRAW_FROM_SECONDS = 0.06;
const REDRAW_UNTIL_SECONDS = 2;
const REDRAW_UNEVEN = 0.2;

/** What a key speaks against a program at work, in nats; likewise two keys with nothing between. */
const KEY = 1;
const FAST_KEY = 0.2;
const REDRAW_KEY = 0.4;
const ENTER_KEY = 3;
const KEY_AFTER_KEY = 1;
/** What a stretch without keys speaks for one: by its time and its prints, both on a log scale. */
const TIME_WEIGHT = 2.5;
const TIME_SCALE_SECONDS = 6;
const PRINT_WEIGHT = 2;
const PRINT_SCALE = 12;
/** Of a pause this much counts: silence alone is nobody's. */
const PAUSE_SECONDS = 10;
/** Time counts in full from so many prints on. */
const PRINTS_FOR_TIME = 10;
/** Lines that were put at the prompt whole; a person pastes and recalls some too. */
const WHOLE_LINE = 0.6;
const WHOLE_LINES = 4;
/** A person's commands print as well: that much of each stretch is expected. */
const EXPECTED = 0.7;
/** Prints on a full screen count less: people read and edit there. */
const FULL_SCREEN = 0.6;
/** A change of driver has to explain this much more than none. */
const CHANGE = 6;
/** Changes followed in one recording; a recording with more keeps its last driver from there on. */
const MAX_CHANGES = 99;

/** A prompt so few prints before a key is the one that is answered: there the person begins. */
const PROMPT_PRINTS = 4;

const RING = 8;
const MASK = RING - 1;
/** A print is judged once the third after it is known. */
const AHEAD = NEAR_PRINTS + 1;

const ECHOED = 1;
const ONE_CHARACTER = 2;
const WHOLE = 4;
const ALTERNATE = 8;
const PROMPTED = 16;
const SMALL = 32;
const ALONE = 64;
const ENTERED = 128;
/** Signs without which a print is no key. */
const TELLING = ECHOED | ENTERED | ALONE | ALTERNATE;

/** The changes on the way to a state, the last one first; ways share their beginnings. */
interface Way {
  readonly change: HandOver;
  readonly before: Way | null;
  readonly length: number;
}

/**
 * Finds where the driver of a recording changes, in one pass and in a few hundred bytes: who types
 * is told by echoes of single keys at a person's pace; that a program drives, by long stretches
 * with output and without such keys, and by lines put at the prompt whole. Of all ways to divide a
 * recording among hands and programs the likeliest is taken (two states, each change at a price),
 * so that output, editors, pastes and pauses of ordinary length stay with the person who caused
 * them. Without a single key there is no hand-over.
 */
export class HandOvers {
  readonly #at = new Float64Array(RING);
  readonly #gaps = new Float64Array(RING);
  readonly #signs = new Uint8Array(RING);
  #prints = 0;
  #judged = 0;
  #lastAt = -Infinity;
  // Counts of the echo after the last print.
  #all = 0;
  #echoes = 0;
  #wholes = 0;
  #entered = 0;
  #singles = 0;
  #prompts = 0;
  // The stretch since the last key.
  #from = -1;
  #fromAt = 0;
  #weight = 0;
  #seconds = 0;
  #wholeLines = 0;
  #promptPrint = -1;
  #promptAt = 0;
  #keyAt = -Infinity;
  #keyed = false;
  #burst = 0;
  // How well the two states explain all so far, and on which way.
  #hands = 0;
  #program = 0;
  #handsWay: Way | null = null;
  #programWay: Way | null = null;

  /** Takes one print of `bytes` bytes at `at` seconds, and the echo's counts after it. */
  print(at: number, bytes: number, echo: EchoCounts): void {
    // most prints change none of the counts
    const all = echo.keys + echo.corrections + echo.lines + echo.oneChar + echo.prompts;
    let signs = all === this.#all ? 0 : this.#read(bytes, echo);
    this.#all = all;
    if (echo.screen.alternate) signs |= bytes <= REDRAW_BYTES ? ALTERNATE | SMALL : ALTERNATE;
    this.#add(at, signs);
  }

  /** Takes prints that were a key each, one character long: those of `times` from `first` on. */
  keys(times: Float64Array, first: number, end: number): void {
    for (let i = first; i < end; i++) this.#add(times[i]!, ECHOED | ONE_CHARACTER);
    const keys = end - first;
    this.#all += 2 * keys;
    this.#echoes += keys;
    this.#singles += keys;
  }

  /** Whether a print told nothing, by the echo's counts after it: it may come by `quiet()`. */
  unmoved(echo: EchoCounts): boolean {
    const all = echo.keys + echo.corrections + echo.lines + echo.oneChar + echo.prompts;
    return all === this.#all && !echo.screen.alternate;
  }

  /** Takes prints that told nothing: those of `times` from `first` to before `end`. */
  quiet(times: Float64Array, first: number, end: number): void {
    const few = Math.min(end, first + RING);
    for (let i = first; i < few; i++) this.#add(times[i]!, 0);
    if (few === end) return;
    // From here on what is judged told nothing either.
    const judged = this.#judged - few;
    let burst = this.#burst;
    let weight = this.#weight;
    let seconds = this.#seconds;
    for (let i = few; i < end; i++) {
      const gap = times[i - AHEAD]! - times[i - AHEAD - 1]!;
      if (gap >= PACE_SECONDS) burst = judged + i;
      weight += 1;
      seconds += gap < PAUSE_SECONDS ? gap : PAUSE_SECONDS;
    }
    this.#burst = burst;
    this.#weight = weight;
    this.#seconds = seconds;
    this.#judged += end - few;
    this.#prints += end - few;
    this.#lastAt = times[end - 1]!;
    for (let back = 1; back <= RING; back++) {
      const slot = (this.#prints - back) & MASK;
      const at = this.#at[slot] = times[end - back]!;
      this.#gaps[slot] = at - times[end - back - 1]!;
      this.#signs[slot] = 0;
    }
  }

  /** The hand-overs, in order. Ends the recording. */
  finish(): HandOver[] {
    const prints = this.#prints;
    const last = this.#at[(prints - 1) & MASK]!;
    // nothing follows the last prints
    for (let i = 1; this.#judged < prints; i++) this.#add(last + i * 2 * NEAR_SECONDS, 0);
    if (this.#weight > 0) this.#endStretch();
    const changes: HandOver[] = [];
    let way = this.#program > this.#hands ? this.#programWay : this.#handsWay;
    for (; way !== null; way = way.before) changes.push(way.change);
    return changes.reverse();
  }

  #read(bytes: number, echo: EchoCounts): number {
    const echoes = echo.keys + echo.corrections + echo.linesTyped;
    const entered = echo.lines - echo.linesTyped - echo.linesWhole;
    let signs = echoes === this.#echoes ? 0 : ECHOED;
    if (entered > this.#entered) signs |= ENTERED;
    if (echo.oneChar !== this.#singles && bytes <= CHARACTER_BYTES) signs |= ONE_CHARACTER;
    if (echo.linesWhole !== this.#wholes) signs |= WHOLE;
    if (echo.prompts !== this.#prompts) signs |= PROMPTED;
    this.#echoes = echoes;
    this.#entered = entered;
    this.#singles = echo.oneChar;
    this.#wholes = echo.linesWhole;
    this.#prompts = echo.prompts;
    return signs;
  }

  #add(at: number, signs: number): void {
    const index = this.#prints++;
    const slot = index & MASK;
    const gap = at - this.#lastAt;
    this.#lastAt = at;
    this.#at[slot] = at;
    this.#gaps[slot] = gap;
    this.#signs[slot] = signs;
    if (gap >= ALONE_SECONDS && index > 0) {
      const before = (index - 1) & MASK;
      const single = this.#signs[before]! & ONE_CHARACTER;
      if (single && this.#gaps[before]! >= ALONE_SECONDS) this.#signs[before]! |= ALONE;
    }
    if (index >= AHEAD) this.#judge(this.#judged++);
  }

  #judge(index: number): void {
    const slot = index & MASK;
    const signs = this.#signs[slot]!;
    const at = this.#at[slot]!;
    const gap = this.#gaps[slot]!;
    if (gap >= PACE_SECONDS) this.#burst = index;
    let key = (signs & TELLING) === 0 ? 0 : this.#keyWeight(index, signs, gap);
    if (key === 0) {
      if (this.#from < 0) {
        this.#from = index;
        this.#fromAt = at;
      }
      const weight = (signs & ALTERNATE) === 0 ? 1 : FULL_SCREEN;
      this.#weight += weight;
      if (index > 0) this.#seconds += weight * (gap < PAUSE_SECONDS ? gap : PAUSE_SECONDS);
      if (signs & WHOLE && this.#wholeLines < WHOLE_LINES) this.#wholeLines += 1;
      if (signs & PROMPTED) {
        this.#promptPrint = index;
        this.#promptAt = at;
      }
      return;
    }
    if (at - this.#keyAt < FAST_SECONDS) key *= FAST_KEY;
    this.#keyAt = at;
    if (this.#weight > 0) this.#endStretch();
    else if (this.#keyed) key += KEY_AFTER_KEY;
    const begun = this.#promptPrint >= 0 && index - this.#promptPrint <= PROMPT_PRINTS;
    if (begun) this.#step(-key, this.#promptPrint, this.#promptAt);
    else this.#step(-key, index, at);
    this.#keyed = true;
    this.#from = this.#promptPrint = -1;
    this.#weight = this.#seconds = this.#wholeLines = 0;
  }

  #keyWeight(index: number, signs: number, gap: number): number {
    if (signs & ENTERED && gap >= ENTER_SECONDS) return ENTER_KEY;
    if (signs & ECHOED && index - this.#burst < ECHO_PRINTS) {
      this.#burst = -ECHO_PRINTS;
      return KEY;
    }
    if (signs & ALONE) {
      const at = this.#at[index & MASK]!;
      for (let other = index - NEAR_PRINTS; other <= index + NEAR_PRINTS; other++) {
        if (other < 0 || other === index) continue;
        if ((this.#signs[other & MASK]! & (ALONE | ECHOED)) === 0) continue;
        if (Math.abs(this.#at[other & MASK]! - at) < NEAR_SECONDS) return KEY;
      }
    }
    if ((signs & (ALTERNATE | SMALL)) !== (ALTERNATE | SMALL)) return 0;
    if (gap < REDRAW_FROM_SECONDS || gap > REDRAW_UNTIL_SECONDS) return 0;
    if (this.#gaps[(index + 1) & MASK]! < ALONE_SECONDS) return 0;
    const before = index > 0 ? Math.max(1e-4, this.#gaps[(index - 1) & MASK]!) : Infinity;
    return Math.abs(Math.log(gap / before)) > REDRAW_UNEVEN ? REDRAW_KEY : 0;
  }

  // What the stretch since the last key says.
  #endStretch(): void {
    const time = Math.log1p(this.#seconds / TIME_SCALE_SECONDS) *
      Math.min(1, this.#weight / PRINTS_FOR_TIME);
    const score = TIME_WEIGHT * time + PRINT_WEIGHT * Math.log1p(this.#weight / PRINT_SCALE) +
      WHOLE_LINE * this.#wholeLines - EXPECTED;
    this.#step(score, this.#from, this.#fromAt);
  }

  // One step of the two states; a change may come before it.
  #step(score: number, print: number, at: number): void {
    const lead = this.#program - this.#hands;
    if (print > 0 && lead > CHANGE && mayGoOn(this.#programWay)) {
      this.#hands = this.#program - CHANGE;
      this.#handsWay = wayOn(this.#programWay, { print, at, to: "hands" });
    } else if (print > 0 && lead < -CHANGE && mayGoOn(this.#handsWay)) {
      this.#program = this.#hands - CHANGE;
      this.#programWay = wayOn(this.#handsWay, { print, at, to: "program" });
    }
    this.#program += score;
  }
}

function mayGoOn(way: Way | null): boolean {
  return way === null || way.length < MAX_CHANGES;
}

function wayOn(before: Way | null, change: HandOver): Way {
  return { before, change, length: (before?.length ?? 0) + 1 };
}
