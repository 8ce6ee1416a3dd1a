import assert from "node:assert/strict";
import fc from "../property.ts";
import { join } from "node:path";
import { writeServerLog } from "../../fixtures/generate/log_files.ts";
import { QueryError } from "../../lib/model/errors.ts";
import { openArchiveEngine } from "../../lib/sources/duckdb.ts";
import type { SourceSkip } from "../../lib/sources/source_skip.ts";
import { logFiles, logFilesOf } from "../../lib/sources/teleport/log_files.ts";
import { logSource } from "../../lib/sources/teleport/log_source.ts";
import { writeBomb } from "../attacks/bomb_files.ts";
import { inFolder, readAll, row, type TestEvent } from "./archive_folder.ts";

const SID = "11111111-1111-4111-a111-111111111111";
const DAY = {
  since: "2026-03-02T00:00:00Z",
  until: "2026-03-03T00:00:00Z",
  format: "log",
} as const;
const START: TestEvent = { event: "session.start", time: "2026-03-02T10:00:00Z", sid: SID };

const text = (event: TestEvent) => row(event).event_data;
const line = (event: TestEvent) => ({ day: event.time.slice(0, 10), text: text(event) });

function told(skips: readonly SourceSkip[]): [string, string, number][] {
  return skips.map(({ uri, reason, count }): [string, string, number] => [
    uri.split("/").at(-1)!,
    reason,
    count,
  ]).sort();
}

Deno.test("readTeleportSessions() reads a server's log over its days, gzipped ones too", async () => {
  await inFolder(async (folder) => {
    await writeServerLog(
      folder,
      [
        { ...START, time: "2026-03-01T23:50:00.123456789Z", user: "anna", user_kind: 1 },
        { event: "session.end", time: "2026-03-02T00:10:00.5Z", sid: SID, interactive: true },
        { event: "session.upload", time: "2026-03-03T01:00:00Z", sid: SID },
      ].map(line),
    );
    const { sessions, skips } = await readAll(folder, DAY);
    assert.deepEqual(skips, []);
    assert.equal(sessions.length, 1);
    const { session } = sessions[0]!;
    assert.equal(session.principal, "anna");
    assert.equal(session.started_at, "2026-03-01T23:50:00.123Z");
    assert.equal(session.ended_at, "2026-03-02T00:10:00.500Z");
    assert.equal(session.uploaded_at, "2026-03-03T01:00:00.000Z");
  });
});

Deno.test("readTeleportSessions() counts lines that are no events, and goes on", async () => {
  await inFolder(async (folder) => {
    const day = "2026-03-02";
    const whole = text(START);
    await writeServerLog(folder, [
      { day: "2026-03-01", text: "broken, but not of the window" },
      { day, text: whole },
      { day, text: "" },
      { day, text: whole.slice(0, 40) },
      { day, text: "[1, 2]" },
      // of a key that comes twice the first counts, as in Athena
      { day, text: whole.replace("{", '{"sid":"twice",') },
      { day, text: "\u0000\u0000" },
      { day, text: `${whole} trailing` },
      { day, text: JSON.stringify({ level: "info", message: "zq7" }) },
      { day, text: JSON.stringify({ event: 7, time: START.time }) },
      { day, text: JSON.stringify({ event: "session.start", time: "soon", sid: "s2" }) },
      { day, text: text({ ...START, event: "session.teleported" }) },
      { day, text: text({ ...START, event: "session.end", time: "2026-03-02T10:01:00Z" }) },
    ]);
    const { sessions, skips } = await readAll(folder, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID, "twice"]);
    assert.equal(sessions[0]!.session.ended_at, "2026-03-02T10:01:00.000Z");
    const file = "2026-03-02.00:00:00.log";
    assert.deepEqual(told(skips), [
      [file, "event without a time", 1],
      [file, "line is no JSON object", 4],
      [file, "line is no event of Teleport's", 2],
      [folder.split("/").at(-1)!, "event type is not known", 1],
    ]);
    assert.ok(!JSON.stringify(skips).includes("zq7"));
  });
});

Deno.test("readTeleportSessions() reads a log up to a line that is still being written", async () => {
  await inFolder(async (folder) => {
    await writeServerLog(folder, [line(START)]);
    const path = join(folder, "events.log");
    await Deno.writeTextFile(path, text({ ...START, sid: "s2" }).slice(0, -3), { append: true });
    const { sessions, skips } = await readAll(folder, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID]);
    assert.deepEqual(told(skips), [["2026-03-02.00:00:00.log", "line is no JSON object", 1]]);
  });
});

Deno.test("readTeleportSessions() takes the logs of two servers together, each event once", async () => {
  await inFolder(async (folder) => {
    const command = { ...START, event: "session.command", program: "ls", pid: 5, uid: "c1" };
    for (const server of ["a", "b"]) {
      await Deno.mkdir(join(folder, server));
      const lines = [START, command, { ...command, uid: server }].map(text).join("\n");
      await Deno.writeTextFile(join(folder, server, "2026-03-02.04:05:06.log"), `${lines}\n`);
    }
    const { sessions } = await readAll(folder, DAY);
    assert.equal(sessions.length, 1);
    assert.equal(sessions[0]!.commands?.events.length, 3);
  });
});

Deno.test("readTeleportSessions() leaves out a log that can't be read to its end", async () => {
  await inFolder(async (folder) => {
    await writeServerLog(folder, [line(START)]);
    const bad = join(folder, "2026-03-02.00:00:00.log.gz");
    await Deno.writeTextFile(bad, "this is no gzip");
    const { sessions, skips } = await readAll(folder, DAY);
    assert.equal(sessions.length, 1);
    assert.deepEqual(told(skips), [[
      "2026-03-02.00:00:00.log.gz",
      "file can't be read to its end",
      1,
    ]]);
  });
});

Deno.test("logSource() tells the span of a log of which a file can't be read, unless it is all", async () => {
  await inFolder(async (folder) => {
    await using engine = await openArchiveEngine({ threads: 1 });
    await Deno.writeTextFile(join(folder, "events.log.gz"), "this is no gzip");
    await assert.rejects(logSource(folder).window(engine), QueryError);
    await Deno.writeTextFile(join(folder, "events.log"), `${text(START)}\n`);
    assert.deepEqual(
      (await logSource(folder).window(engine))?.since,
      new Date("2026-03-02T10:00:00.000Z"),
    );
  });
});

Deno.test("logSource() tells the span of a log without reading the times of a bomb", async () => {
  await inFolder(async (folder) => {
    const dated = join(folder, "2026-03-02.00:00:00.log");
    await Deno.writeTextFile(dated, `${text(START)}\n`);
    const unit = `${text({ ...START, time: "2020-01-01T00:00:00Z" })}\n`;
    writeBomb(join(folder, "events.log.gz"), { unit, bytes: 70e6 });
    await using engine = await openArchiveEngine();
    assert.deepEqual(await logSource(folder).window(engine), {
      since: new Date("2026-03-02T00:00:00Z"),
      until: new Date("2026-03-04T00:00:00Z"),
    });
  });
});

Deno.test("readTeleportSessions() takes a log that was copied without its folder", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "events.log");
    await Deno.writeTextFile(path, `${text(START)}\n`);
    for (const events of [folder, path]) {
      const { sessions } = await readAll(events, DAY);
      assert.equal(sessions.length, 1);
    }
    await using engine = await openArchiveEngine();
    assert.deepEqual(await logSource(path).window(engine), {
      since: new Date("2026-03-02T10:00:00.000Z"),
      until: new Date("2026-03-02T10:00:00.001Z"),
    });
  });
});

Deno.test("readTeleportSessions() never throws for lines of any bytes, nor loses those between", async () => {
  await inFolder(async (folder) => {
    await using engine = await openArchiveEngine({ threads: 1 });
    const path = join(folder, "events.log");
    const whole = new TextEncoder().encode(`${text(START)}\n`);
    const junk = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(junk, async (lines) => {
        // nothing that ends a line, or is left out as an empty one
        const clean = lines.map((bytes) => bytes.map((byte) => byte < 33 ? 1 : byte));
        const pieces = clean.flatMap((bytes) => [bytes, Uint8Array.of(10), whole]);
        await Deno.writeFile(path, new Blob(pieces as Uint8Array<ArrayBuffer>[]).stream());
        const source = logSource(path);
        await source.open(engine, [path]);
        const query = {
          name: "n",
          sql: "SELECT count(*) AS n FROM teleport_events",
          parameters: [],
        };
        let rows: unknown[] = [];
        for await (const batch of engine.query(query)) rows = batch;
        assert.deepEqual(rows, [{ n: lines.length }]);
      }),
      { numRuns: 60 },
    );
  });
});

Deno.test("logFiles() finds daily files, the current one, and what is none", async () => {
  await inFolder(async (folder) => {
    const put = async (name: string) => {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), "");
    };
    const names = [
      ...["s1/2026-03-01.00:00:00.log", "s1/2026-03-02.00:00:00.log.gz", "s1/notes.txt"],
      ...["s1/2026-03-01.00:00:00.log.gz", "s1/2026-99-99.00:00:00.log", "s1/.hidden"],
      ...["s2/2026-03-02.10_11_12.log", "upload/x.tar", "records/2026.tar", "readme"],
    ];
    for (const name of names) await put(name);
    await Deno.symlink("s1/2026-03-01.00:00:00.log", join(folder, "events.log"));
    const skips: SourceSkip[] = [];
    const files = await logFiles(folder, (skip) => skips.push(skip));
    assert.deepEqual(files.map(({ path, day }) => [path.slice(folder.length + 1), day]), [
      ["s1/2026-03-01.00:00:00.log", "2026-03-01"],
      ["s1/2026-03-02.00:00:00.log.gz", "2026-03-02"],
      ["s2/2026-03-02.10_11_12.log", "2026-03-02"],
    ]);
    const reason = "file is not named as Teleport names its logs";
    assert.deepEqual(told(skips), [
      ["2026-99-99.00:00:00.log", reason, 1],
      ["notes.txt", reason, 1],
      ["readme", reason, 1],
    ]);
    await assert.rejects(logFiles(join(folder, "gone"), () => {}), QueryError);
  });
});

Deno.test("logFiles() follows events.log to a file elsewhere, and tells a link to nowhere", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "log"));
    await Deno.writeTextFile(join(folder, "2026-03-02.00:00:00.log"), "");
    await Deno.symlink("../2026-03-02.00:00:00.log", join(folder, "log", "events.log"));
    const [file] = await logFiles(join(folder, "log"), () => {});
    assert.equal(file?.day, "2026-03-02");
    await Deno.remove(join(folder, "2026-03-02.00:00:00.log"));
    const skips: SourceSkip[] = [];
    assert.deepEqual(await logFiles(join(folder, "log"), (skip) => skips.push(skip)), []);
    assert.deepEqual(told(skips), [["events.log", "link leads nowhere", 1]]);
  });
});

Deno.test("logFilesOf() takes the files of a window's days, and those that tell no day", () => {
  const days = ["2026-03-01", "2026-03-02", "2026-03-03", null];
  const files = days.map((day) => ({ path: String(day), day }));
  const window = { since: new Date(DAY.since), until: new Date(DAY.until) };
  assert.deepEqual(logFilesOf(files, window).map(({ day }) => day), ["2026-03-02", null]);
});
