import { parentPort, workerData } from "node:worker_threads";
import { judge, judgeExports, judgeText } from "./judge.ts";
import { SoakPlan } from "./plan.ts";
import { soakSamples } from "./samples.ts";

/** What the worker is asked to try: the numbers `first`, `first + step`, … until `until`. */
export interface SoakTask {
  seed: number;
  first: number;
  step: number;
  /** Stop at this number. */
  until: number;
  /** Stop after so many milliseconds. */
  forMs: number;
  /** One cell that always holds the number of the input under way. */
  progress: SharedArrayBuffer;
}

/** What came of it. */
export interface SoakCounts {
  inputs: Record<string, number>;
  states: Record<string, number>;
  slowestMs: number;
  slowestName: string;
  /** Growth of resident memory over that after the first thousand inputs. */
  grownBytes: number;
  faults: SoakFault[];
}

interface SoakFault {
  name: string;
  number: number;
  problem: string;
  file: Uint8Array;
}

/** More faults than this say nothing new. */
const MAX_FAULTS = 20;

/** Exports cost more than reading, a terminal far more: one input in so many goes there, too. */
const EXPORT_EVERY = 8;
const TEXT_EVERY = 200;

async function soak(task: SoakTask): Promise<SoakCounts> {
  const plan = new SoakPlan(soakSamples(), task.seed);
  const counts: SoakCounts = {
    ...{ inputs: {}, states: {}, slowestMs: 0, slowestName: "", grownBytes: 0, faults: [] },
  };
  const cell = new Float64Array(task.progress);
  const startedAt = performance.now();
  let settled = 0;
  let tried = 0;
  for (let number = task.first; number < task.until; number += task.step) {
    cell[0] = number;
    const kind = plan.kind(number);
    const { name, file } = plan.input(number);
    const before = performance.now();
    try {
      const { state } = await judge(file);
      if (tried % EXPORT_EVERY === 0) await judgeExports(file);
      if (tried % TEXT_EVERY === 0) await judgeText(file);
      counts.states[state] = (counts.states[state] ?? 0) + 1;
    } catch (error) {
      const problem = error instanceof Error ? error.stack ?? error.message : String(error);
      counts.faults.push({ name, number, problem, file: file.slice() });
      if (counts.faults.length >= MAX_FAULTS) break;
    }
    const now = performance.now();
    counts.inputs[kind] = (counts.inputs[kind] ?? 0) + 1;
    if (now - before > counts.slowestMs) {
      counts.slowestMs = now - before;
      counts.slowestName = name;
    }
    tried += 1;
    if (tried === 1000) settled = Deno.memoryUsage().rss;
    else if (tried % 1000 === 0) {
      counts.grownBytes = Math.max(counts.grownBytes, Deno.memoryUsage().rss - settled);
    }
    if (now - startedAt > task.forMs) break;
  }
  cell[0] = -1;
  return counts;
}

parentPort!.postMessage(await soak(workerData as SoakTask));
