import assert from "node:assert/strict";
import { QueryError } from "../../lib/model/errors.ts";
import { type AthenaOptions, openAthenaEngine } from "../../lib/sources/athena.ts";
import { literal, quotedName } from "../../lib/sources/athena_values.ts";
import type { QueryEngine, QueryRow } from "../../lib/sources/query_engine.ts";
import { parseQueryFile } from "../../lib/sources/query_file.ts";
import { PATIENT } from "../../lib/sources/retry.ts";
import { type AthenaEnd, type AthenaServer, openAthenaServer } from "./loopback/athena_server.ts";

const EVENTS = "fixtures/teleport/events";
const COUNT = parseQueryFile(
  "count.sql",
  `-- parameters: first_day, last_day
SELECT CAST(event_date AS varchar) AS day, count(*) AS events, count(*) / 2e0 AS half,
  bool_or(event_type = 'exec') AS has_exec, max(nullif(uid, uid)) AS nothing, '' AS empty
FROM teleport_events WHERE event_date BETWEEN date(?) AND date(?)
GROUP BY event_date ORDER BY event_date`,
);
const DAYS = { first_day: "2026-03-10", last_day: "2026-03-11" };

function optionsOf(server: AthenaServer, more: Partial<AthenaOptions> = {}): AthenaOptions {
  return {
    region: "eu-west-1",
    endpoint: server.endpoint,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    database: "audit",
    workgroup: "research",
    output: "s3://transient/query_results",
    policy: { ...PATIENT, baseDelayMs: 1 },
    poll: { firstMs: 1, longestMs: 5 },
    ...more,
  };
}

async function rowsOf(engine: QueryEngine, query = COUNT, values = DAYS): Promise<QueryRow[]> {
  const rows: QueryRow[] = [];
  for await (const batch of engine.query(query, values)) rows.push(...batch);
  return rows;
}

/** A query on a server whose executions end so. */
async function failing(end: AthenaEnd): Promise<{ error: QueryError; server: AthenaServer }> {
  await using server = await openAthenaServer({ events: EVENTS, end: () => end });
  await using engine = await openAthenaEngine(optionsOf(server));
  const error = await rowsOf(engine).then(() => assert.fail("no error"), (error) => error);
  assert.ok(error instanceof QueryError, String(error));
  return { error, server };
}

Deno.test("AthenaEngine.query() gives plain rows, typed by the result's metadata", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  await using engine = await openAthenaEngine(optionsOf(server));
  const rows = await rowsOf(engine);
  assert.deepEqual(rows.map(({ day }) => day), ["2026-03-10", "2026-03-11"]);
  const { events, half, has_exec, nothing, empty } = rows[0]!;
  assert.equal(typeof events, "number");
  assert.equal(half, Number(events) / 2);
  assert.deepEqual({ has_exec, nothing, empty }, { has_exec: true, nothing: null, empty: "" });
  const [run] = server.executions;
  assert.equal(run!.sql, COUNT.sql);
  assert.deepEqual(run!.values, ["2026-03-10", "2026-03-11"]);
  assert.deepEqual([run!.workgroup, run!.output], ["research", "s3://transient/query_results"]);
  const usage = engine.takeUsage();
  assert.deepEqual(usage, { queries: 1, reused: 0, bytesScanned: run!.bytesScanned, engineMs: 40 });
  assert.ok(usage.bytesScanned > 0);
  assert.equal(engine.takeUsage().queries, 0);
});

Deno.test("AthenaEngine.query() reads all pages and drops the header of the first", async () => {
  await using server = await openAthenaServer({ events: EVENTS, pageRows: 7 });
  await using engine = await openAthenaEngine(optionsOf(server));
  const query = parseQueryFile("n.sql", "SELECT range AS n FROM range(40) ORDER BY n");
  const rows = await rowsOf(engine, query);
  assert.deepEqual(rows, Array.from({ length: 40 }, (_, n) => ({ n })));
  const pages = server.requests.filter(({ operation }) => operation === "GetQueryResults");
  assert.equal(pages.length, Math.ceil(41 / 7));
});

Deno.test("AthenaEngine.query() starts one query however often the call is repeated", async () => {
  let cuts = 0;
  await using server = await openAthenaServer({
    events: EVENTS,
    // the query is started, but the answer is lost
    fault: ({ operation }) =>
      operation === "StartQueryExecution" && cuts++ < 2 ? { kind: "cut" } : null,
  });
  await using engine = await openAthenaEngine(optionsOf(server));
  assert.equal((await rowsOf(engine)).length, 2);
  assert.equal(server.executions.length, 1);
});

Deno.test("AthenaEngine.query() outlives throttling and faults of the service", async () => {
  const faults = [
    { kind: "error", status: 400, type: "ThrottlingException", message: "Rate exceeded" },
    { kind: "error", status: 400, type: "TooManyRequestsException" },
    { kind: "error", status: 500, type: "InternalServerException" },
    { kind: "error", status: 503, type: "ServiceUnavailable" },
    { kind: "slow", ms: 20 },
  ] as const;
  await using server = await openAthenaServer({
    events: EVENTS,
    fault: ({ number }) => number % 3 === 0 ? faults[(number / 3) % faults.length]! : null,
  });
  await using engine = await openAthenaEngine(optionsOf(server));
  for (let i = 0; i < 4; i++) assert.equal((await rowsOf(engine)).length, 2);
  assert.equal(server.executions.length, 4);
});

Deno.test("AthenaEngine.query() starts anew what Athena failed for its own reasons", async () => {
  let starts = 0;
  await using server = await openAthenaServer({
    events: EVENTS,
    end: () =>
      starts++ < 2 ? { state: "FAILED", reason: "GENERIC_INTERNAL_ERROR", retryable: true } : {},
  });
  await using engine = await openAthenaEngine(optionsOf(server));
  assert.equal((await rowsOf(engine)).length, 2);
  assert.equal(server.executions.length, 3);
});

Deno.test("AthenaEngine.query() tells Athena's reason and the query's id", async () => {
  const reason = "COLUMN_NOT_FOUND: line 3:8: Column 'uid' cannot be resolved";
  const { error, server } = await failing({ state: "FAILED", reason, polls: 5 });
  assert.equal(error.queryId, server.executions[0]!.id);
  assert.match(error.message, /The query "count.sql" failed on Athena \(query .*COLUMN_NOT_FOUND/);
});

Deno.test("AthenaEngine.query() never repeats a reason that quotes a row", async () => {
  const reason = "INVALID_CAST_ARGUMENT: Cannot cast 'zq7secret' to INT";
  const { error } = await failing({ state: "FAILED", reason });
  assert.match(error.message, /"INVALID_CAST_ARGUMENT"/);
  assert.ok(!Deno.inspect(error, { depth: 9 }).includes("zq7secret"));
});

Deno.test("AthenaEngine.query() tells that the workgroup's limit stopped it, and how to mend", async () => {
  const reason = "Query cancelled! : Bytes scanned limit was exceeded";
  const { error, server } = await failing({ state: "CANCELLED", reason });
  assert.match(error.message, /was cancelled on Athena .*limit was exceeded.*shorter window/);
  assert.equal(server.executions.length, 1);
});

Deno.test("AthenaEngine.query() says what to do where AWS refuses", async () => {
  const cases: [type: string, words: RegExp][] = [
    ["ExpiredTokenException", /have expired; sign in again/],
    ["UnrecognizedClientException", /does not know these credentials/],
    ["AccessDeniedException", /access is denied; `deno task shellscope doctor`/],
    ["InvalidRequestException", /it reports "InvalidRequestException: no such workgroup"/],
  ];
  for (const [type, words] of cases) {
    await using server = await openAthenaServer({
      events: EVENTS,
      fault: () => ({ kind: "error", status: 400, type, message: "no such workgroup" }),
    });
    await using engine = await openAthenaEngine(optionsOf(server));
    await assert.rejects(rowsOf(engine), (error) => {
      assert.ok(error instanceof QueryError);
      assert.match(error.message, words);
      return true;
    });
    assert.equal(server.requests.length, 1);
  }
});

Deno.test("AthenaEngine.query() stops the query when it is aborted", async () => {
  const abort = new AbortController();
  await using server = await openAthenaServer({
    events: EVENTS,
    end: () => ({ polls: 1e9 }),
    fault({ operation, number }) {
      if (operation === "GetQueryExecution" && number === 5) abort.abort(new Error("Ctrl-C"));
      return null;
    },
  });
  await using engine = await openAthenaEngine(optionsOf(server, { signal: abort.signal }));
  await assert.rejects(rowsOf(engine), /Ctrl-C/);
  assert.equal(server.executions[0]!.stopped, true);
});

Deno.test("AthenaEngine.query() takes earlier results only when it may", async () => {
  await using server = await openAthenaServer({ events: EVENTS });
  await using engine = await openAthenaEngine(optionsOf(server));
  await rowsOf(engine);
  await rowsOf(engine);
  assert.equal(engine.takeUsage().reused, 0);
  engine.reuseMinutes = 60;
  assert.equal((await rowsOf(engine)).length, 2);
  assert.deepEqual(engine.takeUsage(), { queries: 1, reused: 1, bytesScanned: 0, engineMs: 40 });
});

Deno.test("openAthenaEngine() names tables as configured, and refuses other names", async () => {
  await using server = await openAthenaServer({ events: EVENTS, table: "audit-events" });
  const tables = { teleport_events: "audit-events" };
  await using engine = await openAthenaEngine(optionsOf(server, { tables }));
  assert.equal((await rowsOf(engine)).length, 2);
  assert.match(server.executions[0]!.sql, /FROM "audit-events" WHERE/);
  for (const name of [`a"b`, "a b", "", "1a", "a;b", "a.b", "ä"]) {
    assert.throws(() => quotedName(name), QueryError);
    await assert.rejects(openAthenaEngine(optionsOf(server, { database: name })), QueryError);
  }
});

Deno.test("literal() can't be left by a quote", () => {
  assert.equal(literal("it's"), "'it''s'");
  assert.equal(literal("' OR ''='"), "''' OR ''''='''");
});
