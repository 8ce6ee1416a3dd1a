import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoFolder } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { openBigQueryServer } from "../sources/loopback/bigquery_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { ended, permissionsOf, without, wordsOf } from "./task.ts";

/**
 * What `run` and `shellscope` may do for the clouds, tried on loopback servers; nothing leaves this
 * machine, since hosts beyond it are refused or stand behind a proxy that is none.
 */

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const BUCKET = "longterm-x";
const [ENV, NET, SYS] = ["--allow-env", "--allow-net", "--allow-sys"];
const WORDS = wordsOf("shellscope");
const KEYS = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };

const SOURCES = {
  aws: `  - { kind: aws, archive: "s3://${BUCKET}/AWSLogs", region: eu-west-1 }\n`,
  gcp: "  - kind: gcp\n    bigquery: { project: p, dataset: audit_logs, location: EU, " +
    "maxBytesBilled: 1GiB, streams: [activity] }\n",
};

/** Calls `doctor` for one cloud, in a home without credentials but what `env` brings. */
async function doctor(
  folder: string,
  { cloud, words = WORDS, env = {} }: {
    cloud: keyof typeof SOURCES;
    words?: readonly string[];
    env?: Record<string, string>;
  },
) {
  const config = join(folder, `${cloud}.yaml`);
  await Deno.writeTextFile(config, `store: ./s.sqlite\nsources:\n${SOURCES[cloud]}`);
  const audit = join(folder, "audit.jsonl");
  await Deno.remove(audit).catch(() => {});
  const { out, err } = await ended([...words, "doctor", "--config", config], {
    env: {
      ...{ DENO_DIR: denoFolder(), HOME: folder, DENO_AUDIT_PERMISSIONS: audit },
      DENO_NO_UPDATE_CHECK: "1",
      ...env,
    },
  });
  const asked = (await Deno.readTextFile(audit)).trim().split("\n")
    .map((line): { permission: string; value: string } => JSON.parse(line));
  return { said: out + err, asked };
}

/** The hosts that were asked for, were they let through or not. */
function hostsOf({ asked }: Awaited<ReturnType<typeof doctor>>): Set<string> {
  const hosts = asked.filter(({ permission }) => permission === "net")
    .map(({ value }) => value.replace(/^https?:\/\//, "").replace(/[/:].*$/, ""));
  return new Set(hosts);
}

Deno.test("an S3 of one's own is reached once its host stands in the task's flags, and not before", async () => {
  using folder = temporaryFolder();
  await using s3 = await startS3Server({ bucket: BUCKET, folder: join(FIXTURES, "aws") });
  const own = s3.endpoint.replace("127.0.0.1", "0.0.0.0");
  const env = { ...KEYS, AWS_ENDPOINT_URL_S3: own };
  const refused = await doctor(folder.path, { cloud: "aws", env });
  assert.match(refused.said, /Requires net access to "0\.0\.0\.0:\d+"/);
  assert.match(refused.said, /add its host to --allow-net of the task in deno\.json/);
  assert.equal(s3.requests.length, 0);
  const words = WORDS.map((word) => word.startsWith(NET!) ? `${word},0.0.0.0` : word);
  const reached = await doctor(folder.path, { cloud: "aws", words, env });
  assert.match(reached.said, /ok +credentials +from: environment variables/);
  assert.ok(s3.requests.length > 0, reached.said);
});

Deno.test("for AWS: each permission is heeded, and missed when it is not there", async (t) => {
  using folder = temporaryFolder();
  await using s3 = await startS3Server({ bucket: BUCKET, folder: join(FIXTURES, "aws") });
  const env = { ...KEYS, AWS_ENDPOINT_URL_S3: s3.endpoint };
  const whole = await doctor(folder.path, { cloud: "aws", env });
  assert.match(whole.said, /ok +credentials +from: environment variables/);
  assert.ok(s3.requests.length > 0, whole.said);
  const tries = [
    [ENV, "AWS_*", /failed +credentials/, env],
    [SYS, "osRelease", /Requires sys access to "osRelease"/, env],
    [SYS, "uid", /Requires sys access to "uid"/, { ...env, HOME: "" }],
    [SYS, "homedir", /Requires sys access to "homedir"/, { ...env, HOME: "" }],
  ] as const;
  for (const [flag, member, missed, env] of tries) {
    await t.step(`without ${flag}=${member}`, async () => {
      const words = without(WORDS, flag!, [member]);
      const { said } = await doctor(folder.path, { cloud: "aws", words, env });
      assert.match(said, missed);
      assert.doesNotMatch(whole.said, missed);
    });
  }
});

/** A machine's metadata service and a proxy that takes nobody further, on the loopback address. */
function serveMachine() {
  const seen: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    const headers = { "metadata-flavor": "Google" };
    if (!pathname.endsWith("/token")) return new Response("x", { headers });
    return Response.json({ access_token: "t", expires_in: 3000 }, { headers });
  });
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxied: string[] = [];
  const proxying = (async () => {
    for await (const connection of proxy) {
      const bytes = new Uint8Array(1000);
      const length = await connection.read(bytes).catch(() => null);
      proxied.push(new TextDecoder().decode(bytes.subarray(0, length ?? 0)).split("\r\n")[0]!);
      connection.close();
    }
  })();
  return {
    ...{ seen, proxied, host: `127.0.0.1:${server.addr.port}` },
    proxy: `http://127.0.0.1:${(proxy.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      proxy.close();
      await proxying;
      await server.shutdown();
    },
  };
}

Deno.test("for Google: each permission is heeded, and missed when it is not there", async (t) => {
  using folder = temporaryFolder();
  await using machine = serveMachine();
  const stream = "cloudaudit_googleapis_com_activity";
  await using bigquery = await openBigQueryServer({
    tables: [{
      id: stream,
      files: [`${FIXTURES}/gcp/cloudaudit.googleapis.com/activity/*/*/*/*.json`],
    }],
  });
  const key = join(folder.path, "application_default_credentials.json");
  await Deno.writeTextFile(
    key,
    JSON.stringify({
      ...{ type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" },
    }),
  );
  const emulated = { BIGQUERY_EMULATOR_HOST: bigquery.endpoint };
  const TOKENS = "oauth2.googleapis.com";
  const isProxied = () => machine.proxied.some((line) => line.startsWith(`CONNECT ${TOKENS}`));
  const throughProxy = { HTTPS_PROXY: machine.proxy };
  /** What shows that a variable was heeded: what arrived where. */
  const tries: Record<string, { env: Record<string, string>; shows: () => boolean }> = {
    GCE_METADATA_HOST: {
      env: { ...emulated, GCE_METADATA_HOST: machine.host },
      shows: () => machine.seen.some((path) => path.endsWith("/token")),
    },
    BIGQUERY_EMULATOR_HOST: {
      env: { ...emulated, GCE_METADATA_HOST: machine.host },
      shows: () => bigquery.requests.length > 0,
    },
    "GOOGLE_*": {
      env: { GOOGLE_APPLICATION_CREDENTIALS: key, ...throughProxy, ...emulated },
      shows: isProxied,
    },
    CLOUDSDK_CONFIG: {
      env: { CLOUDSDK_CONFIG: folder.path, ...throughProxy, ...emulated },
      shows: isProxied,
    },
    HTTPS_PROXY: {
      env: { GOOGLE_APPLICATION_CREDENTIALS: key, ...throughProxy },
      shows: isProxied,
    },
    https_proxy: {
      env: { GOOGLE_APPLICATION_CREDENTIALS: key, https_proxy: machine.proxy },
      shows: isProxied,
    },
    NO_PROXY: {
      env: { GOOGLE_APPLICATION_CREDENTIALS: key, ...throughProxy, NO_PROXY: TOKENS },
      shows: () => !isProxied(),
    },
    no_proxy: {
      env: { GOOGLE_APPLICATION_CREDENTIALS: key, ...throughProxy, no_proxy: TOKENS },
      shows: () => !isProxied(),
    },
  };
  // no host of Google's may be reached but through the proxy
  const words = without(WORDS, NET!, [
    "*.googleapis.com",
    "metadata.google.internal",
    "169.254.169.254",
  ]);
  const ofKernel = permissionsOf("render").get(ENV!)!;
  const others = permissionsOf("shellscope").get(ENV!)!.filter((name) =>
    !ofKernel.includes(name) && !["USER", "AWS_*", ...Object.keys(tries)].includes(name)
  );
  assert.deepEqual(others, Object.keys(REAL), "each variable is tried, here or beside");
  await t.step("networkInterfaces", async () => {
    const missed = /Requires sys access to "networkInterfaces"/;
    const { env } = tries["GCE_METADATA_HOST"]!;
    for (const fewer of [words, without(words, SYS!, ["networkInterfaces"])]) {
      const { said } = await doctor(folder.path, { cloud: "gcp", words: fewer, env });
      assert.equal(missed.test(said), fewer !== words, said);
    }
  });
  for (const [member, { env, shows }] of Object.entries(tries)) {
    await t.step(member, async () => {
      for (const fewer of [words, without(words, ENV!, [member])]) {
        machine.seen.length = machine.proxied.length = bigquery.requests.length = 0;
        const { said } = await doctor(folder.path, { cloud: "gcp", words: fewer, env });
        assert.equal(shows(), fewer === words, said);
      }
    });
  }
});

Deno.test("certificates of Node's do not keep BigQuery from being asked by a task", async () => {
  using folder = temporaryFolder();
  await using machine = serveMachine();
  const config = join(folder.path, "both.yaml");
  const archive = `  - { kind: gcp, archive: "${FIXTURES}/across/gcp" }\n`;
  await Deno.writeTextFile(config, `store: ./s.sqlite\nsources:\n${SOURCES.gcp}${archive}`);
  const env = {
    ...{ DENO_DIR: denoFolder(), HOME: folder.path, PATH: dirname(Deno.execPath()) },
    ...{ GCE_METADATA_HOST: machine.host, BIGQUERY_EMULATOR_HOST: "https://127.0.0.1:1" },
    NODE_EXTRA_CA_CERTS: config,
  };
  const call = ["doctor", "--config", config];
  const { out } = await ended(["task", "shellscope", ...call], { env });
  assert.match(out, /failed +jobs +.*BigQuery: it can't be reached/);
  // without the task: said with what mends it, and the next source is looked at
  const plain = await ended([...WORDS, ...call], { env });
  assert.match(
    plain.out,
    /failed +permissions +.*"ca"[^]+unset NODE_EXTRA_CA_CERTS[^]+ok +archive/,
  );
});

/** Members of the flags that only a real cloud can show, and what asks for them. */
const REAL: Record<string, string> = {
  APPDATA: "Google's client, on Windows: where gcloud keeps credentials",
};

Deno.test("each host in the flags is one that a client asks for", async (t) => {
  using folder = temporaryFolder();
  const hosts = permissionsOf("shellscope").get(NET!)!.filter((host) => host !== "127.0.0.1");
  const words = without(WORDS, NET!, hosts);
  const wanting = { AWS_REGION: "eu-west-1" };
  const container = "AWS_CONTAINER_CREDENTIALS";
  const calls: [host: string, cloud: keyof typeof SOURCES, env: Record<string, string>][] = [
    ["*.amazonaws.com", "aws", KEYS],
    ["169.254.169.254", "aws", wanting],
    ["169.254.170.2", "aws", { ...wanting, [`${container}_RELATIVE_URI`]: "/v2/x" }],
    [
      "169.254.170.23",
      "aws",
      { ...wanting, [`${container}_FULL_URI`]: "http://169.254.170.23/v1/credentials" },
    ],
    ["metadata.google.internal", "gcp", {}],
    ["*.googleapis.com", "gcp", { CLOUDSDK_CONFIG: folder.path }],
  ];
  await Deno.writeTextFile(
    join(folder.path, "application_default_credentials.json"),
    JSON.stringify({
      type: "authorized_user",
      client_id: "c",
      client_secret: "s",
      refresh_token: "r",
    }),
  );
  for (const [host, cloud, env] of calls) {
    await t.step(host, async () => {
      const asked = hostsOf(await doctor(folder.path, { cloud, words, env }));
      const pattern = new RegExp(`^${host.replaceAll(".", "\\.").replace("*", ".+")}$`);
      assert.ok([...asked].some((other) => pattern.test(other)), `${[...asked]}`);
    });
  }
  assert.deepEqual(calls.map(([host]) => host).sort(), hosts.sort());
});
