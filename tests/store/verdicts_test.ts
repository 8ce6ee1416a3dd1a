import assert from "node:assert/strict";
import { LabelError } from "../../lib/model/errors.ts";
import type { RuleHitRow } from "../../lib/model/verdict.ts";
import { labelHistory, listLabels, removeLabels, setLabels } from "../../lib/store/labels.ts";
import type { Store } from "../../lib/store/store.ts";
import {
  readRuleHits,
  readVerdicts,
  writeRuleHits,
  writeVerdicts,
} from "../../lib/store/verdicts.ts";
import { dump, NOW, sampleStore, verdictRow } from "./sample.ts";

const PHASE2 = verdictRow({
  writer: "phase2",
  version: "phase2:some-model@9f8e7d6c",
  operator_type: "agent",
  confidence: 0.7,
  distribution: null,
  reason: "Pastes whole programs",
  evidence: [12, 40],
});

function resolved(store: Store, id = "s-1"): Record<string, string> {
  const keys = ["operator.type", "confidence.operator-type"];
  return Object.fromEntries(
    listLabels(store, id).filter(({ key }) => keys.includes(key))
      .map(({ key, value, set_by }) => [key, `${value} ${set_by}`]),
  );
}

function byHand(store: Store, value: string): void {
  setLabels(store, [{ subject_id: "s-1", key: "operator.type", value }], {
    setBy: "manual:ana",
    now: NOW,
  });
}

const PHASE1_SAYS = {
  "operator.type": "human phase1@0a1b2c3d",
  "confidence.operator-type": "0.9123 phase1@0a1b2c3d",
};
const PHASE2_SAYS = {
  "operator.type": "agent phase2:some-model@9f8e7d6c",
  "confidence.operator-type": "0.7 phase2:some-model@9f8e7d6c",
};
const ANA_SAYS = { "operator.type": "automation manual:ana" };

Deno.test("writeVerdicts() resolves operator.type: by hand before phase 2 before phase 1", () => {
  const steps = {
    phase1: (store: Store) => writeVerdicts(store, [verdictRow()]),
    phase2: (store: Store) => writeVerdicts(store, [PHASE2]),
    hand: (store: Store) => byHand(store, "automation"),
  };
  const orders: [order: (keyof typeof steps)[], says: Record<string, string>][] = [
    [["phase1"], PHASE1_SAYS],
    [["phase2"], PHASE2_SAYS],
    [["phase1", "phase2"], PHASE2_SAYS],
    [["phase2", "phase1"], PHASE2_SAYS],
    [["phase1", "hand"], ANA_SAYS],
    [["hand", "phase1"], ANA_SAYS],
    [["hand", "phase2", "phase1"], ANA_SAYS],
    [["phase1", "phase2", "hand", "phase1", "phase2"], ANA_SAYS],
  ];
  for (const [order, says] of orders) {
    using store = sampleStore("s-1");
    for (const step of order) steps[step](store);
    assert.deepEqual(resolved(store), says, order.join());
    const before = dump(store);
    for (const step of order) steps[step](store);
    assert.equal(dump(store), before, `${order} again`);
  }
});

Deno.test("operator.type falls back to the verdicts when the label set by hand goes", () => {
  using store = sampleStore("s-1");
  writeVerdicts(store, [verdictRow(), PHASE2]);
  byHand(store, "automation");
  assert.deepEqual(resolved(store), ANA_SAYS);
  const by = { setBy: "manual:ana", now: NOW };
  assert.equal(removeLabels(store, { subjectId: "s-1", keys: ["operator.type"] }, by), 1);
  assert.deepEqual(resolved(store), PHASE2_SAYS);
  assert.deepEqual(readVerdicts(store).map(({ operator_type }) => operator_type), [
    "human",
    "agent",
  ]);
});

Deno.test("confidence.operator-type is absent for unknown", () => {
  using store = sampleStore("s-1");
  writeVerdicts(store, [verdictRow()]);
  writeVerdicts(store, [verdictRow({ operator_type: "unknown", confidence: null })]);
  assert.deepEqual(resolved(store), { "operator.type": "unknown phase1@0a1b2c3d" });
  const removed = labelHistory(store, "s-1").filter(({ change }) => change === "removed");
  assert.deepEqual(removed.map(({ key }) => key), ["confidence.operator-type"]);
});

Deno.test("writeVerdicts() keeps set_at while the content is the same", () => {
  using store = sampleStore("s-1");
  writeVerdicts(store, [verdictRow()]);
  const before = dump(store);
  const later = "2026-05-05T00:00:00.000Z";
  writeVerdicts(store, [verdictRow({ set_at: later })]);
  assert.equal(dump(store), before);
  const changes = [
    { reason: "Other" },
    { version: "phase1@ffffffff" },
    { cohort: "single-shot" },
    { evidence: [] },
    { confidence: 0.5 },
    { distribution: { human: 0.4, agent: 0.3, automation: 0.3 } },
  ];
  for (const change of changes) {
    using each = sampleStore("s-1");
    writeVerdicts(each, [verdictRow()]);
    writeVerdicts(each, [verdictRow({ ...change, set_at: later })]);
    assert.equal(readVerdicts(each)[0]!.set_at, later, JSON.stringify(change));
  }
});

Deno.test("a distribution is the same whatever the order of its classes", () => {
  using store = sampleStore("s-1");
  writeVerdicts(store, [verdictRow({ distribution: { human: 0.5, agent: 0.3, automation: 0.2 } })]);
  const before = dump(store);
  writeVerdicts(store, [verdictRow({ distribution: { automation: 0.2, agent: 0.3, human: 0.5 } })]);
  assert.equal(dump(store), before);
});

Deno.test("readVerdicts() gives rows as written, by writer and selector", () => {
  using store = sampleStore("s-1", "s-2");
  const other = verdictRow({ subject_id: "s-2", operator_type: "unknown", confidence: null });
  writeVerdicts(store, [other, PHASE2, verdictRow()]);
  assert.deepEqual(readVerdicts(store), [verdictRow(), PHASE2, other]);
  assert.deepEqual(readVerdicts(store, { writer: "phase2" }), [PHASE2]);
  assert.deepEqual(readVerdicts(store, { selector: "operator.type=unknown" }), [other]);
  assert.deepEqual(readVerdicts(store, { writer: "phase1", selector: "operator.type!=unknown" }), [
    verdictRow(),
  ]);
  assert.throws(() => readVerdicts(store, { selector: "=" }), LabelError);
  assert.throws(() => writeVerdicts(store, [verdictRow({ subject_id: "s-9" })]), /FOREIGN KEY/);
});

const HIT: RuleHitRow = {
  subject_id: "s-1",
  rule_id: "pty-typed-keys",
  version: "phase1@0a1b2c3d",
  outcome: "fired",
  votes: { weights: { human: 1.5 } },
  features: { pty_keys: 120, pty_bracketed_paste: true, login: null, kind: "ssh" },
  missing: [],
};

Deno.test("writeRuleHits() replaces the hits of the subjects named, and of no other", () => {
  using store = sampleStore("s-1", "s-2", "s-3");
  const abstained: RuleHitRow = {
    ...HIT,
    rule_id: "a-first-by-name",
    outcome: "abstained",
    missing: ["pty_tail_gap_p50"],
  };
  const other = { ...HIT, subject_id: "s-2" };
  writeRuleHits(store, HIT.version, ["s-1", "s-2"], [abstained, HIT, other]);
  assert.deepEqual(readRuleHits(store, "s-1"), [HIT, abstained]);
  const before = dump(store);
  writeRuleHits(store, HIT.version, ["s-1", "s-2"], [other, HIT, abstained]);
  assert.equal(dump(store), before);
  writeRuleHits(store, "phase1@2", ["s-1", "s-3"], []);
  assert.deepEqual(readRuleHits(store, "s-1"), []);
  assert.deepEqual(readRuleHits(store, "s-2"), [other]);
  assert.throws(() => writeRuleHits(store, "v", ["s-1"], [other]), TypeError);
  assert.deepEqual(readRuleHits(store, "s-2"), [other]);
});
