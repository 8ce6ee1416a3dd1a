import assert from "node:assert/strict";
import { readCoverage } from "../../lib/store/coverage.ts";
import { beginRun, finishRun, readSkips, recordPull, recordSkips } from "../../lib/store/runs.ts";
import { upsertRecording, upsertSession } from "../../lib/store/sessions.ts";
import { dump, NOW, recordingRow, sampleStore, sessionRow } from "./sample.ts";

Deno.test("beginRun() and finishRun() keep when and how a run ended", () => {
  using store = sampleStore();
  const run = beginRun(store, { command: "run", version: "phase1@1", now: NOW });
  const killed = beginRun(store, { command: "classify", version: "phase1@1", now: NOW });
  const ended = new Date("2026-01-02T03:05:00.000Z");
  finishRun(store, run, { outcome: "done", summary: { human: 3, problems: 0 }, now: ended });
  const rows = store.database.prepare("SELECT * FROM runs ORDER BY run_id").all();
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    {
      run_id: run.runId,
      command: "run",
      version: "phase1@1",
      started_at: NOW.toISOString(),
      ended_at: "2026-01-02T03:05:00.000Z",
      outcome: "done",
      summary: `{"human":3,"problems":0}`,
    },
    {
      run_id: killed.runId,
      command: "classify",
      version: "phase1@1",
      started_at: NOW.toISOString(),
      ended_at: null,
      outcome: null,
      summary: null,
    },
  ]);
});

Deno.test("recordPull() adds a pull of a run", () => {
  using store = sampleStore();
  const run = beginRun(store, { command: "run", version: "1", now: NOW });
  const pull = {
    run_id: run.runId,
    source: "teleport archive",
    from_at: null,
    until_at: NOW.toISOString(),
    pulled_at: NOW.toISOString(),
    rows: 10,
    bytes_scanned: 1_000_000_000_000,
    engine_ms: 1200,
    outcome: "done",
    detail: null,
  } as const;
  recordPull(store, pull);
  recordPull(store, { ...pull, run_id: null });
  const rows = store.database.prepare("SELECT * FROM pulls ORDER BY pull_id").all();
  assert.deepEqual({ ...rows[0] }, { pull_id: 1, ...pull });
  assert.equal(rows.length, 2);
});

Deno.test("recordSkips() counts anew for the same place and reason", () => {
  using store = sampleStore();
  const skip = { source: "archive", uri: "a.parquet", reason: "bad json", count: 2 };
  recordSkips(store, [skip, { ...skip, reason: "no sid", detail: "column sid", count: 1 }]);
  const before = dump(store);
  recordSkips(store, [skip]);
  assert.equal(dump(store), before);
  recordSkips(store, [{ ...skip, count: 5 }]);
  assert.deepEqual(readSkips(store).map(({ reason, detail, count }) => [reason, detail, count]), [
    ["bad json", null, 5],
    ["no sid", "column sid", 1],
  ]);
});

Deno.test("readCoverage() counts what is there and what is not", () => {
  using store = sampleStore("s-1", "s-2");
  upsertSession(store, sessionRow({ session_id: "s-3", no_recording: "off" }));
  upsertSession(store, sessionRow({ session_id: "s-4" }));
  upsertRecording(store, recordingRow({ events_unknown: 2, events_skipped: 1 }));
  upsertRecording(store, recordingRow({ recording_id: "r-2", session_id: "s-2", state: "failed" }));
  recordSkips(store, [
    { source: "archive", uri: "a", reason: "bad json", count: 2 },
    { source: "archive", uri: "b", reason: "bad json", count: 3 },
  ]);
  assert.deepEqual(readCoverage(store), {
    sessions: 4,
    recordings: { failed: 1, parsed: 1 },
    withoutRecording: { off: 1, unknown: 1 },
    eventsUnknown: 2,
    eventsSkipped: 1,
    skips: [{ source: "archive", reason: "bad json", count: 5 }],
  });
});
