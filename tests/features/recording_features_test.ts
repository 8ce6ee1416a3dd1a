import assert from "node:assert/strict";
import { commandFeatures } from "../../lib/features/cmd.ts";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import type { EventColumns, RecordingEvent } from "../../lib/model/event.ts";
import { PTY_FEATURES } from "../../lib/model/pty_features.ts";

const print = (seconds: number, text: string): RecordingEvent => ({
  type: "print",
  atMs: seconds * 1000,
  data: new TextEncoder().encode(text),
});
const command = (seconds: number, pid: number, ppid: number, exitCode = 0): RecordingEvent => ({
  type: "command",
  atMs: seconds * 1000,
  source: "bpf",
  program: `p${pid % 3}`,
  argv: [],
  pid: BigInt(pid),
  ppid: BigInt(ppid),
  exitCode,
});

function measure(events: RecordingEvent[]) {
  const features = new RecordingFeatures();
  for (const event of events) features.add([event]);
  return features.finish({ clockSteps: 3 });
}

Deno.test("RecordingFeatures fills every column of the family, in its order", () => {
  const { pty } = measure([print(0, "a"), print(1, "b")]);
  assert.deepEqual(Object.keys(pty!), Object.keys(PTY_FEATURES));
  assert.equal(pty!.pty_clock_steps, 3);
});

Deno.test("RecordingFeatures measures nothing where nothing was printed", () => {
  const measures = measure([{ type: "start", atMs: 0, facts: {}, size: null }]);
  assert.deepEqual(Object.values(measures), [null, null, null, null, null, null]);
  const single = measure([print(5, "x")]).pty!;
  assert.equal(single.pty_events, 1);
  assert.equal(single.pty_gap_p50, null);
  assert.equal(single.pty_events_per_second, null);
});

Deno.test("RecordingFeatures cuts idle ends of more than 120 s", () => {
  const work = Array.from({ length: 20 }, (_, i) => print(1000 + i, "work"));
  const { pty, rhythm } = measure([
    { type: "start", atMs: 0, facts: {}, size: { cols: 80, rows: 24 } },
    print(200, "banner"),
    ...work,
    print(3019, "bye"),
    { type: "end", atMs: 3_500_000, facts: {} },
  ]);
  assert.equal(pty!.pty_seconds, 19);
  assert.equal(pty!.pty_trimmed_seconds, 200 + 800 + 2000 + 481);
  assert.equal(pty!.pty_gap_max, 1);
  assert.equal(pty!.pty_events, 22);
  assert.equal(rhythm!.gap_histogram.reduce((sum, n) => sum + n, 0), 19);
  assert.ok(rhythm!.bin_seconds * rhythm!.events.length < 30);
});

Deno.test("RecordingFeatures keeps long silence in the midst", () => {
  const prints = Array.from({ length: 40 }, (_, i) => print(i < 20 ? i : i + 500, "x"));
  const { pty } = measure(prints);
  assert.equal(pty!.pty_gap_max, 501);
  assert.equal(pty!.pty_trimmed_seconds, 0);
});

Deno.test("RecordingFeatures describes the tail after the last whole line", () => {
  const prompt = "\x1b[?2004hroot@box:/# ";
  const events = [print(0, prompt), print(1, "agent 'do the thing'\r\n\x1b[?2004l\r")];
  let at = 1;
  for (let i = 0; i < 50; i++) events.push(print(at += 0.05, "tok "));
  events.push(
    print(at += 9, "more\r\n"),
    print(at += 0.1, prompt),
    print(at += 60, "\x1b[?2004l\r\r\nexit\r\n"),
  );
  const { pty } = measure(events);
  assert.equal(pty!.pty_lines_whole, 1);
  assert.equal(pty!.pty_tail_line_chars, 20);
  assert.equal(pty!.pty_tail_line_words, 4);
  assert.equal(pty!.pty_tail_events, 52);
  assert.equal(pty!.pty_tail_pauses_5s, 1, "the wait at the prompt is not the program's");
  assert.ok(pty!.pty_tail_stream_share! > 0.9);
});

Deno.test("RecordingFeatures takes what came before the first prompt for a tail, without a line", () => {
  const talk = "I will look at what the tests say before I change any of the files. ";
  const prints = Array.from({ length: 20 }, (_, i) => print(i * 0.02, talk));
  const begun = measure([...prints, print(8, "\r\ndana@web-1:~$ ")]).pty!;
  assert.equal(begun.pty_line_whole_share, null);
  assert.equal(begun.pty_tail_events, 20);
  assert.equal(begun.pty_tail_pauses_5s, 1);
  assert.ok(begun.pty_tail_prose_share! > 0.9);
  const typed = [..."ls -l"].map((key, i) => print(9 + i * 0.2, key));
  const person = measure([...prints, print(8, "\r\ndana@web-1:~$ "), ...typed, print(11, "\r\n")])
    .pty!;
  assert.equal(person.pty_lines_typed, 1);
  assert.equal(person.pty_tail_events, null);
  assert.equal(person.pty_tail_prose_share, null);
});

Deno.test("RecordingFeatures counts resizes, joins, titles and the alternate screen", () => {
  const { pty } = measure([
    { type: "resize", atMs: 0, size: { cols: 80, rows: 24 } },
    print(0, "\x1b]0;title\x07"),
    print(1, "\x1b]2;another\x1b\\\x1b[?1049h"),
    { type: "resize", atMs: 1500, size: { cols: 90, rows: 24 } },
    print(2, "full screen"),
    print(3, "\x1b[?1049l\x1b]11;?\x07"),
    { type: "join", atMs: 3000 },
  ]);
  assert.equal(pty!.pty_resizes, 1);
  assert.equal(pty!.pty_joins, 1);
  assert.equal(pty!.pty_title_changes, 2);
  assert.equal(pty!.pty_alt_screen_share, 0.5);
  assert.equal(pty!.pty_full_screens, 1);
});

Deno.test("RecordingFeatures measures the silence before each whole line", () => {
  const prompt = "root@a:~# ";
  let at = 0;
  const lines = [0.1, 5, 6, 15, 64].flatMap((silence) => [
    print(at += 0.05, prompt),
    print(at += silence, "make all\r\n"),
  ]);
  const pty = measure([...lines, print(at + 1, `made\r\n${prompt}`)]).pty!;
  assert.equal(pty.pty_lines_whole, 5);
  const near = (value: number | null, expected: number) =>
    assert.ok(Math.abs(value! - expected) < 1e-9, `${value} for ${expected}`);
  near(pty.pty_silence_p10, 0.1 + 0.4 * 4.9);
  near(pty.pty_silence_p50, 6);
  near(pty.pty_silence_p90, 15 + 0.6 * 49);
  near(pty.pty_silence_p99, 15 + 0.96 * 49);
  near(pty.pty_silence_share_5s, 0.6);
});

Deno.test("RecordingFeatures measures the pace of typing in full-screen programs", () => {
  const typed = (gaps: readonly number[]) => {
    let at = 1;
    return gaps.flatMap((gap, i) => {
      at += gap;
      const status = print(at + 0.004, `\x1b[24;60H3,${i}\x1b[3;${i + 1}H`);
      return [print(at, "x"), status];
    });
  };
  const editor = (keys: RecordingEvent[]) =>
    measure([
      print(0, "\x1b[?1049h\x1b[H\x1b[2J"),
      print(0.5, "\x1b[H" + "text of a file\r\n".repeat(20)),
      ...keys,
      // a page further on, and a pause: neither is a key's pace
      print(60, "\x1b[H" + "text of a file\r\n".repeat(20)),
      print(70, "x"),
      print(71, "\x1b[?1049l"),
    ]).pty!;
  const even = editor(typed(Array.from({ length: 40 }, () => 0.1)));
  assert.ok(Math.abs(even.pty_screen_key_gap_p50! - 0.1) < 1e-9);
  assert.ok(Math.abs(even.pty_screen_key_gap_p90! - 0.1) < 1e-9);
  assert.ok(even.pty_screen_key_gap_cv! < 0.01);
  assert.equal(even.pty_screen_single_share, 41 / 84);
  assert.equal(even.pty_keys, 0);
  const uneven = editor(typed(Array.from({ length: 40 }, (_, i) => i % 4 ? 0.1 : 0.9)));
  assert.ok(Math.abs(uneven.pty_screen_key_gap_p90! - 0.9) < 1e-9);
  assert.ok(uneven.pty_screen_key_gap_cv! > 0.5);
  const none = measure([print(0, "text"), print(1, "more text")]).pty!;
  assert.equal(none.pty_full_screens, 0);
  assert.equal(none.pty_screen_single_share, null);
  assert.equal(none.pty_screen_key_gap_p50, null);
});

Deno.test("RecordingFeatures gives the same whatever the batches", () => {
  const events = Array.from(
    { length: 300 },
    (_, i) => print(i * 0.13, i % 7 ? "x" : "\r\nroot@a:~# "),
  );
  const whole = new RecordingFeatures();
  whole.add(events);
  assert.deepEqual(whole.finish({ clockSteps: 3 }), measure(events));
});

Deno.test("RecordingFeatures gives the same for columns as for events", () => {
  const prompt = "root@a:~# ";
  const events: RecordingEvent[] = [{
    type: "start",
    atMs: 0,
    facts: {},
    size: { cols: 80, rows: 24 },
  }];
  for (let i = 0; i < 2000; i++) {
    const text = i % 9 === 0
      ? `\r\n${prompt}`
      : i % 9 < 5
      ? "x"
      : `\r${i} of many\r\n`.repeat(i % 4);
    events.push(print(200 * Number(i > 3) + i * 0.13 + (i % 5) / 50, text));
    if (i % 500 === 0) events.push({ type: "resize", atMs: 1, size: { cols: 70, rows: 24 } });
  }
  const whole = new RecordingFeatures();
  whole.add(events);
  const columns = new RecordingFeatures();
  for (let from = 0; from < events.length; from += 700) {
    columns.addColumns(columnsOf(events.slice(from, from + 700)));
  }
  assert.deepEqual(columns.finish({ clockSteps: 3 }), whole.finish({ clockSteps: 3 }));
  assert.deepEqual(columns.handOvers(), whole.handOvers());
});

/** Every seventh print lies elsewhere, as prints may. */
function columnsOf(events: RecordingEvent[]): EventColumns {
  const columns = {
    length: events.length,
    bytes: new Uint8Array(65536),
    atMs: Float64Array.from(events, (event) => event.atMs),
    starts: new Int32Array(events.length),
    ends: new Int32Array(events.length),
    others: [] as RecordingEvent[],
  };
  let at = 3;
  events.forEach((event, row) => {
    if (event.type !== "print" || row % 7 === 0) {
      columns.starts[row] = ~(columns.others.push(event) - 1);
      return;
    }
    columns.bytes.set(event.data, at);
    columns.starts[row] = at;
    at = columns.ends[row] = at + event.data.length;
  });
  return columns;
}

Deno.test("commandFeatures() counts, and measures gaps and depth", () => {
  const events = [
    command(0, 10, 1),
    command(0.1, 11, 10),
    command(0.2, 12, 11, 1),
    command(5.2, 13, 10),
    { type: "network", atMs: 6000, pid: 13n, returnCode: null } as const,
  ];
  assert.deepEqual(commandFeatures(events), {
    cmd_commands: 4,
    cmd_exec: 0,
    cmd_bpf: 4,
    cmd_network: 1,
    cmd_disk: 0,
    cmd_programs: 3,
    cmd_depth: 3,
    cmd_failures: 1,
    cmd_gap_p50: 0.1,
    cmd_gap_p90: commandFeatures(events)!.cmd_gap_p90,
    cmd_burst_share: 2 / 3,
    cmd_single_shot: false,
  });
  assert.equal(commandFeatures([]), null);
});

Deno.test("commandFeatures() knows a single command without a terminal", () => {
  const exec: RecordingEvent = {
    type: "command",
    atMs: 0,
    source: "exec",
    program: "uptime",
    argv: [],
    pid: null,
    ppid: null,
    exitCode: 0,
  };
  assert.equal(commandFeatures([exec])!.cmd_single_shot, true);
  assert.equal(commandFeatures([exec], { terminal: true })!.cmd_single_shot, false);
  assert.equal(commandFeatures([exec, exec])!.cmd_single_shot, false);
  assert.equal(commandFeatures([exec])!.cmd_depth, null);
});
