import { Worker } from "node:worker_threads";
import { SoakPlan } from "./plan.ts";
import { soakSamples } from "./samples.ts";
import type { SoakCounts, SoakTask } from "./worker.ts";

/** How long and with what a soak runs. */
interface SoakOptions {
  seconds: number;
  seed: number;
  /** Goes on, whatever the time, until every change of a single byte was tried. */
  whole?: boolean;
  workers?: number;
}

/** A soak's counts, and what it promised to try. */
interface SoakReport extends SoakCounts {
  seed: number;
  prefixes: number;
  byteChanges: number;
}

/** No input of a soak may take longer; one that does is a hang. */
const HANG_MS = 10_000;
/** Loading what a worker needs may take a laden machine so long; that is no input's fault. */
const START_MS = 120_000;
/** No input is under way yet. */
const NOT_STARTED = -1;

/**
 * Reads damaged recordings for a time, in workers of their own, and watches them: a worker that
 * does not come on to its next input is ended, and the input is reported as a fault.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, seconds, workers = 1 } = options;
  const plan = new SoakPlan(soakSamples(), seed);
  const tasks = Array.from({ length: workers }, (_, i): SoakTask => ({
    ...{ seed, first: i, step: workers },
    until: options.whole ? plan.whole : Infinity,
    forMs: options.whole ? Infinity : seconds * 1000,
    progress: new SharedArrayBuffer(8),
  }));
  const counts = await Promise.all(tasks.map((task) => watched(task, plan)));
  const { prefixes, byteChanges } = plan;
  return { ...counts.reduce(added), seed, prefixes, byteChanges };
}

function watched(task: SoakTask, plan: SoakPlan): Promise<SoakCounts> {
  const cell = new Float64Array(task.progress);
  cell[0] = NOT_STARTED;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: task });
  return new Promise((resolve) => {
    let seen = NaN;
    let since = performance.now();
    const finish = (counts: SoakCounts) => {
      clearInterval(watch);
      void worker.terminate();
      resolve(counts);
    };
    const broken = (problem: string) => {
      const number = Math.max(0, cell[0]!);
      const fault = { ...plan.input(number), number, problem };
      finish({ ...NOTHING, faults: [fault] });
    };
    const watch = setInterval(() => {
      if (cell[0] !== seen) {
        seen = cell[0]!;
        since = performance.now();
        return;
      }
      const waitedMs = performance.now() - since;
      if (seen === NOT_STARTED && waitedMs > START_MS) broken("The worker does not start");
      if (seen !== NOT_STARTED && waitedMs > HANG_MS) broken("This input hangs");
    }, 500);
    worker.on("message", finish);
    worker.on("error", (error) => broken(error instanceof Error ? error.message : String(error)));
  });
}

const NOTHING: SoakCounts = {
  ...{ inputs: {}, states: {}, slowestMs: 0, slowestName: "", grownBytes: 0, faults: [] },
};

function added(one: SoakCounts, other: SoakCounts): SoakCounts {
  const slower = one.slowestMs >= other.slowestMs ? one : other;
  return {
    inputs: addedCounts(one.inputs, other.inputs),
    states: addedCounts(one.states, other.states),
    slowestMs: slower.slowestMs,
    slowestName: slower.slowestName,
    grownBytes: Math.max(one.grownBytes, other.grownBytes),
    faults: [...one.faults, ...other.faults],
  };
}

function addedCounts(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = { ...one };
  for (const [key, count] of Object.entries(other)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

/** The report as lines of text. */
export function formatReport(report: SoakReport): string {
  const number = (value: number) => Math.round(value).toLocaleString("en-US");
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([key, count]) => `${key} ${number(count)}`).join(", ") || "none";
  const tried = report.inputs["byte change"] ?? 0;
  return [
    `Seed:    ${report.seed}`,
    `Inputs:  ${list(report.inputs)}`,
    `Changes: ${number(tried)} of all ${number(report.byteChanges)} of a single byte`,
    `States:  ${list(report.states)}`,
    `Slowest: ${report.slowestMs.toFixed(1)} ms (${report.slowestName})`,
    `Memory:  at most ${number(report.grownBytes / 2 ** 20)} MB more than at the start`,
    `Faults:  ${report.faults.length}`,
  ].join("\n");
}
