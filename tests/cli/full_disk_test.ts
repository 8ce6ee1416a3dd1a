import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
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

/** The call of a run over casts, into a store in a folder. */
function runInto(folder: string): string[] {
  return ["parse", `${FIXTURES}/casts`, "--db", join(folder, "s.sqlite")];
}

Deno.test({
  name: "a store that may not grow says so, keeps what it has, and grows once it may",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const limited = await underShell(`trap '' XFSZ; ulimit -f 500; "$@"`, runInto(folder.path));
    assert.equal(limited.code, 1, limited.said);
    assert.match(limited.said, /s\.sqlite" can't be read or written; look at the disk, its quota/);
    assert.equal(integrity(join(folder.path, "s.sqlite")), "ok");
    const again = await underShell(`"$@"`, runInto(folder.path));
    assert.match(again.said, /\d+ sessions stored/);
  },
});

Deno.test({
  name: "a full disk is told as such, for a store that is there and for one that is not",
  ignore: !MOUNTS,
  async fn() {
    using folder = temporaryFolder();
    for (const kib of [500, 300, 12]) {
      const line = `unshare -rm sh -c 'mount -t tmpfs -o size=${kib}k none "${folder.path}" && ` +
        `exec "$@"' sh "$@"`;
      const { code, said } = await underShell(line, runInto(folder.path));
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
    await underShell(`"$@"`, runInto(folder.path));
    const readOnly = `unshare -rm sh -c 'mount --bind "${folder.path}" "${folder.path}" && ` +
      `mount -o remount,ro,bind "${folder.path}" && exec "$@"' sh "$@"`;
    const db = join(folder.path, "s.sqlite");
    const written = await underShell(readOnly, ["classify", "--db", db]);
    assert.equal(written.code, 1, written.said);
    assert.match(written.said, /shellscope: .*check (the folder and its|its) rights/);
    const other = await underShell(readOnly, runInto(join(folder.path, "none")));
    assert.equal(other.code, 1, other.said);
    const read = await underShell(readOnly, ["sessions", "--db", db]);
    assert.equal(read.code, 0, read.said);
    assert.match(read.said, /\d+ sessions\n$/);
  },
});
