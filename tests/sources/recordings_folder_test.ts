import assert from "node:assert/strict";
import { join } from "node:path";
import { isSessionId } from "../../lib/sources/session_id.ts";
import { findRecording } from "../../lib/sources/teleport/recordings_folder.ts";
import { inFolder } from "./archive_folder.ts";

const SID = "7b3f1a52-9f1e-4c8e-9a51-0c8f6a3d2e10";

Deno.test("findRecording() tells found, missing and unreadable recordings apart", async () => {
  await inFolder(async (folder) => {
    assert.equal(findRecording(folder, SID).state, "missing");
    await Deno.mkdir(join(folder, "dir.tar"));
    assert.equal(findRecording(folder, "dir").state, "unreadable");
    await Deno.writeTextFile(join(folder, `${SID}.tar`), "abc");
    assert.deepEqual(findRecording(folder, SID), {
      state: "found",
      path: join(folder, `${SID}.tar`),
      bytes: 3,
    });
    await Deno.symlink("/etc/hostname", join(folder, "link.tar"));
    assert.equal(findRecording(folder, "link").state, "unreadable");
  });
});

const NO_IDS = ["", ".", "..", "../x", "a/b", "a\\b", "a\0", "%2e%2e", "x.tar", "-x", "\u202Ex"];

Deno.test("findRecording() refuses ids that would lead elsewhere", () => {
  for (const id of [...NO_IDS, "x".repeat(129)]) {
    assert.ok(!isSessionId(id), id);
    assert.throws(() => findRecording("/tmp", id), TypeError);
  }
  assert.ok(isSessionId(SID) && isSessionId("0f".repeat(32)));
});
