import type { KernelMessage } from "./kernel_messages.ts";

/** What is kept of what one cell puts out, in characters; a page shows less of each text. */
export const MOST_OUTPUT = 8 * 1024 * 1024;

/** Holds what one cell puts out to {@link MOST_OUTPUT}, and counts what is left out. */
export class OutputLimit {
  #left = MOST_OUTPUT;
  /** Characters that were left out. */
  omitted = 0;

  /** What is kept of a message: all, its begin where it is text, or nothing. */
  take(message: KernelMessage): KernelMessage | null {
    const { type, content } = message;
    if (type === "execute_input") return message;
    if (type === "clear_output") this.#left = MOST_OUTPUT;
    const text = type === "stream" ? String(content["text"] ?? "") : null;
    const size = text?.length ?? JSON.stringify(content).length;
    // it takes the place of what was shown before
    const left = type === "update_display_data" ? MOST_OUTPUT : this.#left;
    const kept = Math.min(size, left);
    if (type !== "update_display_data") this.#left -= text === null && kept < size ? 0 : kept;
    if (kept === size) return message;
    this.omitted += size - (text === null ? 0 : kept);
    if (text === null || kept === 0) return null;
    return { ...message, content: { ...content, text: text.slice(0, kept).toWellFormed() } };
  }
}
