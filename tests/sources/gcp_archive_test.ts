import assert from "node:assert/strict";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { inOrder, readDayByDay, readMinutes, realLogs } from "./api_minutes.ts";

const FIXTURES = new URL("../../fixtures/gcp", import.meta.url).pathname;
const NOW = new Date("2026-04-01T00:00:00Z");

Deno.test("gcpArchive() accounts for each of the real entries", async () => {
  const folder = await realLogs("gcp");
  if (folder === null) return;
  await using source = gcpArchive(folder, { now: NOW });
  const { calls, skips } = await readMinutes(source);
  assert.deepEqual(skips, {
    "entry without a time": 15,
    "entry without a principal": 17,
    "entry without a method": 1,
    "entry was delivered more than once": 8,
  });
  assert.equal(calls + Object.values(skips).reduce((sum, count) => sum + count), 154);
});

Deno.test("gcpArchive() counts what of the fixtures it can't use, and keeps what is beside it", async () => {
  await using source = gcpArchive(FIXTURES, { now: NOW });
  const { skips } = await readMinutes(source);
  assert.deepEqual(skips, {
    "line is no log entry": 4,
    "entry without an audit payload": 2,
    "payload of another type": 1,
    "entry without a time": 2,
    "entry without a principal": 2,
    "entry without a method": 1,
    "entry of a clock far in the future": 1,
    "entry was delivered more than once": 47,
  });
});

Deno.test("gcpArchive() gives the same rows day by day and whole", async () => {
  await using whole = gcpArchive(FIXTURES, { now: NOW });
  await using parts = gcpArchive(FIXTURES, { now: NOW });
  const all = await readMinutes(whole);
  const days = await readDayByDay(parts);
  assert.deepEqual(inOrder(days.minutes), inOrder(all.minutes));
  assert.deepEqual(days.skips, all.skips);
});
