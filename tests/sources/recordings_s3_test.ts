import assert from "node:assert/strict";
import { join } from "node:path";
import { openS3Recordings, type S3Recordings } from "../../lib/sources/teleport/recordings_s3.ts";
import { inFolder } from "./archive_folder.ts";
import { startS3Server } from "./loopback/s3_server.ts";

const SID = "7b3f1a52-9f1e-4c8e-9a51-0c8f6a3d2e10";

async function inBucket(
  prefix: string,
  body: (place: S3Recordings, asked: () => number) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "sessions/metadata"), { recursive: true });
    await Deno.writeTextFile(join(folder, `sessions/${SID}.tar`), "abc");
    await Deno.writeTextFile(join(folder, `${SID}.tar`), "abcd");
    await Deno.writeTextFile(join(folder, "sessions/metadata/x.tar"), "a thumbnail");
    await Deno.writeTextFile(join(folder, "sessions/.tar"), "no id");
    await using server = await startS3Server({ bucket: "longterm-x", folder });
    using place = await openS3Recordings(`s3://longterm-x${prefix}`, {
      ...{ region: "eu-west-1", endpoint: server.endpoint, pathStyle: true },
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    await body(place, () => server.requests.length);
  });
}

Deno.test("S3Recordings finds <id>.tar below its prefix, without a request", async () => {
  for (
    const [prefix, key, bytes] of [
      ["", `${SID}.tar`, 4],
      ["/", `${SID}.tar`, 4],
      ["/sessions", `sessions/${SID}.tar`, 3],
      ["/sessions/", `sessions/${SID}.tar`, 3],
    ] as const
  ) {
    await inBucket(prefix, async (place, asked) => {
      const found = await place.find(SID);
      assert.equal(found.file.uri, `s3://longterm-x/${key}`);
      assert.equal(asked(), 0);
      assert.equal(await place.sizeOf(SID), bytes);
      assert.equal(await place.sizeOf("gone"), null);
    });
  }
});

Deno.test("S3Recordings.list() hands out recordings and nothing else that lies there", async () => {
  await inBucket("/sessions", async (place) => {
    const pages = await Array.fromAsync(place.list());
    assert.deepEqual(pages.flat().map(({ id, bytes }) => [id, bytes]), [[SID, 3]]);
  });
});

Deno.test("S3Recordings refuses ids that would lead elsewhere, and addresses that are none", async () => {
  await inBucket("/sessions", async (place, asked) => {
    for (const id of ["", "..", "../x", "a/b", "a%2fb", "x?versionId=1", "x.tar", "\u202Ex"]) {
      await assert.rejects(async () => await place.find(id), TypeError, id);
      await assert.rejects(place.sizeOf(id), TypeError, id);
    }
    assert.equal(asked(), 0);
  });
  for (const uri of ["https://x/y", "s3://", "s3://UPPER/x", "longterm-x"]) {
    await assert.rejects(openS3Recordings(uri), { name: "StorageError" }, uri);
  }
});
