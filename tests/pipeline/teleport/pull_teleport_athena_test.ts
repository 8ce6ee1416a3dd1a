import assert from "node:assert/strict";
import { QueryError } from "../../../lib/model/errors.ts";
import { pullAthenaEvents } from "../../../lib/pipeline/teleport/pull_teleport_athena.ts";
import { pullTeleportArchive } from "../../../lib/pipeline/teleport/pull_teleport.ts";
import type { SessionFilter } from "../../../lib/pipeline/session_filter.ts";
import { openAthenaEngine } from "../../../lib/sources/athena.ts";
import { PATIENT } from "../../../lib/sources/retry.ts";
import type { Window } from "../../../lib/sources/teleport/event_files.ts";
import { planPieces } from "../../../lib/sources/teleport/pull_days.ts";
import { settledDays } from "../../../lib/pipeline/settled_days.ts";
import { readLogEvents } from "../../../lib/store/log_events.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import type { LogRow } from "../../../fixtures/generate/log_files.ts";
import { inFolder, row, writeArchive } from "../../sources/archive_folder.ts";
import { type AthenaServer, openAthenaServer } from "../../sources/loopback/athena_server.ts";

const EVENTS = "fixtures/teleport/events";
const SOURCE = "teleport athena audit.teleport_events";
const WINDOW = { since: new Date("2026-03-10"), until: new Date("2026-03-13") };
const LATER = new Date("2026-04-01T12:00:00.000Z");

interface PullOptions {
  now?: Date;
  daysPerPiece?: number;
  force?: boolean;
  filter?: SessionFilter;
  window?: Window;
}

async function pull(store: Store, server: AthenaServer, options: PullOptions = {}) {
  const { now = LATER, daysPerPiece = 7, force = false, filter = {}, window = WINDOW } = options;
  await using engine = await openAthenaEngine({
    region: "eu-west-1",
    endpoint: server.endpoint,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    ...{ database: "audit", workgroup: "research", output: "s3://transient/results" },
    policy: { ...PATIENT, baseDelayMs: 1 },
    poll: { firstMs: 1, longestMs: 2 },
  });
  const done = force ? new Set<string>() : settledDays(store, { source: SOURCE, now });
  return await pullAthenaEvents(store, engine, {
    source: SOURCE,
    table: "audit.teleport_events",
    pieces: planPieces(window, { now, done, daysPerPiece }),
    ...{ place: null, filter, now: () => now, runId: null },
  });
}

/** What is stored of sessions; when is left out. */
function sessionsIn(store: Store): unknown[] {
  const rows = (table: string, order: string) =>
    store.database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all()
      .map(({ updated_at: _, ...rest }) => rest);
  return [...rows("sessions", "session_id"), ...rows("features_cmd", "subject_id")];
}

async function fromArchive(events: string): Promise<unknown[]> {
  using store = openStore(":memory:");
  const options = { ...WINDOW, now: () => LATER, runId: null };
  await pullTeleportArchive(store, { events, recordings: null }, options);
  return sessionsIn(store);
}

Deno.test("pullAthenaEvents() stores the same sessions as the local archive, row for row", async () => {
  await using server = await openAthenaServer({ events: EVENTS, pageRows: 13 });
  const expected = await fromArchive(EVENTS);
  assert.ok(expected.length > 60);
  for (const daysPerPiece of [1, 2, 7]) {
    using store = openStore(":memory:");
    const pulled = await pull(store, server, { daysPerPiece });
    assert.deepEqual(sessionsIn(store), expected, `${daysPerPiece} days a piece`);
    assert.equal(pulled.days, 3);
    assert.ok(pulled.bytesScanned > 0);
  }
});

Deno.test("pullAthenaEvents() bounds every query by days and times", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  using store = openStore(":memory:");
  await pull(store, server, { daysPerPiece: 2 });
  assert.equal(server.executions.length, 10);
  for (const { sql, values } of server.executions) {
    assert.match(sql, /event_date BETWEEN date\(\?\) AND date\(\?\)/);
    // types of events are counted by whole days
    const wholeDays = sql.includes("is_unknown");
    assert.equal(wholeDays, !/event_time >= CAST\(\? AS timestamp\)/.test(sql));
    assert.ok(values.length > 0 && !values.some((value) => sql.includes(value)));
  }
  const sessions = server.executions.filter(({ sql }) => sql.includes("recording_ids"));
  assert.deepEqual(sessions.map(({ values }) => values), [
    [
      ...["2026-03-03", "2026-03-11", "2026-03-03 00:00:00.000", "2026-03-12 00:00:00.000"],
      ...["2026-03-10", "2026-03-11", "2026-03-10 00:00:00.000", "2026-03-12 00:00:00.000"],
    ],
    [
      ...["2026-03-05", "2026-03-19", "2026-03-05 00:00:00.000", "2026-03-20 00:00:00.000"],
      ...["2026-03-12", "2026-03-12", "2026-03-12 00:00:00.000", "2026-03-13 00:00:00.000"],
    ],
  ]);
});

Deno.test("pullAthenaEvents() notes what was asked, read and paid", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  using store = openStore(":memory:");
  await pull(store, server);
  const pulls = store.database.prepare("SELECT * FROM pulls").all().map((row) => ({ ...row }));
  const bytes = server.executions.reduce((sum, { bytesScanned }) => sum + bytesScanned, 0);
  assert.deepEqual(pulls, [{
    ...{ pull_id: 1, run_id: null, source: SOURCE, pulled_at: LATER.toISOString() },
    ...{ from_at: "2026-03-10T00:00:00.000Z", until_at: "2026-03-13T00:00:00.000Z" },
    ...{ rows: pulls[0]!.rows, bytes_scanned: bytes, engine_ms: 5 * 40 },
    ...{ outcome: "done", detail: null },
  }]);
  assert.ok(bytes > 0);
});

Deno.test("pullAthenaEvents() asks again only for the newest days", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  using store = openStore(":memory:");
  const now = new Date("2026-03-13T08:00:00.000Z");
  await pull(store, server, { now });
  const asked = server.executions.length;
  await pull(store, server, { now: new Date("2026-03-13T09:00:00.000Z") });
  // the 11th and the 12th had ended for less than two days
  assert.deepEqual(
    server.executions.slice(asked).map(({ values }) => values.at(-2)?.slice(0, 10)),
    Array(5).fill("2026-03-11"),
  );
  const before = server.executions.length;
  await pull(store, server, { now: LATER });
  assert.equal(server.executions.length, before + 5);
  const after = server.executions.length;
  assert.deepEqual(await pull(store, server), { sessions: 0, days: 0, bytesScanned: 0 });
  assert.equal(server.executions.length, after);
  await pull(store, server, { force: true });
  assert.equal(server.executions.length, after + 5);
});

Deno.test("pullAthenaEvents() finds late events, and counts nothing twice", async () => {
  await inFolder(async (folder) => {
    const sid = "11111111-1111-4111-a111-111111111111";
    const start = row({ event: "session.start", time: "2026-03-12T10:00:00Z", sid, user: "anna" });
    const odd = row({ event: "session.zz", time: "2026-03-12T10:01:00Z", sid });
    const login = row({ event: "user.login", time: "2026-03-12T10:01:00Z", user: "anna" });
    const upload = row({ event: "session.upload", time: "2026-03-12T11:00:00Z", sid });
    const events = await writeArchive(folder, { "2026-03-12/a.parquet": [start, odd, login] });
    await using server = await openAthenaServer({ events });
    using store = openStore(":memory:");
    await pull(store, server, { now: new Date("2026-03-12T12:00:00.000Z") });
    const stored = () => ({ ...store.database.prepare("SELECT * FROM sessions").get()! });
    assert.equal(stored().substrate, "teleport-audit");
    const kind = (event_type: string) => ({ substrate: "teleport-audit", event_type, events: 1 });
    const counted = [
      { ...kind("session.start"), in_sessions: 1 },
      { ...kind("session.zz"), in_sessions: 1 },
      { ...kind("user.login"), in_sessions: 0 },
    ];
    assert.deepEqual(readLogEvents(store), counted);
    await writeArchive(folder, { "2026-03-12/b.parquet": [upload] });
    await pull(store, server, { now: new Date("2026-03-13T12:00:00.000Z") });
    assert.equal(stored().substrate, "teleport-recording");
    assert.equal(stored().principal, "anna");
    const late = { ...kind("session.upload"), in_sessions: 1 };
    assert.deepEqual(readLogEvents(store), counted.toSpliced(1, 0, late));
    const skips = store.database.prepare("SELECT uri, reason, detail, count FROM skips").all();
    assert.deepEqual(skips.map((skip) => ({ ...skip })), [{
      uri: "audit.teleport_events/2026-03-12",
      reason: "event type is not known",
      detail: "session.zz",
      count: 1,
    }]);
  });
});

Deno.test("pullAthenaEvents() forgets no upload, whichever window is asked for last", async () => {
  await inFolder(async (folder) => {
    const sid = "11111111-1111-4111-a111-111111111111";
    const start = row({ event: "session.start", time: "2026-03-01T10:00:00Z", sid, user: "anna" });
    const upload = row({ event: "session.upload", time: "2026-03-12T11:00:00Z", sid });
    const events = await writeArchive(folder, {
      "2026-03-01/a.parquet": [start],
      "2026-03-12/a.parquet": [upload],
    });
    await using server = await openAthenaServer({ events });
    using store = openStore(":memory:");
    const begin = { since: new Date("2026-03-01"), until: new Date("2026-03-02") };
    const windows = [begin, WINDOW, begin];
    const seen: unknown[] = [];
    for (const window of windows) {
      await pull(store, server, { window, force: true });
      const session = store.database.prepare(
        "SELECT substrate, principal, started_at, uploaded_at, no_recording FROM sessions",
      ).get();
      seen.push({ ...session });
    }
    const [before, after, again] = seen;
    assert.deepEqual(before, {
      ...{ substrate: "teleport-audit", principal: "anna", uploaded_at: null },
      ...{ started_at: "2026-03-01T10:00:00.000Z", no_recording: "unknown" },
    });
    assert.deepEqual(after, {
      ...{ substrate: "teleport-recording", principal: "anna", no_recording: null },
      started_at: "2026-03-01T10:00:00.000Z",
      uploaded_at: "2026-03-12T11:00:00.000Z",
    });
    assert.deepEqual(again, after);
  });
});

/** Faults of one request or query in twenty, the same in every run. */
function randomFaults(seed: number): Pick<AthenaServer, "fault" | "end"> {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const faults = [
    { kind: "error", status: 400, type: "ThrottlingException" },
    { kind: "error", status: 500, type: "InternalServerException" },
    { kind: "cut" },
    { kind: "slow", ms: 5 },
  ] as const;
  return {
    fault: () => random() < 0.05 ? faults[Math.floor(random() * faults.length)]! : null,
    end: () =>
      random() < 0.05 ? { state: "FAILED", reason: "GENERIC_INTERNAL_ERROR", polls: 3 } : {},
  };
}

Deno.test("pullAthenaEvents() ends with all rows under random faults", async () => {
  const expected = await fromArchive(EVENTS);
  await using server = await openAthenaServer({
    ...{ events: EVENTS, pageRows: 5 },
    ...randomFaults(7),
  });
  using store = openStore(":memory:");
  await pull(store, server, { daysPerPiece: 1 });
  assert.deepEqual(sessionsIn(store), expected);
});

Deno.test("pullAthenaEvents() takes 1,000 sessions under random faults, each once", async () => {
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, thousandSessions());
    await using server = await openAthenaServer({ events, pageRows: 100, ...randomFaults(11) });
    using store = openStore(":memory:");
    const counts = () => ({
      ...store.database.prepare(
        `SELECT count(*) AS sessions, count(DISTINCT session_id) AS ids,
           sum(substrate = 'teleport-recording') AS uploaded, sum(duration_seconds = 1800) AS whole
         FROM sessions`,
      ).get(),
    });
    await pull(store, server, { daysPerPiece: 1 });
    assert.deepEqual(counts(), { sessions: 1000, ids: 1000, uploaded: 1000, whole: 1000 });
    const asked = server.executions.length;
    await pull(store, server);
    assert.equal(server.executions.length, asked);
    await pull(store, server, { force: true });
    assert.deepEqual(counts(), { sessions: 1000, ids: 1000, uploaded: 1000, whole: 1000 });
  });
});

/** Sessions of half an hour over three days; some end on the day after the one they began on. */
function thousandSessions(): Record<string, LogRow[]> {
  const rows: LogRow[] = [];
  const beginMs = Date.parse("2026-03-10T00:10:00.000Z");
  for (let i = 0; i < 1000; i++) {
    const sid = `11111111-1111-4111-a111-${String(i).padStart(12, "0")}`;
    const at = (ms: number) => new Date(beginMs + i * 250_000 + ms).toISOString();
    rows.push(
      row({ event: "session.start", time: at(0), sid, user: `user-${i % 7}`, login: "root" }),
      row({ event: "session.end", time: at(1_800_000), sid, interactive: true }),
      row({ event: "session.upload", time: at(1_801_000), sid }),
    );
  }
  const days = Map.groupBy(rows, ({ eventMs }) => new Date(eventMs).toISOString().slice(0, 10));
  return Object.fromEntries([...days].map(([day, of]) => [`${day}/a.parquet`, of]));
}

Deno.test("pullAthenaEvents() asks for shorter windows where the workgroup's limit stops it", async () => {
  const expected = await fromArchive(EVENTS);
  const limit = "Query cancelled! : Bytes scanned limit was exceeded";
  await using server = await openAthenaServer({
    events: EVENTS,
    end: ({ values }) =>
      values.at(-1)! > "2026-03-12 12" && values.at(-2)! < "2026-03-12"
        ? { state: "CANCELLED", reason: limit }
        : {},
  });
  using store = openStore(":memory:");
  await pull(store, server);
  assert.deepEqual(sessionsIn(store), expected);
  const outcomes = store.database.prepare("SELECT outcome FROM pulls ORDER BY pull_id").all();
  assert.equal(outcomes[0]!.outcome, "failed");
  assert.ok(outcomes.slice(1).every(({ outcome }) => outcome === "done"));

  server.end = () => ({ state: "CANCELLED", reason: limit });
  await assert.rejects(pull(store, server, { force: true }), (error) => {
    assert.ok(error instanceof QueryError);
    assert.match(error.message, /limit was exceeded/);
    return true;
  });
});

Deno.test("pullAthenaEvents() with a filter marks no day as done", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  using whole = openStore(":memory:");
  await pull(whole, server);
  const { session_id, principal } = whole.database.prepare(
    "SELECT session_id, principal FROM sessions WHERE principal IS NOT NULL",
  ).get() as { session_id: string; principal: string };
  using store = openStore(":memory:");
  assert.equal((await pull(store, server, { filter: { session: session_id } })).sessions, 1);
  const { sessions } = await pull(store, server, { filter: { principal } });
  const count = whole.database.prepare("SELECT count(*) AS n FROM sessions WHERE principal = ?")
    .get(principal)!.n;
  assert.equal(sessions, count);
  assert.equal(settledDays(store, { source: SOURCE, now: LATER }).size, 0);
  await pull(store, server);
  assert.deepEqual(sessionsIn(store), sessionsIn(whole));
});

Deno.test("pullAthenaEvents() stops the other queries when one fails", async () => {
  await using server = await openAthenaServer({
    events: EVENTS,
    end: ({ sql }) =>
      sql.includes("recording_ids")
        ? { state: "FAILED", reason: "PERMISSION_DENIED: no access", polls: 4 }
        : { polls: 1e9 },
  });
  using store = openStore(":memory:");
  await assert.rejects(pull(store, server), /PERMISSION_DENIED/);
  const others = server.executions.filter(({ sql }) => !sql.includes("recording_ids"));
  assert.ok(others.length >= 2 && others.every(({ stopped }) => stopped));
});
