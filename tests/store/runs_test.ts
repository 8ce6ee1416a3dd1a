import assert from "node:assert/strict";
import { coverageNumbers, readCoverage } from "../../lib/store/coverage.ts";
import { beginRun, finishRun, readSkips, recordPull, recordSkips } from "../../lib/store/runs.ts";
import { upsertRecording, upsertSession } from "../../lib/store/sessions.ts";
import type { RecordingRow, SessionRow } from "../../lib/model/session.ts";
import { openStore } from "../../lib/store/store.ts";
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
    sessionsBy: { failed: 1, off: 1, recorded: 1, unknown: 1 },
    recordings: { failed: 1, parsed: 1 },
    withoutRecording: { off: 1, unknown: 1 },
    eventsUnknown: 2,
    eventsSkipped: 1,
    skips: [{ source: "archive", reason: "bad json", count: 5 }],
  });
});

Deno.test("readCoverage() counts every session once, by what is known of its recordings", () => {
  using store = openStore(":memory:");
  const cases: [name: string, states: RecordingRow["state"][], session?: Partial<SessionRow>][] = [
    ["recorded", ["parsed", "parsed"]],
    ["recorded-in-part", ["parsed", "missing"]],
    ["recorded-in-part", ["truncated"]],
    ["failed", ["failed", "missing"]],
    ["encrypted", ["encrypted"]],
    ["unsupported", ["unsupported"]],
    ["missing", ["missing"]],
    ["not-read-yet", ["pending"]],
    ["not-uploaded-yet", [], { started_at: "2026-03-11T13:00:00.000Z" }],
    ["unknown", [], { started_at: "2026-03-11T11:00:00.000Z" }],
    ["unknown", [], { substrate: "asciicast", started_at: "2026-03-11T13:00:00.000Z" }],
    ["off", [], { no_recording: "off", started_at: "2026-03-11T13:00:00.000Z" }],
    ["not-interactive", [], { no_recording: "not-interactive" }],
  ];
  for (const [i, [, states, session]] of cases.entries()) {
    const session_id = `s-${i}`;
    upsertSession(store, sessionRow({ session_id, substrate: "teleport-audit", ...session }));
    for (const [j, state] of states.entries()) {
      upsertRecording(store, recordingRow({ recording_id: `r-${i}-${j}`, session_id, state }));
    }
  }
  recordPull(store, {
    ...{ run_id: null, source: "teleport x", from_at: null, until_at: null, rows: 1 },
    ...{ pulled_at: "2026-03-12T12:00:00.000Z", bytes_scanned: null, outcome: "done" },
    detail: null,
  });
  const coverage = readCoverage(store);
  const expected: Record<string, number> = {};
  for (const [name] of cases) expected[name] = (expected[name] ?? 0) + 1;
  assert.deepEqual({ ...coverage.sessionsBy }, expected);
  assert.equal(
    Object.values(coverage.sessionsBy).reduce((sum, count) => sum + count, 0),
    coverage.sessions,
  );
  assert.equal(coverageNumbers(coverage)["coverage.not-uploaded-yet"], 1);
});
