import assert from "node:assert/strict";
import { join } from "node:path";
import { shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const MORE_THAN_MEMORY = 10 * 2 ** 30;

/** What a name may stand for instead of a file: each would be read for ever, or without bound. */
const ODD: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "a pipe that nobody fills": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  "a device that never ends": (path) => Deno.symlink("/dev/zero", path),
  "a folder": (path) => Deno.mkdir(path),
  "a file of 10 GB": async (path) => {
    using file = await Deno.open(path, { write: true, createNew: true });
    await file.truncate(MORE_THAN_MEMORY);
  },
};

/** Every place where a verb is given a file; `ODD` stands for the file, `DB` for a good store. */
const CALLS: readonly string[] = [
  "findings --config ODD.yaml",
  "parse ODD.tar --format jsonl",
  "parse ODD.cast --db NEW",
  "parse CAST --labels ODD.csv --db NEW",
  "findings --db ODD.sqlite",
  "classify --db ODD.sqlite",
  "merge ODD.sqlite --db DB",
  "render ODD.ipynb --out OUT",
  "render --verify ODD.html",
  "label import ODD.jsonl --db DB",
  "label import ODD.tsv --db DB",
  "eval --against ODD.json --db DB",
  "eval --benign ODD.json --db DB",
  "classify --phase 2 --dry-run --prompt ODD.md --db DB",
  "classify --rules ODD.yaml --db DB",
  "classify --rules PACK --db DB",
  "export ODD.cast --format text",
];

Deno.test("pipes among the files of a log are told, and what lies beside them is read", async () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const [day, log, calls] = [at("events/2026-03-10"), at("log"), at("gcs/activity/2026/03/10")];
  for (const path of [day, log, calls]) await Deno.mkdir(path, { recursive: true });
  const [good] = Deno.readDirSync("fixtures/teleport/events/2026-03-10");
  await Deno.copyFile(`fixtures/teleport/events/2026-03-10/${good!.name}`, join(day, good!.name));
  const pipes = [
    ...[join(day, "pipe.parquet"), join(log, "events.log"), join(calls, "pipe.json")],
    ...[at("gcs/labels.tsv"), join(log, "2026-03-10.00:00:00.log")],
  ];
  for (const pipe of pipes) await ODD["a pipe that nobody fills"]!(pipe);
  await Deno.symlink("/dev/zero", join(day, "device.parquet"));
  await Deno.writeTextFile(
    at("shellscope.yaml"),
    `sources:
  - { kind: teleport, events: { archive: ./events }, recordings: { folder: ./events } }
  - { kind: teleport, events: { log: ./log }, recordings: { folder: ./log } }
  - { kind: gcp, archive: ./gcs }
`,
  );
  const { status, out, err } = await shellscope(
    ...["pull", "all", "--config", at("shellscope.yaml"), "--format", "jsonl"],
  );
  assert.equal(status, 3, err);
  assert.match(err, /teleport: file is no plain file: 3\n/);
  assert.ok(Number(JSON.parse(out.split("\n")[0]!).sessions) > 0);
});

Deno.test("what is no plain file, or is far too long, is named wherever a verb is given it", async (t) => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const cast = "fixtures/casts/agent-v3.cast";
  await shellscope("parse", cast, "--db", at("s.sqlite"));
  await shellscope("classify", "--db", at("s.sqlite"));
  let turn = 0;
  for (const [what, make] of Object.entries(ODD)) {
    await t.step(what, async () => {
      for (const call of CALLS) {
        const odd = `odd-${turn++}`;
        const pack = at(`pack-${turn}`);
        await Deno.mkdir(pack);
        const named = /\bODD\S*/.exec(call)?.[0].replace("ODD", odd);
        await make(named === undefined ? join(pack, "odd.yaml") : at(named));
        const args = call.split(" ").map((word) =>
          word.startsWith("ODD")
            ? at(named!)
            : { DB: at("s.sqlite"), NEW: at("new.sqlite"), OUT: at("out"), PACK: pack, CAST: cast }[
              word
            ] ?? word
        );
        const { status, err, out } = await shellscope(...args);
        assert.notEqual(status, 0, call);
        assert.doesNotMatch(err, /Unexpected|Error:/, call);
        assert.match(
          err + out,
          new RegExp(odd.concat("|odd\\.yaml|pack-|no \\.tar and no \\.cast there")),
          call,
        );
      }
    });
  }
});
