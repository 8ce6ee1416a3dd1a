import type { JudgedSubject } from "../model/judgement.ts";

/** A 95 % interval. */
export interface Interval {
  low: number;
  high: number;
}

/** Draws at most, and subjects drawn in all: large corpora need fewer draws. */
const DRAWS = 1000;
const FEWEST_DRAWS = 100;
const DRAWN = 2_000_000;

/**
 * A 95 % bootstrap interval of F1: sessions are drawn with replacement, and what belongs to one
 * (segments) comes along. Seeded: the same subjects give the same interval. Null where the class
 * neither occurs nor is called.
 */
export function f1Interval(
  subjects: readonly Pick<JudgedSubject, "truth" | "verdict" | "session">[],
  name: string,
): Interval | null {
  const counts = new Map<string, Counts>();
  for (const { truth, verdict, session } of subjects) {
    const count = counts.get(session) ?? { hits: 0, falseAlarms: 0, misses: 0 };
    if (verdict === name && truth === name) count.hits++;
    else if (verdict === name) count.falseAlarms++;
    else if (truth === name) count.misses++;
    counts.set(session, count);
  }
  const sessions = [...counts.values()];
  if (sessions.every(({ hits, falseAlarms, misses }) => hits + falseAlarms + misses === 0)) {
    return null;
  }
  const draws = Math.min(DRAWS, Math.max(FEWEST_DRAWS, Math.floor(DRAWN / sessions.length)));
  const next = seededRandom(20_260_501);
  const values = Float64Array.from({ length: draws }, () => {
    const sum = { hits: 0, falseAlarms: 0, misses: 0 };
    for (let i = 0; i < sessions.length; i++) {
      const drawn = sessions[Math.floor(next() * sessions.length)]!;
      sum.hits += drawn.hits;
      sum.falseAlarms += drawn.falseAlarms;
      sum.misses += drawn.misses;
    }
    const { hits, falseAlarms, misses } = sum;
    return hits === 0 ? 0 : 2 * hits / (2 * hits + falseAlarms + misses);
  }).sort();
  return {
    low: values[Math.floor(0.025 * draws)]!,
    high: values[Math.ceil(0.975 * draws) - 1]!,
  };
}

interface Counts {
  hits: number;
  falseAlarms: number;
  misses: number;
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
