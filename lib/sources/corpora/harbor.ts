import { basename, join, resolve } from "node:path";
import type { FileLabels } from "../labels_table.ts";
import { inside, namesIn, partOf, readRunFile, RunLabels, textOf } from "./run_labels.ts";

const HARNESS = "harbor";
const RECORDINGS = /^recording\.cast(\.(gz|zst))?$/;

/** Whether a folder is a trial of Harbor: it says so by what its `config.json` names. */
export async function isHarborTrial(folder: string): Promise<boolean> {
  const config = await readRunFile(join(folder, "config.json"));
  if (config.state !== "read") return false;
  return textOf(config.value, "trial_name") !== null || textOf(config.value, "job_id") !== null;
}

/**
 * The labels of the recordings of one trial (`facts/corpora.md`, Harbor), into `rows` by absolute
 * path. What the trial itself does not name is looked for in its job's `config.json`. Where its
 * `result.json` tells when the agent ran (`agent_execution`), the recording is about that time.
 */
export async function readHarborTrial(
  folder: string,
  rows: Map<string, FileLabels>,
): Promise<void> {
  const [config, result, job] = await Promise.all(
    ["config.json", "result.json", join("..", "config.json")]
      .map((name) => readRunFile(join(folder, name))),
  );
  const said = config!.state === "read" ? config!.value : {};
  const came = result!.state === "read" ? result!.value : {};
  const ordered = job!.state === "read" ? job!.value : {};
  const agent = inside(said, "agent");
  const task = inside(said, "task");
  const agentFolder = join(folder, "agent");
  for (const name of await namesIn(agentFolder, "file")) {
    if (!RECORDINGS.test(name)) continue;
    const labels = new RunLabels();
    if (result!.state === "refused") labels.refuse(`result.json: ${result!.reason}`);
    labels.driver({ name: textOf(agent, "name"), model: textOf(agent, "model_name") }, HARNESS);
    const path = textOf(task, "path");
    labels.addValue("fixture.task-id", came["task_name"] ?? (path && basename(path)));
    labels.addValue("fixture.dataset", task["source"]);
    labels.addValue("fixture.trial", said["trial_name"]);
    labels.addValue("fixture.harness-run-id", said["job_id"] ?? ordered["job_name"]);
    const rewards = inside(inside(came, "verifier_result"), "rewards");
    const reward = rewards["reward"];
    if (typeof reward === "number") labels.addValue("fixture.task-passed", reward > 0);
    const part = partOf(inside(came, "agent_execution"), ["started_at", "finished_at"]);
    rows.set(resolve(agentFolder, name), labels.done(part));
  }
}
