import assert from "node:assert/strict";
import { CallAccumulator, callFeatures, type CallTrace } from "../../lib/features/call.ts";
import { DeskAccumulator } from "../../lib/features/desk.ts";
import type { DesktopMessage } from "../../lib/model/event.ts";

function traceOf(
  seconds: readonly number[],
  { origin = 0, method = "GET", ...more }: {
    origin?: number;
    method?: string;
    reads?: boolean | null;
    ok?: boolean | null;
    denied?: boolean;
  } = {},
): CallTrace {
  const calls = new CallAccumulator();
  for (const at of seconds) {
    const outcome = { reads: true, ok: true, denied: false, ...more };
    calls.add({ type: "request", atMs: at * 1000, method, ...outcome });
  }
  return calls.finish(origin * 1000)!;
}

Deno.test("callFeatures() folds calls within 2 s to one command", () => {
  const features = callFeatures([traceOf([0, 0.5, 2.4, 10, 10.1, 30])])!;
  assert.equal(features.call_calls, 6);
  assert.equal(features.call_commands, 3);
  assert.equal(features.call_gap_p50, (7.6 + 19.9) / 2);
  assert.equal(features.call_per_minute, 12);
  assert.equal(features.call_services, 1);
  assert.equal(features.call_resolution_ms, 1);
});

Deno.test("callFeatures() measures the chunks of a session in order of time", () => {
  const first = traceOf([0, 10], { origin: 1000 });
  const second = traceOf([1, 21], { origin: 1010, method: "PUT", reads: false, ok: false });
  const features = callFeatures([second, first])!;
  assert.deepEqual(features, callFeatures([first, second]));
  assert.equal(features.call_calls, 4);
  assert.equal(features.call_commands, 3, "the seam is folded, too");
  assert.equal(features.call_gap_p90, 19);
  assert.equal(features.call_methods, 2);
  assert.equal(features.call_top_method_share, 0.5);
  assert.equal(features.call_read_share, 0.5);
  assert.equal(features.call_errors, 2);
  assert.deepEqual(callFeatures([first]), callFeatures([traceOf([0, 10])]));
});

Deno.test("callFeatures() leaves unmeasured what calls do not tell", () => {
  assert.equal(callFeatures([]), null);
  assert.equal(new CallAccumulator().finish(null), null);
  const one = callFeatures([traceOf([5], { reads: null, ok: null, denied: true })])!;
  assert.deepEqual(
    [one.call_gap_p50, one.call_gap_cv, one.call_per_minute, one.call_read_share],
    [null, null, null, null],
  );
  assert.deepEqual([one.call_denied, one.call_errors, one.call_commands], [1, 0, 1]);
});

Deno.test("DeskAccumulator counts messages by what they are", () => {
  const desk = new DeskAccumulator();
  assert.equal(desk.finish(), null);
  const messages: [number, DesktopMessage][] = [
    [0, "other"],
    [100, "frame"],
    [150, "input"],
    [300, "frame"],
    [450, "input"],
    [500, "clipboard"],
    [600, "frame"],
    [650, "input"],
    [700, "file"],
  ];
  for (const [atMs, what] of messages) desk.add({ type: "desktop", atMs, what, bytes: 10 });
  const { desk_input_gap_cv, ...features } = desk.finish()!;
  assert.deepEqual(features, {
    desk_frames: 3,
    desk_bytes: 30,
    desk_frame_gap_p50: 0.25,
    desk_inputs: 3,
    desk_input_gap_p50: 0.25,
    desk_clipboard: 1,
    desk_files: 1,
  });
  assert.ok(Math.abs(desk_input_gap_cv! - 0.2) < 1e-9);
});
