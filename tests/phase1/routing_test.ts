import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { sampleOf } from "../../lib/phase1/score_variables.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";

const PACK = await loadPack(fileURLToPath(new URL("../../rules", import.meta.url)));

Deno.test("sampleOf() draws a share of the subjects, the same ones each time, others by seed", () => {
  const ids = Array.from({ length: 5_000 }, (_, i) => `session-${i}`);
  const drawn = (seed: number) => ids.filter((id) => sampleOf(id, seed) < 0.05);
  const [one, other] = [drawn(1), drawn(2)];
  for (const { length } of [one, other]) assert(Math.abs(length - 250) < 65, String(length));
  assert.deepEqual(drawn(1), one);
  const both = one.filter((id) => other.includes(id)).length;
  assert(both < 40, `two seeds draw independently: ${both} in common`);
  assert(ids.every((id) => sampleOf(id, 7) >= 0 && sampleOf(id, 7) < 1));
});

Deno.test("a rule reads sample by the pack's seed, and abstains without an id", () => {
  const seeded = (seed: number) =>
    packOf(
      packFile({ params: { sample_seed: seed }, reasons: { audit: "Drawn" } }),
      ruleFile("audit", { when: "sample < 0.5", votes: [{ routing: "pty", reason: "audit" }] }),
    );
  const routes = (seed: number) =>
    [..."abcdefghij"].map((id) =>
      evaluateRow(seeded(seed), { subject_id: id, pty_events: 9 }).routing.phase2
    ).join();
  assert.match(routes(1), /pty/);
  assert.match(routes(1), /none/);
  assert.notEqual(routes(1), routes(2));
  const { routing, hits } = evaluateRow(seeded(1), { pty_events: 9 });
  assert.equal(routing.phase2, "none");
  assert.deepEqual(hits.map(({ rule_id, missing }) => [rule_id, missing]), [["audit", ["sample"]]]);
});

/** A person's recording that all rules of the score agree on. */
const PERSON = {
  subject_id: "s-2",
  substrate: "asciicast",
  kind: "pty",
  labels: {},
  pty_events: 300,
  pty_keys: 120,
  pty_line_whole_share: 0,
  pty_lines_typed: 8,
  pty_enter_delay_p50: 0.5,
  pty_prompt_delay_p50: 1.5,
  pty_key_gap_p50: 0.2,
  pty_key_gap_p90: 0.5,
  pty_key_gap_cv: 0.8,
  pty_corrections: 4,
};

const segments = (...types: OperatorType[]) =>
  types.map((operatorType, i) => ({ fromSeconds: i * 60, operatorType, confidence: 0.9 }));

Deno.test("the pack sends agents, disagreeing segments, the privileged and the undecided on", () => {
  const reason = (row: Record<string, unknown>, types: OperatorType[] = []) => {
    const params = new Map([["audit_share", 0]]);
    const evaluated = evaluateRow(PACK, row, { params, segments: segments(...types) });
    const { phase2, reason } = evaluated.routing;
    return `${evaluated.operatorType}: ${phase2} ${reason}`;
  };
  assert.equal(reason(PERSON), "human: none null");
  assert.equal(reason({ ...PERSON, login: "root" }), "human: pty privileged-principal");
  assert.equal(reason(PERSON, ["human", "human"]), "human: none null");
  assert.equal(reason(PERSON, ["human", "agent"]), "mixed: pty segments-disagree");
  assert.equal(reason(PERSON, ["automation", "agent"]), "human: pty segments-disagree");
  const bare = { ...PERSON, pty_keys: 0, pty_lines_typed: 0, pty_line_whole_share: null };
  assert.match(reason(bare), /^unknown: pty (undecided|no-vote)$/);
});

Deno.test("the pack draws an audit sample of what is sure", () => {
  const drawn = Array.from(
    { length: 400 },
    (_, i) =>
      evaluateRow(PACK, { ...PERSON, subject_id: `s-${i}` }, {
        params: new Map([["audit_share", 0.1]]),
      })
        .routing.reason,
  ).filter((reason) => reason === "audit-sample").length;
  assert(drawn > 15 && drawn < 70, String(drawn));
});
