import assert from "node:assert/strict";
import { studyFields } from "../../lib/evaluation/field_study.ts";
import type { WideRow } from "../../lib/store/frame.ts";

function row(i: number, values: Record<string, number | string | boolean | null>): WideRow {
  const truth = i % 2 === 0 ? "human" : "agent";
  return {
    subject_id: `s${i}`,
    substrate: "asciicast",
    labels: { "truth.operator-type": truth },
    ...values,
  } as WideRow;
}

Deno.test("studyFields() tells how well a field is filled and which class it gives away", () => {
  const rows = Array.from({ length: 20 }, (_, i) =>
    row(i, {
      principal: i < 5 ? `p${i}` : null,
      pty_events: i % 2 === 0 ? 100 + i : i,
      pty_bytes: 7,
      pty_bracketed_paste: i % 2 === 1,
      pty_keys: i < 8 ? i : null,
    }));
  const studied = new Map(studyFields(rows).map((study) => [study.field, study]));
  const of = (field: string) => {
    const { filled, distinct, signal, tells } = studied.get(field)!;
    return [filled, distinct, signal, tells && `${tells.class} ${tells.by}`];
  };
  assert.deepEqual(of("principal"), [0.25, 5, null, null]);
  assert.deepEqual(of("pty_events"), [1, 20, 1, "human high"]);
  assert.deepEqual(of("pty_bytes"), [1, 1, 0, "human high"]);
  assert.deepEqual(of("pty_bracketed_paste"), [1, 2, 1, "human low"]);
  assert.deepEqual(of("pty_keys"), [0.4, 8, null, null], "too few on either side");
  assert.equal(studied.has("call_calls"), false, "a feature that nothing has is not listed");
  assert.deepEqual(of("login"), [0, 0, null, null], "a field of the session is");
});
