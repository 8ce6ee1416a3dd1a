import type { KernelMessage } from "./kernel_messages.ts";
import type { Output, RichOutput } from "./nbformat.ts";

/** Outputs that a later cell may replace, by the id that the notebook gave them. */
export type Displays = Map<string, RichOutput[]>;

/**
 * Takes the messages that one cell caused and keeps `outputs` as nbformat has them: neighbouring
 * pieces of a stream are joined, `clear_output` and updates of a display are followed. Returns
 * whether the message was one of output.
 */
export function addOutput(
  outputs: Output[],
  message: KernelMessage,
  options: { displays: Displays; pendingClear: { on: boolean } },
): boolean {
  const output = outputOf(message);
  if (message.type === "clear_output") {
    if (message.content["wait"] === true) options.pendingClear.on = true;
    else outputs.length = 0;
    return true;
  }
  if (output === null) return false;
  const displayId = displayIdOf(message);
  if (message.type === "update_display_data") {
    for (const shown of options.displays.get(displayId ?? "") ?? []) {
      if ("data" in output) Object.assign(shown, { data: output.data, metadata: output.metadata });
    }
    return true;
  }
  if (options.pendingClear.on) {
    outputs.length = 0;
    options.pendingClear.on = false;
  }
  const last = outputs.at(-1);
  if (
    output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name
  ) {
    last.text += output.text;
    return true;
  }
  outputs.push(output);
  if (displayId !== null && "data" in output) {
    options.displays.set(displayId, [...options.displays.get(displayId) ?? [], output]);
  }
  return true;
}

function outputOf({ type, content }: KernelMessage): Output | null {
  switch (type) {
    case "stream":
      return {
        output_type: "stream",
        name: content["name"] === "stderr" ? "stderr" : "stdout",
        text: String(content["text"] ?? ""),
      };
    case "display_data":
    case "update_display_data":
      return { output_type: "display_data", ...bundleOf(content) };
    case "execute_result": {
      const count = content["execution_count"];
      const execution_count = typeof count === "number" ? count : null;
      return { output_type: "execute_result", execution_count, ...bundleOf(content) };
    }
    case "error": {
      const traceback = content["traceback"];
      return {
        output_type: "error",
        ename: String(content["ename"] ?? "Error"),
        evalue: String(content["evalue"] ?? ""),
        traceback: Array.isArray(traceback) ? traceback.map(String) : [],
      };
    }
    default:
      return null;
  }
}

function bundleOf(content: Record<string, unknown>) {
  return { data: recordOf(content["data"]), metadata: recordOf(content["metadata"]) };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function displayIdOf({ content }: KernelMessage): string | null {
  const id = recordOf(content["transient"])["display_id"];
  return typeof id === "string" ? id : null;
}
