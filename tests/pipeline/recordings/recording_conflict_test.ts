import assert from "node:assert/strict";
import { join } from "node:path";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { CONFLICT } from "../../../lib/pipeline/recordings/recording_conflict.ts";
import { readSkips } from "../../../lib/store/runs.ts";
import { recordingsOf } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { concat, writeRecording } from "../../../fixtures/generate/protostream_writer.ts";
import { NOW } from "../../cli/harness.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "../../recording/sample.ts";

/** A recording that says it is of the sample's session, with so many prints more. */
function claiming(prints: number): Uint8Array {
  const more = Array.from({ length: prints }, (_, i) => ({
    ...{ event: "print", ei: 100 + i, time: sampleTime(9000 + i * 100), data: "x", bytes: 1 },
    ms: 9000 + i * 100,
  }));
  return concat([writeRecording([...sampleSession(), ...more])]);
}

function eventsOf(store: Store): number {
  const row = store.statement("SELECT pty_events FROM features_pty WHERE subject_id = ?")
    .get(SAMPLE_SID);
  return Number(row!["pty_events"]);
}

Deno.test("parseRecordings() keeps one of two recordings that claim one session, and counts", async () => {
  using folder = temporaryFolder();
  using store = openStore(":memory:");
  const [one, two] = [join(folder.path, "a.tar"), join(folder.path, "b.tar")];
  await Deno.writeFile(one, claiming(40));
  await Deno.writeFile(two, claiming(90));
  for (let round = 0; round < 2; round++) {
    const summary = await parseRecordings([folder.path], { store, now: NOW });
    assert.equal(summary.conflicts, 1);
    assert.deepEqual(readSkips(store).map(({ uri, reason }) => [uri, reason]), [[two, CONFLICT]]);
    assert.equal(recordingsOf(store, SAMPLE_SID)[0]!.uri, one);
  }
  const measured = eventsOf(store);
  // the one that has the session's id for its name stands, whenever it comes
  const named = join(folder.path, `${SAMPLE_SID}.tar`);
  const others = join(folder.path, "z");
  await Deno.mkdir(others);
  await Deno.rename(one, join(others, "a.tar"));
  await Deno.rename(two, named);
  const summary = await parseRecordings([join(others, "a.tar"), named], { store, now: NOW });
  assert.equal(summary.conflicts, 1);
  assert.equal(eventsOf(store), measured + 50);
  assert.deepEqual(recordingsOf(store, SAMPLE_SID).map(({ uri }) => uri), [named]);
});

Deno.test("parseRecordings() reads a copy of a recording again, and counts no conflict", async () => {
  using folder = temporaryFolder();
  using store = openStore(":memory:");
  for (const name of ["a.tar", "copy.tar"]) {
    await Deno.writeFile(join(folder.path, name), claiming(40));
  }
  const summary = await parseRecordings([folder.path], { store, now: NOW });
  assert.equal(summary.conflicts, 0);
  assert.deepEqual(readSkips(store), []);
});
