import assert from "node:assert/strict";
import { join } from "node:path";
import { QueryError } from "../../lib/model/errors.ts";
import { archiveWindow } from "../../lib/sources/teleport/event_files.ts";
import { inFolder, readAll, row, writeArchive } from "./archive_folder.ts";
import { DAY, end, OTHER, sessionsOf, SID, start, upload } from "./teleport_events.ts";

Deno.test("readTeleportSessions() takes windows as half open", async () => {
  const at = (time: string) => sessionsOf([start(time)]);
  assert.equal((await at("2026-03-01T23:59:59.999Z")).length, 0);
  assert.equal((await at("2026-03-02T00:00:00.000Z")).length, 1);
  assert.equal((await at("2026-03-02T23:59:59.999Z")).length, 1);
  assert.equal((await at("2026-03-03T00:00:00.000Z")).length, 0);
  const minute = { since: "2026-03-02T10:00:00Z", until: "2026-03-02T10:01:00Z" };
  assert.equal((await sessionsOf([start("2026-03-02T10:00:00.000Z")], minute)).length, 1);
  assert.equal((await sessionsOf([start("2026-03-02T10:01:00.000Z")], minute)).length, 0);
  assert.equal(
    (await sessionsOf([start("2026-03-02T10:00:30.000Z")], {
      since: DAY.since,
      until: DAY.since,
    })).length,
    0,
  );
});

Deno.test("readTeleportSessions() looks for the start a week before, and no further", async () => {
  const events = (started: string) => [
    start(started),
    end("2026-03-02T08:00:00.000Z"),
    upload("2026-03-02T08:00:10.000Z"),
  ];
  const [found] = await sessionsOf(events("2026-02-27T09:00:00.000Z"));
  assert.equal(found?.session.started_at, "2026-02-27T09:00:00.000Z");
  assert.equal(found?.session.duration_seconds, 3 * 86400 - 3600);
  const [older] = await sessionsOf(events("2026-02-22T09:00:00.000Z"));
  assert.equal(older?.session.started_at, null);
  assert.equal(older?.session.principal, "anna@example.com");
});

Deno.test("readTeleportSessions() gives the same row whichever window finds a session", async () => {
  const events = [
    start("2026-03-01T23:50:00.000Z"),
    { event: "exec", time: "2026-03-02T00:10:00.000Z", sid: SID, command: "ls", exitCode: "0" },
    end("2026-03-03T00:10:00.000Z"),
    upload("2026-03-04T01:00:00.000Z"),
  ];
  const days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"];
  const found = await Promise.all(
    days.slice(0, -1).map((day, i) =>
      sessionsOf(events, { since: `${day}T00:00:00Z`, until: `${days[i + 1]}T00:00:00Z` })
    ),
  );
  for (const sessions of found) assert.deepEqual(sessions, found[0]);
  assert.equal(found[0]?.length, 1);
});

Deno.test("readTeleportSessions() counts rows it can't use and goes on", async () => {
  await inFolder(async (folder) => {
    const time = "2026-03-02T10:00:00.000Z";
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [
        row(start(time)),
        { ...row(end(time)), event_data: '{"event":"session.end"' },
        row(start(time, { sid: "" })),
        row(start(time, { sid: "../../etc/passwd" })),
        row(start(time, { sid: "a/b" })),
        row({ event: "session.teleported", time, sid: SID }),
        row({ event: "<b>zq7</b>", time, sid: SID }),
        row({ event: "user.login", time }),
      ],
    });
    const { sessions, skips } = await readAll(events, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID]);
    assert.deepEqual(skips.map(({ reason, detail, count }) => [reason, detail, count]).sort(), [
      ["event data is no JSON object", null, 1],
      ["event type is not known", "session.teleported", 2],
      ["session event without a session id", null, 1],
      ["session id is not valid", null, 2],
    ]);
    // a day is counted whole, whatever part of it is asked for
    for (const window of [DAY, { ...DAY, until: "2026-03-02T01:00:00Z" }]) {
      const { counts } = await readAll(events, window);
      assert.deepEqual(counts.map(({ day, type, events }) => [day, type, events]), [
        ["2026-03-02", "session.end", 1],
        ["2026-03-02", "session.start", 4],
        ["2026-03-02", "session.teleported", 1],
        ["2026-03-02", "user.login", 1],
        ["2026-03-02", null, 1],
      ]);
    }
  });
});

Deno.test("readTeleportSessions() reads events that their author made long", async () => {
  const long = `zq7"\\\n\u202E {"argv":["x"],"command":"y"} `.repeat(3000);
  const time = "2026-03-02T10:00:00.000Z";
  const [found] = await sessionsOf([
    start(time, { initial_command: [long, long], reason: long, user: "anna" }),
    { event: "exec", time, sid: SID, command: `/bin/tar ${long}`, exitCode: "0" },
    { event: "exec", time, sid: SID, command: ` tar ${long}`, exitCode: "", exitError: long },
    { event: "session.command", time, sid: SID, program: "tar", pid: 5, argv: [long, "b"] },
  ]);
  assert.equal(found?.session.principal, "anna");
  assert.deepEqual(found?.commands?.events.map(({ program }) => program), ["1", "1", "1"]);
  assert.equal(found?.commands?.events.filter(({ exitCode }) => exitCode === 1).length, 1);
});

Deno.test("readTeleportSessions() leaves out broken files, by footer or page, and counts them", async () => {
  await inFolder(async (folder) => {
    const rows = (sid: string) => [row(start("2026-03-02T10:00:00.000Z", { sid }))];
    const many = Array.from({ length: 400 }, (_, i) => (
      row({ ...start("2026-03-02T11:00:00.000Z", { sid: OTHER }), note: `${i * 7919}` })
    ));
    const events = await writeArchive(folder, {
      "2026-03-02/good.parquet": rows(SID),
      "2026-03-02/cut.parquet": rows("3333"),
      "2026-03-02/page.parquet": many,
      "2026-03-02/[odd]*'name.parquet": rows("5555"),
    });
    const day = join(events, "2026-03-02");
    const cut = await Deno.readFile(join(day, "cut.parquet"));
    await Deno.writeFile(join(day, "cut.parquet"), cut.slice(0, cut.length - 20));
    await Deno.writeTextFile(join(day, "empty.parquet"), "");
    await Deno.writeTextFile(join(day, "text.parquet"), "PAR1 this is none PAR1");
    await Deno.writeTextFile(join(day, "notes.txt"), "not asked for");
    const page = await Deno.readFile(join(day, "page.parquet"));
    page.fill(0xff, 40, Math.floor(page.length * 0.7));
    await Deno.writeFile(join(day, "page.parquet"), page);
    const { sessions, skips } = await readAll(events, DAY);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID, "5555"]);
    assert.deepEqual(skips.map(({ uri, reason }) => [uri.slice(day.length + 1), reason]), [
      ["cut.parquet", "file is no sound Parquet"],
      ["empty.parquet", "file is no sound Parquet"],
      ["text.parquet", "file is no sound Parquet"],
      ["page.parquet", "file has pages that can't be read"],
    ]);
  });
});

Deno.test("readTeleportSessions() goes on where a footer is damaged", async () => {
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, {
      "2026-03-02/good.parquet": [row(start("2026-03-02T10:00:00.000Z", { sid: SID }))],
    });
    const day = join(events, "2026-03-02");
    const good = await Deno.readFile(join(day, "good.parquet"));
    const end = good.length - 8;
    const begin = end - new DataView(good.buffer).getUint32(end, true);
    let damaged = 0;
    // about here the columns end and what the groups of rows hold begins: either can be broken alone
    for (let at = begin + 500; at < begin + 620; at += 2) {
      const bytes = good.with(at, good[at]! ^ 0x7f);
      await Deno.writeFile(join(day, `damaged-${++damaged}.parquet`), bytes);
    }
    const { sessions, skips } = await readAll(events, DAY);
    assert.ok(sessions.some(({ session }) => session.session_id === SID));
    const told = skips.filter(({ reason }) => reason === "file is no sound Parquet").length;
    assert.ok(told > 0 && told < damaged, `${told} of ${damaged}`);
    assert.ok(skips.every(({ uri }) => !uri.endsWith("good.parquet")));
  });
});

Deno.test("readTeleportSessions() reads only the days it needs", async () => {
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, {
      "2026-03-02/a.parquet": [row(start("2026-03-02T10:00:00.000Z"))],
    });
    for (const day of ["2026-01-01", "2026-06-01", "2026-13-77", "tmp"]) {
      await Deno.mkdir(join(events, day));
      await Deno.writeTextFile(join(events, day, "broken.parquet"), "x");
    }
    const { sessions, skips } = await readAll(events, DAY);
    assert.equal(sessions.length, 1);
    assert.deepEqual(skips, []);
  });
});

Deno.test("readTeleportSessions() tells an empty archive from none", async () => {
  await inFolder(async (folder) => {
    assert.deepEqual(await readAll(folder, DAY), { sessions: [], skips: [], counts: [] });
    assert.equal(await archiveWindow(folder), null);
    await assert.rejects(readAll(join(folder, "nowhere"), DAY), QueryError);
  });
});

Deno.test("archiveWindow() spans whole days from the first folder to the last", async () => {
  await inFolder(async (folder) => {
    for (const day of ["2026-03-02", "2026-02-27", "x"]) await Deno.mkdir(join(folder, day));
    assert.deepEqual(await archiveWindow(folder), {
      since: new Date("2026-02-27T00:00:00Z"),
      until: new Date("2026-03-03T00:00:00Z"),
    });
  });
});
