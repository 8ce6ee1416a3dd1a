import { parseJsonObject, readJsonObject } from "./json_object.ts";
import { type ImportedLabel, LabelCollector, type RefusedLabels } from "./label_import.ts";

/** What a `.labels.json` beside a recording says. */
export interface Sidecar {
  labels: ImportedLabel[];
  /** Labels, or the whole file, that were not taken: reason to count. */
  refused: RefusedLabels;
}

/** A sidecar longer than this is not read. */
const MAX_BYTES = 64 * 1024;

/** Where the labels of a recording lie: `a/x.tar` has `a/x.labels.json`. */
export function sidecarPath(recording: string): string {
  return `${recording.replace(/\.(gz|zst)$/, "").replace(/\.(tar|cast)$/, "")}.labels.json`;
}

/**
 * Reads the labels beside a recording; null where there are none. Never throws for bad content.
 * What is no plain file (a link, a pipe that nobody fills) is not opened.
 */
export async function readSidecar(recording: string): Promise<Sidecar | null> {
  const content = await readJsonObject(sidecarPath(recording), { maxBytes: MAX_BYTES });
  if (content.state === "absent") return null;
  return content.state === "read" ? sidecarOf(content.value) : refusedWhole(content.reason);
}

/**
 * The labels of a sidecar's text (`facts/corpora.md`). What it says of the operator is ground
 * truth: `operator.type` becomes `truth.operator-type`, `agent.*` becomes `truth.agent-*`;
 * underscores become hyphens. Keys that would speak for a classifier or a reviewer are refused.
 */
export function parseSidecar(text: string): Sidecar {
  const content = parseJsonObject(text, { maxBytes: MAX_BYTES });
  return content.state === "read" ? sidecarOf(content.value) : refusedWhole(content.reason);
}

function sidecarOf(content: Readonly<Record<string, unknown>>): Sidecar {
  const collector = new LabelCollector();
  for (const [key, value] of Object.entries(content)) collector.addValue(labelKey(key), value);
  return { labels: collector.labels, refused: collector.refused };
}

function labelKey(key: string): string {
  const hyphens = key.replaceAll("_", "-");
  if (hyphens === "operator.type") return "truth.operator-type";
  return hyphens.replace(/^agent\.(.+)$/, "truth.agent-$1");
}

function refusedWhole(reason: string): Sidecar {
  return { labels: [], refused: { [reason]: 1 } };
}
