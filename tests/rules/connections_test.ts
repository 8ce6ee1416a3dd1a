import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Random } from "../../fixtures/generate/random.ts";
import { activityStarts } from "../../lib/features/activity_starts.ts";
import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { glueActivities } from "../../lib/sessions/activities.ts";

/**
 * Connections of one command each, as people, harnesses, loops and timers open them, by rests as
 * facts/cadence.md has them: what the rules make of the activities that come out. By the same hands as
 * the rules: this shows what they withstand, and not how good they are.
 */

const pack = await loadPack(fileURLToPath(new URL("../../rules", import.meta.url)));
const RUNS = 150;
/** `activityGap`, in milliseconds. */
const GAP_MS = 15_000;

/** Seconds from the end of a connection to the next one's begin; below zero: before that end. */
type Rest = (random: Random) => number;

/** A silence; nine in ten are below `most`. */
const silence = (median: number, most: number): Rest => {
  const sigma = Math.log(most / median) / 1.2816;
  return (random) => random.logNormal(median, sigma);
};

/** Ways to open connections: how many, how long each is, what lies between. */
const WAYS: Record<string, { count: [number, number]; lasts: [number, number]; rest: Rest }> = {
  // a line is read, thought of and typed: hardly ever within two seconds
  "a person, a few": {
    ...{ count: [2, 7], lasts: [0.2, 3] },
    rest: (random) => 1.5 + silence(6, 25)(random),
  },
  "a person, all morning": {
    ...{ count: [40, 80], lasts: [0.2, 3] },
    rest: (random) => 1.5 + silence(6, 25)(random),
  },
  "a person in a hurry": {
    ...{ count: [20, 40], lasts: [0.2, 1] },
    rest: (random) => 1 + silence(3, 14)(random),
  },
  "a harness, a command a turn": {
    ...{ count: [20, 80], lasts: [0.2, 4], rest: silence(5.4, 15.5) },
  },
  "a harness, several a turn": {
    ...{ count: [20, 80], lasts: [0.2, 4] },
    rest: (random) => random.chance(0.45) ? random.between(0.1, 0.4) : silence(5.4, 15.5)(random),
  },
  "a loop over hosts": { count: [10, 60], lasts: [0.2, 4], rest: silence(0.4, 1.2) },
  "a loop over hosts, some slow": {
    ...{ count: [10, 60], lasts: [0.2, 4] },
    rest: (random) => random.chance(0.1) ? random.between(5, 12) : silence(0.3, 0.8)(random),
  },
  "all hosts at once": {
    ...{ count: [10, 60], lasts: [3, 20], rest: () => -100 },
  },
  "a timer": { count: [10, 60], lasts: [0.3, 0.4], rest: (random) => random.between(9.6, 9.8) },
};

/** What the largest activity of so opened connections is judged to be; null: there is none. */
function judged(way: string, seed: number): OperatorType | null {
  const { count, lasts, rest } = WAYS[way]!;
  const random = new Random(`connections ${way} ${seed}`);
  const parts = [];
  let [startedMs, endedMs] = [0, 0];
  for (let i = random.int(...count); i > 0; i--) {
    const lastsMs = random.between(...lasts) * 1000;
    startedMs = Math.max(startedMs + 20, endedMs + rest(random) * 1000);
    endedMs = Math.max(endedMs, startedMs + lastsMs);
    parts.push({
      ...{ id: String(i), identity: "ana", startedMs, endedMs: startedMs + lastsMs },
      ...{ login: "root", target: "web-1", isSingleShot: true },
    });
  }
  const known = new Map(parts.map((part) => [part.id, part]));
  const [largest] = [...glueActivities(parts, { gapMs: GAP_MS })].filter((each) => each !== null)
    .sort((a, b) => b.members.length - a.members.length);
  if (largest === undefined) return null;
  const starts = activityStarts(largest.members.map((id) => known.get(id)!));
  const row = { subject_kind: "activity", substrate: "teleport-recording", kind: "ssh" };
  return evaluateRow(pack, { ...row, ...starts }).operatorType;
}

Deno.test("many connections of one command each: who opens them", () => {
  const share: Record<string, (type: OperatorType) => number> = {};
  for (const way of Object.keys(WAYS)) {
    const found = Array.from({ length: RUNS }, (_, seed) => judged(way, seed))
      .filter((type) => type !== null);
    const count = (type: OperatorType) => found.filter((each) => each === type).length;
    const types = ["human", "agent", "automation", "unknown"] as const;
    console.log(`${way}: ${types.map((type) => `${type} ${count(type)}`).join(", ")}`);
    share[way] = (type) => count(type) / found.length;
  }
  for (const way of Object.keys(WAYS).filter((name) => name.startsWith("a person"))) {
    assert.equal(share[way]!("agent") + share[way]!("automation"), 0, way);
  }
  for (const way of ["a harness, a command a turn", "a harness, several a turn"]) {
    assert.equal(share[way]!("human") + share[way]!("automation"), 0, way);
  }
  // one command a turn can't be told from a person who gives one by one
  assert(share["a harness, several a turn"]!("agent") >= 0.5);
  for (const way of ["a loop over hosts", "all hosts at once", "a timer"]) {
    assert(share[way]!("automation") >= 0.8, way);
  }
  for (const way of Object.keys(WAYS).filter((name) => !name.startsWith("a harness"))) {
    assert.equal(share[way]!("agent"), 0, way);
  }
});
