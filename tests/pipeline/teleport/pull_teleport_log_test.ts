import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeServerLog } from "../../../fixtures/generate/log_files.ts";
import { configSchema, type TeleportSourceConfig } from "../../../lib/config/config.ts";
import { examine } from "../../../lib/pipeline/doctor/doctor.ts";
import type { Check } from "../../../lib/pipeline/doctor/check.ts";
import { planTeleport, pullTeleport } from "../../../lib/pipeline/teleport/pull_teleport_source.ts";
import { openArchiveEngine } from "../../../lib/sources/duckdb.ts";
import { openEvents } from "../../../lib/sources/teleport/event_files.ts";
import { type LogEventSum, readLogEvents } from "../../../lib/store/log_events.ts";
import { readSkips } from "../../../lib/store/runs.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { inFolder } from "../../sources/archive_folder.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures/teleport", import.meta.url));
const NOW = new Date("2026-04-01T00:00:00Z");
const OPTIONS = { now: () => NOW, runId: null };

function sourceOf(events: { log: string } | { archive: string }): TeleportSourceConfig {
  const recordings = { folder: join(FIXTURES, "sessions") };
  const source = { kind: "teleport", events, recordings, labels: ["env"] };
  return configSchema.parse({ sources: [source] }).sources[0] as TeleportSourceConfig;
}

/** The corpus's events as a server of one's own would have logged them. */
async function writeCorpusLog(folder: string): Promise<void> {
  const files: string[] = [];
  for await (const { name: day } of Deno.readDir(join(FIXTURES, "events"))) {
    for await (const { name } of Deno.readDir(join(FIXTURES, "events", day))) {
      const path = join(FIXTURES, "events", day, name);
      const bytes = await Deno.readFile(path);
      if (new TextDecoder().decode(bytes.subarray(-4)) === "PAR1") files.push(path);
    }
  }
  await using engine = await openArchiveEngine();
  await openEvents(engine, files);
  // a few of the corpus have their time and id in the table's columns alone
  const sql = `SELECT regexp_extract(filename, '([0-9-]{10})/[^/]*$', 1) AS day,
      CASE WHEN NOT json_valid(event_data) OR event_data LIKE '%"time":%' THEN event_data
        ELSE concat('{"time":"', strftime(event_time, '%Y-%m-%dT%H:%M:%S.%gZ'),
          '","sid":"', session_id, '",', substr(event_data, 2)) END AS text
    FROM read_parquet(getvariable('files'), filename = true) ORDER BY event_time, uid`;
  const lines: { day: string; text: string }[] = [];
  for await (const batch of engine.query({ name: "corpus", sql, parameters: [] })) {
    for (const { day, text } of batch) lines.push({ day: String(day), text: String(text) });
  }
  await writeServerLog(folder, lines);
}

/** All that is stored of sessions; when it was stored is left out. */
function stored(store: Store): Record<string, unknown[]> {
  const tables = [
    ...["sessions", "subjects", "recordings", "labels", "features_pty", "features_cmd"],
    ...["features_call", "features_desk"],
  ];
  return Object.fromEntries(tables.map((table) => [
    table,
    store.database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all()
      .map(({ updated_at: _, set_at: __, ...row }) => row),
  ]));
}

/** What was left out, by reason. */
function skipped(store: Store): [reason: string, count: number][] {
  const reasons = Map.groupBy(readSkips(store), ({ reason }) => reason);
  return [...reasons].map(([reason, skips]): [string, number] => [
    reason,
    skips.reduce((sum, { count }) => sum + count, 0),
  ]).sort();
}

Deno.test("pullTeleport() stores the same from a server's log as from the archive, row for row", async () => {
  await inFolder(async (folder) => {
    await writeCorpusLog(folder);
    using archived = openStore(":memory:");
    const archive = sourceOf({ archive: join(FIXTURES, "events") });
    await pullTeleport(archived, archive, OPTIONS);
    using logged = openStore(":memory:");
    const pulled = await pullTeleport(logged, sourceOf({ log: folder }), OPTIONS);
    const expected = stored(archived);
    assert.ok(expected.sessions!.length > 60 && expected.labels!.length > 200);
    assert.deepEqual(stored(logged), expected);
    // of the log the lines that are no JSON tell nothing, of the archive their columns still do
    const broken = (row: LogEventSum) =>
      row.event_type !== "session.command"
        ? row
        : { ...row, events: row.events - 3, in_sessions: row.in_sessions - 3 };
    assert.deepEqual(readLogEvents(logged), readLogEvents(archived).map(broken));
    assert.equal(pulled.sessions, expected.sessions!.length);
    assert.deepEqual(skipped(logged), [
      ["event type is not known", 6],
      ["line is no JSON object", 3],
      ["session event without a session id", 3],
    ]);
    assert.deepEqual(skipped(archived), [
      ["event data is no JSON object", 3],
      ["event type is not known", 6],
      ["file is no sound Parquet", 1],
      ["session event without a session id", 3],
    ]);
    const [pull] = logged.database.prepare("SELECT source, from_at, outcome FROM pulls").all();
    assert.deepEqual({ ...pull }, {
      source: `teleport ${folder}`,
      from_at: "2026-03-10T00:00:00.000Z",
      outcome: "partial",
    });
  });
});

Deno.test("pullTeleport() forgets what was wrong with a log that was mended", async () => {
  await inFolder(async (folder) => {
    const event = { event: "session.start", time: "2026-03-10T10:00:00Z", sid: "s1", uid: "u1" };
    const text = JSON.stringify(event);
    const path = join(folder, "2026-03-10.00:00:00.log");
    using store = openStore(":memory:");
    const source = { ...sourceOf({ log: folder }) };
    await Deno.writeTextFile(path, `${text}\n${text.slice(0, 20)}`);
    await pullTeleport(store, source, OPTIONS);
    assert.deepEqual(readSkips(store).map(({ uri, count }) => [uri, count]), [[path, 1]]);
    await Deno.writeTextFile(path, `${text}\n${text}\n`);
    await pullTeleport(store, source, OPTIONS);
    assert.deepEqual(readSkips(store), []);
  });
});

Deno.test("planTeleport() tells the days, files and bytes of a server's log", async () => {
  await inFolder(async (folder) => {
    const days = ["2026-03-01", "2026-03-09", "2026-03-10", "2026-03-11"];
    for (const day of days) {
      await Deno.writeTextFile(join(folder, `${day}.00:00:00.log`), "x".repeat(10));
    }
    using store = openStore(":memory:");
    const window = { since: new Date("2026-03-10"), until: new Date("2026-03-11") };
    const nothing = {
      ...{ queries: 0, scannedAtMost: null, unknown: null },
      ...{ recordings: 0, recordingBytes: 0 },
    };
    assert.deepEqual(
      await planTeleport(store, sourceOf({ log: folder }), {
        ...{ ...OPTIONS, ...window, withoutRecordings: true },
      }),
      {
        ...{ days: 1, partitions: 3, objects: 3, bytes: 30 },
        ...nothing,
      },
    );
    const { recordings, recordingBytes, ...log } = await planTeleport(
      store,
      sourceOf({ log: folder }),
      OPTIONS,
    );
    assert.deepEqual({ ...log, recordings: 0, recordingBytes: 0 }, {
      ...{ days: 4, partitions: 4, objects: 4, bytes: 40 },
      ...nothing,
    });
    assert.ok(recordings! > 60 && recordingBytes! > 10_000);
  });
});

Deno.test("examine() looks at a server's log", async () => {
  await inFolder(async (folder) => {
    const look = async (): Promise<Check[]> => {
      const config = configSchema.parse({ sources: [sourceOf({ log: folder })] });
      const checks = await Array.fromAsync(examine(config));
      return checks.filter(({ check }) => check.startsWith("events"));
    };
    const path = join(folder, "2026-03-10.00:00:00.log");
    await Deno.writeTextFile(path, `{"ei":0,"event":"session.start"}\n`);
    assert.deepEqual((await look()).map(({ check, state, found }) => [check, state, found]), [
      ["events", "ok", `1 log files in ${folder}`],
      ["events file", "ok", path],
    ]);
    await Deno.writeTextFile(path, "INFO [SSH] serving\n");
    const [, file] = await look();
    assert.equal(file?.state, "failed");
    assert.match(file?.advice ?? "", /audit log/);
    await Deno.remove(path);
    const [none] = await look();
    assert.match(none?.advice ?? "", /\/var\/lib\/teleport\/log/);
  });
});
