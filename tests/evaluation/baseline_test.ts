import assert from "node:assert/strict";
import {
  acceptedFor,
  BASELINE_SCHEMA,
  corpusHash,
  figuresOf,
  regressions,
  withAccepted,
} from "../../lib/evaluation/baseline.ts";
import { benignGate } from "../../lib/evaluation/benign.ts";
import { measure } from "../../lib/evaluation/measure.ts";
import type { JudgedSubject } from "../../lib/model/judgement.ts";
import { judgement } from "./judgements.ts";

const told = (subjectId: string, truth: string, verdict: JudgedSubject["verdict"]) =>
  judgement(truth, 0.5, { subjectId, verdict: verdict! });

const GOOD = [
  told("a", "human", "human"),
  told("b", "human", "human"),
  told("c", "agent", "agent"),
  told("d", "automation", "automation"),
];
const figures = (subjects: typeof GOOD, name = "some") =>
  figuresOf(measure(subjects), { name, subjects });

Deno.test("regressions() names what is worse than accepted, and nothing else", () => {
  assert.deepEqual(regressions(figures(GOOD), figures(GOOD)), []);
  const worse = GOOD.with(1, told("b", "human", "agent"));
  assert.deepEqual(regressions(figures(GOOD), figures(worse)), [
    "some: 3 right, 4 were accepted",
    "some: 1 wrong, 0 were accepted",
    "some: recall of human is 0.500, 1.000 was accepted",
    "some: precision of agent is 0.500, 1.000 was accepted",
  ]);
  assert.deepEqual(regressions(figures(worse), figures(GOOD)), [], "better is never worse");
  const silent = GOOD.with(2, told("c", "agent", "unknown"));
  assert.match(regressions(figures(GOOD), figures(silent)).join(), /agent is not measured/);
});

Deno.test("a baseline knows its corpora by their labelled subjects, whatever they are called", () => {
  const baseline = withAccepted({ corpora: [] }, figures(GOOD, "first"));
  assert.deepEqual(BASELINE_SCHEMA.parse(JSON.parse(JSON.stringify(baseline))), baseline);
  assert.equal(acceptedFor(baseline, figures(GOOD.toReversed(), "now"))?.name, "first");
  assert.equal(acceptedFor(baseline, figures(GOOD.slice(1), "now")), null);
  const renamed = withAccepted(baseline, figures(GOOD, "second"));
  assert.deepEqual(renamed.corpora.map(({ name }) => name), ["second"], "one entry a corpus");
  const grown = withAccepted(renamed, figures([...GOOD, told("e", "human", "human")], "another"));
  assert.deepEqual(grown.corpora.map(({ name, n }) => [name, n]), [["another", 5], ["second", 4]]);
  assert.notEqual(corpusHash(GOOD), corpusHash(GOOD.with(0, told("a", "agent", "human"))));
});

Deno.test("benignGate() finds people and scripts called agent, but for known exceptions", () => {
  const subjects = [
    ...GOOD,
    told("e", "human", "agent"),
    told("f", "automation", "agent"),
    told("g", "mixed", "agent"),
  ];
  const why = "it pastes whole scripts and waits";
  assert.deepEqual(benignGate(subjects, []), { called: ["e", "f"], stale: [] });
  assert.deepEqual(
    benignGate(subjects, [{ subject: "e", why }, { subject: "a", why }, { subject: "z", why }]),
    { called: ["f"], stale: ["a"] },
  );
});
