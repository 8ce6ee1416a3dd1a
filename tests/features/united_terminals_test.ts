import assert from "node:assert/strict";
import { commandFeatures } from "../../lib/features/cmd.ts";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { type TerminalPart, unitedTerminals } from "../../lib/features/united_terminals.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import { Random } from "../../fixtures/generate/random.ts";

const BEGIN = Date.UTC(2026, 2, 11, 14);

function exec(at: number): TerminalPart {
  const startedMs = BEGIN + at * 1000;
  const unknown = { pid: null, ppid: null, exitCode: 0, argv: [] };
  return {
    ...{ startedMs, endedMs: startedMs + 400, pty: null, gapHistogram: null },
    cmd: commandFeatures([
      { type: "command", atMs: 0, source: "exec", program: "x", ...unknown },
    ]),
    commandTimes: [startedMs],
  };
}

Deno.test("unitedTerminals() measures the rhythm of commands over connections of one command each", () => {
  const { pty, cmd } = unitedTerminals([exec(0), exec(7), exec(15), exec(22)]);
  assert.equal(pty, null);
  assert.deepEqual(
    [cmd?.cmd_commands, cmd?.cmd_exec, cmd?.cmd_gap_p50, cmd?.cmd_single_shot],
    [4, 4, 7, false],
  );
  assert.equal(cmd?.cmd_programs, null);
});

Deno.test("unitedTerminals() tells no gaps where not every command's time is kept", () => {
  const part = exec(0);
  const { cmd } = unitedTerminals([part, { ...exec(7), commandTimes: [] }]);
  assert.deepEqual([cmd?.cmd_commands, cmd?.cmd_gap_p50, cmd?.cmd_burst_share], [2, null, null]);
});

Deno.test("unitedTerminals() of recordings is what one recording of both would measure, nearly", () => {
  const random = new Random("united terminals");
  const prints: { at: number; text: string }[] = [];
  for (let i = 0, at = 0.5; i < 400; i++) {
    prints.push({ at, text: random.chance(0.6) ? "x" : "some output\r\n" });
    at += random.logNormal(0.2, 1.2);
  }
  const events = (from: number, until: number): RecordingEvent[] =>
    prints.slice(from, until).map(({ at, text }) => (
      { type: "print", atMs: at * 1000, data: new TextEncoder().encode(text) }
    ));
  const measured = (list: RecordingEvent[]) => {
    const features = new RecordingFeatures();
    features.add(list);
    return features.finish();
  };
  const part = (from: number, until: number): TerminalPart => {
    const list = events(from, until);
    const { pty, rhythm } = measured(list);
    return {
      startedMs: BEGIN + list[0]!.atMs,
      endedMs: BEGIN + list.at(-1)!.atMs,
      ...{ pty, gapHistogram: rhythm!.gap_histogram, cmd: null, commandTimes: [] },
    };
  };
  const whole = measured(events(0, 400)).pty!;
  const { pty: united } = unitedTerminals([part(0, 150), part(150, 290), part(290, 400)]);
  for (
    const name of [
      ...["pty_events", "pty_bytes", "pty_pauses_1s", "pty_pauses_5s", "pty_gap_max"] as const,
      ...["pty_one_char_share", "pty_gap_share_burst", "pty_gap_share_think"] as const,
      ...["pty_gap_share_key", "pty_gap_share_middle", "pty_seconds"] as const,
    ]
  ) {
    const [a, b] = [Number(united![name]), Number(whole[name])];
    assert(Math.abs(a - b) <= 1e-3 * Math.max(1, Math.abs(b)), `${name}: ${a}, whole ${b}`);
  }
  // within a bucket of the log scale
  for (const name of ["pty_gap_p50", "pty_gap_p90", "pty_gap_p99"] as const) {
    const ratio = Number(united![name]) / Number(whole[name]);
    assert(ratio > 0.8 && ratio < 1.26, `${name}: ${ratio}`);
  }
  assert.equal(united!.pty_tail_events, null);
});
