import assert from "node:assert/strict";
import { MarkLimit } from "../../lib/recording/terminal/mark_limit.ts";
import fc from "../property.ts";

Deno.test("MarkLimit keeps the begin of a run of marks, wherever pieces end", () => {
  const texts = fc.array(
    fc.tuple(fc.constantFrom("a", "é", "\u{1f468}", "\x1b[1m"), fc.integer({ min: 0, max: 400 })),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 300 }), (texts, size) => {
      const limit = new MarkLimit();
      const whole = texts.map(([base, marks]) => base + "\u0301".repeat(marks)).join("");
      const wanted = texts.map(([base, marks]) => base + "\u0301".repeat(Math.min(marks, 256)));
      let kept = "";
      const points = [...whole];
      for (let at = 0; at < points.length; at += size) {
        kept += limit.take(points.slice(at, at + size).join(""));
      }
      assert.equal(kept, wanted.join(""));
    }),
    { numRuns: 100 },
  );
});
