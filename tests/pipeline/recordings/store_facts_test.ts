import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type EventObject,
  sequenced,
  writeRecording,
} from "../../../fixtures/generate/protostream_writer.ts";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { pullTeleportArchive } from "../../../lib/pipeline/teleport/pull_teleport.ts";
import { folderPlace } from "../../../lib/sources/teleport/recording_place.ts";
import { listLabels, setLabels } from "../../../lib/store/labels.ts";
import { readSkips } from "../../../lib/store/runs.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { inFolder, row, type TestEvent, writeArchive } from "../../sources/archive_folder.ts";

const SID = "11111111-1111-4111-a111-111111111111";
const NOW = new Date("2026-04-01T00:00:00Z");
const WHO = {
  ...{ sid: SID, user: "bot-ci", login: "root", user_kind: 2, bot_name: "ci/nightly" },
  ...{ impersonator: "anna@example.com", access_requests: ["r1", "r2"] },
  trusted_device: { device_id: "d1", asset_tag: "zq7" },
  ...{ server_hostname: "web-1", server_labels: { env: "prod", note: "zq7", odd: "'''" } },
};
const EVENTS: (EventObject & { time: string })[] = [
  { event: "session.start", uid: "u1", time: "2026-03-02T10:00:00.000Z", ...WHO, size: "80:24" },
  { event: "session.end", uid: "u2", time: "2026-03-02T10:01:00.000Z", ...WHO, interactive: true },
];

function teleportLabels(store: Store): Record<string, string> {
  const labels = listLabels(store, SID).filter(({ key }) => key.startsWith("teleport."));
  return Object.fromEntries(labels.map(({ key, value }) => [key, value]));
}

const BOTH = {
  "teleport.bot-name": "ci-nightly",
  "teleport.impersonator": "anna-example.com",
  "teleport.trusted-device": "true",
  "teleport.access-requests": "2",
};

async function withSession(
  test: (folders: { events: string; sessions: string }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const upload = { event: "session.upload", time: "2026-03-02T10:02:00.000Z", sid: SID };
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [...EVENTS as TestEvent[], upload].map(row),
    });
    const sessions = join(folder, "sessions");
    await Deno.mkdir(sessions);
    await Deno.writeFile(join(sessions, `${SID}.tar`), writeRecording(sequenced(EVENTS)));
    await test({ events, sessions });
  });
}

Deno.test("storeFacts() gives a session the same labels from the log and from its recording", async () => {
  await withSession(async ({ events, sessions }) => {
    using logged = openStore(":memory:");
    const keepLabels = ["env", "odd"];
    const options = { now: () => NOW, runId: null, keepLabels };
    await pullTeleportArchive(logged, { events, recordings: null }, options);
    assert.deepEqual(teleportLabels(logged), { ...BOTH, "teleport.label.env": "prod" });
    assert.deepEqual(
      readSkips(logged).map(({ source, uri, reason, count }) => [source, uri, reason, count]),
      [["labels of Teleport", SID, "value of teleport.label.odd is not valid", 1]],
    );
    using recorded = openStore(":memory:");
    await parseRecordings([sessions], { store: recorded, now: NOW });
    assert.deepEqual(teleportLabels(recorded), BOTH);
    for (const store of [logged, recorded]) {
      const { user_kind } = store.database.prepare("SELECT user_kind FROM sessions").get()!;
      assert.equal(user_kind, "bot");
    }
  });
});

Deno.test("storeFacts() keeps labels of a target that only the recording tells", async () => {
  await withSession(async ({ sessions }) => {
    await inFolder(async (folder) => {
      const upload = { event: "session.upload", time: "2026-03-02T10:02:00.000Z", sid: SID };
      const events = await writeArchive(folder, { "2026-03-02/a.parquet": [row(upload)] });
      using place = folderPlace(sessions);
      using store = openStore(":memory:");
      const options = { now: () => NOW, runId: null, keepLabels: ["env"] };
      await pullTeleportArchive(store, { events, recordings: place }, options);
      assert.deepEqual(teleportLabels(store), { ...BOTH, "teleport.label.env": "prod" });
    });
  });
});

Deno.test("storeFacts() changes nothing when pulled again, and nothing set by hand", async () => {
  await withSession(async ({ events, sessions }) => {
    using place = folderPlace(sessions);
    using store = openStore(":memory:");
    const options = { now: () => NOW, runId: null, keepLabels: ["env"], force: true };
    const pull = () => pullTeleportArchive(store, { events, recordings: place }, options);
    await pull();
    const changes = () =>
      store.database.prepare("SELECT count(*) AS n FROM label_history").get()!.n;
    const before = changes();
    await pull();
    assert.equal(changes(), before);
    const hand = { subject_id: SID, key: "teleport.label.env", value: "stage" };
    setLabels(store, [hand], { setBy: "manual:ana", now: NOW });
    await pull();
    assert.equal(teleportLabels(store)["teleport.label.env"], "stage");
  });
});
