import assert from "node:assert/strict";
import { join } from "node:path";
import { writeRecording } from "../../../fixtures/generate/protostream_writer.ts";
import { configSchema, type TeleportSourceConfig } from "../../../lib/config/config.ts";
import { correlateSessions } from "../../../lib/pipeline/across/correlate.ts";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { pullTeleport } from "../../../lib/pipeline/teleport/pull_teleport_source.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { readCorrelations } from "../../../lib/store/correlations.ts";
import { readNotableEvents } from "../../../lib/store/notable_events.ts";
import { readAddresses } from "../../../lib/store/session_addresses.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "../../recording/sample.ts";
import { inFolder, row, type TestEvent, writeArchive } from "../../sources/archive_folder.ts";

const NOW = new Date("2026-04-01T12:00:00Z");
const CONFIG = configSchema.parse({ identity: { domain: "example.com" } });
const WHO = { user: "dana@example.com", login: "root", sid: SAMPLE_SID };

function started(ms: number, program: string, words: string): TestEvent {
  return {
    ...{ event: "session.command", time: sampleTime(ms), ...WHO, program: "python3" },
    ...{ path: `/usr/lib/${program}`, pid: 100 + ms, ppid: 1, argv: words.split(" ") },
    return_code: 0,
  };
}

/** What BPF saw. */
const PROCESSES = [
  started(200, "gcloud", "compute instances list --filter marker-7f3a"),
  started(600, "ls", "-l marker-7f3a"),
  {
    ...{ event: "session.network", time: sampleTime(700), ...WHO, program: "python3", pid: 300 },
    ...{ src_addr: "198.51.100.20", dst_addr: "203.0.113.200", dst_port: 443, version: 4 },
    ...{ operation: 0, action: 0 },
  },
];

/** The sample's recording, with processes beside the prints as up to version 12. */
async function writeInside(folder: string, inside: readonly TestEvent[]): Promise<void> {
  const time = ({ time }: { time?: string }) => Date.parse(time!);
  const events = [...sampleSession(), ...inside].sort((a, b) => time(a) - time(b))
    .map((event, ei) => ({ ...event, ei }));
  await Deno.mkdir(join(folder, "sessions"), { recursive: true });
  await Deno.writeFile(join(folder, "sessions", `${SAMPLE_SID}.tar`), writeRecording(events));
}

async function pull(
  store: Store,
  folder: string,
  { logged, force = true }: { logged: readonly TestEvent[]; force?: boolean },
): Promise<void> {
  const day = sampleTime(0).slice(0, 10);
  const own = sampleSession().filter(({ event }) => /^session\.(start|end)$/.test(event!));
  const upload = { event: "session.upload", time: sampleTime(1100), sid: SAMPLE_SID };
  const events = [...own as TestEvent[], ...logged, upload]
    .map((event, i) => ({ ...event, uid: `u${i}` }));
  await writeArchive(folder, { [`${day}/a.parquet`]: events.map(row) });
  const source = configSchema.parse({
    sources: [{
      ...{ kind: "teleport", events: { archive: join(folder, "events") } },
      recordings: { folder: join(folder, "sessions") },
    }],
  }).sources[0] as TeleportSourceConfig;
  await pullTeleport(store, source, { now: () => NOW, runId: null, force });
}

function commands(store: Store): unknown[] {
  return readNotableEvents(store, SAMPLE_SID).map((
    { kind, at, program, subcommand },
  ) => [kind, at, program, subcommand]);
}

function places(store: Store): string[] {
  return readAddresses(store, SAMPLE_SID).map(({ place, hash, reach }) => {
    assert.match(hash, /^[0-9a-f]{16}$/);
    return `${place} ${reach}`;
  });
}

const BPF = [
  ["bpf", sampleTime(200), "gcloud", "gcloud.compute.instances.list"],
  ["bpf", sampleTime(600), null, null],
];

Deno.test("commands and addresses inside an old recording are kept as those of the log are", async () => {
  await inFolder(async (folder) => {
    await writeInside(folder, PROCESSES);
    using inside = openStore(":memory:", { now: () => NOW });
    await parseRecordings([join(folder, "sessions")], { store: inside, now: NOW });
    assert.deepEqual(commands(inside), BPF);
    assert.deepEqual(places(inside), ["client public", "host public"]);
    await writeInside(folder, []);
    using logged = openStore(":memory:", { now: () => NOW });
    await pull(logged, folder, { logged: PROCESSES });
    assert.deepEqual(commands(logged), BPF);
    assert.deepEqual(places(logged), ["client public", "host public"]);
  });
});

Deno.test("a recording that an earlier version read is read again, for its commands", async () => {
  await inFolder(async (folder) => {
    await writeInside(folder, PROCESSES);
    using store = openStore(":memory:", { now: () => NOW });
    await pull(store, folder, { logged: [], force: false });
    store.database.exec("DELETE FROM notable_events");
    await pull(store, folder, { logged: [], force: false });
    assert.deepEqual(commands(store), []);
    store.database.exec("UPDATE recordings SET extractor_version = '4'");
    await pull(store, folder, { logged: [], force: false });
    assert.deepEqual(commands(store), BPF);
  });
});

Deno.test("commands that log and recording both have are kept once, and pulled again they are the same", async () => {
  await inFolder(async (folder) => {
    const exec = {
      ...{ event: "exec", time: sampleTime(400), ...WHO },
      ...{ command: "aws s3 ls s3://marker-7f3a", exitCode: "0" },
    };
    const EXEC = ["exec", sampleTime(400), "aws", "s3.ls"];
    const both = BPF.toSpliced(1, 0, EXEC as (string | null)[]);
    await writeInside(folder, PROCESSES);
    for (const log of [[...PROCESSES, exec], [exec]]) {
      using store = openStore(":memory:", { now: () => NOW });
      for (let time = 0; time < 2; time++) {
        await pull(store, folder, { logged: log });
        assert.deepEqual(commands(store), both);
        assert.deepEqual(places(store), ["client public", "host public"]);
      }
    }
  });
});

Deno.test("the addresses of a terminal are held against that of calls, and none is stored as it is", async () => {
  await inFolder(async (folder) => {
    await writeInside(folder, PROCESSES);
    using store = openStore(":memory:", { now: () => NOW });
    await pull(store, folder, { logged: [] });
    const cases: [string, number | null][] = [
      ["198.51.100.20", 1], // the host's
      ["203.0.113.9", 1], // the client's
      ["192.0.2.99", 0],
      ["10.9.9.9", null],
      ["", null],
    ];
    for (const [address] of cases) {
      upsertSession(store, {
        ...{ session_id: `calls-${address}`, substrate: "gcp-cloud-audit", kind: "api" },
        ...{ principal: "dana@example.com", login: null, target: null, scope: null },
        ...{ driver: `gcloud ${address}`.trim(), user_kind: null, uploaded_at: null },
        ...{ started_at: sampleTime(100), ended_at: sampleTime(900), duration_seconds: 0.8 },
        no_recording: null,
      });
      await putAcross(store, { ...CONFIG, now: NOW });
      await correlateSessions(store, { ...CONFIG, now: NOW });
    }
    const found = readCorrelations(store).map(({ sessions, evidence }) => (
      [sessions[1].slice(6), evidence.address] as const
    ));
    for (const [address, expected] of cases.slice(0, 4)) {
      const [, known] = found.find(([other]) => other === address) ?? [address, "left out"];
      assert.equal(known, expected, address);
    }
    const terminal = Object.keys(store.database.prepare("SELECT * FROM session_addresses").get()!);
    assert(!terminal.includes("address"));
    const rows = JSON.stringify(store.database.prepare("SELECT * FROM session_addresses").all());
    assert(!/198\.51|203\.0/.test(rows));
  });
});
