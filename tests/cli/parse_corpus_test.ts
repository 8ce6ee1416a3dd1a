import assert from "node:assert/strict";
import { join } from "node:path";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { writeContent } from "../sources/archive_folder.ts";

const BEGAN = Date.UTC(2026, 4, 2, 10, 0, 0);

/** A cast with one print a second for a minute. */
function cast(header: object = {}): string {
  const lines = Array.from({ length: 60 }, (_, i) => JSON.stringify([i, "o", `line ${i}\r\n`]));
  return [JSON.stringify({ version: 2, width: 80, height: 24, ...header }), ...lines].join("\n");
}

async function runOf(folder: string, agentCast: string): Promise<void> {
  const trial = join(folder, "run", "task", "task.1-of-1.run");
  await writeContent(join(folder, "run", "run_metadata.json"), {
    run_id: "run",
    agent_name: "codex",
  });
  await writeContent(join(trial, "results.json"), {
    agent_started_at: "2026-05-02T10:00:20+00:00",
    agent_ended_at: "2026-05-02T10:00:49.500+00:00",
  });
  await writeContent(join(trial, "sessions", "agent.cast"), agentCast);
  await writeContent(
    join(trial, "sessions", "tests.cast"),
    cast({ timestamp: BEGAN / 1000, title: "t" }),
  );
}

async function parsed(folder: string): Promise<{ status: number; err: string; rows: Row[] }> {
  const db = ["--db", join(folder, "s.sqlite")];
  const { status, err } = await shellscope("parse", folder, "--labels", folder, ...db);
  const { out } = await shellscope("sessions", "--format", "jsonl", ...db);
  return { status, err, rows: jsonLines(out) as unknown as Row[] };
}

interface Row {
  pty_events: number;
  pty_seconds: number;
  labels: Record<string, string>;
}

const agentRow = (rows: Row[]) => rows.find((row) => row.labels["truth.agent-tool"] === "codex")!;

Deno.test("parse --labels measures the agent's own part of a Terminal-Bench run", async () => {
  using folder = temporaryFolder();
  await runOf(folder.path, cast({ timestamp: BEGAN / 1000 }));
  const { status, err, rows } = await parsed(folder.path);
  assert.equal(status, 0, err);
  assert.equal(rows.length, 2);
  const agent = agentRow(rows);
  assert.equal(agent.pty_events, 30);
  assert.equal(agent.pty_seconds, 29);
  assert.equal(agent.labels["fixture.part"], "agent");
  assert.equal(agent.labels["truth.operator-type"], "agent");
  const tests = rows.find((row) => row !== agent)!;
  assert.equal(tests.pty_events, 60);
  assert.equal(tests.labels["truth.operator-type"], "automation");
  assert.equal(tests.labels["fixture.part"], undefined);
});

for (
  const [name, header, reason] of [
    ["has no clock", {}, "recording does not say when it began: measured whole"],
    [
      "was made at another time",
      { timestamp: BEGAN / 1000 - 86_400 },
      "nothing was printed while the agent ran: measured whole",
    ],
  ] as const
) {
  Deno.test(`parse --labels measures a recording whole that ${name}, and says so`, async () => {
    using folder = temporaryFolder();
    await runOf(folder.path, cast(header));
    const { status, err, rows } = await parsed(folder.path);
    assert.equal(status, 3);
    assert.match(err, /1 refused/);
    const agent = agentRow(rows);
    assert.equal(agent.pty_events, 60);
    assert.equal(agent.labels["fixture.part"], undefined);
    const { DatabaseSync } = await import("node:sqlite");
    using database = new DatabaseSync(join(folder.path, "s.sqlite"), { readOnly: true });
    const skips = database.prepare("SELECT reason, count FROM skips").all()
      .map((row) => ({ ...row }));
    assert.deepEqual(skips, [{ reason, count: 1 }]);
  });
}

Deno.test("parse --labels refuses a folder without runs", async () => {
  using folder = temporaryFolder();
  await writeContent(join(folder.path, "a.cast"), cast());
  const db = ["--db", join(folder.path, "s.sqlite")];
  const { status, err } = await shellscope("parse", folder.path, "--labels", folder.path, ...db);
  assert.equal(status, 2);
  assert.match(err, /a table of labels is named as a file/);
});
