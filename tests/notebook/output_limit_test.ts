import assert from "node:assert/strict";
import type { KernelMessage } from "../../lib/notebook/kernel_messages.ts";
import { MOST_OUTPUT, OutputLimit } from "../../lib/notebook/output_limit.ts";

function message(type: string, content: Record<string, unknown>): KernelMessage {
  return { type, parentId: null, content };
}

const printed = (length: number) => message("stream", { name: "stdout", text: "x".repeat(length) });
const shown = (length: number) => message("display_data", { data: { a: "x".repeat(length) } });

Deno.test("OutputLimit keeps the begin of what is printed and counts the rest", () => {
  const limit = new OutputLimit();
  const lengths = [MOST_OUTPUT - 10, 30, 5].map((length) =>
    String(limit.take(printed(length))?.content["text"] ?? "").length
  );
  assert.deepEqual(lengths, [MOST_OUTPUT - 10, 10, 0]);
  assert.equal(limit.omitted, 25);
});

Deno.test("OutputLimit keeps a picture whole or not at all", () => {
  const limit = new OutputLimit();
  assert.equal(limit.take(shown(MOST_OUTPUT)), null);
  assert.ok(limit.omitted > MOST_OUTPUT);
  assert.notEqual(limit.take(shown(MOST_OUTPUT / 2)), null, "a smaller one still goes in");
});

Deno.test("OutputLimit begins anew where outputs are cleared or take another's place", () => {
  const limit = new OutputLimit();
  for (let i = 0; i < 3; i++) {
    assert.notEqual(limit.take(shown(MOST_OUTPUT - 100)), null);
    assert.notEqual(limit.take(message("clear_output", { wait: true })), null);
    assert.notEqual(
      limit.take(message("update_display_data", shown(MOST_OUTPUT - 100).content)),
      null,
    );
  }
  assert.equal(limit.omitted, 0);
});
