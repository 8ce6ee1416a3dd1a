import { join } from "node:path";
import { differences, removeStore, shareKey, tablesOf } from "./compared_stores.ts";
import { wordsOf } from "../privileges/task.ts";
import { seeded } from "../seeded.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { endOf } from "./kill_after.ts";

/** How many runs are killed, and after how many kills one goes to its end and is compared. */
interface KilledRunsOptions {
  kills: number;
  killsAStore: number;
  seed: number;
  /** Told after each store what came of it. */
  onStore?: (text: string) => void;
}

/** What became of them. */
interface KilledRunsReport {
  seed: number;
  /** Length of the undisturbed run. */
  calmMs: number;
  /** Milliseconds after their start when runs were killed, in turn. */
  killedAfterMs: number[];
  /** Stores that were killed, run to the end and compared. */
  stores: number;
  /** Rows of the tables that were compared, of one store. */
  rows: number;
  /** What is not as the undisturbed run left it; empty: nothing. */
  differences: string[];
}

/**
 * Runs the fixtures undisturbed; then kills runs at random moments of that length, some on one
 * store, lets the next go to its end and compares all tables. What was spilled to the temporary
 * folder must be gone then, too.
 */
export async function killRuns(options: KilledRunsOptions): Promise<KilledRunsReport> {
  using folder = temporaryFolder();
  return await killIn(folder.path, options);
}

async function killIn(
  folder: string,
  { kills, killsAStore, seed, onStore = () => {} }: KilledRunsOptions,
): Promise<KilledRunsReport> {
  const chance = seeded(seed);
  const calmMs = (await run(folder, { name: "calm" }))!;
  const expected = tablesOf(join(folder, "calm.sqlite"));
  const killedAfterMs: number[] = [];
  const found: string[] = [];
  let stores = 0;
  while (killedAfterMs.length < kills) {
    await shareKey(folder);
    const ofStore = Math.min(killsAStore, kills - killedAfterMs.length);
    for (let i = 0; i < ofStore; i++) killedAfterMs.push(await killOne(folder, { calmMs, chance }));
    await run(folder, { name: "killed" });
    stores++;
    const differing = [
      ...differences(expected, tablesOf(join(folder, "killed.sqlite"))),
      ...await leftOver(folder),
    ];
    found.push(...differing.map((text) => `store ${stores}: ${text}`));
    onStore(
      [`${killedAfterMs.length} kills, ${found.length} differences`, ...differing].join("\n"),
    );
    await removeStore(folder);
  }
  const rows = [...expected.values()].reduce((sum, of) => sum + of.length, 0);
  return {
    ...{ seed, stores, rows, differences: found },
    ...{ calmMs: Math.round(calmMs), killedAfterMs },
  };
}

/** Kills one run; a resumed one may end sooner than the undisturbed did: then the next earlier. */
async function killOne(
  folder: string,
  { calmMs, chance }: { calmMs: number; chance: () => number },
): Promise<number> {
  for (let afterMs = chance() * calmMs;; afterMs *= chance()) {
    if (await run(folder, { name: "killed", afterMs }) === null) return Math.round(afterMs);
  }
}

/** Runs the fixtures in a process under the task's flags; milliseconds, null where killed. */
async function run(
  folder: string,
  { name, afterMs }: { name: string; afterMs?: number },
): Promise<number | null> {
  const temporary = join(folder, "tmp");
  await Deno.mkdir(temporary, { recursive: true });
  const began = performance.now();
  const places = ["--db", join(folder, `${name}.sqlite`), "--out", join(folder, "out")];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...wordsOf("shellscope"), "run", ...places],
    ...{ env: { NO_COLOR: "1", TMPDIR: temporary }, stdin: "null", stdout: "null" },
    stderr: "piped",
  }).spawn();
  const { code, killed, said } = await endOf(child, afterMs);
  if (killed) return null;
  if (code !== 0) throw new Error(`A run failed: ${said}`);
  return performance.now() - began;
}

/** Files that runs left in their temporary folder, where a spill could hold content. */
async function leftOver(folder: string): Promise<string[]> {
  const left: string[] = [];
  for await (const { name } of Deno.readDir(join(folder, "tmp"))) {
    for await (const file of Deno.readDir(join(folder, "tmp", name))) {
      left.push(`left in the temporary folder: ${name}/${file.name}`);
    }
  }
  return left;
}

/** The report as lines of text. */
export function formatKilledRuns(report: KilledRunsReport): string {
  const { seed, calmMs, killedAfterMs, stores, rows, differences } = report;
  const tenths = Array.from(
    { length: 10 },
    (_, i) => killedAfterMs.filter((ms) => Math.floor(10 * ms / calmMs) === i).length,
  );
  return [
    `Seed:    ${seed}`,
    `Run:     ${calmMs} ms undisturbed`,
    `Killed:  ${killedAfterMs.length} times, by tenths of that: ${tenths.join(", ")}`,
    `Stores:  ${stores} run to the end after it, ${rows} rows each`,
    `Differ:  ${differences.length}`,
    ...differences,
  ].join("\n");
}
