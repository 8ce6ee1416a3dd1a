import assert from "node:assert/strict";
import { join } from "node:path";
import { sequenced, writeRecording } from "../../fixtures/generate/protostream_writer.ts";
import { SAMPLE_SID, sampleSession, sampleTime } from "../recording/sample.ts";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

function aRecording(folder: string, name = `${SAMPLE_SID}.tar`): string {
  const path = join(folder, name);
  Deno.writeFileSync(path, writeRecording(sampleSession()));
  return path;
}

Deno.test("export --format jsonl prints all events with the terminal's data", async () => {
  using folder = temporaryFolder();
  const { status, out, err } = await shellscope(
    "export",
    aRecording(folder.path),
    "--format",
    "jsonl",
  );
  assert.deepEqual([status, err], [0, ""]);
  const events = jsonLines(out);
  assert.deepEqual(
    events.map(({ event }) => event),
    ["session.start", "print", "print", "resize", "print", "print", "session.leave", "session.end"],
  );
  assert.equal(atob(String(events[1]!.data)), "a1");
});

Deno.test("export --format cast prints v3, and v2 on request", async () => {
  using folder = temporaryFolder();
  const path = aRecording(folder.path);
  const v3 = await shellscope("export", path, "--format", "cast");
  assert.equal(v3.status, 0);
  assert.equal(jsonLines(v3.out)[0]!.version, 3);
  const v2 = await shellscope("export", path, "--format", "cast", "--cast-version", "2");
  assert.equal(jsonLines(v2.out)[0]!.version, 2);
});

Deno.test("export --format text leaves nothing that a terminal acts on", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "hostile.tar");
  const data =
    "\u001b]0;x\u0007secret\rpublic\u202e \u001b[8mdark\u001b[0m\r\n\u001b[?1049h\u001b[Hin";
  Deno.writeFileSync(
    path,
    writeRecording(sequenced([{ event: "print", time: sampleTime(0), data }])),
  );
  const { status, out } = await shellscope("export", path, "--format", "text");
  assert.equal(status, 0);
  assert.deepEqual(out.split("\n"), [
    "     0.000 ~  secret",
    "     0.000    public\\u202e dark  [not visible: dark]",
    "     0.000  | in",
    "",
  ]);
});

Deno.test("export finds the recording of a session by its id", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  await shellscope("parse", aRecording(folder.path), "--db", db);
  const { status, out } = await shellscope(
    "export",
    SAMPLE_SID.slice(0, 8),
    "--format",
    "text",
    "--db",
    db,
  );
  assert.equal(status, 0);
  assert.match(out, /a1b2c3d4/);
  Deno.removeSync(join(folder.path, `${SAMPLE_SID}.tar`));
  const gone = await shellscope("export", SAMPLE_SID, "--format", "text", "--db", db);
  assert.equal(gone.status, 1);
  assert.match(gone.err, /There is no file .* any more/);
  const unknown = await shellscope("export", "ffffffff", "--format", "text", "--db", db);
  assert.equal(unknown.status, 2);
  assert.match(unknown.err, /neither a file nor a session/);
});

Deno.test("export --out writes a file that its owner alone may read, and prints nothing", async () => {
  using folder = temporaryFolder();
  const path = aRecording(folder.path);
  const file = join(folder.path, "out.cast");
  Deno.writeTextFileSync(file, "old", { mode: 0o644 });
  const { status, out, err } = await shellscope("export", path, "--format", "cast", "--out", file);
  assert.deepEqual([status, out, err], [0, "", ""]);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  const printed = await shellscope("export", path, "--format", "cast");
  assert.equal(Deno.readTextFileSync(file), printed.out);
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    `${SAMPLE_SID}.tar`,
    "out.cast",
  ]);
});

Deno.test("export of a damaged recording gives what there is and says so with status 3", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "cut.tar");
  const whole = writeRecording(sampleSession(), { eventsPerPart: 4 });
  Deno.writeFileSync(path, whole.subarray(0, whole.length - 40));
  const { status, out, err } = await shellscope("export", path, "--format", "jsonl");
  assert.equal(status, 3);
  assert.ok(jsonLines(out).length >= 4);
  assert.match(err, /truncated/);
  // the path is ours, and random: only the words behind it could be content
  assert.doesNotMatch(err.replaceAll(folder.path, ""), /\b(a1|b2|dana)\b/);
});

Deno.test("export of what is no recording fails", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "note.txt");
  Deno.writeTextFileSync(path, "not a recording at all");
  const file = join(folder.path, "out.jsonl");
  const { status, out, err } = await shellscope("export", path, "--format", "jsonl", "--out", file);
  assert.deepEqual([status, out], [1, ""]);
  assert.match(err, /unsupported/);
});

Deno.test("export says how it is to be called", async () => {
  using folder = temporaryFolder();
  const path = aRecording(folder.path);
  const calls: readonly (readonly [string[], RegExp])[] = [
    [[], /needs one ID/],
    [[path], /needs --format/],
    [[path, path, "--format", "text"], /needs one ID/],
    [[path, "--format", "yaml"], /Unknown format/],
    [[path, "--format", "cast", "--cast-version", "1"], /2 or 3/],
    [[path, "--format", "text", "--cast-version", "2"], /goes with --format cast/],
    [["nowhere", "--format", "text", "--db", join(folder.path, "no.sqlite")], /no store/],
  ];
  for (const [args, message] of calls) {
    const { status, out, err } = await shellscope("export", ...args);
    assert.deepEqual([status, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

const SHARED = "../shared/data/teleport/session.tar";
const hasShared = await Deno.stat(SHARED).then(() => true, () => false);

Deno.test({
  name:
    "export of a real Teleport recording: a cast that reads as the recording does, and its text",
  ignore: !hasShared,
  async fn() {
    using folder = temporaryFolder();
    const cast = join(folder.path, "session.cast");
    await shellscope("export", SHARED, "--format", "cast", "--out", cast);
    const [of, again] = await Promise.all(
      [SHARED, cast].map(async (path) =>
        jsonLines((await shellscope("parse", path, "--format", "jsonl")).out)[0]!
      ),
    );
    for (const name of ["pty_events", "pty_bytes", "pty_gap_p50", "pty_alt_screens"]) {
      assert.equal(again![name], of![name], name);
    }
    const { out } = await shellscope("export", SHARED, "--format", "text");
    const commands = out.split("\n").flatMap((line) =>
      /^ +[\d.]+ {4}root@.*# (.*)$/.exec(line)?.[1] ?? []
    );
    assert.deepEqual(commands, [
      ...["ls", "htop", "curl -K google.com", "curl -k google.com", "ping google.com"],
      ...["touch doc.txt", "nano doc.txt", "exit"],
    ]);
    assert.equal((await shellscope("export", cast, "--format", "text")).out, out);
  },
});
