import assert from "node:assert/strict";
import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { classify } from "../../lib/phase1/classify.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { mixedVerdict, type SegmentVerdict } from "../../lib/phase1/mixed_verdict.ts";
import { writeFeatures } from "../../lib/store/features.ts";
import { listLabels } from "../../lib/store/labels.ts";
import { replaceSegments } from "../../lib/store/segments.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { NOW, sampleStore } from "../store/sample.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";

const PACK = packOf(
  packFile({ cohorts: { thin: "Few events" }, reasons: { agent: "An agent" } }),
  ruleFile("fast", { when: "pty_gap_p50 < 0.1", votes: [{ class: "agent", weight: 4 }] }),
  ruleFile("slow", { when: "pty_gap_p50 >= 0.1", votes: [{ class: "human", weight: 3 }] }),
  ruleFile("thin", { when: "pty_events < 30", votes: [{ cohort: "thin" }] }),
  ruleFile("route", {
    when: 'operator_type in ["agent", "mixed"]',
    votes: [{ routing: "pty", reason: "agent" }],
  }),
);

function verdicts(...types: OperatorType[]): SegmentVerdict[] {
  return types.map((operatorType, i) => ({
    ...{ fromSeconds: i * 60, operatorType },
    confidence: operatorType === "unknown" ? null : 0.9 - i / 10,
  }));
}

Deno.test("mixedVerdict() wants a person and a machine", () => {
  assert.equal(mixedVerdict([]), null);
  assert.equal(mixedVerdict(verdicts("human", "human", "unknown")), null);
  assert.equal(mixedVerdict(verdicts("agent", "automation")), null);
  assert.equal(mixedVerdict(verdicts("unknown", "agent")), null);
  const mixed = mixedVerdict(verdicts("human", "agent", "unknown", "human"))!;
  assert.equal(mixed.confidence, 0.9 * 0.8);
  assert.equal(
    mixed.reason,
    "The driver changes: human from 0 s (0.90), agent from 60 s (0.80), human from 180 s (0.60)",
  );
  assert.match(
    mixedVerdict(verdicts(...Array(3).fill(["human", "agent"]).flat()))!.reason,
    /2 more/,
  );
});

Deno.test("evaluateRow() is mixed where segments disagree, and routes it; cohorts stand first", () => {
  const segments = verdicts("human", "automation");
  const row = { substrate: "asciicast", pty_events: 100, pty_gap_p50: 0.3 };
  const mixed = evaluateRow(PACK, row, { segments });
  assert.equal(mixed.operatorType, "mixed");
  assert.deepEqual(mixed.gate, { key: "terminal.human", value: "true" });
  assert.deepEqual(mixed.routing, { phase2: "pty", reason: "agent" });
  assert.deepEqual(mixed.distribution, evaluateRow(PACK, row).distribution);
  const thin = evaluateRow(PACK, { ...row, pty_events: 5 }, { segments });
  assert.equal(thin.operatorType, "unknown");
  assert.equal(
    evaluateRow(PACK, row, { segments: verdicts("human", "human") }).operatorType,
    "human",
  );
});

Deno.test("classify() judges segments with their session, and counts sessions", () => {
  using store = sampleStore("s-1", "s-2");
  const part = (from_seconds: number, until_seconds: number, pty_gap_p50: number) => ({
    ...{ from_seconds, until_seconds, rhythm: null, cmd: null },
    pty: { pty_events: 100, pty_gap_p50 } as never,
  });
  for (const subject_id of ["s-1", "s-2"]) {
    writeFeatures(store, "pty", [{ subject_id, pty_events: 200, pty_gap_p50: 0.2 }]);
  }
  replaceSegments(store, "s-1", [part(0, 50, 0.3), part(50, 90, 0.01)]);
  const summary = classify(store, PACK, { now: NOW });
  assert.deepEqual(summary.types, { human: 1, agent: 0, automation: 0, mixed: 1, unknown: 0 });
  assert.deepEqual([summary.subjects, summary.segments], [2, 2]);
  const types = Object.fromEntries(
    readVerdicts(store).map((row) => [row.subject_id, row.operator_type]),
  );
  assert.deepEqual(types, { "s-1": "mixed", "s-1#1": "human", "s-1#2": "agent", "s-2": "human" });
  const labels = new Map(listLabels(store, "s-1").map(({ key, value }) => [key, value]));
  assert.equal(labels.get("operator.type"), "mixed");
  assert.equal(labels.get("terminal.human"), "true");
  assert.equal(classify(store, PACK, { now: NOW }).changed, 0);

  replaceSegments(store, "s-1", []);
  assert.equal(classify(store, PACK, { now: NOW }).types.mixed, 0);
  assert.equal(readVerdicts(store).length, 2);
});
