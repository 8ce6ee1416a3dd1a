import assert from "node:assert/strict";
import { join } from "node:path";
import { StoreError } from "../../lib/model/errors.ts";
import { acquireRunLock } from "../../lib/store/lock.ts";
import { inFolder, NOW } from "./sample.ts";

const HOLDER = { command: "run", pid: 1234, host: "host-1", now: NOW };

const CHILD = `
  import { acquireRunLock } from ${
  JSON.stringify(new URL("../../lib/store/lock.ts", import.meta.url).href)
};
  const now = new Date("2026-01-02T03:04:05.678Z");
  acquireRunLock(Deno.args[0], { command: "classify", pid: Deno.pid, host: "host-2", now });
  console.log("held");
  setInterval(() => {}, 1000);
`;

Deno.test(
  "acquireRunLock() holds until it is disposed, and names the holder meanwhile",
  inFolder((folder) => {
    const path = join(folder, "s.sqlite");
    {
      using _lock = acquireRunLock(path, HOLDER);
      assert.throws(
        () => acquireRunLock(path, HOLDER),
        (error) =>
          error instanceof StoreError &&
          error.message.includes(
            `is in use by "run" (process 1234 on host-1, since 2026-01-02T03:04:05.678Z)`,
          ),
      );
      // another store is another lock
      using _other = acquireRunLock(join(folder, "other.sqlite"), HOLDER);
    }
    const lock = acquireRunLock(path, HOLDER);
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    using _again = acquireRunLock(path, HOLDER);
  }),
);

Deno.test(
  "acquireRunLock() is given back when its process is killed",
  inFolder(async (folder) => {
    const path = join(folder, "s.sqlite");
    const script = join(folder, "hold.ts");
    await Deno.writeTextFile(script, CHILD);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-config", "--allow-read", "--allow-write", script, path],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    try {
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      assert.equal(new TextDecoder().decode(value).trim(), "held");
      await reader.cancel();
      assert.throws(
        () => acquireRunLock(path, HOLDER),
        new RegExp(`is in use by "classify" \\(process ${child.pid} on host-2, since 2026`),
      );
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    using _lock = acquireRunLock(path, HOLDER);
    assert.match(Deno.readTextFileSync(`${path}.lock`), /"command":"run"/);
  }),
);

Deno.test(
  "acquireRunLock() knows a store by any path that leads to it",
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, "s.sqlite"), "");
    Deno.symlinkSync(join(folder, "s.sqlite"), join(folder, "link.sqlite"));
    using _lock = acquireRunLock(join(folder, "s.sqlite"), HOLDER);
    assert.throws(() => acquireRunLock(join(folder, "link.sqlite"), HOLDER), StoreError);
  }),
);

Deno.test(
  "acquireRunLock() shows a holder's hostile text inert, and bears a holder without one",
  inFolder((folder) => {
    const path = join(folder, "s.sqlite");
    {
      using _lock = acquireRunLock(path, { ...HOLDER, command: "\u001b[2Jrun" });
      assert.throws(() => acquireRunLock(path, HOLDER), /in use by "\\u001b\[2Jrun"/);
    }
    using _lock = acquireRunLock(path, HOLDER);
    Deno.truncateSync(`${path}.lock`);
    assert.throws(() => acquireRunLock(path, HOLDER), /in use by another run/);
  }),
);

Deno.test("acquireRunLock() says when the folder can't be written", () => {
  assert.throws(() => acquireRunLock("/no/such/folder/s.sqlite", HOLDER), /Cannot open lock file/);
  using _memory = acquireRunLock(":memory:", HOLDER);
  using _another = acquireRunLock(":memory:", HOLDER);
});
