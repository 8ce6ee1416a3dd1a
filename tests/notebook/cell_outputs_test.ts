import assert from "node:assert/strict";
import { addOutput, type Displays } from "../../lib/notebook/cell_outputs.ts";
import type { Output } from "../../lib/notebook/nbformat.ts";

function collect(messages: [string, Record<string, unknown>][]): Output[] {
  const outputs: Output[] = [];
  const options = { displays: new Map() as Displays, pendingClear: { on: false } };
  for (const [type, content] of messages) {
    addOutput(outputs, { type, parentId: "1", content }, options);
  }
  return outputs;
}

const shown = (text: string, id?: string): Record<string, unknown> => ({
  data: { "text/plain": text },
  metadata: {},
  transient: id === undefined ? {} : { display_id: id },
});

Deno.test("addOutput() joins neighbouring pieces of one stream only", () => {
  const outputs = collect([
    ["stream", { name: "stdout", text: "a" }],
    ["stream", { name: "stdout", text: "b" }],
    ["stream", { name: "stderr", text: "c" }],
    ["stream", { name: "stdout", text: "d" }],
  ]);
  assert.deepEqual(outputs.map((output) => "text" in output && output.text), ["ab", "c", "d"]);
});

Deno.test("addOutput() follows updates of a display and clearing", () => {
  assert.deepEqual(
    collect([
      ["display_data", shown("old", "x")],
      ["display_data", shown("other")],
      ["update_display_data", shown("new", "x")],
    ]).map((output) => "data" in output && output.data["text/plain"]),
    ["new", "other"],
  );
  assert.deepEqual(collect([["display_data", shown("a")], ["clear_output", { wait: false }]]), []);
  const waiting = collect([
    ["display_data", shown("a")],
    ["clear_output", { wait: true }],
    ["display_data", shown("b")],
  ]);
  assert.deepEqual(waiting.map((output) => "data" in output && output.data["text/plain"]), ["b"]);
  assert.equal(collect([["display_data", shown("a")], ["clear_output", { wait: true }]]).length, 1);
});

Deno.test("addOutput() takes malformed messages for empty ones and leaves others alone", () => {
  const outputs = collect([
    ["stream", {}],
    ["error", { traceback: "no list" }],
    ["execute_result", { data: null, execution_count: "x" }],
    ["execute_input", { code: "1" }],
    ["comm_open", {}],
  ]);
  assert.deepEqual(outputs, [
    { output_type: "stream", name: "stdout", text: "" },
    { output_type: "error", ename: "Error", evalue: "", traceback: [] },
    { output_type: "execute_result", execution_count: null, data: {}, metadata: {} },
  ]);
});
