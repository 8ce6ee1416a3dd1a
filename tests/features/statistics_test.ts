import assert from "node:assert/strict";
import fc from "../property.ts";
import { GapStats } from "../../lib/features/gap_stats.ts";
import { valuesAt } from "../../lib/features/order.ts";
import { BLOCK_PRINTS, PrintBlock, REDRAWN } from "../../lib/features/print_block.ts";
import { Quantiles } from "../../lib/features/quantiles.ts";
import { Rhythm } from "../../lib/features/rhythm.ts";
import { Spinner } from "../../lib/features/spinner.ts";

const seconds = fc.double({ min: 0, max: 1e4, noNaN: true });
/** Blocks of prints a gap each, the first one at the first gap. */
function* blocks(
  prints: readonly { gap: number; bytes?: number; marks?: number }[],
): Generator<PrintBlock> {
  let at = 0;
  for (let from = 0; from < prints.length; from += BLOCK_PRINTS) {
    const block = new PrintBlock();
    for (const { gap, bytes = 1, marks = 0 } of prints.slice(from, from + BLOCK_PRINTS)) {
      const row = block.length++;
      block.times[row] = at += gap;
      block.gaps[row] = gap;
      block.sizes[row] = bytes;
      block.marks[row] = marks;
    }
    yield block;
  }
}

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

Deno.test("valuesAt() finds what sorting finds, whatever the values have in common", () => {
  const kinds = [
    (i: number) => (i * 7919) % 10_007,
    (i: number) => 0.08 + ((i * 7919) % 13) * 1e-16,
    (i: number) => i % 3,
    () => 0.05,
    (i: number) => 10 ** (((i * 7919) % 3000) / 200 - 8),
  ];
  for (const kind of kinds) {
    const values = Float64Array.from({ length: 9000 }, (_, i) => kind(i));
    const ranks = [0, 1, 900, 4499, 4500, 8100, 8998, 8999];
    const chunks = [values.subarray(0, 64), values.subarray(64, 5000), values.subarray(5000)];
    const sorted = values.toSorted();
    assert.deepEqual(valuesAt(ranks, chunks), ranks.map((rank) => sorted[rank]));
  }
});

Deno.test("Quantiles take back and forget values", () => {
  const quantiles = new Quantiles(200);
  for (let i = 0; i < 150; i++) quantiles.add(i);
  for (let i = 149; i >= 100; i--) quantiles.removeLast(i);
  quantiles.addAll(Float64Array.from([99, 100, 101, 102, 103]), { from: 1, end: 4 });
  assert.deepEqual(quantiles.quantiles([0, 0.5, 1]), [0, 51, 102]);
  quantiles.clear();
  quantiles.add(7);
  assert.equal(quantiles.quantile(0.9), 7);
});

Deno.test("Quantiles beyond the values kept are within 1 %", () => {
  const exact = new Quantiles();
  const bounded = new Quantiles(100);
  for (let i = 1; i <= 20_000; i++) {
    const value = ((i * 7919) % 20_011) ** 2 / 1e6;
    exact.add(value);
    bounded.add(value);
  }
  for (const p of [0.1, 0.5, 0.9, 0.99]) {
    close(bounded.quantile(p)!, exact.quantile(p)!, 0.01);
  }
  close(bounded.medianDeviation()!, exact.medianDeviation()!, 0.05);
});

Deno.test("GapStats counts shares, pauses and spread, and takes gaps back", () => {
  const gaps = new GapStats();
  const values = [0.1, 0.2, 0.4, 1.6, 6, 40, 500];
  for (const block of blocks(values.map((gap) => ({ gap })))) gaps.add(block);
  gaps.removeLast(500);
  assert.equal(gaps.count, 6);
  assert.deepEqual([gaps.burst, gaps.key, gaps.middle, gaps.think], [1, 3, 1, 2]);
  assert.deepEqual([gaps.over1s, gaps.over30s], [3, 1]);
  assert.equal(gaps.histogram.reduce((sum, n) => sum + n, 0), 6);
  assert.ok(gaps.cv! > 1);
  close(gaps.localSpread!, Math.log(4), 0.1);
});

Deno.test("GapStats measures as its definitions say", () => {
  const gap = fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.constantFrom(0, 1e-4, 0.001, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 1e4),
    fc.double({ min: -9, max: 5, noNaN: true }).map((power) => 10 ** power),
  );
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 1500 }), (values) => {
      const gaps = new GapStats();
      for (const block of blocks(values.map((gap) => ({ gap })))) gaps.add(block);
      const count = (test: (value: number) => boolean) => values.filter(test).length;
      assert.equal(gaps.count, values.length);
      assert.equal(gaps.burst, count((value) => value < 0.2));
      assert.equal(gaps.key, count((value) => value >= 0.05 && value <= 0.5));
      assert.equal(gaps.middle, count((value) => value > 0.5 && value <= 5));
      assert.equal(gaps.think, count((value) => value > 5));
      assert.equal(gaps.over1s, count((value) => value > 1));
      assert.equal(gaps.over30s, count((value) => value > 30));
      const histogram = new Array<number>(80).fill(0);
      for (const value of values) {
        const bucket = histogram.findLastIndex((_, i) => i === 0 || value >= 10 ** (i / 10 - 4));
        histogram[bucket]! += 1;
      }
      assert.deepEqual(gaps.histogram, histogram);
      const logs = values.filter((value) => value >= 0.001).map(Math.log);
      const steps = logs.slice(1).map((log, i) => Math.abs(log - logs[i]!)).sort((a, b) => a - b);
      const middle = (steps.length - 1) / 2;
      const spread = steps.length === 0
        ? null
        : (steps[Math.floor(middle)]! + steps[Math.ceil(middle)]!) / 2;
      if (spread === null) assert.equal(gaps.localSpread, null);
      else assert.ok(Math.abs(gaps.localSpread! - spread) < 1e-9);
      assert.deepEqual(gaps.last(5), values.slice(-5).reverse());
    }),
  );
});

Deno.test("Rhythm keeps all events in at most 2000 bins", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 300 }),
      (gaps) => {
        const rhythm = new Rhythm();
        const prints = [{ gap: 0, bytes: 1 }, ...gaps.map((gap) => ({ gap, bytes: 2 }))];
        for (const block of blocks(prints)) rhythm.add(block, 0, 0);
        const at = gaps.reduce((sum, gap) => sum + gap, 0);
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
  const marks = REDRAWN;
  const prints = [
    ...Array.from({ length: 40 }, (_, i) => ({ gap: 0.08, bytes: 12 + i % 2, marks })),
    { gap: 0.5, bytes: 400 },
    ...Array.from({ length: 10 }, () => ({ gap: 0.2, bytes: 60, marks })),
  ];
  for (const block of blocks(prints)) spinner.add(block);
  close(spinner.finish()!, 0.08, 1e-6);
  assert.equal(spinner.runs, 1);
  assert.equal(new Spinner().finish(), null);
});
