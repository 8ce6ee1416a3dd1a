import { existsSync } from "node:fs";
import { join } from "node:path";
import { MARKER } from "../../fixtures/generate/marker.ts";
import { seeded } from "../seeded.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { differences, removeStore, shareKey, tablesOf } from "./compared_stores.ts";
import { wordsOf } from "../privileges/task.ts";
import { endOf } from "./kill_after.ts";
import {
  PULLED_SOURCES,
  PULLED_WINDOW,
  type PulledName,
  type PulledSource,
} from "./pulled_sources.ts";

/** What is pulled, and how often it is killed. */
interface KilledPullsOptions {
  /** Pulled together, by one configuration. */
  sources: readonly PulledName[];
  /** About how many sessions each of them has. */
  sessions: number;
  /** How many pulls are killed, and after how many of them one goes to its end and is compared. */
  kills: number;
  killsAStore: number;
  seed: number;
}

/** What became of them. */
interface KilledPullsReport {
  sources: readonly PulledName[];
  seed: number;
  /** Length of the undisturbed pull, and of its start until it opens the store. */
  calmMs: number;
  startMs: number;
  /** Milliseconds after their start when pulls were killed, in turn. */
  killedAfterMs: number[];
  /** Stores that were killed, pulled to the end and compared. */
  stores: number;
  /** Requests and faults of the disturbed pulls, and of the undisturbed one; 0 of folders. */
  requests: { calm: number; disturbed: number; faulty: number };
  /** Sessions of one store, and rows of the tables that were compared. */
  sessions: number;
  rows: number;
  /** What is not as the undisturbed pull left it, and content in a store; empty: nothing. */
  differences: string[];
}

const FAULTY_SHARE = 0.05;

/**
 * Pulls sources undisturbed; then with random faults of their servers, killed at random moments
 * that are spread over the length of the undisturbed pull, each time started again; then compares
 * all tables. The pulls are processes of the real command line, under the flags of its task.
 */
export async function killPulls(options: KilledPullsOptions): Promise<KilledPullsReport> {
  using folder = temporaryFolder();
  await using stack = new AsyncDisposableStack();
  const opened: PulledSource[] = [];
  for (const name of options.sources) {
    const at = join(folder.path, name);
    opened.push(await PULLED_SOURCES[name](at, { sessions: options.sessions, stack }));
  }
  const stores = join(folder.path, "stores");
  await Deno.mkdir(stores);
  return await killIn(stores, { ...options, opened });
}

async function killIn(
  folder: string,
  { sources, kills, killsAStore, seed, opened }: KilledPullsOptions & { opened: PulledSource[] },
): Promise<KilledPullsReport> {
  const servers = opened.flatMap(({ servers }) => servers);
  const requests = () => servers.reduce((sum, server) => sum + server.requests(), 0);
  const how = {
    entries: opened.flatMap(({ entries }) => entries),
    env: Object.assign({}, ...opened.map(({ env }) => env)),
  };
  const { startMs, lengthMs: calmMs } = await pull(folder, { name: "calm", ...how });
  const calmRequests = requests();
  const expected = tablesOf(join(folder, "calm.sqlite"));

  const chance = seeded(seed);
  let faulty = 0;
  const isFaulty = () => {
    const isSo = chance() < FAULTY_SHARE;
    if (isSo) faulty++;
    return isSo;
  };
  for (const server of servers) server.disturb(isFaulty);
  const killedAfterMs: number[] = [];
  const found: string[] = [];
  let stores = 0;
  while (killedAfterMs.length < kills) {
    await shareKey(folder);
    const ofStore = Math.min(killsAStore, kills - killedAfterMs.length);
    for (const sliceMs of slices({ count: ofStore, lengthMs: 0.9 * (calmMs - startMs), chance })) {
      // what is left may take less than the slice: then it is killed earlier
      for (let afterMs = startMs + sliceMs;; afterMs *= 0.8) {
        if (!(await pull(folder, { name: "killed", afterMs, ...how })).killed) continue;
        killedAfterMs.push(Math.round(afterMs));
        break;
      }
    }
    await pull(folder, { name: "killed", ...how });
    stores++;
    const differing = [
      ...differences(expected, tablesOf(join(folder, "killed.sqlite"))),
      ...await filesWithContent(folder),
    ];
    found.push(...differing.map((text) => `store ${stores}: ${text}`));
    await removeStore(folder);
  }
  return {
    ...{ sources, seed, killedAfterMs, stores },
    ...{ calmMs: Math.round(calmMs), startMs: Math.round(startMs) },
    requests: { calm: calmRequests, disturbed: requests() - calmRequests, faulty },
    sessions: expected.get("sessions")!.length,
    rows: [...expected.values()].reduce((sum, rows) => sum + rows.length, 0),
    differences: found,
  };
}

/** How long each pull may work: random moments within a length, and the times between them. */
function slices(
  { count, lengthMs, chance }: { count: number; lengthMs: number; chance: () => number },
): number[] {
  const moments = Array.from({ length: count }, () => chance() * lengthMs).sort((a, b) => a - b);
  return moments.map((moment, i) => moment - (moments[i - 1] ?? 0));
}

interface Pull {
  killed: boolean;
  /** From the start until the store is there, and to the end. */
  startMs: number;
  lengthMs: number;
}

/** Pulls in a process; throws with what it said where it ended, and not well. */
async function pull(
  folder: string,
  { name, entries, env, afterMs }: Pick<PulledSource, "entries" | "env"> & {
    name: string;
    /** When it is killed. */
    afterMs?: number;
  },
): Promise<Pull> {
  const [config, store] = [join(folder, `${name}.yaml`), join(folder, `${name}.sqlite`)];
  await Deno.writeTextFile(config, JSON.stringify({ store, sources: entries }));
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...wordsOf("shellscope"), "pull", "all", ...PULLED_WINDOW, "--config", config],
    ...{ env: { ...env, NO_COLOR: "1" }, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  let startMs = 0;
  const watch = setInterval(() => {
    if (startMs === 0 && existsSync(store)) startMs = performance.now() - began;
  }, 5);
  const { code, killed, said } = await endOf(child, afterMs);
  clearInterval(watch);
  // 3: some inputs were left out, as the fixtures want it
  if (!killed && code !== 0 && code !== 3) throw new Error(`A pull failed: ${said}`);
  return { killed, startMs, lengthMs: performance.now() - began };
}

/** Files of stores, spilled ones too, in which there is what may never be stored. */
async function filesWithContent(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesWithContent(path));
    else if (new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(MARKER)) {
      found.push(`content in ${name}`);
    }
  }
  return found;
}

/** The report as lines of text. */
export function formatKilledPulls(report: KilledPullsReport): string {
  const { requests, killedAfterMs, differences } = report;
  return [
    `Sources:  ${report.sources.join(", ")}; seed ${report.seed}`,
    `Pull:     ${report.calmMs} ms undisturbed, ${report.startMs} of them until it opens the store`,
    `Killed:   ${killedAfterMs.length} times, after ${killedAfterMs.join(", ")} ms`,
    `Requests: ${requests.calm} undisturbed, ${requests.disturbed} disturbed; ` +
    `${requests.faulty} faults`,
    `Stores:   ${report.stores} pulled to the end after it, ${report.sessions} sessions and ` +
    `${report.rows} rows each`,
    `Differ:   ${differences.length}`,
    ...differences,
  ].join("\n");
}
