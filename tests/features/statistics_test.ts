import assert from "node:assert/strict";
import fc from "fast-check";
import { GapStats } from "../../lib/features/gap_stats.ts";
import { Quantiles } from "../../lib/features/quantiles.ts";
import { Rhythm } from "../../lib/features/rhythm.ts";
import { Spinner } from "../../lib/features/spinner.ts";

const seconds = fc.double({ min: 0, max: 1e4, noNaN: true });
const close = (a: number, b: number, share: number) =>
  assert.ok(Math.abs(a - b) <= share * Math.max(Math.abs(b), 1e-6), `${a} is not ${b}`);

Deno.test("Quantiles are exact while the values are kept", () => {
  fc.assert(
    fc.property(fc.array(seconds, { minLength: 1, maxLength: 600 }), (values) => {
      const quantiles = new Quantiles();
      for (const value of values) quantiles.add(value);
      const sorted = [...values].sort((a, b) => a - b);
      assert.equal(quantiles.quantile(0), sorted[0]);
      assert.equal(quantiles.quantile(1), sorted.at(-1));
      const place = (sorted.length - 1) / 2;
      const median = (sorted[Math.floor(place)]! + sorted[Math.ceil(place)]!) / 2;
      close(quantiles.quantile(0.5)!, median, 1e-9);
    }),
  );
  assert.equal(new Quantiles().quantile(0.5), null);
});

Deno.test("Quantiles beyond the values kept are within 1.3 %", () => {
  const exact = new Quantiles();
  const bounded = new Quantiles(100);
  for (let i = 1; i <= 20_000; i++) {
    const value = ((i * 7919) % 20_011) ** 2 / 1e6;
    exact.add(value);
    bounded.add(value);
  }
  for (const p of [0.1, 0.5, 0.9, 0.99]) {
    close(bounded.quantile(p)!, exact.quantile(p)!, 0.013);
  }
  close(bounded.medianDeviation()!, exact.medianDeviation()!, 0.05);
});

Deno.test("GapStats counts shares, pauses and spread, and takes gaps back", () => {
  const gaps = new GapStats();
  for (const gap of [0.1, 0.2, 0.4, 1.6, 6, 40, 500]) gaps.add(gap);
  gaps.removeLast(500);
  assert.equal(gaps.count, 6);
  assert.deepEqual([gaps.burst, gaps.key, gaps.middle, gaps.think], [1, 3, 1, 2]);
  assert.deepEqual([gaps.over1s, gaps.over30s], [3, 1]);
  assert.equal(gaps.histogram.reduce((sum, n) => sum + n, 0), 6);
  assert.ok(gaps.cv! > 1);
  close(gaps.localSpread!, Math.log(4), 0.1);
});

Deno.test("Rhythm keeps all events in at most 2000 bins", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 300 }),
      (gaps) => {
        const rhythm = new Rhythm();
        let at = 0;
        rhythm.add(0, 1);
        for (const gap of gaps) rhythm.add(at += gap, 2);
        const { events, bytes } = rhythm.until(at);
        assert.ok(events.length <= 2000 && events.length === bytes.length);
        assert.equal(events.reduce((sum, n) => sum + n, 0), gaps.length + 1);
        assert.equal(bytes.reduce((sum, n) => sum + n, 0), 2 * gaps.length + 1);
        assert.ok(events.length * rhythm.binSeconds >= at);
      },
    ),
  );
});

Deno.test("Spinner finds the period of the longest run and counts runs of 2 s", () => {
  const spinner = new Spinner();
  let at = 0;
  for (let i = 0; i < 40; i++) spinner.add(at += 0.08, 12 + i % 2, true);
  spinner.add(at += 0.5, 400, false);
  for (let i = 0; i < 10; i++) spinner.add(at += 0.2, 60, true);
  close(spinner.finish()!, 0.08, 1e-6);
  assert.equal(spinner.runs, 1);
  assert.equal(new Spinner().finish(), null);
});
