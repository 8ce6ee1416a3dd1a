import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { serveToken } from "../sources/loopback/google_token.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { serveLlm } from "../phase2/llm_server.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** How long a process may take to end, which a laden machine doubles at times. */
const MAX_MS = 2000;
const KEY_ENV = "SHELLSCOPE_TEST_KEY";

interface Stopped {
  code: number;
  /** From the signal to the end of the process. */
  ms: number;
  said: string;
}

/** Calls a verb in a process of its own, and sends it a signal once it has said what matches. */
async function stopWhen(
  moment: RegExp | Promise<unknown>,
  args: string[],
  { env = {}, signal = "SIGINT" }: { env?: Record<string, string>; signal?: Deno.Signal } = {},
): Promise<Stopped> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "lib/cli/main.ts", ...args],
    env: { ...env, NO_COLOR: "1", [KEY_ENV]: "key" },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  let [said, sentAt] = ["", 0];
  const stop = () => {
    if (sentAt > 0) return;
    sentAt = performance.now();
    child.kill(signal);
  };
  const listen = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (moment instanceof RegExp && moment.test(said)) stop();
    }
  };
  if (!(moment instanceof RegExp)) void moment.then(stop);
  const heard = [listen(child.stdout), listen(child.stderr)];
  const { code } = await child.status;
  const ms = performance.now() - sentAt;
  await Promise.all(heard);
  assert.ok(sentAt > 0, `it ended before its moment: ${said}`);
  return { code, ms, said };
}

function countSessions(path: string): number {
  return count(path, "sessions");
}

function count(path: string, rows: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  assert.equal(database.prepare("PRAGMA integrity_check").get()!.integrity_check, "ok");
  return Number(database.prepare(`SELECT count(*) AS n FROM ${rows}`).get()!.n);
}

Deno.test("run ends within two seconds of Ctrl-C, with what was written so far", async (t) => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./run.sqlite\nsources:\n  - { kind: recordings, folder: "${FIXTURES}/casts" }\n` +
      `  - { kind: gcp, archive: "${FIXTURES}/across/gcp" }\n`,
  );
  const moments = [/Reading gcp archive/, /Judging by/, /Rules +phase1@/];
  let before = 0;
  for (const moment of moments) {
    await t.step(`after ${moment.source}`, async () => {
      const stopped = await stopWhen(moment, ["run", "--config", config, "--out", folder.path]);
      assert.equal(stopped.code, 1, stopped.said);
      assert.match(stopped.said, /Stopping/);
      assert.ok(stopped.ms < MAX_MS, `${stopped.ms} ms`);
      const sessions = countSessions(join(folder.path, "run.sqlite"));
      assert.ok(sessions >= before && sessions > 0, `${sessions} sessions, ${before} before`);
      before = sessions;
    });
  }
});

Deno.test("pull and parse end within two seconds of Ctrl-C, with what was written so far", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite\nsources:\n  - { kind: gcp, archive: "${FIXTURES}/gcp" }\n` +
      `  - { kind: aws, archive: "${FIXTURES}/aws" }\n`,
  );
  const pulled = await stopWhen(/aws/, ["pull", "all", "--config", config]);
  assert.equal(pulled.code, 1, pulled.said);
  assert.ok(pulled.ms < MAX_MS, `${pulled.ms} ms`);
  assert.ok(countSessions(join(folder.path, "s.sqlite")) > 0);

  const db = join(folder.path, "parsed.sqlite");
  const parsed = await stopWhen(/"state":.*\n.*"state":/, [
    ...["parse", `${FIXTURES}/casts`, `${FIXTURES}/teleport/sessions`],
    ...["--format", "jsonl", "--db", db],
  ]);
  assert.notEqual(parsed.code, 0, parsed.said);
  assert.ok(parsed.ms < MAX_MS, `${parsed.ms} ms`);
  assert.ok(countSessions(db) > 0);
});

Deno.test("merge ends at once where it is killed, and begun again does the whole", async () => {
  using folder = temporaryFolder();
  const [from, into] = ["from", "into"].map((name) => join(folder.path, `${name}.sqlite`));
  const call = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "lib/cli/main.ts", ...args],
      ...{ stdin: "null", stdout: "null", stderr: "piped" },
    }).output();
  await call("parse", `${FIXTURES}/casts`, "--db", from!);
  // as Ctrl-C does, but where a background job's child ignores that
  const stopped = await stopWhen(/Taking/, ["merge", from!, "--db", into!], { signal: "SIGTERM" });
  assert.equal(stopped.code, 143, stopped.said);
  assert.ok(stopped.ms < MAX_MS, `${stopped.ms} ms`);
  assert.ok([0, countSessions(from!)].includes(countSessions(into!)));
  const { success, stderr } = await call("merge", from!, "--db", into!);
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.equal(countSessions(into!), countSessions(from!));
});

const AWS_ENV = {
  ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
  AWS_EC2_METADATA_DISABLED: "true",
};

Deno.test("pull ends within two seconds of Ctrl-C though a cloud hangs, with what was written so far", async (t) => {
  using folder = temporaryFolder();
  /** Pulls three days of a source, and stops it at a moment; returns its store. */
  const stopPull = async (
    moment: Promise<unknown>,
    { source, env }: { source: object; env: Record<string, string> },
  ): Promise<string> => {
    const [config, store] = [".yaml", ".sqlite"].map((end) => join(folder.path, `hanging${end}`));
    await Deno.remove(store!).catch(() => {});
    await Deno.writeTextFile(config!, JSON.stringify({ store, sources: [source] }));
    const window = ["--since", "2026-03-10", "--until", "2026-03-13"];
    const stopped = await stopWhen(moment, ["pull", "all", "--config", config!, ...window], {
      env,
    });
    assert.equal(stopped.code, 1, stopped.said);
    assert.match(stopped.said, /Stopping/);
    assert.ok(stopped.ms < MAX_MS, `${stopped.ms} ms`);
    return store!;
  };

  await t.step("BigQuery, in its second day", async () => {
    const id = "cloudaudit_googleapis_com_activity";
    const files = [`${FIXTURES}/gcp/cloudaudit.googleapis.com/activity/*/*/*/*.json`];
    await using server = await openBigQueryServer({ tables: [{ id, files }] });
    await using token = serveToken();
    const hangs = Promise.withResolvers<void>();
    server.fault = ({ operation }) => {
      if (operation === "insert" && server.jobs.length === 1) server.looks = 1e9;
      if (operation === "results" && server.jobs.length === 2) hangs.resolve();
      return null;
    };
    const dataset = { project: "p", dataset: "audit_logs", location: "EU", maxBytesBilled: "1GiB" };
    const store = await stopPull(hangs.promise, {
      source: { kind: "gcp", bigquery: { ...dataset, streams: ["activity"] } },
      env: { BIGQUERY_EMULATOR_HOST: server.endpoint, GCE_METADATA_HOST: token.host },
    });
    assert.ok(count(store, "call_minutes WHERE minute < '2026-03-11'") > 10);
    assert.deepEqual(server.jobs.map(({ cancelled }) => cancelled), [false, true]);
  });

  await t.step("CloudTrail's bucket, in its second day", async () => {
    await using s3 = await startS3Server({ bucket: "trail-x", folder: `${FIXTURES}/aws` });
    const hangs = Promise.withResolvers<void>();
    s3.fault = ({ operation, key }) => {
      // the first day's late deliveries lie in the second's folder
      if (operation !== "Get" || !key.includes("/2026/03/12/")) return null;
      hangs.resolve();
      return { kind: "stall", afterBytes: 0 };
    };
    const store = await stopPull(hangs.promise, {
      source: { kind: "aws", archive: "s3://trail-x/AWSLogs", region: "eu-west-1" },
      env: { ...AWS_ENV, AWS_ENDPOINT_URL_S3: s3.endpoint },
    });
    assert.ok(count(store, "call_minutes WHERE minute < '2026-03-11'") > 10);
  });

  await t.step("Teleport's bucket of recordings", async () => {
    const tenant = `${FIXTURES}/teleport`;
    await using athena = await openAthenaServer({ events: `${tenant}/events` });
    await using s3 = await startS3Server({ bucket: "longterm-x", folder: tenant });
    const hangs = Promise.withResolvers<void>();
    s3.fault = ({ number }) => {
      if (number < 40) return null;
      hangs.resolve();
      return { kind: "stall", afterBytes: 0 };
    };
    const table = { region: "eu-west-1", workgroup: "w", database: "a", table: "teleport_events" };
    const store = await stopPull(hangs.promise, {
      source: {
        kind: "teleport",
        events: { athena: { ...table, output: "s3://transient/results" } },
        recordings: { s3: "s3://longterm-x/sessions" },
      },
      env: {
        ...AWS_ENV,
        AWS_ENDPOINT_URL_ATHENA: athena.endpoint,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
      },
    });
    assert.ok(countSessions(store) > 60);
    assert.ok(count(store, "recordings WHERE state = 'parsed'") > 10);
  });
});

Deno.test("classify --phase 2 ends within two seconds of Ctrl-C, though the model hangs", async () => {
  using folder = temporaryFolder();
  const asked = Promise.withResolvers<void>();
  await using server = serveLlm(() => {
    asked.resolve();
    return { hang: true };
  });
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite
sources: [{ kind: aws, archive: "${FIXTURES}/aws" }]
phase2: { baseURL: "${server.baseURL}", apiKeyEnv: ${KEY_ENV}, model: m, price: { input: 1, output: 4 }, budget: 20, maxPerSession: 0.5 }
`,
  );
  const call = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "lib/cli/main.ts", ...args, "--config", config],
      ...{ env: { [KEY_ENV]: "key" }, stdin: "null", stdout: "null", stderr: "null" },
    }).output();
  await call("pull", "aws");
  await call("classify");
  const stopped = await stopWhen(asked.promise, ["classify", "--phase", "2", "--config", config]);
  assert.equal(stopped.code, 1, stopped.said);
  assert.ok(stopped.ms < MAX_MS, `${stopped.ms} ms`);
  assert.ok(countSessions(join(folder.path, "s.sqlite")) > 0);
});
