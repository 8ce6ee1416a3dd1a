import assert from "node:assert/strict";
import { evaluateVerdicts } from "../../lib/evaluation/evaluate_verdicts.ts";
import type { SessionRow } from "../../lib/model/session.ts";
import { classify } from "../../lib/phase1/classify.ts";
import { writeFeatures } from "../../lib/store/features.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { labelHistory, listLabels, setLabels } from "../../lib/store/labels.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { readRuleHits, readVerdicts } from "../../lib/store/verdicts.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const LATER = new Date("2026-02-02T03:04:05.678Z");

const SHARED = packFile({
  cohorts: { thin: "Few events" },
  reasons: { agent: "An agent" },
});
const PACK = packOf(
  SHARED,
  ruleFile("fast", { when: "pty_gap_p50 < 0.1", votes: [{ class: "agent", weight: 4 }] }),
  ruleFile("slow", { when: "pty_gap_p50 >= 0.1", votes: [{ class: "human", weight: 2 }] }),
  ruleFile("thin", { when: "pty_events < 30", votes: [{ cohort: "thin" }] }),
  ruleFile("route", {
    when: 'operator_type == "agent"',
    votes: [{ routing: "pty", reason: "agent" }],
  }),
);

function session(id: string): SessionRow {
  return {
    session_id: id,
    substrate: "asciicast",
    kind: "pty",
    principal: null,
    login: null,
    target: null,
    scope: null,
    driver: null,
    user_kind: null,
    started_at: null,
    ended_at: null,
    duration_seconds: null,
    uploaded_at: null,
    no_recording: null,
  };
}

/** A store with an agent, a person, a short recording and one that was not measured. */
function filled(): Store {
  const store = openStore(":memory:", { now: () => NOW });
  const rows: [id: string, truth: string, features: Record<string, number> | null][] = [
    ["agent-1", "agent", { pty_events: 100, pty_gap_p50: 0.01 }],
    ["human-1", "human", { pty_events: 100, pty_gap_p50: 0.3 }],
    ["thin-1", "automation", { pty_events: 5, pty_gap_p50: 0.01 }],
    ["none-1", "human", null],
  ];
  for (const [id, truth, features] of rows) {
    upsertSession(store, session(id));
    setLabels(store, [
      { subject_id: id, key: "truth.operator-type", value: truth },
      { subject_id: id, key: "fixture.source", value: id.split("-")[0]! },
    ], { setBy: "import:test", now: NOW });
    if (features !== null) writeFeatures(store, "pty", [{ subject_id: id, ...features }]);
  }
  return store;
}

function labelsOf(store: Store, id: string): Record<string, string> {
  return Object.fromEntries(listLabels(store, id).map(({ key, value }) => [key, value]));
}

/** Everything that a classification may write. */
function written(store: Store): unknown {
  return [
    readVerdicts(store),
    ...["agent-1", "human-1", "thin-1", "none-1"].map((id) => [
      listLabels(store, id),
      labelHistory(store, id),
      readRuleHits(store, id),
    ]),
  ];
}

Deno.test("classify() writes verdicts, hits, gates, cohorts and routing", () => {
  using store = filled();
  const summary = classify(store, PACK, { now: NOW });
  assert.deepEqual(summary.types, { human: 1, agent: 1, automation: 0, mixed: 0, unknown: 2 });
  assert.deepEqual([summary.subjects, summary.changed, summary.labelsKept], [4, 4, 0]);
  assert.deepEqual(summary.cohorts, { thin: 1 });
  assert.deepEqual(summary.routed, { agent: 1 });
  const agent = labelsOf(store, "agent-1");
  assert.equal(agent["operator.type"], "agent");
  assert.equal(agent["terminal.human"], "false");
  assert.equal(agent["routing.phase2"], "pty");
  assert.equal(agent["routing.reason"], "agent");
  const thin = labelsOf(store, "thin-1");
  assert.equal(thin["operator.type"], "unknown");
  assert.equal(thin["terminal.human"], "unknown");
  assert.equal(thin["routing.cohort"], "thin");
  assert.equal(thin["routing.phase2"], "none");
  const [hit] = readRuleHits(store, "agent-1");
  assert.equal(hit?.outcome, "fired");
  const verdict = readVerdicts(store).find((row) => row.subject_id === "thin-1");
  assert.equal(verdict?.cohort, "thin");
  assert(verdict!.distribution!.agent > 0.5);
});

Deno.test("classify() a second time changes nothing, not even the times", () => {
  using store = filled();
  classify(store, PACK, { now: NOW });
  const first = written(store);
  const again = classify(store, PACK, { now: LATER });
  assert.equal(again.changed, 0);
  assert.deepEqual(written(store), first);
});

Deno.test("classify() takes away what an earlier classification said", () => {
  using store = filled();
  classify(store, PACK, { now: NOW });
  const other = packOf(SHARED, ruleFile("slow", { votes: [{ class: "human", weight: 2 }] }));
  const summary = classify(store, other, { now: LATER });
  assert.equal(summary.changed, 1);
  assert.equal(labelsOf(store, "thin-1")["routing.cohort"], undefined);
  assert.equal(labelsOf(store, "agent-1")["routing.reason"], undefined);
  assert.equal(labelsOf(store, "agent-1")["operator.type"], "human");
  assert.deepEqual(readRuleHits(store, "thin-1"), []);
  assert(readVerdicts(store).every((row) => row.version === other.version));
});

Deno.test("classify() leaves what a person set, and what is ground truth", () => {
  using store = filled();
  setLabels(store, [
    { subject_id: "agent-1", key: "operator.type", value: "human" },
    { subject_id: "agent-1", key: "routing.phase2", value: "none" },
  ], { setBy: "manual:ana", now: NOW });
  const summary = classify(store, PACK, { now: LATER });
  assert.equal(summary.labelsKept, 1);
  const labels = labelsOf(store, "agent-1");
  assert.equal(labels["operator.type"], "human");
  assert.equal(labels["routing.phase2"], "none");
  assert.equal(labels["truth.operator-type"], "agent");
});

Deno.test("classify() with dryRun counts and writes nothing", () => {
  using store = filled();
  const before = written(store);
  const summary = classify(store, PACK, { now: NOW, dryRun: true });
  assert.equal(summary.types.agent, 1);
  assert.deepEqual(written(store), before);
});

Deno.test("classify() takes a selector and a prior", () => {
  using store = filled();
  const prior = { human: 0.998, agent: 0.001, automation: 0.001 };
  const summary = classify(store, PACK, { now: NOW, selector: "fixture.source=agent", prior });
  assert.equal(summary.subjects, 1);
  assert.equal(summary.types.human, 1);
  assert.equal(readVerdicts(store).length, 1);
});

Deno.test("evaluateVerdicts() measures verdicts, not labels set by hand", () => {
  using store = filled();
  classify(store, PACK, { now: NOW });
  setLabels(store, [{ subject_id: "agent-1", key: "operator.type", value: "human" }], {
    setBy: "manual:ana",
    now: NOW,
  });
  const evaluation = evaluateVerdicts(store);
  const { n, right, wrong, abstained, withheld, unjudged } = evaluation;
  assert.deepEqual([n, right, wrong, abstained, withheld, unjudged], [4, 2, 0, 1, 1, 0]);
  assert.deepEqual(evaluation.versions, [PACK.version]);
  assert.deepEqual(evaluation.groups.map((group) => group.group), [
    "human",
    "none",
    "agent",
    "thin",
  ]);
  const phase2 = evaluateVerdicts(store, { writer: "phase2" });
  assert.deepEqual([phase2.n, phase2.unjudged], [0, 4]);
  const one = evaluateVerdicts(store, { selector: "fixture.source=human" });
  assert.equal(one.n, 1);
});

Deno.test("the wide row of a store is what rules read", () => {
  using store = filled();
  const [row] = readWideRows(store, { subjects: ["none-1"] });
  assert.equal(row?.["pty_events"], null);
  assert.equal(row?.labels["truth.operator-type"], "human");
});
