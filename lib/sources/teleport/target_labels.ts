import { z } from "zod";
import type { QueryEngine } from "../query_engine.ts";
import { readQueryFile } from "../query_file.ts";
import { SessionRows } from "./session_rows.ts";

const TARGET_LABELS = readQueryFile(new URL("./target_labels.sql", import.meta.url));

const labelRow = z.object({
  session_id: z.string(),
  label_key: z.string(),
  label_value: z.string().nullable(),
});

/**
 * Reads the labels of what sessions went to, of the keys that are to be kept, for sessions that are
 * asked for in the order of their ids. Without keys nothing is asked. Close it when done.
 */
export class TargetLabelReader {
  readonly #rows: SessionRows<z.infer<typeof labelRow>> | null;

  constructor(
    engine: QueryEngine,
    values: Readonly<Record<string, string>>,
    keys: readonly string[],
  ) {
    const asked = { ...values, label_keys: keys.join(",") };
    this.#rows = keys.length === 0
      ? null
      : new SessionRows(engine.query(TARGET_LABELS, asked), labelRow);
  }

  /** Runs the query up to its first row. */
  async start(): Promise<void> {
    await this.#rows?.peek();
  }

  /** The labels of a session; null where it has none of them. */
  async of(sessionId: string): Promise<Record<string, string> | null> {
    const rows = await this.#rows?.take(sessionId) ?? [];
    if (rows.length === 0) return null;
    return Object.fromEntries(rows.map((row) => [row.label_key, row.label_value ?? ""]));
  }

  async close(): Promise<void> {
    await this.#rows?.close();
  }
}
