// Cases of the audit log, at the door that reads it: the Parquet files of the local archive.
// Nothing reads Teleport's `events.log`; where a case is about it alone, its name says what is
// tested instead.
import assert from "node:assert/strict";
import type { TeleportSession } from "../../../lib/sources/teleport/archive.ts";
import type { SourceSkip } from "../../../lib/sources/source_skip.ts";
import type { LogRow } from "../../../fixtures/generate/log_files.ts";
import {
  inFolder,
  readAll,
  row,
  type TestEvent,
  writeArchive,
} from "../../sources/archive_folder.ts";
import { printed, readAll as readRecordingWhole } from "../read_all.ts";
import { edgeCase } from "./edge_case.ts";

const SID = "11111111-1111-4111-a111-111111111111";
const AT = "2026-03-02T10:00:00.000Z";

const start: TestEvent = {
  ...{ event: "session.start", time: AT, sid: SID, user: "anna", login: "root" },
  ...{ server_hostname: "web-1", cluster_name: "eu", user_kind: 1 },
};
const exec: TestEvent = { event: "exec", time: AT, sid: SID, command: "ls", exitCode: "0" };

async function archiveOf(
  rows: readonly LogRow[],
): Promise<{ sessions: TeleportSession[]; skips: SourceSkip[] }> {
  let read: { sessions: TeleportSession[]; skips: SourceSkip[] } = { sessions: [], skips: [] };
  await inFolder(async (folder) => {
    const events = await writeArchive(folder, { "2026-03-02/a.parquet": rows });
    read = await readAll(events, { since: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z" });
  });
  return read;
}

edgeCase(57, "the archive's events with dotted keys, and with objects of that name", async () => {
  const { sessions, skips } = await archiveOf([
    row({ ...start, "addr.local": "192.0.2.1:3022", "addr.remote": "192.0.2.9:555" }),
    row({ ...start, sid: "other", addr: { local: "192.0.2.1:3022" } }),
  ]);
  assert.deepEqual(sessions.map(({ session }) => session.target), ["web-1", "web-1"]);
  assert.deepEqual(skips, []);
});

edgeCase(59, "the archive's enums that came later", async () => {
  const { sessions } = await archiveOf([row({ ...start, user_kind: 99 })]);
  assert.equal(sessions[0]?.session.user_kind, null);
});

edgeCase(60, "the archive's events without a uid are told apart by what they say", async () => {
  const bare = (event: TestEvent): LogRow => ({ ...row(event), uid: "" });
  const { sessions } = await archiveOf([
    row(start),
    bare(exec),
    bare({ ...exec, command: "cat" }),
    bare({ ...exec, time: "2026-03-02T10:00:01.000Z" }),
  ]);
  assert.equal(sessions[0]?.commands?.events.length, 3);
});

edgeCase(
  61,
  "the archive's event wrapped as unknown is counted by its type, and not opened",
  async () => {
    const inner = JSON.stringify({ ...start, user: "mallory" });
    const { sessions, skips } = await archiveOf([
      row(start),
      row({ event: "unknown", time: AT, sid: SID, unknown_event: "x", data: inner }),
    ]);
    assert.deepEqual(sessions.map(({ session }) => session.principal), ["anna"]);
    assert.deepEqual(skips.map(({ reason, count }) => [reason, count]), [
      ["event type is not known", 1],
    ]);
  },
);

edgeCase(
  62,
  "no reader of events.log: an archive's row beyond 64 KiB is read, a broken one counted",
  async () => {
    const { sessions, skips } = await archiveOf([
      row({ ...start, initial_command: ["x".repeat(200_000)] }),
      { ...row({ ...exec, sid: "broken" }), event_data: '{"event":"exec","sid":"br' },
    ]);
    assert.deepEqual(sessions.map(({ session }) => session.session_id), [SID, "broken"]);
    assert.deepEqual(skips.map(({ reason, count }) => [reason, count]), [
      ["event data is no JSON object", 1],
    ]);
  },
);

edgeCase(
  62,
  "no reader of events.log: lines of an asciicast, long, broken and still being written",
  async () => {
    const lines = [
      '{"version":2,"width":80,"height":24}',
      `[1,"o","${"x".repeat(70_000)}"]`,
      '[2,"o","bro',
      '[3,"o","last"]',
      '[4,"o","half of a li',
    ];
    const { events, outcome } = await readRecordingWhole(
      new TextEncoder().encode(lines.join("\n")),
    );
    assert.ok(printed(events).endsWith("xlast"));
    assert.deepEqual(outcome.skipped, { "unreadable line": 1 });
    assert.equal(outcome.state, "truncated");
    assert.equal(outcome.errorOffset, lines.slice(0, 4).join("\n").length + 1);
  },
);

edgeCase(63, "rows delivered twice count once", async () => {
  const twice = [start, exec].flatMap((event, i) => {
    const once = row({ ...event, uid: `uid-of-${i}` });
    return [once, once];
  });
  const { sessions } = await archiveOf(twice);
  assert.equal(sessions.length, 1);
  assert.equal(sessions[0]?.commands?.events.length, 1);
});

edgeCase(
  70,
  "the archive's session seen under two clusters is one session, of the first",
  async () => {
    const { sessions } = await archiveOf([
      row(start),
      row({ ...start, time: "2026-03-02T10:00:05.000Z", cluster_name: "us" }),
    ]);
    assert.deepEqual(sessions.map(({ session }) => session.scope), ["eu"]);
  },
);
