import { join, resolve } from "node:path";
import type { FileLabels } from "../labels_table.ts";
import {
  type DrivingAgent,
  inside,
  namesIn,
  partOf,
  readRunFile,
  RunLabels,
  textOf,
} from "./run_labels.ts";

/** The file that makes a folder a run of Terminal-Bench. */
export const RUN_FILE = "run_metadata.json";
const HARNESS = "terminal-bench";
/** Recordings of a trial: the agent's, and that of the harness that runs the tests. */
const RECORDINGS = /^(agent|tests)\.cast(\.(gz|zst))?$/;

/** What a run says of itself. */
interface Run {
  agent: DrivingAgent;
  facts: readonly (readonly [key: string, value: unknown])[];
  problem: string | null;
}

/**
 * The labels of the recordings of one run (`facts/corpora.md`, Terminal-Bench), into `rows` by
 * absolute path. The agent's recording is about the agent from `agent_started_at` to
 * `agent_ended_at`; the tests' is the harness's own: automation, and so is the agent `oracle`.
 */
export async function readTerminalBench(
  folder: string,
  rows: Map<string, FileLabels>,
): Promise<void> {
  const run = await readRun(folder);
  for (const task of await namesIn(folder, "folder")) {
    for (const trial of await namesIn(join(folder, task), "folder")) {
      await readTrial(join(folder, task, trial), { run, task, rows });
    }
  }
}

async function readRun(folder: string): Promise<Run> {
  const metadata = await readRunFile(join(folder, RUN_FILE));
  const lock = await readRunFile(join(folder, "tb.lock"));
  const said = metadata.state === "read" ? metadata.value : {};
  const locked = lock.state === "read" ? lock.value : {};
  const agent = inside(locked, "agent");
  return {
    agent: {
      name: textOf(said, "agent_name") ?? textOf(agent, "name"),
      model: textOf(said, "model_name") ?? textOf(agent, "model_name"),
    },
    facts: [
      ["fixture.harness-run-id", said["run_id"] ?? said["uuid"]],
      ["fixture.dataset", said["dataset_name"]],
      ["fixture.tbench-dataset-version", said["dataset_version"]],
      ["fixture.harness-version", inside(locked, "harness")["version"]],
    ],
    problem: metadata.state === "refused" ? metadata.reason : null,
  };
}

async function readTrial(
  folder: string,
  { run, task, rows }: { run: Run; task: string; rows: Map<string, FileLabels> },
): Promise<void> {
  const sessions = join(folder, "sessions");
  for (const name of await namesIn(sessions, "file")) {
    const kind = RECORDINGS.exec(name)?.[1];
    if (kind === undefined) continue;
    const labels = new RunLabels();
    const results = await readRunFile(join(folder, "results.json"));
    const said = results.state === "read" ? results.value : {};
    if (run.problem !== null) labels.refuse(`${RUN_FILE}: ${run.problem}`);
    if (results.state === "refused") labels.refuse(`results.json: ${results.reason}`);
    if (kind === "agent") labels.driver(run.agent, HARNESS);
    else {
      labels.add("fixture.source", `${HARNESS}-tests`);
      labels.add("truth.operator-type", "automation");
    }
    for (const [key, value] of run.facts) labels.addValue(key, value);
    labels.addValue("fixture.task-id", said["task_id"] ?? task);
    labels.addValue("fixture.trial", said["trial_name"] ?? said["id"]);
    labels.addValue("fixture.task-passed", said["is_resolved"]);
    labels.addValue("fixture.failure-mode", said["failure_mode"]);
    const part = kind === "agent" ? partOf(said, ["agent_started_at", "agent_ended_at"]) : null;
    rows.set(resolve(sessions, name), labels.done(part));
  }
}
