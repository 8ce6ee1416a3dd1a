import assert from "node:assert/strict";
import { type Candidate, labelQueue } from "../../lib/evaluation/label_queue.ts";

function candidate(subjectId: string, rest: Partial<Candidate> = {}): Candidate {
  return {
    ...{ subjectId, region: "known", verdict: "human", cohort: null, secondVerdict: null },
    ...{ truth: null, reviews: [], distribution: { human: 0.9, agent: 0.05, automation: 0.05 } },
    ...rest,
  };
}

const LABELLED = candidate("z-labelled", { truth: "human" });

Deno.test("labelQueue() takes by turns what disagrees, what is unsure and what is uncovered", () => {
  const unsure = { human: 0.4, agent: 0.35, automation: 0.25 };
  const queue = labelQueue([
    LABELLED,
    candidate("a-sure"),
    candidate("b-unsure", { verdict: "unknown", distribution: unsure }),
    candidate("c-phases", { secondVerdict: "agent" }),
    candidate("d-reviewers", { truth: "human", reviews: ["human", "agent", "human"] }),
    candidate("e-new", { region: "other" }),
    candidate("f-new", { region: "other" }),
  ], { n: 5 });
  assert.deepEqual(queue.map(({ subjectId, why }) => [subjectId, why]), [
    ["c-phases", "disagreement"],
    ["b-unsure", "uncertain"],
    ["e-new", "uncovered"],
    ["d-reviewers", "disagreement"],
    ["a-sure", "uncertain"],
  ]);
  assert.equal(queue[0]!.detail, "Phase 1 says human, phase 2 agent");
  assert.equal(queue[3]!.detail, "Reviewers say agent, human");
  assert.match(queue[2]!.detail, /Typical of 2 /);
});

Deno.test("labelQueue() names the typical session of the largest region first", () => {
  const at = (human: number) => ({ human, agent: 1 - human, automation: 0 });
  const queue = labelQueue([
    candidate("a", { region: "small", distribution: at(1) }),
    ...["b", "c", "d"].map((id, i) =>
      candidate(id, { region: "large", distribution: at([0.99, 0.9, 0.8][i]!) })
    ),
  ], { n: 9 }).filter(({ why }) => why === "uncovered");
  assert.deepEqual(queue.map(({ subjectId }) => subjectId), ["c", "a"]);
});

Deno.test("labelQueue() leaves out what is labelled, names each once, whatever their order", () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    candidate(`s-${String(i).padStart(2, "0")}`, {
      ...{ region: `r${i % 4}`, truth: i % 5 === 0 ? "human" : null },
      distribution: { human: 0.5 + i / 100, agent: 0.5 - i / 100, automation: 0 },
    }));
  const queue = labelQueue(many, { n: 100 });
  assert.equal(queue.length, 24);
  assert.equal(new Set(queue.map(({ subjectId }) => subjectId)).size, 24);
  assert.deepEqual(labelQueue(many.toReversed(), { n: 100 }), queue);
  assert.deepEqual(labelQueue([], { n: 3 }), []);
});

Deno.test("labelQueue() does not ask about verdicts that are withheld, but for one of their kind", () => {
  const withheld = ["a", "b"].map((id) => candidate(id, { cohort: "kube", region: "kube" }));
  assert.deepEqual(
    labelQueue(withheld, { n: 9 }).map(({ subjectId, why }) => [subjectId, why]),
    [["a", "uncovered"]],
  );
});
