import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readLabels } from "../../lib/sources/corpora/read_labels.ts";
import type { FileLabels, LabelTable } from "../../lib/sources/labels_table.ts";
import { inFolder, writeContent } from "./archive_folder.ts";

const BEGAN = Date.UTC(2026, 4, 2, 10, 0, 0);

const CAST = `${JSON.stringify({ version: 2, width: 80, height: 24, timestamp: BEGAN / 1000 })}\n` +
  `[0.5,"o","hello"]\n`;

/** A run as the harness writes it. */
async function terminalBench(
  folder: string,
  { metadata = {}, results = {} }: { metadata?: unknown; results?: unknown } = {},
): Promise<string> {
  const trial = join(folder, "fix-git", "fix-git.1-of-1.run-7");
  await writeContent(join(folder, "run_metadata.json"), {
    ...{ run_id: "run-7", uuid: "0c0b…", agent_name: "claude-code" },
    ...{ model_name: "anthropic/claude-sonnet-4", dataset_name: "terminal-bench-core" },
    ...{ dataset_version: "0.1.1", ...metadata as object },
  });
  await writeContent(join(folder, "tb.lock"), { harness: { version: "0.2.18" } });
  await writeContent(join(trial, "results.json"), {
    ...{ id: "t-1", trial_name: "fix-git.1-of-1.run-7", task_id: "fix-git", is_resolved: true },
    ...{ failure_mode: "unset", total_input_tokens: 5 },
    ...{ agent_started_at: "2026-05-02T10:01:00.250000+00:00" },
    ...{ agent_ended_at: "2026-05-02T10:05:00+00:00", ...results as object },
  });
  await writeContent(join(trial, "sessions", "agent.cast"), CAST);
  await writeContent(join(trial, "sessions", "tests.cast"), CAST);
  await writeContent(join(trial, "panes", "post-agent.txt"), "hello");
  return trial;
}

function labelsOf(table: LabelTable, path: string): Record<string, string> {
  return asObject(table.rows.get(resolve(path)));
}

function asObject(labels: FileLabels | undefined): Record<string, string> {
  return Object.fromEntries((labels?.labels ?? []).map(({ key, value }) => [key, value]));
}

Deno.test("readLabels() reads a run of Terminal-Bench: the agent's part, and the tests as automation", async () => {
  await inFolder(async (folder) => {
    const trial = await terminalBench(join(folder, "runs", "run-7"));
    const table = await readLabels(folder);
    const run = {
      "fixture.harness-run-id": "run-7",
      "fixture.dataset": "terminal-bench-core",
      "fixture.tbench-dataset-version": "0.1.1",
      "fixture.harness-version": "0.2.18",
      "fixture.task-id": "fix-git",
      "fixture.trial": "fix-git.1-of-1.run-7",
      "fixture.task-passed": "true",
      "fixture.failure-mode": "unset",
    };
    assert.equal(table.rows.size, 2);
    assert.deepEqual(labelsOf(table, join(trial, "sessions", "agent.cast")), {
      "fixture.source": "terminal-bench-claude-code-claude-sonnet-4",
      "truth.operator-type": "agent",
      "truth.agent-tool": "claude-code",
      "truth.agent-model": "claude-sonnet-4",
      ...run,
    });
    assert.deepEqual(labelsOf(table, join(trial, "sessions", "tests.cast")), {
      "fixture.source": "terminal-bench-tests",
      "truth.operator-type": "automation",
      ...run,
    });
    const agent = table.rows.get(resolve(trial, "sessions", "agent.cast"));
    assert.deepEqual(agent?.part, { fromMs: BEGAN + 60_250, untilMs: BEGAN + 300_000 });
    assert.equal(table.rows.get(resolve(trial, "sessions", "tests.cast"))?.part, undefined);
  });
});

Deno.test("readLabels() takes the agent oracle for automation, and the lock's agent where no other is named", async () => {
  await inFolder(async (folder) => {
    const oracle = join(folder, "oracle");
    const trial = await terminalBench(oracle, {
      metadata: { agent_name: "oracle", model_name: null },
    });
    const labels = labelsOf(await readLabels(folder), join(trial, "sessions", "agent.cast"));
    assert.equal(labels["truth.operator-type"], "automation");
    assert.equal(labels["fixture.source"], "terminal-bench-oracle");
    assert.equal(labels["truth.agent-tool"], undefined);

    await terminalBench(oracle, { metadata: { agent_name: undefined, model_name: undefined } });
    await writeContent(join(oracle, "tb.lock"), {
      agent: { name: "My Agent", model_name: "gpt-5" },
    });
    const locked = labelsOf(await readLabels(folder), join(trial, "sessions", "agent.cast"));
    assert.equal(locked["truth.agent-tool"], "My-Agent");
    assert.equal(locked["truth.agent-model"], "gpt-5");
  });
});

Deno.test("readLabels() reads a job of Harbor", async () => {
  await inFolder(async (folder) => {
    const trial = join(folder, "job-1", "hello__abc");
    await writeContent(join(folder, "job-1", "config.json"), { job_name: "job-1" });
    await writeContent(join(folder, "job-1", "result.json"), { n: 1 });
    await writeContent(join(trial, "config.json"), {
      ...{ trial_name: "hello__abc", job_id: "j-9" },
      agent: { name: "terminus-2", model_name: "deepseek/deepseek-chat" },
      task: { path: "tasks/hello", source: "terminal-bench-2" },
    });
    await writeContent(join(trial, "result.json"), {
      agent_execution: { started_at: "2026-05-02T10:00:10", finished_at: "2026-05-02T10:00:20Z" },
      verifier_result: { rewards: { reward: 1 } },
    });
    await writeContent(join(trial, "agent", "recording.cast"), CAST);
    const table = await readLabels(folder);
    const path = join(trial, "agent", "recording.cast");
    assert.deepEqual(labelsOf(table, path), {
      "fixture.source": "harbor-terminus-2-deepseek-chat",
      "truth.operator-type": "agent",
      "truth.agent-tool": "terminus",
      "truth.agent-model": "deepseek-chat",
      "fixture.task-id": "hello",
      "fixture.dataset": "terminal-bench-2",
      "fixture.trial": "hello__abc",
      "fixture.harness-run-id": "j-9",
      "fixture.task-passed": "true",
    });
    assert.deepEqual(table.rows.get(resolve(path))?.part, {
      fromMs: BEGAN + 10_000,
      untilMs: BEGAN + 20_000,
    });
  });
});

Deno.test("readLabels() counts what a hostile run says, and follows no link", async () => {
  await inFolder(async (folder) => {
    const trial = await terminalBench(join(folder, "run"), {
      metadata: { agent_name: "x".repeat(5000), dataset_name: ["a"], dataset_version: { b: 1 } },
      results: {
        ...{ task_id: "<b>\n\u001b[31m", is_resolved: [], failure_mode: "\u0000" },
        ...{ agent_started_at: 7, agent_ended_at: "2026-05-02T10:05:00Z" },
      },
    });
    await symlink(join(folder, "run"), join(folder, "again"));
    const table = await readLabels(folder);
    const row = table.rows.get(resolve(trial, "sessions", "agent.cast"))!;
    assert.equal(table.rows.size, 2);
    assert.equal(row.part, undefined);
    assert.deepEqual(row.refused, {
      "value is no text, number or flag": 3,
      "value is not valid": 1,
    });
    for (const { value } of row.labels) assert.match(value, /^[\w.-]{1,63}$/);

    await writeContent(join(folder, "run", "run_metadata.json"), "{");
    await writeContent(join(trial, "results.json"), "[]");
    const broken = (await readLabels(folder)).rows.get(resolve(trial, "sessions", "agent.cast"))!;
    assert.deepEqual(broken.refused, {
      "run_metadata.json: file is no JSON": 1,
      "results.json: file is no JSON object": 1,
      "run does not name its agent": 1,
    });
    assert.equal(asObject(broken)["truth.operator-type"], undefined);
    assert.equal(asObject(broken)["fixture.task-id"], "fix-git");
  });
});

Deno.test("readLabels() says what is missing in a folder without runs, and reads a table as before", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(readLabels(folder), /no recording of a Terminal-Bench run/);
    await writeContent(join(folder, "labels.tsv"), "file\ttruth.operator-type\na.cast\thuman\n");
    const table = await readLabels(join(folder, "labels.tsv"));
    assert.deepEqual(labelsOf(table, join(folder, "a.cast")), { "truth.operator-type": "human" });
  });
});
