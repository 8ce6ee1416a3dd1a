import assert from "node:assert/strict";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { inOrder, readDayByDay, readMinutes, realLogs } from "./api_minutes.ts";

const FIXTURES = new URL("../../fixtures/aws", import.meta.url).pathname;
const NOW = new Date("2026-04-01T00:00:00Z");

Deno.test("awsArchive() loses none of the real events", async () => {
  const folder = await realLogs("aws");
  if (folder === null) return;
  await using source = awsArchive(folder);
  const { calls, minutes, skips } = await readMinutes(source);
  assert.equal(calls, 2900);
  assert.deepEqual(skips, {});
  assert.equal(minutes.reduce((sum, { calls }) => sum + calls.length, 0), 2900);
  const plan = await source.plan!([(await source.span())!]);
  assert.deepEqual([plan.objects, plan.cost], [55, null]);
});

Deno.test("awsArchive() counts what of the fixtures it can't use, and keeps what is beside it", async () => {
  await using source = awsArchive(FIXTURES, { now: NOW });
  const { skips, uris } = await readMinutes(source);
  assert.deepEqual(skips, {
    "file is cut or damaged": 2,
    "entry is no CloudTrail record": 5,
    "record is of a later day than its file": 1,
    "record has no time": 2,
    "record has no identity": 1,
    "entry was delivered more than once": 37,
  });
  assert.ok(uris["file is cut or damaged"]!.every((uri) => uri.includes("/2026/03/12/")));
});

Deno.test("awsArchive() gives the same rows day by day and whole", async () => {
  await using whole = awsArchive(FIXTURES, { now: NOW });
  await using parts = awsArchive(FIXTURES, { now: NOW });
  const all = await readMinutes(whole);
  const days = await readDayByDay(parts);
  assert.deepEqual(inOrder(days.minutes), inOrder(all.minutes));
  assert.deepEqual(days.skips, all.skips);
});
