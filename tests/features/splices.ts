import type { RecordingEvent } from "../../lib/model/event.ts";
import { readCasts } from "../rules/public_casts.ts";

export type Print = RecordingEvent & { type: "print" };

interface Recorded {
  file: string;
  truth: string;
  source: string;
  prints: Print[];
}

/** Two recordings cut in half and put together. */
export interface Splice {
  name: string;
  prints: Print[];
  /** Index of the first print of the second half. */
  seam: number;
}

/**
 * All terminals have this size, there are no resizes and no other events, and times go on over the
 * seam: it must show in nothing but the driver.
 */
const SIZE = { cols: 120, rows: 40 };
const FEWEST_PRINTS = 40;

/** The public recordings, of each what was printed. */
export async function readPrints(): Promise<Recorded[]> {
  return (await readCasts()).map(({ events, ...cast }) => ({
    ...cast,
    prints: events.filter((event) => event.type === "print"),
  }));
}

/** The events of a recording with a terminal of the common size. */
export function withStart(prints: readonly Print[]): RecordingEvent[] {
  return [{ type: "start", atMs: 0, facts: {}, size: SIZE }, ...prints];
}

/**
 * Halves of a person's and of an agent's recording, in either order in turn, by a choice that is
 * always the same. Three agents in ten type through a multiplexer, the others are programs. The
 * pause at the seam is an ordinary one: the median of those over 50 ms.
 */
export function splices(recorded: readonly Recorded[], count: number): Splice[] {
  const random = generator(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const long = recorded.filter(({ prints }) => prints.length >= FEWEST_PRINTS);
  const people = long.filter(({ truth }) => truth === "human");
  const agents = long.filter(({ truth }) => truth === "agent");
  const typing = agents.filter(({ source }) => source.includes("terminus"));
  const programs = agents.filter(({ source }) => !source.includes("terminus"));
  return Array.from({ length: count }, (_, i) => {
    const agent = pick(random() < 0.3 ? typing : programs);
    const person = pick(people);
    return splice(...(i % 2 === 0 ? [person, agent] as const : [agent, person] as const));
  });
}

/**
 * Halves of two recordings of one kind of driver, people or agents in turn: whatever else a seam
 * may show by (prompts, modes, what is on the screen) is in these too. Of people only recordings
 * whose halves are both typed at, by `typed`.
 */
export function sameDriver(
  recorded: readonly Recorded[],
  count: number,
  typed: (prints: readonly Print[]) => boolean,
): Splice[] {
  const random = generator(11);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const long = recorded.filter(({ prints }) => prints.length >= FEWEST_PRINTS);
  const agents = long.filter(({ truth }) => truth === "agent");
  const people = long.filter(({ truth, prints }) =>
    truth === "human" && halves(prints).every(typed)
  );
  return Array.from({ length: count }, (_, i) => {
    const kind = i % 2 === 0 ? people : agents;
    return splice(pick(kind), pick(kind));
  });
}

/** What lies around the seam, the same number of prints on both sides. */
export function aroundSeam({ name, prints, seam }: Splice): Splice {
  const each = Math.min(seam, prints.length - seam);
  const around = prints.slice(seam - each, seam + each);
  const fromMs = around[0]!.atMs;
  return {
    name,
    prints: around.map((print) => ({ ...print, atMs: print.atMs - fromMs })),
    seam: each,
  };
}

function halves(prints: readonly Print[]): [Print[], Print[]] {
  return [prints.slice(0, prints.length >> 1), prints.slice(prints.length >> 1)];
}

function splice(first: Recorded, second: Recorded): Splice {
  const [before] = halves(first.prints);
  const [, after] = halves(second.prints);
  const shift = before.at(-1)!.atMs + medianPause([before, after]) - after[0]!.atMs;
  return {
    name: `${first.file} and ${second.file}`,
    prints: [...before, ...after.map((each) => ({ ...each, atMs: each.atMs + shift }))],
    seam: before.length,
  };
}

function medianPause(halves: readonly (readonly Print[])[]): number {
  const gaps = halves.flatMap((half) => half.slice(1).map((each, i) => each.atMs - half[i]!.atMs));
  const pauses = gaps.filter((gap) => gap > 50).sort((a, b) => a - b);
  return pauses[pauses.length >> 1] ?? 300;
}

/** Numbers from 0 to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
