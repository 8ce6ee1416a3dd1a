import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { differences, shareKey, tablesOf } from "../soak/compared_stores.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

interface Ended {
  code: number;
  said: string;
}

/** Runs a line of sh, `$@` being Deno with a verb's call. */
async function underShell(line: string, args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line, "sh", Deno.execPath(), "run", "-A", "lib/cli/main.ts", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Whether this machine lets a process mount file systems of its own. */
async function mayMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const probe = "unshare -rm sh -c 'mount -t tmpfs -o size=64k none /mnt'";
  return (await underShell(`${probe} 2>/dev/null`, [])).code === 0;
}

const MOUNTS = await mayMount();
if (!MOUNTS) {
  console.warn("not tried: file systems that are full or read-only; none can be mounted");
}

function integrity(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare("PRAGMA integrity_check").get()!.integrity_check;
}

/** The call that parses casts into a store in a folder. */
function parseInto(folder: string): string[] {
  return ["parse", `${FIXTURES}/casts`, "--db", join(folder, "s.sqlite")];
}

/** The call of a verb over logs of every kind, into the store of that name in a folder. */
async function logsInto(
  folder: string,
  { name, verb }: { name: string; verb: string[] },
): Promise<string[]> {
  const config = `${folder}.yaml`;
  const sources = [
    { kind: "gcp", archive: join(FIXTURES, "across/gcp") },
    { kind: "aws", archive: join(FIXTURES, "across/aws") },
    { kind: "teleport", events: { archive: join(FIXTURES, "across/teleport/events") } },
  ];
  await Deno.writeTextFile(config, JSON.stringify({ sources }));
  return [...verb, "--config", config, "--db", join(folder, `${name}.sqlite`)];
}

Deno.test({
  name: "a store that may not grow says so, keeps what it has, and grows once it may",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const limited = await underShell(`trap '' XFSZ; ulimit -f 500; "$@"`, parseInto(folder.path));
    assert.equal(limited.code, 1, limited.said);
    assert.match(limited.said, /s\.sqlite" can't be read or written; look at the disk, its quota/);
    assert.equal(integrity(join(folder.path, "s.sqlite")), "ok");
    const again = await underShell(`"$@"`, parseInto(folder.path));
    assert.match(again.said, /\d+ sessions stored/);
  },
});

Deno.test({
  name: "run on a store that may not grow keeps what it has, and ends as undisturbed once it may",
  ignore: Deno.build.os === "windows",
  async fn() {
    using temporary = temporaryFolder();
    const folder = join(temporary.path, "stores");
    await Deno.mkdir(folder);
    const verb = ["run", "--out", temporary.path];
    const calm = await underShell(`"$@"`, await logsInto(folder, { name: "calm", verb }));
    assert.equal(calm.code, 0, calm.said);
    await shareKey(folder);
    const call = await logsInto(folder, { name: "killed", verb });
    const { size } = await Deno.stat(join(folder, "calm.sqlite"));
    const blocks = Math.floor(0.7 * size / 512);
    const limited = await underShell(`trap '' XFSZ; ulimit -f ${blocks}; "$@"`, call);
    assert.equal(limited.code, 1, limited.said);
    assert.match(limited.said, /killed\.sqlite" can't be read or written; look at the disk/);
    assert.equal(integrity(join(folder, "killed.sqlite")), "ok");
    const again = await underShell(`"$@"`, call);
    assert.equal(again.code, 0, again.said);
    const [expected, found] = ["calm", "killed"].map((name) =>
      tablesOf(join(folder, `${name}.sqlite`))
    );
    assert.deepEqual(differences(expected!, found!), []);
  },
});

Deno.test({
  name: "a full disk is told as such, for a store that is there and for one that is not",
  ignore: !MOUNTS,
  async fn() {
    using folder = temporaryFolder();
    const parse = parseInto(folder.path);
    const pull = await logsInto(folder.path, { name: "s", verb: ["pull", "all"] });
    const calls = [[500, parse], [300, parse], [12, parse], [900, pull]] as const;
    for (const [kib, call] of calls) {
      const line = `unshare -rm sh -c 'mount -t tmpfs -o size=${kib}k none "${folder.path}" && ` +
        `exec "$@"' sh "$@"`;
      const { code, said } = await underShell(line, [...call]);
      assert.equal(code, 1, said);
      assert.match(
        said,
        /shellscope: .*(the disk is full|look at the disk|No space left on device)/,
        said,
      );
      assert.equal(said.match(/^shellscope: /gm)?.length, 1, said);
    }
  },
});

Deno.test({
  name: "a folder that can't be written says so to those that write, and lets others read",
  ignore: !MOUNTS,
  async fn() {
    using folder = temporaryFolder();
    await underShell(`"$@"`, parseInto(folder.path));
    const readOnly = `unshare -rm sh -c 'mount --bind "${folder.path}" "${folder.path}" && ` +
      `mount -o remount,ro,bind "${folder.path}" && exec "$@"' sh "$@"`;
    const db = join(folder.path, "s.sqlite");
    const written = await underShell(readOnly, ["classify", "--db", db]);
    assert.equal(written.code, 1, written.said);
    assert.match(written.said, /shellscope: .*check (the folder and its|its) rights/);
    const other = await underShell(readOnly, parseInto(join(folder.path, "none")));
    assert.equal(other.code, 1, other.said);
    for (const verb of [["pull", "all"], ["run", "--out", folder.path]]) {
      const call = await logsInto(folder.path, { name: "s", verb });
      const { code, said } = await underShell(readOnly, call);
      assert.equal(code, 1, said);
      assert.match(said, /shellscope: .*check (the folder and its|its) rights/);
    }
    const read = await underShell(readOnly, ["sessions", "--db", db]);
    assert.equal(read.code, 0, read.said);
    assert.match(read.said, /\d+ sessions\n$/);
  },
});
