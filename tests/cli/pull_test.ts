import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type AthenaServer, openAthenaServer } from "../sources/loopback/athena_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const EVENTS = resolve("fixtures/teleport/events");
const RECORDINGS = resolve("fixtures/teleport/sessions");
const WINDOW = ["--since", "2026-03-10", "--until", "2026-03-13"];
const DAYS = 3;

const ATHENA = "{ region: eu-west-1, workgroup: w, database: audit, table: teleport_events, " +
  "output: s3://transient/results }";

/** Writes a configuration; its store lies beside it. */
async function configure(
  folder: string,
  name: string,
  events: string,
  recordings = `{ folder: ${RECORDINGS} }`,
): Promise<{ config: string; store: string }> {
  const config = join(folder, `${name}.yaml`);
  const store = join(folder, `${name}.sqlite`);
  await Deno.writeTextFile(
    config,
    `store: ${store}
sources:
  - kind: teleport
    events: ${events}
    recordings: ${recordings}
`,
  );
  return { config, store };
}

/** What AWS's own clients read from the environment. */
function awsEnv(server: AthenaServer): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_ATHENA: server.endpoint,
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

async function withEnv<T>(env: Record<string, string>, body: () => Promise<T>): Promise<T> {
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
  }
}

/** All that a pull stores of sessions and recordings, but when. */
function rowsOf(path: string): Record<string, unknown[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = ["sessions", "recordings", "features_pty", "features_cmd", "features_call"];
  return Object.fromEntries(tables.map((table) => {
    const rows = database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all();
    return [table, rows.map(({ updated_at: _, ...row }) => row)];
  }));
}

Deno.test("pull teleport stores the same of Athena and of the local archive", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS });
  const local = await configure(folder.path, "local", `{ archive: ${EVENTS} }`);
  const cloud = await configure(folder.path, "cloud", `{ athena: ${ATHENA} }`);
  const first = await shellscope("pull", "teleport", "--config", local.config, ...WINDOW);
  // a file of the log and some of the recordings are broken, as fixtures have it
  assert.equal(first.status, 3, first.err);
  assert.match(first.err, /\n50 recordings, [0-9.]+ [KM]iB read\n/);
  assert.match(first.err, /Problem: Files that could not be read whole: 1,/);
  assert.match(first.err, /Problem: Recordings that are cut or damaged: \d+; what could be read/);
  await withEnv(awsEnv(server), async () => {
    const call = ["pull", "teleport", "--config", cloud.config, ...WINDOW, "--format", "jsonl"];
    const notRead = await shellscope(...call, "--no-recordings");
    assert.equal(notRead.status, 0, notRead.err);
    assert.equal(server.executions.length, 5);
    const states = rowsOf(cloud.store).recordings as { state: string }[];
    assert.ok(states.length > 60 && states.every(({ state }) => state === "pending"));

    // the days are done: only the recordings are left
    const second = await shellscope(...call);
    assert.equal(second.status, 3, second.err);
    assert.match(
      second.err,
      /Problem: Recordings that are cut or damaged: \d+; what could be read/,
    );
    assert.equal(server.executions.length, 5);
    assert.deepEqual(rowsOf(cloud.store), rowsOf(local.store));

    const [third] = jsonLines((await shellscope(...call)).out);
    assert.equal(third!.sessions, 0);
    assert.equal(server.executions.length, 5);
  });
});

Deno.test("pull teleport again asks only for the newest days, and fetches no recording", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS });
  await using bucket = await startS3Server({ bucket: "longterm", folder: dirname(EVENTS) });
  const recordings = "{ s3: s3://longterm/sessions }";
  const { config, store } = await configure(folder.path, "c", `{ athena: ${ATHENA} }`, recordings);
  await withEnv({ ...awsEnv(server), AWS_ENDPOINT_URL_S3: bucket.endpoint }, async () => {
    const call = ["pull", "teleport", "--config", config, "--since", "2026-03-10"];
    const first = await shellscope(...call);
    assert.equal(first.status, 3, first.err);
    const [asked, fetched] = [server.executions.length, bucket.requests.length];
    assert.ok(fetched > 60);
    const stored = rowsOf(store);
    const second = await shellscope(...call);
    assert.equal(second.status, 0, second.err);
    // the clock of tests stands at noon of April the first
    assert.deepEqual(
      server.executions.slice(asked).map(({ values }) => values.slice(-2)).sort(),
      [
        ...Array(4).fill(["2026-03-30 00:00:00.000", "2026-04-02 00:00:00.000"]),
        // types of events are counted by whole days
        ["2026-03-30", "2026-04-01"],
      ],
    );
    // what was not there may have come since
    const missing = (stored.recordings as { state: string; recording_id: string }[])
      .filter(({ state }) => state === "missing");
    assert.deepEqual(
      bucket.requests.slice(fetched).map(({ key }) => key),
      missing.map(({ recording_id }) => `sessions/${recording_id}.tar`),
    );
    assert.deepEqual(rowsOf(store), stored);
  });
});

Deno.test("pull and run stop their queries at Ctrl-C", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS, end: () => ({ polls: 1e9 }) });
  const { config } = await configure(folder.path, "cloud", `{ athena: ${ATHENA} }`);
  for (const verb of [["pull", "teleport"], ["run"]]) {
    const before = server.executions.length;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "lib/cli/main.ts", ...verb, "--config", config, ...WINDOW],
      env: awsEnv(server),
      ...{ stdin: "null", stdout: "null", stderr: "piped" },
    }).spawn();
    server.fault = ({ operation }) => {
      if (operation === "GetQueryExecution") {
        server.fault = () => null;
        child.kill("SIGINT");
      }
      return null;
    };
    const { code, stderr } = await child.output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 1, said);
    assert.match(said, /Stopping/);
    const begun = server.executions.slice(before);
    assert.ok(begun.length > 0 && begun.every(({ stopped }) => stopped), verb[0]);
  }
});

Deno.test("pull teleport that is killed goes on where it was, and ends with the same rows", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS, pageRows: 20 });
  const calm = await configure(folder.path, "calm", `{ athena: ${ATHENA} }`);
  const broken = await configure(folder.path, "broken", `{ athena: ${ATHENA} }`);
  const call = (config: string) => ["pull", "teleport", "--config", config, ...WINDOW];
  await withEnv(awsEnv(server), () => shellscope(...call(calm.config)));
  // at a request of the queries, or so many milliseconds behind the last
  const moments = [{ request: 2 }, { request: 9 }, { request: 16 }, { afterMs: 60 }];
  for (const moment of moments) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "lib/cli/main.ts", ...call(broken.config)],
      env: awsEnv(server),
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    const before = server.requests.length;
    let killed = false;
    const kill = () => {
      if (!killed) child.kill("SIGKILL");
      killed = true;
    };
    server.fault = ({ operation, number }) => {
      if (number === before + (moment.request ?? Infinity)) kill();
      if (moment.afterMs !== undefined && operation === "GetQueryResults") {
        setTimeout(kill, moment.afterMs);
      }
      return null;
    };
    const { signal } = await child.status;
    killed = true;
    assert.equal(signal, "SIGKILL", JSON.stringify(moment));
  }
  server.fault = () => null;
  const last = await withEnv(awsEnv(server), () => shellscope(...call(broken.config)));
  assert.ok([0, 3].includes(last.status), last.err);
  assert.deepEqual(rowsOf(broken.store), rowsOf(calm.store));
});

Deno.test("pull teleport --dry-run prints days, partitions and bytes, and queries nothing", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS });
  const local = await configure(folder.path, "local", `{ archive: ${EVENTS} }`);
  const dry = ["pull", "teleport", "--dry-run", "--format", "jsonl", ...WINDOW, "--config"];
  const archive = await shellscope(...dry, local.config);
  assert.equal(archive.status, 0, archive.err);
  const [plan] = jsonLines(archive.out);
  assert.equal(plan!.days, DAYS);
  assert.equal(plan!.objects, 7);
  assert.ok(Number(plan!.bytes) > 10_000);
  const tars = [...Deno.readDirSync(RECORDINGS)].filter(({ name }) => name.endsWith(".tar"));
  assert.equal(plan!.recordings, tars.length);
  assert.ok(Number(plan!.recording_bytes) > 10_000);
  const none = await shellscope(...dry, local.config, "--no-recordings");
  assert.deepEqual([jsonLines(none.out)[0]!.recordings], [0]);
  await assert.rejects(Deno.stat(local.store), Deno.errors.NotFound);

  const cloud = await configure(folder.path, "cloud", `{ athena: ${ATHENA} }`);
  server.fault = ({ operation }) =>
    operation === "GetTableMetadata"
      ? { kind: "error", status: 400, type: "AccessDeniedException", message: "no" }
      : null;
  await withEnv(awsEnv(server), async () => {
    const refused = await shellscope(...dry, cloud.config);
    assert.equal(refused.status, 3);
    assert.match(refused.err, /Bytes are not known: .*access is denied/);
    const [unknown] = jsonLines(refused.out);
    // seven days before and after the three
    assert.deepEqual([unknown!.days, unknown!.partitions, unknown!.bytes], [DAYS, 17, null]);
    assert.equal(server.executions.length, 0);
  });
});

Deno.test("pull teleport --dry-run counts the files that Athena would read", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS });
  await using bucket = await startS3Server({ bucket: "longterm", folder: dirname(EVENTS) });
  const recordings = "{ s3: s3://longterm/sessions }";
  const { config } = await configure(folder.path, "c", `{ athena: ${ATHENA} }`, recordings);
  await withEnv({ ...awsEnv(server), AWS_ENDPOINT_URL_S3: bucket.endpoint }, async () => {
    const call = ["pull", "teleport", "--config", config];
    const plan = async (...args: string[]) => {
      const { out } = await shellscope(...call, "--dry-run", "--format", "jsonl", ...args);
      return jsonLines(out)[0]! as { recordings: number; recording_bytes: number };
    };
    const dry = await shellscope(...call, "--dry-run", ...WINDOW);
    assert.equal(dry.status, 0, dry.err);
    const bound = await plan(...WINDOW);
    assert.ok(bound.recordings > 60 && bound.recording_bytes > 10_000);
    const [one] = [...Deno.readDirSync(RECORDINGS)].filter(({ name }) => name.endsWith(".tar"));
    const alone = await plan(...WINDOW, "--session", one!.name.slice(0, -4));
    const { size } = await Deno.stat(join(RECORDINGS, one!.name));
    assert.deepEqual([alone.recordings, alone.recording_bytes], [1, size]);
    assert.equal(server.executions.length, 0);
    assert.match(dry.out, /days +partitions +queries +objects +bytes +scanned_at_most/);
    assert.match(dry.out, / 3 +17 +5 +7 +[0-9.]+ KiB +[0-9.]+ [KM]iB/);

    // what was written before the window is not of it, and what was parsed is not read again
    const late = ["--since", "2126-01-01", "--until", "2126-01-02"];
    assert.equal((await plan(...late)).recordings, 0);
    await shellscope(...call, ...WINDOW);
    const rest = await plan(...WINDOW);
    assert.ok(rest.recordings < bound.recordings / 2, `${rest.recordings} of ${bound.recordings}`);
    assert.equal((await plan(...WINDOW, "--force")).recordings, bound.recordings);
  });
});

Deno.test("pull teleport says where nothing was found, and how to mend it", async () => {
  using folder = temporaryFolder();
  const empty = join(folder.path, "empty");
  await Deno.mkdir(empty);
  for (
    const [events, words] of [
      [`{ archive: ${empty} }`, /Nothing was found in ".*": set its `archive` .* YYYY-MM-DD/],
      [`{ log: ${empty} }`, /Nothing was found in ".*": set its `log` .* events\.log/],
    ] as const
  ) {
    const { config } = await configure(folder.path, "empty", events);
    const { status, err } = await shellscope("pull", "teleport", "--config", config);
    assert.equal(status, 3, err);
    assert.match(err, words);
  }
});

Deno.test("pull teleport says what is wrong with a call", async () => {
  using folder = temporaryFolder();
  const { config } = await configure(folder.path, "local", `{ archive: ${EVENTS} }`);
  const empty = join(folder.path, "empty.yaml");
  await Deno.writeTextFile(empty, "sources: []\n");
  const cases: [args: string[], words: RegExp][] = [
    [["--config", config], /pull takes one of teleport, gcp, aws, all/],
    [["gcp", "--config", config], /names no source of kind gcp/],
    [["all", "--config", empty], /names no source of kind teleport, gcp, aws/],
    [["teleport", "--config", empty], /names no source of kind teleport/],
    [["teleport", "--config", config, "--session", "../x"], /whole session id/],
    [
      ["teleport", "--config", config, "--since", "2026-03-11", "--until", "2026-03-10"],
      /--since must lie before --until/,
    ],
  ];
  for (const [args, words] of cases) {
    const { status, err } = await shellscope("pull", ...args);
    assert.equal(status, 2, err);
    assert.match(err, words);
  }
});

Deno.test("pull teleport tells that credentials have expired, and keeps what is done", async () => {
  using folder = temporaryFolder();
  await using server = await openAthenaServer({ events: EVENTS });
  const { config } = await configure(folder.path, "cloud", `{ athena: ${ATHENA} }`);
  server.fault = ({ number }) =>
    number > 8 ? { kind: "error", status: 400, type: "ExpiredTokenException" } : null;
  await withEnv(awsEnv(server), async () => {
    const { status, err } = await shellscope("pull", "teleport", "--config", config, ...WINDOW);
    assert.equal(status, 1);
    assert.match(err, /credentials have expired; sign in again/);
  });
});
