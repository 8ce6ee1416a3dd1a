import assert from "node:assert/strict";
import type { RawMinute } from "../../../lib/model/call_minute.ts";
import { configSchema } from "../../../lib/config/config.ts";
import { QueryError } from "../../../lib/model/errors.ts";
import { type ApiPullOptions, pullApi } from "../../../lib/pipeline/api/pull_api.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import type { ApiSource } from "../../../lib/sources/api_source.ts";
import { gcpArchive } from "../../../lib/sources/gcp/archive.ts";
import { listLabels, setLabels } from "../../../lib/store/labels.ts";
import { readNotableEvents } from "../../../lib/store/notable_events.ts";
import { resolveSessionId } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { rawMinutes } from "../../sessions/call_rows.ts";
import { rawMinute } from "../../sessions/raw_minute.ts";
import { MemorySource } from "./memory_source.ts";

const BEGIN = Date.parse("2026-03-10T00:00:00Z");
const DAY = 86_400_000;
const MINUTE = 60_000;
const NOW = new Date(BEGIN + 10 * DAY);

function pull(store: Store, source: ApiSource, options: Partial<ApiPullOptions> = {}) {
  return pullApi(store, source, {
    ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => NOW, ...options },
  });
}

/** The same, and what goes across sessions. */
async function pullAcross(store: Store, source: ApiSource, options: Partial<ApiPullOptions> = {}) {
  await pull(store, source, options);
  await putAcross(store, { ...configSchema.parse({}), now: NOW });
}

function minute(at: number, rest: Partial<Parameters<typeof rawMinute>[0]> = {}): RawMinute {
  return rawMinute({ offsets: [0, 500], ...rest, minuteMs: BEGIN + at * MINUTE });
}

function rows(store: Store, sql: string): Record<string, unknown>[] {
  return store.database.prepare(sql).all().map((row) => ({ ...row }));
}

const SESSIONS = "SELECT session_id, started_at, ended_at FROM sessions ORDER BY started_at";

Deno.test("pullApi() asks by days, notes each, and asks again only for those that may change", async () => {
  using store = openStore(":memory:");
  const source = new MemorySource([minute(10), minute(1440 + 10), minute(2 * 1440 + 10)]);
  const now = () => new Date(BEGIN + 3.5 * DAY);
  assert.deepEqual(await pull(store, source, { now }), {
    ...{ sessions: 3, days: 3, calls: 6, bytesScanned: null, problems: [] },
  });
  assert.equal(source.asked.length, 3);
  const pulls = rows(store, "SELECT source, from_at, outcome, rows FROM pulls ORDER BY pull_id");
  assert.deepEqual(pulls[1], {
    ...{ source: "gcp memory", from_at: "2026-03-11T00:00:00.000Z", outcome: "done", rows: 1 },
  });
  source.asked.length = 0;
  const again = await pull(store, source, { now });
  assert.deepEqual([again.sessions, again.days], [3, 2], "the first day is over for two days");
  assert.equal((await pull(store, source, { now, force: true })).days, 3);
});

Deno.test("pullApi() goes on where it failed, and puts together what it had", async () => {
  using store = openStore(":memory:");
  const source = new MemorySource(
    [minute(10), minute(1440 + 10), minute(1440 + 12)],
    "gcp m",
    undefined,
    1,
  );
  source.fault = ({ since }) =>
    since.getTime() === BEGIN + DAY ? new QueryError("Cannot read it") : null;
  await assert.rejects(() => pull(store, source), /Cannot read it/);
  assert.equal(rows(store, SESSIONS).length, 1);
  assert.deepEqual(
    rows(store, "SELECT outcome, detail FROM pulls").map(({ outcome }) => outcome),
    ["done", "failed"],
  );
  assert.equal(rows(store, "SELECT * FROM call_minutes").length, 1, "no half of a day is stored");
  source.fault = null;
  source.asked.length = 0;
  await pull(store, source);
  assert.deepEqual(source.asked.map(({ since }) => since.getTime()), [BEGIN + DAY]);
  assert.equal(rows(store, SESSIONS).length, 2);
});

Deno.test("pullApi() that was stopped puts sessions together the next time", async () => {
  using store = openStore(":memory:");
  const abort = new AbortController();
  const source = new MemorySource([minute(10), minute(1440 + 10)]);
  source.fault = ({ since }) => {
    if (since.getTime() === BEGIN) return null;
    abort.abort(new Error("stopped"));
    return new Error("stopped");
  };
  await assert.rejects(() => pull(store, source, { signal: abort.signal }), /stopped/);
  assert.equal(rows(store, SESSIONS).length, 0);
  assert.equal(rows(store, "SELECT * FROM call_minutes_changed").length, 1);
  source.fault = null;
  await pull(store, source);
  assert.equal(rows(store, SESSIONS).length, 2);
  assert.equal(rows(store, "SELECT * FROM call_minutes_changed").length, 0);
});

Deno.test("a session that grows at its front has a new id; the old one and labels lead to it", async () => {
  using store = openStore(":memory:");
  const late = [minute(100), minute(105)];
  await pull(store, new MemorySource(late));
  const [old] = rows(store, SESSIONS);
  const by = { setBy: "manual:ana", now: NOW };
  const [id] = [String(old!["session_id"])];
  setLabels(store, [{ subject_id: id, key: "review.seen", value: "yes" }], by);
  setLabels(store, [{ subject_id: id, key: "truth.operator-type", value: "human" }], {
    ...by,
    setBy: "import:table",
  });
  await pull(store, new MemorySource([minute(92), ...late]), { force: true });
  const sessions = rows(store, SESSIONS);
  assert.equal(sessions.length, 1);
  const now = String(sessions[0]!["session_id"]);
  assert.notEqual(now, id);
  assert.equal(resolveSessionId(store, id), now);
  const labels = new Map(listLabels(store, now).map(({ key, value }) => [key, value]));
  assert.equal(labels.get("review.seen"), "yes");
  assert.equal(labels.get("truth.operator-type"), "human");
  assert.equal(labels.get("gcp.session.synthesised"), "true");
  // and when the earlier call turns out to be none, the session has its first id again
  await pull(store, new MemorySource(late), { force: true });
  assert.equal(rows(store, SESSIONS)[0]!["session_id"], id);
  assert.equal(listLabels(store, id).find(({ key }) => key === "review.seen")?.value, "yes");
});

Deno.test("two sessions become one when the calls between them arrive", async () => {
  using store = openStore(":memory:");
  const apart = [minute(100), minute(115)];
  await pull(store, new MemorySource(apart));
  const before = rows(store, SESSIONS).map(({ session_id }) => String(session_id));
  assert.equal(before.length, 2);
  await pull(store, new MemorySource([...apart, minute(108)]), { force: true });
  assert.equal(rows(store, SESSIONS).length, 1);
  assert.equal(resolveSessionId(store, before[1]!), before[0]);
});

Deno.test("a session of which the log holds nothing more goes, and marks on it are told", async () => {
  using store = openStore(":memory:");
  await pull(store, new MemorySource([minute(100), minute(1440)]));
  const [{ session_id }] = rows(store, SESSIONS) as [{ session_id: string }];
  const label = { subject_id: session_id, key: "review.seen", value: "yes" };
  setLabels(store, [label], { setBy: "manual:ana", now: NOW });
  const window = { since: new Date(BEGIN), until: new Date(BEGIN + DAY) };
  await pull(store, new MemorySource([]), { ...window, force: true });
  assert.equal(rows(store, SESSIONS).length, 1);
  const [skip] = rows(store, "SELECT reason, count FROM skips");
  assert.match(String(skip?.["reason"]), /no longer in the log/);
});

Deno.test("another idle threshold puts all sessions together anew", async () => {
  using store = openStore(":memory:");
  const source = new MemorySource([minute(100), minute(108), minute(116)]);
  await pull(store, source);
  assert.equal(rows(store, SESSIONS).length, 1);
  await pull(store, source, { idleSeconds: 120 });
  assert.equal(rows(store, SESSIONS).length, 3);
  await pull(store, source);
  assert.equal(rows(store, SESSIONS).length, 1);
});

Deno.test("two sources of one log are counted once, each replaces its own rows only", async () => {
  using store = openStore(":memory:");
  await pull(store, new MemorySource([minute(100), minute(101)], "gcp archive a"));
  await pull(store, new MemorySource([minute(101), minute(102)], "gcp bigquery b"));
  const calls = () => rows(store, "SELECT call_calls AS n FROM features_call").map(({ n }) => n);
  assert.deepEqual(calls(), [6]);
  await pull(store, new MemorySource([minute(102)], "gcp bigquery b"), { force: true });
  assert.deepEqual(calls(), [6]);
});

Deno.test("--principal replaces this principal's calls only, --session asks for its own time", async () => {
  using store = openStore(":memory:");
  const ben = { name: "ben@example.com" };
  await pull(store, new MemorySource([minute(100), minute(100, ben)]));
  const more = new MemorySource([minute(100, ben), minute(101, ben)]);
  const filter = { principal: "ben@example.com" };
  const pulled = await pull(store, more, { filter });
  assert.deepEqual([pulled.sessions, pulled.calls], [1, 4]);
  assert.equal(rows(store, SESSIONS).length, 2);
  assert.equal(
    rows(store, "SELECT outcome FROM pulls ORDER BY pull_id DESC")[0]!["outcome"],
    "partial",
  );
  const { session_id } = rows(
    store,
    "SELECT session_id FROM sessions WHERE principal = 'ben@example.com'",
  )[0]! as { session_id: string };
  more.asked.length = 0;
  await pull(store, more, { filter: { session: session_id } });
  assert.deepEqual(more.asked, [{
    since: new Date(BEGIN + 90 * MINUTE),
    until: new Date(BEGIN + 112 * MINUTE),
  }]);
  const { problems } = await pull(store, more, { filter: { session: "nobody's" } });
  assert.match(problems[0]!, /not in the store/);
});

Deno.test("what can't be used is counted, once however often it is read", async () => {
  using store = openStore(":memory:");
  const source = new MemorySource([minute(100), minute(100, { name: " " })]);
  await pull(store, source);
  await pull(store, source, { force: true });
  assert.deepEqual(rows(store, "SELECT source, reason, count FROM skips"), [
    { source: "gcp", reason: "entries without a principal", count: 2 },
  ]);
});

Deno.test("what was left out of other days, hours or principals stays counted", async () => {
  const archive = "fixtures/gcp";
  const day = (text: string) => new Date(`2026-03-${text}`);
  const whole = { since: day("10"), until: day("13") };
  const skips = "SELECT source, uri, reason, count FROM skips ORDER BY uri, reason";
  using store = openStore(":memory:");
  const again = async (options: Partial<ApiPullOptions>) => {
    await using source = gcpArchive(archive);
    await pull(store, source, { force: true, daysPerPiece: 20, ...options });
    return rows(store, skips);
  };
  const all = await again(whole);
  assert.ok(new Set(all.map(({ uri }) => /2026-03-\d\d/.exec(String(uri))?.[0])).size > 1);
  assert.deepEqual(await again({ since: day("10"), until: day("11") }), all);
  assert.deepEqual(await again({ since: day("05"), until: day("20") }), all);
  assert.deepEqual(await again({ since: day("11T10:30Z"), until: day("11T11:00Z") }), all);
  assert.deepEqual(await again({ ...whole, filter: { principal: "nobody@example.com" } }), all);
});

Deno.test("an archive that is read a file at a time gives the same sessions, and says how far it is", async () => {
  const read = async (options: { partBytes?: number }) => {
    using store = openStore(":memory:");
    await using source = gcpArchive("fixtures/gcp", { now: NOW, ...options });
    const steps: string[] = [];
    const pulled = await pull(store, source, {
      ...{ daysPerPiece: 20, onStep: (text: string) => steps.push(text) },
    });
    const stored = [
      "SELECT principal, driver, started_at, ended_at FROM sessions ORDER BY 1, 2, 3",
      "SELECT minute, principal, driver, length(calls) FROM call_minutes ORDER BY 1, 2, 3",
      "SELECT uri, reason, count FROM skips ORDER BY 1, 2",
    ].map((sql) => rows(store, sql));
    return { pulled, steps, stored };
  };
  const [whole, parts] = [await read({}), await read({ partBytes: 1 })];
  assert.ok(whole.pulled.sessions > 10);
  assert.deepEqual(parts.pulled, whole.pulled);
  assert.deepEqual(parts.stored, whole.stored);
  assert.match(parts.steps[0]!, /^[\d.]+ KiB read, [1-9]\d* calls so far$/);
  assert.deepEqual(parts.steps.at(-1), whole.steps.at(-1));
});

Deno.test("hostile principals, user agents and addresses are bounded and stored as data", async () => {
  using store = openStore(":memory:");
  const hostile = `\u001b]0;x\u0007'; DROP TABLE sessions; --\0${"é".repeat(5000)}`;
  const [row] = rawMinutes([{ at: BEGIN / 1000, resource: "00112233" }], {
    ...{ name: hostile, userAgent: hostile, address: hostile, scope: hostile, target: hostile },
  });
  await pull(store, new MemorySource([row!, { ...row!, minuteMs: BEGIN + MINUTE }]));
  const [session] = rows(store, "SELECT principal, driver, scope, target FROM sessions");
  for (const text of Object.values(session!)) {
    assert.ok(String(text).length <= 512);
    assert.doesNotMatch(String(text), /\p{Cc}/u);
  }
  assert.equal(rows(store, "SELECT * FROM call_minutes").length, 2);
});

Deno.test("a console and a command line side by side are one activity, measured together", async () => {
  using store = openStore(":memory:");
  const console = { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" };
  const source = new MemorySource([
    ...[minute(100), minute(103, console), minute(106)],
    minute(400),
    minute(101, { name: "ben@example.com" }),
  ]);
  await pullAcross(store, source);
  const [activity, ...others] = rows(
    store,
    "SELECT subject_id, principal, kind, started_at, ended_at, call_calls, call_tools, labels " +
      "FROM session_frame WHERE subject_kind = 'activity'",
  );
  assert.deepEqual(others, []);
  const { subject_id, labels, ...rest } = activity!;
  assert.deepEqual(rest, {
    ...{ principal: "ana@example.com", kind: "api", call_calls: 6, call_tools: 2 },
    started_at: "2026-03-10T01:40:00.000Z",
    ended_at: "2026-03-10T01:46:00.500Z",
  });
  assert.equal(JSON.parse(String(labels))["gcp.principal.type"], "user");
  const by = { setBy: "manual:ana", now: NOW };
  setLabels(store, [{ subject_id: String(subject_id), key: "review.seen", value: "yes" }], by);
  // it grows at its front, under another id: what people wrote down moves along
  await pullAcross(store, new MemorySource([...source.rows, minute(95, console)]), { force: true });
  const [grown] = rows(
    store,
    "SELECT subject_id, labels FROM session_frame WHERE subject_kind = 'activity'",
  );
  assert.notEqual(grown!["subject_id"], subject_id);
  assert.equal(JSON.parse(String(grown!["labels"]))["review.seen"], "yes");
  // without the console there is no activity any more
  await pullAcross(store, new MemorySource([minute(100), minute(106)]), { force: true });
  assert.deepEqual(rows(store, "SELECT * FROM activities"), []);
});

Deno.test("chains of AWS keys are followed, whichever call is pulled first", async () => {
  const role = (name: string) => `arn:aws:sts::1:assumed-role/${name}/s`;
  const aws = (at: number, name: string, rest: Partial<RawMinute>) => {
    const row = minute(at, { substrate: "aws-cloudtrail", resolutionMs: 1000, ...rest, name });
    return { ...row, principal: { ...row.principal, type: "AssumedRole" } };
  };
  const user = aws(10, "arn:aws:iam::1:user/ana", { credential: "k1", issued: ["k2"] });
  user.principal.type = "IAMUser";
  user.principal.longLivedKey = true;
  const first = aws(1440 + 10, role("entry"), { credential: "k2", issued: ["k3"] });
  const second = aws(2 * 1440 + 10, role("admin"), { credential: "k3" });
  const unknown = aws(2 * 1440 + 10, role("other"), { credential: "k9" });
  const told = (store: Store) =>
    rows(
      store,
      `SELECT principal, call_impersonation_depth AS depth,
         labels ->> '$."aws.impersonation.depth"' AS label, labels ->> '$."aws.chain.origin"' AS origin
       FROM session_frame ORDER BY started_at, principal`,
    ).map(({ depth, label, origin }) => [depth, label, origin]);
  const source = new MemorySource([user, first, second, unknown], "aws m", "aws-cloudtrail");
  const origin = "arn-aws-iam-1-user-ana";
  for (const days of [[0, 1, 2], [2, 1, 0], [1, 0, 2]]) {
    using store = openStore(":memory:");
    for (const day of days) {
      const since = new Date(BEGIN + day * DAY);
      await pull(store, source, { since, until: new Date(since.getTime() + DAY) });
    }
    assert.deepEqual(told(store), [
      ...[[0, "0", null], [1, "1", origin], [2, "2", origin], [null, null, null]],
    ]);
    // the first call goes again: what hung on it is not known any more
    const window = { since: new Date(BEGIN), until: new Date(BEGIN + DAY), force: true };
    await pull(store, new MemorySource([], "aws m", "aws-cloudtrail"), window);
    const entry = "arn-aws-sts-1-assumed-role-entry-s";
    assert.deepEqual(told(store), [[null, null, null], [1, "1", entry], [null, null, null]]);
  }
});

Deno.test("edges into other sessions are notable events with their time", async () => {
  using store = openStore(":memory:");
  const source = new MemorySource(rawMinutes([
    { at: BEGIN / 1000, method: "k8s.io/io.k8s.core.v1.pods.list" },
    { at: BEGIN / 1000 + 5, method: "k8s.io/io.k8s.core.v1.pods.exec.create" },
    { at: BEGIN / 1000 + 9, method: "k8s.io/io.k8s.core.v1.pods.exec.create", outcome: "denied" },
  ]));
  await pull(store, source);
  const [session] = rows(store, "SELECT session_id, substrate FROM sessions");
  assert.equal(session!["substrate"], "gcp-gke-k8sio");
  const events = readNotableEvents(store, String(session!["session_id"]));
  assert.deepEqual(events.map(({ kind, at }) => [kind, at]), [
    ["gke-exec", "2026-03-10T00:00:05.000Z"],
    ["gke-exec-denied", "2026-03-10T00:00:09.000Z"],
  ]);
});

Deno.test("100,000 calls in one minute are counted, 1,000 are kept", async () => {
  using store = openStore(":memory:");
  const offsets = Array.from({ length: 100_000 }, (_, i) => i % 60_000);
  await pull(store, new MemorySource([rawMinute({ minuteMs: BEGIN, offsets })]));
  const [features] = rows(store, "SELECT call_calls, call_omitted FROM features_call");
  assert.deepEqual(features, { call_calls: 100_000, call_omitted: 99_000 });
});
