import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFolder } from "../cli/harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyProject } from "../project_copy.ts";
import { code, NotebookFile } from "../notebook/notebooks.ts";
import { commandsOf, ended, KIT, permissionsOf, TASKS, without, wordsOf } from "./task.ts";

/** Whole runs of the long soaks and benches, too: minutes. */
const LONG = Deno.env.get("LONG_RUNS") !== undefined;

type Call = Parameters<typeof ended>[1] & { args: string[] };

/** A task's smallest real call, and the permissions without one of which it fails. */
interface Case {
  task: string;
  call: Call;
  /** It takes minutes: only tried whole with `LONG_RUNS`. */
  isLong?: boolean;
  /** Flag, the member of its list that goes (none: all of it), and another call than the whole's. */
  less: [flag: string, member?: string, call?: Call][];
  /** Flags that other tests try: variables that are heeded, but without which nothing fails. */
  elsewhere?: string[];
}

function eachLess({ task, call, isLong = false, less, elsewhere = [] }: Case): void {
  Deno.test(`${task} works under its flags, and not with one less`, async (t) => {
    const words = wordsOf(task);
    if (!isLong || LONG) {
      const { code, err } = await ended([...words, ...call.args], call);
      assert.equal(code, 0, err);
    }
    for (const [flag, member, other = call] of less) {
      await t.step(`without ${flag}${member === undefined ? "" : `=${member}`}`, async () => {
        const fewer = without(words, flag, member === undefined ? undefined : [member]);
        const { code, out, err } = await ended([...fewer, ...other.args], other);
        assert.notEqual(code, 0, out + err);
      });
    }
    // no flag of the task is left untried
    const tried = new Set(less.map(([flag]) => flag));
    const flags = [...permissionsOf(task).keys()];
    assert.deepEqual(flags.filter((flag) => !tried.has(flag) && !elsewhere.includes(flag)), []);
  });
}

const scratch = temporaryFolder();
addEventListener("unload", () => scratch[Symbol.dispose]());
const at = (name: string) => join(scratch.path, name);
await Deno.writeTextFile(
  at("shellscope.yaml"),
  `store: ./s.sqlite\nsources:\n  - { kind: gcp, archive: "${KIT}fixtures/across/gcp" }\n`,
);
await copyProject(at("kit"));
const tiny = new NotebookFile(code("1 + 1;"));
addEventListener("unload", () => tiny[Symbol.dispose]());

eachLess({
  task: "run",
  call: { args: ["--config", at("shellscope.yaml"), "--out", at("out")] },
  less: [
    ["--allow-read"],
    ["--allow-write"],
    ["--allow-ffi"],
    ["--allow-net", "127.0.0.1"],
    ["--allow-sys", "hostname"],
    ["--allow-run"],
  ],
  elsewhere: ["--allow-env"],
});

eachLess({
  task: "shellscope",
  call: {
    args: ["sessions", "--format", "parquet", "--out", at("parquet"), "--db", at("s.sqlite")],
  },
  less: [["--allow-ffi"], ["--allow-sys", "cpus"]],
  // as `run` does
  elsewhere: ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-run"],
});

eachLess({
  task: "render",
  call: { args: [tiny.path, "--db", at("s.sqlite"), "--out", at("out")] },
  less: [
    ["--allow-read"],
    ["--allow-write"],
    ["--allow-ffi"],
    ["--allow-net"],
    ["--allow-run"],
    // the fixtures' store is made where there is none, under a lock that names the machine
    ["--allow-sys", "hostname", { args: [tiny.path, "--out", at("out")], cwd: at("kit") }],
  ],
  elsewhere: ["--allow-env"],
});

eachLess({
  task: "lab",
  call: {
    args: [],
    env: { HOME: scratch.path, XDG_DATA_HOME: at("data"), DENO_DIR: denoFolder() },
  },
  less: [["--allow-run"]],
});

eachLess({
  task: "check",
  call: { args: [tiny.path] },
  less: [["--allow-read"], ["--allow-write"], ["--allow-run"]],
});

eachLess({
  task: "fixtures",
  call: { args: [], cwd: at("kit") },
  less: [["--allow-read"], ["--allow-write"], ["--allow-ffi"]],
});

eachLess({
  task: "soak",
  call: { args: ["--seconds", "0"] },
  less: [["--allow-read"]],
  // it writes, below out/ only, where it finds a fault
  elsewhere: ["--allow-write"],
});

eachLess({
  task: "soak:pulls",
  call: { args: ["--only", "gcp-bigquery", "--sessions", "30", "--kills", "1"] },
  isLong: true,
  less: [["--allow-read"], ["--allow-write"], ["--allow-ffi"], ["--allow-net"], ["--allow-run"]],
});

eachLess({
  task: "soak:phase2",
  call: { args: [] },
  isLong: true,
  less: [["--allow-read"], ["--allow-write"], ["--allow-net"], ["--allow-run"]],
});

eachLess({
  task: "soak:run",
  call: { args: ["--kills", "1", "--a-store", "1"] },
  isLong: true,
  less: [["--allow-read"], ["--allow-write"], ["--allow-run"]],
});

/** Tests and benches call all that there is: each of their flags is needed by one of these. */
const TESTS: [flag: string, file: string][] = [
  ["--allow-read", "tests/store/rewrite_test.ts"],
  ["--allow-write", "tests/store/rewrite_test.ts"],
  ["--allow-ffi", "tests/store/partitioned_parquet_test.ts"],
  ["--allow-net", "tests/sources/fetch_handler_test.ts"],
  ["--allow-sys", "tests/store/rewrite_test.ts"],
  ["--allow-env", "tests/features/driver_test.ts"],
  ["--allow-run", "tests/notebook/lab_test.ts"],
];

Deno.test("test works under its flags, and not with one less", async (t) => {
  const words = wordsOf("test").filter((word) => word !== "tests/");
  const files = new Set(TESTS.map(([, file]) => file));
  const whole = await ended([...words, "--no-check", ...files]);
  assert.equal(whole.code, 0, whole.out + whole.err);
  for (const [flag, file] of TESTS) {
    await t.step(`without ${flag}`, async () => {
      const { code, out } = await ended([...without(words, flag), "--no-check", file]);
      assert.notEqual(code, 0, out);
    });
  }
  assert.deepEqual(TESTS.map(([flag]) => flag).sort(), [...permissionsOf("test").keys()].sort());
});

Deno.test("tasks have no wider flags than they are said to have", () => {
  const permissions = new Map(TASKS.map((task) => [task, permissionsOf(task)]));
  // a verb more, which writes Parquet by Polars
  const verbs = new Map(permissions.get("shellscope"));
  const sys = verbs.get("--allow-sys")!;
  verbs.set("--allow-sys", sys.filter((member) => member !== "cpus"));
  assert.deepEqual(permissions.get("run"), verbs);
  for (const [flag, list] of permissions.get("render")!) {
    const wider = permissions.get("run")!.get(flag);
    assert.ok(wider !== undefined, flag);
    if (wider !== null) assert.ok(list!.every((member) => wider.includes(member)), flag);
  }
  for (const [task, flags] of permissions) {
    assert.ok(!wordsOf(task).includes("-A") && !flags.has("--allow-all"), task);
    assert.ok(!flags.has("--allow-import"), task);
    if (["test", "bench", "ok"].includes(task)) continue;
    for (const flag of ["--allow-net", "--allow-sys", "--allow-env", "--allow-run"]) {
      assert.notEqual(flags.get(flag), null, `${task} ${flag}`);
    }
  }
  // it calls other tasks, and runs nothing itself
  assert.deepEqual(commandsOf("ok"), [["task", "check"], ["task", "test"]]);
});
