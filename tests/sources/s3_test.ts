import assert from "node:assert/strict";
import { join } from "node:path";
import { StorageError } from "../../lib/model/errors.ts";
import { openS3, type S3, type S3Location, type S3Options } from "../../lib/sources/s3.ts";
import { inFolder } from "./archive_folder.ts";
import { type S3Fault, type S3Server, startS3Server } from "./loopback/s3_server.ts";
import { eager } from "./eager.ts";

const BUCKET = "longterm-x";
const KEY = "sessions/a.tar";
const AT: S3Location = { bucket: BUCKET, key: KEY };
/** 300 kB that are different everywhere. */
const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 8)) & 255);
const EAGER = eager(4);

interface Scene {
  server: S3Server;
  s3: S3;
  folder: string;
}

async function withS3(
  body: (scene: Scene) => Promise<void>,
  { options, server: served }: {
    options?: S3Options;
    server?: Partial<Parameters<typeof startS3Server>[0]>;
  } = {},
): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "sessions"));
    await Deno.writeFile(join(folder, KEY), CONTENT);
    await using server = await startS3Server({ bucket: BUCKET, folder, ...served });
    using s3 = await openS3({
      region: "eu-west-1",
      endpoint: server.endpoint,
      pathStyle: true,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      retry: EAGER,
      ...options,
    });
    await body({ server, s3, folder });
  });
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(await Array.fromAsync(chunks) as BlobPart[]).arrayBuffer());
}

/** A fault for the first so many GETs. */
function first(times: number, fault: S3Fault): (request: { operation: string }) => S3Fault | null {
  let left = times;
  return ({ operation }) => operation === "Get" && left-- > 0 ? fault : null;
}

Deno.test("S3.get() streams an object whole", async () => {
  await withS3(async ({ s3, server }) => {
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
    assert.equal(server.requests.length, 1);
    assert.equal(server.requests[0]!.payer, null);
  });
});

Deno.test("S3.get() takes a broken body up where it stopped, by range and ETag", async () => {
  await withS3(async ({ s3, server }) => {
    server.fault = first(2, { kind: "cut", afterBytes: 70_000 });
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
    const ranges = server.requests.map(({ range }) => range);
    assert.equal(ranges[0], null);
    assert.match(ranges[1]!, /^bytes=[1-9]\d*-$/);
    assert.equal(server.requests.length, 3);
    assert.ok(server.requests.slice(1).every(({ ifMatch }) => ifMatch !== null));
  });
});

Deno.test("S3.get() goes on where a gateway ignores ranges", async () => {
  await withS3(async ({ s3, server }) => {
    server.fault = first(1, { kind: "cut", afterBytes: 70_000 });
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
  }, { server: { ignoresRanges: true } });
});

Deno.test("S3.get() takes a body that stalls for broken", async () => {
  await withS3(async ({ s3, server }) => {
    server.fault = first(1, { kind: "stall", afterBytes: 1000 });
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
    assert.ok(server.requests.length >= 2);
  }, { options: { stallMs: 100 } });
});

Deno.test("S3.get() waits for a slow body", async () => {
  await withS3(async ({ s3, server }) => {
    server.fault = first(1, { kind: "slow", pieceBytes: 60_000, pauseMs: 10 });
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("S3.get() outlives 500s, throttling and resets, and gives up after its tries", async () => {
  for (
    const fault of [
      { kind: "error", status: 500, code: "InternalError" },
      { kind: "error", status: 503, code: "SlowDown" },
      { kind: "reset" },
      { kind: "cut", afterBytes: 0 },
    ] as const
  ) {
    await withS3(async ({ s3, server }) => {
      server.fault = first(3, fault);
      assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT, fault.kind);
      server.fault = () => fault;
      const before = server.requests.length;
      await assert.rejects(bytesOf(s3.get(AT)), { name: "StorageError", fault: "busy" });
      // the HTTP client itself asks once more when a connection it kept is closed
      const tries = server.requests.length - before;
      assert.ok(tries >= EAGER.attempts && tries <= 2 * EAGER.attempts, `${tries} tries`);
    });
  }
});

const REFUSALS: readonly [what: string, fault: S3Fault, expected: [fault: string, text: RegExp]][] =
  [
    ["access", error(403, "AccessDenied"), ["denied", /allow s3:GetObject /]],
    [
      "the key",
      error(403, "AccessDenied", {
        message: "User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on " +
          "resource: arn:aws:kms:eu-west-1:111122223333:key/abc because no policy allows it",
      }),
      [
        "key-denied",
        /allow kms:Decrypt on the KMS key arn:aws:kms:eu-west-1:111122223333:key\/abc/,
      ],
    ],
    ["a disabled key", error(400, "KMS.DisabledException"), ["key-denied", /enable it/]],
    [
      "an archived object",
      error(403, "InvalidObjectState", { extra: "<StorageClass>DEEP_ARCHIVE</StorageClass>" }),
      ["archived", /storage class DEEP_ARCHIVE; restore it \(s3:RestoreObject\)/],
    ],
    ["old credentials", error(400, "ExpiredToken"), ["credentials", /renew them/]],
    ["wrong credentials", error(403, "InvalidAccessKeyId"), ["credentials", /renew them/]],
    [
      "another region",
      error(400, "AuthorizationHeaderMalformed", { extra: "<Region>us-west-2</Region>" }),
      ["region", /lies in us-west-2; set that as `region`/],
    ],
    ["a missing bucket", error(404, "NoSuchBucket"), ["no-bucket", /check the name/]],
  ];

function error(
  status: number,
  code: string,
  more: { message?: string; extra?: string } = {},
): S3Fault {
  return { kind: "error", status, code, ...more };
}

Deno.test("S3.get() says at once what mends a refusal", async () => {
  await withS3(async ({ s3, server }) => {
    for (const [what, fault, [kind, text]] of REFUSALS) {
      server.fault = () => fault;
      const before = server.requests.length;
      await assert.rejects(bytesOf(s3.get(AT)), (cause) => {
        assert.ok(cause instanceof StorageError, what);
        assert.equal(cause.fault, kind, what);
        assert.match(cause.message, text, what);
        return true;
      });
      assert.equal(server.requests.length - before, 1, `${what} is not tried again`);
    }
  });
});

Deno.test("S3.get() and head() tell a missing object", async () => {
  await withS3(async ({ s3 }) => {
    const gone = { bucket: BUCKET, key: "sessions/gone.tar" };
    await assert.rejects(bytesOf(s3.get(gone)), { fault: "missing" });
    await assert.rejects(s3.head(gone), { fault: "missing" });
    assert.equal((await s3.head(AT)).bytes, CONTENT.length);
  });
});

Deno.test("S3.get() refuses to join two versions of an object", async () => {
  await withS3(async ({ s3, server, folder }) => {
    server.fault = first(1, { kind: "cut", afterBytes: 70_000 });
    const reading = s3.get(AT);
    await reading.next();
    await Deno.writeFile(join(folder, KEY), CONTENT.toReversed());
    await assert.rejects(bytesOf(reading), { fault: "changed" });
  });
});

Deno.test("S3.get() reads the version written first, where asked to", async () => {
  const olderVersions = {
    [KEY]: [
      { versionId: "v2", bytes: new Uint8Array([2]) },
      { versionId: "v1", bytes: CONTENT.toReversed() },
    ],
  };
  const server = { versioning: "Enabled" as const, olderVersions };
  await withS3(async ({ s3, server }) => {
    server.fault = first(1, { kind: "cut", afterBytes: 70_000 });
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT.toReversed());
    assert.ok(
      server.requests.filter((r) => r.operation === "Get").every((r) => r.versionId === "v1"),
    );
  }, { options: { oldestVersion: true }, server });
  await withS3(async ({ s3 }) => {
    assert.deepEqual(await bytesOf(s3.get(AT)), CONTENT);
    assert.equal(await s3.versioning(BUCKET), "Enabled");
  }, { server });
});

Deno.test("S3.list() pages through a prefix; requester pays on every request", async () => {
  await withS3(async ({ s3, server, folder }) => {
    for (let i = 0; i < 25; i++) await Deno.writeTextFile(join(folder, `sessions/b${i}`), "x");
    await Deno.writeTextFile(join(folder, "other"), "x");
    const pages = await Array.fromAsync(s3.list({ bucket: BUCKET, key: "sessions/" }));
    assert.deepEqual(pages.map((page) => page.length), [10, 10, 6]);
    assert.equal(new Set(pages.flat().map(({ key }) => key)).size, 26);
    await bytesOf(s3.get(AT));
    assert.ok(server.requests.every(({ payer }) => payer === "requester"));
  }, { options: { requesterPays: true }, server: { pageSize: 10 } });
});

Deno.test("S3.get() ends with the signal's reason, in a body and in a wait", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped by the user");
  await withS3(async ({ s3, server }) => {
    server.fault = () => ({ kind: "stall", afterBytes: 10 });
    const reading = s3.get(AT);
    await reading.next();
    setTimeout(() => stop.abort(reason), 20);
    await assert.rejects(reading.next(), reason);
    await assert.rejects(bytesOf(s3.get(AT)), reason);
  }, { options: { signal: stop.signal } });
});

Deno.test("S3.get() closes its connection when nobody reads on", async () => {
  await withS3(async ({ s3, server }) => {
    server.fault = () => ({ kind: "slow", pieceBytes: 1000, pauseMs: 1 });
    for await (const _ of s3.get(AT)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(server.bytesSent < CONTENT.length / 2);
  });
});

Deno.test("S3.credentialsLink() names the link of the chain that answered", async () => {
  await withS3(async ({ s3 }) =>
    assert.equal(await s3.credentialsLink(), "handed in by the program")
  );
});
