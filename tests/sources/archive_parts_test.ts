import assert from "node:assert/strict";
import type { CallMinute } from "../../lib/model/call_minute.ts";
import { DAY_MS, HOUR_MS } from "../../lib/model/time.ts";
import { foldMinutes } from "../../lib/sessions/fold_minutes.ts";
import { joinMinutes } from "../../lib/sessions/join_minutes.ts";
import type { ApiSource } from "../../lib/sources/api_source.ts";
import { archiveParts, type TimesOf } from "../../lib/sources/archive_parts.ts";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { SeenCalls } from "../../lib/sources/seen_calls.ts";
import fc from "../property.ts";
import { rawMinute } from "../sessions/raw_minute.ts";
import { readMinutes } from "./api_minutes.ts";

const NOW = new Date("2026-04-01T00:00:00Z");
const FIXTURES = new URL("../../fixtures", import.meta.url).pathname;

for (const [cloud, archive] of [["gcp", gcpArchive], ["aws", awsArchive]] as const) {
  Deno.test(`${cloud}Archive() gives the same whole and a file at a time, copies in two files too`, async () => {
    await using whole = archive(`${FIXTURES}/${cloud}`, { now: NOW });
    await using parts = archive(`${FIXTURES}/${cloud}`, { now: NOW, partBytes: 1 });
    const [one, many] = [await rowsOf(whole), await rowsOf(parts)];
    assert.ok(one.rows.length > 100);
    assert.deepEqual(many.rows, one.rows);
    assert.deepEqual(many.skips, one.skips);
    assert.ok(one.skips["entry was delivered more than once"]! > 0);
  });
}

/** What a pull would store of a source. */
async function rowsOf(
  source: ApiSource,
): Promise<{ rows: CallMinute[]; skips: Record<string, number> }> {
  const { minutes, skips } = await readMinutes(source);
  const groups = Map.groupBy(
    minutes.flatMap((minute) => foldMinutes([minute], {})),
    ({ principal, driver, minuteMs }) => JSON.stringify([minuteMs, principal, driver]),
  );
  const keys = [...groups.keys()].sort();
  return { rows: keys.map((key) => joinMinutes(groups.get(key)!)), skips };
}

Deno.test("archiveParts() puts each file of a window into one part, in order of times", () => {
  const file = fc.record({
    hour: fc.option(fc.integer({ min: 0, max: 72 }), { nil: null }),
    bytes: fc.integer({ min: 0, max: 50 }),
    isGzip: fc.boolean(),
  });
  const begin = Date.parse("2026-03-10");
  const timesOf: TimesOf = (path) => {
    const hour = Number(/^(\d+)-/.exec(path)?.[1] ?? NaN);
    if (Number.isNaN(hour)) return null;
    const beginMs = begin + hour * HOUR_MS;
    const endMs = beginMs + HOUR_MS;
    return { beginMs, endMs, sinceMs: beginMs - HOUR_MS, untilMs: endMs + HOUR_MS };
  };
  fc.assert(fc.property(fc.array(file), fc.integer({ min: 1, max: 400 }), (all, partBytes) => {
    const files = all.map(({ hour, bytes, isGzip }, i) => ({
      path: `${hour ?? "undated"}-${i}.json${isGzip ? ".gz" : ""}`,
      bytes,
    }));
    const window = { since: new Date(begin + DAY_MS), until: new Date(begin + 2 * DAY_MS) };
    const parts = archiveParts(files, { window, timesOf, partBytes });
    const sizeOf = ({ path, bytes }: { path: string; bytes: number }) =>
      path.endsWith(".gz") ? bytes * 8 : bytes;
    const read = parts.flatMap((part) => part.files);
    assert.equal(new Set(read).size, read.length);
    assert.deepEqual(
      new Set(read),
      new Set(files.filter(({ path }) => {
        const times = timesOf(path);
        return times === null || (times.sinceMs < +window.until && times.untilMs > +window.since);
      })),
    );
    for (const [i, { files, freshMs, settledMs }] of parts.entries()) {
      const bytes = files.reduce((sum, file) => sum + sizeOf(file), 0);
      assert.ok(files.length === 1 || bytes <= partBytes);
      for (const { path } of parts.slice(i + 1).flatMap((part) => part.files)) {
        assert.ok((timesOf(path)?.sinceMs ?? -Infinity) >= settledMs);
      }
      for (const { path } of parts.slice(0, i).flatMap((part) => part.files)) {
        assert.ok((timesOf(path)?.untilMs ?? Infinity) <= freshMs);
      }
    }
  }));
});

Deno.test("SeenCalls knows each call of each group once, until its hour is settled", () => {
  const call = fc.record({
    group: fc.constantFrom("ada@example.com", "bob@example.com"),
    minute: fc.integer({ min: 0, max: 300 }),
    offsetMs: fc.integer({ min: 0, max: 59_999 }),
    id: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String),
  });
  fc.assert(fc.property(fc.array(fc.array(call, { maxLength: 400 })), (parts) => {
    const seen = new SeenCalls();
    const known = new Set<string>();
    for (const calls of parts) {
      for (const { group, minute, offsetMs, id } of calls) {
        const raw = rawMinute({ name: group, minuteMs: minute * 60_000, offsets: [offsetMs] });
        const { minute: unseen, copies } = seen.unseen({
          ...raw,
          calls: raw.calls.map((call) => ({ ...call, id })),
        });
        const key = JSON.stringify([group, minute, offsetMs, id]);
        assert.deepEqual([unseen.calls.length, copies], known.has(key) ? [0, 1] : [1, 0]);
        known.add(key);
      }
    }
    const [first] = parts.flat();
    if (first === undefined) return;
    const again = () => {
      const { group, minute, offsetMs, id } = first;
      const raw = rawMinute({ name: group, minuteMs: minute * 60_000, offsets: [offsetMs] });
      return seen.unseen({ ...raw, calls: raw.calls.map((call) => ({ ...call, id })) }).copies;
    };
    const hourEndsMs = (Math.floor(first.minute / 60) + 1) * HOUR_MS;
    seen.forget(hourEndsMs - 1);
    assert.equal(again(), 1);
    seen.forget(hourEndsMs);
    assert.equal(again(), 0);
  }));
});
