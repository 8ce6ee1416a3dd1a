import assert from "node:assert/strict";
import fc from "../property.ts";
import {
  agreementOf,
  cohenKappa,
  krippendorffAlpha,
  type Rating,
} from "../../lib/evaluation/agreement.ts";

/** One text a reviewer, one character a subject; a blank: not rated. */
function ratings(texts: Readonly<Record<string, string>>): Rating[] {
  return Object.entries(texts).flatMap(([reviewer, text]) =>
    [...text].flatMap((value, i) =>
      value === " " ? [] : [{ subjectId: `s-${String(i).padStart(2, "0")}`, reviewer, value }]
    )
  );
}

const near = (actual: number | null, expected: number) =>
  assert.ok(actual !== null && Math.abs(actual - expected) < 0.0005, `${actual}, not ${expected}`);

Deno.test("cohenKappa() gives what is known of fifty applications read by two", () => {
  const pairs = [
    ...Array(20).fill(["yes", "yes"]),
    ...Array(5).fill(["yes", "no"]),
    ...Array(10).fill(["no", "yes"]),
    ...Array(15).fill(["no", "no"]),
  ] as [string, string][];
  near(cohenKappa(pairs), 0.4);
  assert.equal(cohenKappa([]), null);
  assert.equal(cohenKappa([["a", "a"], ["a", "a"]]), null);
  near(cohenKappa([["a", "b"], ["b", "a"]]), -1);
});

Deno.test("krippendorffAlpha() gives what is known of four observers with gaps", () => {
  const all = ratings({
    a: "123321412   ",
    b: "1233224125 3",
    c: " 3332342251 ",
    d: "12332441251 ",
  });
  const { alpha, n, reviewers } = agreementOf(all);
  near(alpha, 0.743);
  assert.equal(n, 11);
  assert.deepEqual(reviewers, ["a", "b", "c", "d"]);
  assert.equal(krippendorffAlpha([]), null);
  assert.equal(krippendorffAlpha([["x", "x"], ["x"]]), null);
});

Deno.test("agreementOf() counts what two rated, and lists what they contradict each other on", () => {
  const { n, pairs, conflicts } = agreementOf(ratings({ ana: "hha h", bo: "haa a", cy: "  a  " }));
  assert.equal(n, 4);
  assert.deepEqual(pairs.map(({ reviewers, n, agreed }) => [...reviewers, n, agreed]), [
    ["ana", "bo", 4, 2],
    ["ana", "cy", 1, 1],
    ["bo", "cy", 1, 1],
  ]);
  assert.deepEqual(conflicts.map(({ subjectId }) => subjectId), ["s-01", "s-04"]);
  assert.deepEqual(agreementOf(ratings({ ana: "hh", bo: "  h" })), {
    ...{ n: 0, reviewers: [], pairs: [], alpha: null, conflicts: [] },
  });
});

Deno.test("agreement is at most 1, and 1 where all say the same", () => {
  const text = fc.string({ unit: fc.constantFrom("h", "a", "u", " "), maxLength: 12 });
  fc.assert(fc.property(text, text, text, (a, b, c) => {
    const { alpha, pairs, n, conflicts } = agreementOf(ratings({ a, b, c }));
    for (const value of [alpha, ...pairs.map(({ kappa }) => kappa)]) {
      if (value === null) continue;
      assert.ok(value <= 1 && value >= -1.0000001);
      if (conflicts.length === 0) assert.equal(value, 1);
    }
    assert.ok(conflicts.length <= n);
  }));
});
