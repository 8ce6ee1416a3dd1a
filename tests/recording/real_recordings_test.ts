// Reads the real recordings beside the repository, where they are.
import assert from "node:assert/strict";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import type { RecordingMeasures } from "../../lib/features/recording_features.ts";
import { readRecording } from "../../lib/recording/read.ts";

const DATA = new URL("../../../shared/data/", import.meta.url);

async function here(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, DATA));
    return true;
  } catch {
    console.warn(`skipped: ../shared/data/${path} is not there`);
    return false;
  }
}

async function measure(path: string): Promise<RecordingMeasures & { state: string }> {
  const bytes = await Deno.readFile(new URL(path, DATA));
  const reader = readRecording({ uri: path, bytes });
  const features = new RecordingFeatures();
  for await (const batch of reader) features.add(batch);
  const { state, clockSteps } = reader.outcome;
  return { ...features.finish({ clockSteps }), state };
}

Deno.test("a real Teleport recording is read whole", async () => {
  if (!await here("teleport/session.tar")) return;
  const bytes = await Deno.readFile(new URL("teleport/session.tar", DATA));
  const reader = readRecording({ uri: "session.tar", bytes });
  for await (const _ of reader) { /* to the end */ }
  const { outcome } = reader;
  assert.equal(outcome.state, "parsed");
  assert.equal(outcome.events.print, 192);
  assert.equal(outcome.outputBytes, 11860);
  assert.equal(outcome.events.command, 16);
  assert.equal(outcome.events.network, 1);
  assert.equal(outcome.facts.login, "root");
  assert.ok(outcome.facts.principal && outcome.facts.session_id);
  assert.equal(outcome.facts.started_at, "2021-11-11T00:27:54.476Z");
  assert.equal(outcome.facts.ended_at, "2021-11-11T00:28:36.954Z");
  const { pty, cmd } = await measure("teleport/session.tar");
  assert.equal(pty!.pty_events, 192);
  assert.equal(pty!.pty_lines_whole, 0);
  assert.equal(pty!.pty_lines_typed, 8);
  assert.ok(pty!.pty_corrections! > 3);
  assert.equal(cmd!.cmd_bpf, 16);
  assert.equal(cmd!.cmd_network, 1);
});

Deno.test("all real casts are read, and their features part the drivers", async () => {
  if (!await here("casts/labels.tsv")) return;
  const table = await Deno.readTextFile(new URL("casts/labels.tsv", DATA));
  const bySource = new Map<string, RecordingMeasures[]>();
  let read = 0;
  for (const line of table.trim().split("\n").slice(1)) {
    const [file, , , source] = line.split("\t");
    const measures = await measure(`casts/${file}`);
    assert.equal(measures.state, "parsed", file);
    bySource.set(source!, [...bySource.get(source!) ?? [], measures]);
    read += 1;
  }
  assert.equal(read, 195);
  const median = (source: string, key: string): number => {
    const values = bySource.get(source)!
      .map(({ pty }) => (pty as Record<string, unknown>)[key])
      .filter((value): value is number => typeof value === "number")
      .sort((a, b) => a - b);
    return values[values.length >> 1] ?? NaN;
  };
  assert.equal(median("human/hexlet-students", "pty_line_whole_share"), 0);
  assert.ok(median("human/hexlet-students", "pty_one_char_share") > 0.4);
  assert.ok(median("human/hexlet-students", "pty_enter_delay_p50") > 0.3);
  assert.equal(median("agent/harbor-terminus2-deepseek", "pty_line_whole_share"), 1);
  assert.ok(median("agent/harbor-terminus2-deepseek", "pty_gap_p50") < 0.001);
  assert.equal(median("agent/tb-mini-swe-agent-claude-sonnet-4", "pty_line_whole_share"), 1);
  assert.ok(median("agent/tb-codex-o4-mini-usaco", "pty_tail_stream_share") > 0.5);
  assert.ok(median("agent/tb-codex-o4-mini-usaco", "pty_tail_line_chars") > 300);
  assert.ok(median("scripted/tb-tests-runner", "pty_tail_stream_share") < 0.1);
  assert.equal(median("scripted/tb-oracle-lcbpro", "pty_line_whole_share"), 1);
  assert.ok(median("scripted/r-asciicast", "pty_enter_delay_p50") < 0.08);
  assert.ok(median("scripted/r-asciicast", "pty_key_gap_p90") < 0.1);
  assert.equal(median("scripted/r-asciicast", "pty_corrections"), 0);
});
