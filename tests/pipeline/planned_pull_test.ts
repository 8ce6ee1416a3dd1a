import assert from "node:assert/strict";
import { configSchema } from "../../lib/config/config.ts";
import { eventKinds } from "../../lib/pipeline/event_kinds.ts";
import { fixturesConfig } from "../../lib/pipeline/own_files.ts";
import { planSources, pullPlanned } from "../../lib/pipeline/planned_pull.ts";
import { readCoverageByDay } from "../../lib/store/coverage.ts";
import { readPulls } from "../../lib/store/runs.ts";
import { openStore } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("pullPlanned() takes what costs nothing and leaves the rest alone; days and kinds are told", async () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`);
  const fixtures = fixturesConfig(store.path);
  const config = { ...fixtures, sources: fixtures.sources.slice(0, 4) };
  const plans = await planSources(store, config);
  assert.deepEqual(plans.map(({ problem }) => problem), [null, null, null]);
  const dear = plans.map((plan, i) => i === 1 ? { ...plan, scannedAtMost: 5e9 } : plan);
  const pulled = await pullPlanned(store, config, { plans: dear, mostBytes: 4e9 });
  assert.deepEqual(pulled.map(({ outcome }) => outcome), ["pulled", "left alone", "pulled"]);
  assert.deepEqual(readPulls(store).map(({ source }) => source.split(" ")[0]), ["teleport", "aws"]);

  const days = readCoverageByDay(store);
  const sessions = days.reduce((sum, { sessions }) => sum + sessions, 0);
  assert.ok(sessions > 100 && days.every(({ day }) => /^2026-03-\d\d$/.test(day)));
  const kinds = await eventKinds(store, { most: 5 });
  assert.ok(kinds.some(({ where, kind }) => where === "recordings" && kind === "print"));
  const starts = kinds.find(({ kind }) => kind === "session.start");
  assert.equal(starts!.where, "audit log");
  // some of the fixtures' have lost their session id
  assert.ok(starts!.inSessions! > 60 && starts!.inSessions! < starts!.events);
  assert.ok(kinds.some(({ where, kind }) => where === "calls" && kind === "ec2.amazonaws.com"));
});

Deno.test("planSources() tells of a source that can't be had, and does not pull it", async () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`);
  const source = { kind: "aws", archive: `${folder.path}/nothing` };
  const config = configSchema.parse({ sources: [source] });
  const plans = await planSources(store, config);
  const pulled = await pullPlanned(store, config, { plans, mostBytes: 1e12 });
  assert.equal(plans.length, 1);
  assert.notEqual(pulled[0]?.outcome, "pulled", JSON.stringify(plans));
  await assert.rejects(planSources(store, config, { since: "soon" }), /is no time/);
});
