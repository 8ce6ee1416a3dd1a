import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseRecording } from "../../../lib/pipeline/recordings/parse_recording.ts";
import {
  pullRecordings,
  type RecordingCounts,
} from "../../../lib/pipeline/recordings/pull_recordings.ts";
import { pullTeleportArchive } from "../../../lib/pipeline/teleport/pull_teleport.ts";
import type { S3Options } from "../../../lib/sources/s3.ts";
import { folderPlace, type RecordingPlace } from "../../../lib/sources/teleport/recording_place.ts";
import { openS3Recordings } from "../../../lib/sources/teleport/recordings_s3.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import type { WaitingSession } from "../../../lib/store/waiting_sessions.ts";
import { seeded } from "../../seeded.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import {
  PASSING_FAULTS,
  type S3Fault,
  type S3Server,
  startS3Server,
} from "../../sources/loopback/s3_server.ts";
import { eager } from "../../sources/eager.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures/teleport", import.meta.url));
const NOW = new Date("2026-04-01T00:00:00Z");
const BUCKET = "longterm-x";
function openLoopback(server: S3Server, options: S3Options = {}) {
  return openS3Recordings(`s3://${BUCKET}/sessions`, {
    region: "eu-west-1",
    endpoint: server.endpoint,
    pathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    retry: eager(6),
    ...options,
  });
}

function session(id: string): WaitingSession {
  return {
    session: {
      ...{ session_id: id, substrate: "teleport-recording", kind: "ssh", principal: "ada" },
      ...{ login: null, target: null, scope: null, driver: null, user_kind: null },
      ...{ started_at: null, ended_at: null, duration_seconds: null, uploaded_at: null },
      no_recording: null,
    },
    ...{ recordingIds: [id], uploadOnly: true, measured: false, sources: [] },
  };
}

async function pull(
  store: Store,
  ids: readonly string[],
  place: RecordingPlace,
): Promise<RecordingCounts> {
  const sessions = ids.map(session);
  for (const { session } of sessions) upsertSession(store, session);
  return await pullRecordings(store, sessions, { place, now: () => NOW });
}

/** All that was measured, and what became of each recording, without where it was read from. */
function measured(store: Store): string[] {
  const tables = ["features_pty", "features_cmd", "features_call", "pty_rhythm", "subjects"];
  return [
    ...tables.flatMap((table) => store.database.prepare(`SELECT * FROM ${table}`).all()),
    ...store.database.prepare(
      `SELECT recording_id, session_id, bytes, format, state, error, error_offset, parts, events
       FROM recordings WHERE state <> 'missing'`,
    ).all(),
  ].map((row) =>
    JSON.stringify(row, (_, value) => value instanceof Uint8Array ? [...value] : value)
  );
}

const CLASSES: readonly S3Fault[] = [...PASSING_FAULTS, { kind: "stall", afterBytes: 200 }];

/** `count` recordings in a bucket: those of the fixtures, under ids of their own. */
async function fillBucket(folder: string, count: number): Promise<string[]> {
  const recordings: string[] = [];
  for await (const { name } of Deno.readDir(join(FIXTURES, "sessions"))) {
    if (name.endsWith(".tar")) recordings.push(name);
  }
  recordings.sort();
  await Deno.mkdir(join(folder, "sessions"));
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
    const source = join(FIXTURES, "sessions", recordings[i % recordings.length]!);
    await Deno.copyFile(source, join(folder, "sessions", `${id}.tar`));
    ids.push(id);
  }
  return ids;
}

Deno.test("pullRecordings() from S3 with faults ends as from the folder, and asks for none twice", async () => {
  await inFolder(async (folder) => {
    const ids = await fillBucket(folder, 300);
    using local = openStore(":memory:");
    await pull(local, ids, folderPlace(join(folder, "sessions")));

    const chance = seeded(7);
    let faults = 0;
    const fault = () => {
      if (chance() >= 0.05) return null;
      return CLASSES[faults++ % CLASSES.length]!;
    };
    await using server = await startS3Server({ bucket: BUCKET, folder, fault });
    using place = await openLoopback(server, { stallMs: 150 });
    using remote = openStore(":memory:");
    const counts = await pull(remote, ids, place);

    assert.ok(faults >= 10, `${faults} faults`);
    assert.deepEqual(counts.problems, []);
    assert.equal(counts.recordings, 300);
    assert.deepEqual(measured(remote), measured(local));
    const uris = remote.database.prepare("SELECT uri FROM recordings ORDER BY 1").all();
    assert.equal(uris[0]!.uri, `s3://${BUCKET}/sessions/${ids[0]}.tar`);

    const asked = server.requests.length;
    const again = await pull(remote, ids, place);
    const whole = Number(
      remote.database.prepare(
        "SELECT count(*) AS n FROM recordings WHERE state IN ('parsed', 'encrypted', 'unsupported')",
      ).get()!.n,
    );
    assert.equal(again.known, whole);
    const fetched = new Set(server.requests.slice(asked).map(({ key }) => key));
    assert.equal(fetched.size, 300 - whole);
  });
});

Deno.test("pullRecordings() reads several at a time, and no more than the place wants", async () => {
  await inFolder(async (folder) => {
    const ids = await fillBucket(folder, 30);
    const slow = () => ({ kind: "slow", pieceBytes: 5000, pauseMs: 2 }) as const;
    await using server = await startS3Server({ bucket: BUCKET, folder, fault: slow });
    using place = await openLoopback(server);
    let [open, most] = [0, 0];
    const watched: RecordingPlace = {
      ...{ uri: place.uri, parallel: 5, labelsBeside: () => null, [Symbol.dispose]() {} },
      sizeOf: (id) => place.sizeOf(id),
      list: () => place.list(),
      async find(id) {
        const found = await place.find(id);
        async function* bytes() {
          most = Math.max(most, ++open);
          yield* found.file.open();
          open--;
        }
        return { state: "found", file: { ...found.file, open: bytes } };
      },
    };
    using store = openStore(":memory:");
    await pull(store, ids, watched);
    assert.ok(most > 1 && most <= 5, `${most} at a time`);
  });
});

Deno.test("pullRecordings() keeps what can't be had with its reason, and tells each kind once", async () => {
  await inFolder(async (folder) => {
    const ids = await fillBucket(folder, 6);
    await using server = await startS3Server({ bucket: BUCKET, folder });
    const [gone, locked, frozen, broken, locked2] = ids.map((id) => `sessions/${id}.tar`);
    await Deno.remove(join(folder, gone!));
    const storageClass = "<StorageClass>GLACIER</StorageClass>";
    const faults: Record<string, S3Fault> = {
      [locked!]: { kind: "error", status: 403, code: "AccessDenied", message: "kms:Decrypt" },
      [locked2!]: { kind: "error", status: 403, code: "AccessDenied", message: "kms:Decrypt" },
      [frozen!]: { kind: "error", status: 403, code: "InvalidObjectState", extra: storageClass },
      [broken!]: { kind: "cut", afterBytes: 0 },
    };
    server.fault = ({ key }) => faults[key] ?? null;
    using store = openStore(":memory:");
    using place = await openLoopback(server);
    const counts = await pull(store, ids, place);
    const states = store.database.prepare(
      "SELECT state, error FROM recordings ORDER BY recording_id",
    )
      .all().map(({ state, error }) => [state, error]);
    assert.deepEqual(states.map(([state]) => state), [
      ...["missing", "failed", "failed", "failed", "failed"],
      states[5]![0],
    ]);
    assert.match(String(states[1]![1]), /allow kms:Decrypt/);
    assert.match(String(states[2]![1]), /storage class GLACIER; restore it/);
    assert.equal(counts.missing, 1);
    assert.equal(counts.recordings, 1);
    assert.equal(counts.problems.length, 3);
    assert.match(counts.problems[0]!, /kms:Decrypt.*and 1 more recordings like it/);

    server.fault = () => null;
    const second = await pull(store, ids, place);
    assert.deepEqual([second.problems, second.missing], [[], 1], "what was mended is read");
  });
});

Deno.test("pullRecordings() ends at a fault that no recording would escape, and at a signal", async () => {
  await inFolder(async (folder) => {
    const ids = await fillBucket(folder, 30);
    await using server = await startS3Server({ bucket: BUCKET, folder });
    server.fault = () => ({ kind: "error", status: 400, code: "ExpiredToken" });
    using store = openStore(":memory:");
    using place = await openLoopback(server);
    await assert.rejects(pull(store, ids, place), { name: "StorageError", fault: "credentials" });
    assert.ok(server.requests.length <= 2 * place.parallel);

    const stop = new AbortController();
    const reason = new Error("stopped by the user");
    server.fault = ({ number }) => {
      if (number > 20) stop.abort(reason);
      return { kind: "slow", pieceBytes: 5000, pauseMs: 1 };
    };
    using stoppable = await openLoopback(server, { signal: stop.signal });
    await assert.rejects(pull(store, ids, stoppable), reason);
  });
});

Deno.test("pullRecordings() hears a signal among recordings that are nowhere or known", async () => {
  await inFolder(async (folder) => {
    const [known] = await fillBucket(folder, 1);
    using store = openStore(":memory:");
    using place = folderPlace(join(folder, "sessions"));
    await pull(store, [known!], place);
    for (const id of ["no-such-recording", known!]) {
      const stop = new AbortController();
      const reason = new Error("stopped by the user");
      let taken = 0;
      const sessions = function* () {
        for (let i = 0; i < 100; i++) {
          if (++taken === 10) stop.abort(reason);
          yield session(id);
        }
      };
      upsertSession(store, session(id).session);
      const options = { place, now: () => NOW, signal: stop.signal };
      await assert.rejects(pullRecordings(store, sessions(), options), reason);
      assert.equal(taken, 10);
    }
  });
});

Deno.test("pullTeleportArchive() gives the same sessions with recordings in a folder and in S3", async () => {
  await inFolder(async (folder) => {
    const events = join(FIXTURES, "events");
    const options = { now: () => NOW, runId: null };
    using local = openStore(join(folder, "local.sqlite"));
    const recordings = folderPlace(join(FIXTURES, "sessions"));
    await pullTeleportArchive(local, { events, recordings }, options);
    await using server = await startS3Server({ bucket: BUCKET, folder: FIXTURES });
    using place = await openLoopback(server);
    using remote = openStore(join(folder, "remote.sqlite"));
    const { problems } = await pullTeleportArchive(remote, { events, recordings: place }, options);
    assert.deepEqual(problems, []);
    assert.deepEqual(measured(remote), measured(local));
  });
});

Deno.test("parseRecording() holds little of a long recording that comes from S3", async () => {
  await inFolder(async (folder) => {
    const parts = 24;
    const part = await longPart();
    const long = new Uint8Array(part.length * parts);
    for (let i = 0; i < parts; i++) long.set(part, i * part.length);
    await Deno.mkdir(join(folder, "sessions"));
    await Deno.writeFile(join(folder, "sessions/a.tar"), long);
    await using server = await startS3Server({ bucket: BUCKET, folder });
    using place = await openLoopback(server);
    const { file } = await place.find("a");
    let [most, arrived] = [0, 0];
    const watched = {
      ...file,
      async *open() {
        for await (const chunk of file.open()) {
          arrived += chunk.length;
          most = Math.max(most, chunk.length);
          yield chunk;
        }
      },
    };
    const { recording } = await parseRecording(watched);
    assert.equal(recording.state, "parsed");
    assert.equal(recording.bytes, long.length);
    assert.equal(arrived, long.length);
    assert.ok(most <= 1024 * 1024, "bytes come in pieces");
  });
});

/** One part of a recording, some 100 kB of it. */
async function longPart(): Promise<Uint8Array> {
  const files: { size: number; path: string }[] = [];
  for await (const { name } of Deno.readDir(join(FIXTURES, "sessions"))) {
    const path = join(FIXTURES, "sessions", name);
    if (name.endsWith(".tar") && (await parseRecording(path)).recording.state === "parsed") {
      files.push({ path, size: (await Deno.stat(path)).size });
    }
  }
  files.sort((a, b) => b.size - a.size);
  return await Deno.readFile(files[0]!.path);
}
