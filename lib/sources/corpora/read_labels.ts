import { join } from "node:path";
import { ConfigError } from "../../model/errors.ts";
import { type FileLabels, type LabelTable, readLabelTable } from "../labels_table.ts";
import { isHarborTrial, readHarborTrial } from "./harbor.ts";
import { namesIn } from "./run_labels.ts";
import { readTerminalBench, RUN_FILE } from "./terminal_bench.ts";

/** Folders deeper than this are not searched for runs. */
const MAX_DEPTH = 5;

/**
 * The labels that `path` holds: a table, or a folder of runs of Terminal-Bench and jobs of Harbor
 * (`facts/corpora.md`), searched to a depth of five. Sidecars beside recordings and what headers say
 * need no naming. Throws a {@link ConfigError} where there is nothing of the kind.
 */
export async function readLabels(path: string): Promise<LabelTable> {
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (!isFolder) return await readLabelTable(path);
  const rows = new Map<string, FileLabels>();
  await search(path, { depth: 0, rows });
  if (rows.size > 0) return { path, rows, refused: {} };
  throw new ConfigError(
    `no recording of a Terminal-Bench run (${RUN_FILE}) or of a Harbor trial (config.json) is in ` +
      `this folder; a table of labels is named as a file`,
    { file: path, line: null },
  );
}

async function search(
  folder: string,
  { depth, rows }: { depth: number; rows: Map<string, FileLabels> },
): Promise<void> {
  const files = await namesIn(folder, "file");
  if (files.includes(RUN_FILE)) return await readTerminalBench(folder, rows);
  if (files.includes("config.json") && await isHarborTrial(folder)) {
    return await readHarborTrial(folder, rows);
  }
  if (depth === MAX_DEPTH) return;
  for (const name of await namesIn(folder, "folder")) {
    await search(join(folder, name), { depth: depth + 1, rows });
  }
}
