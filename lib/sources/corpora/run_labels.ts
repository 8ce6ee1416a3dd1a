import { agentTool } from "../../model/agent_tools.ts";
import type { RecordingPart } from "../../model/recording_part.ts";
import { toLabelValue } from "../../model/label.ts";
import { type JsonObject, readJsonObject } from "../json_object.ts";
import { LabelCollector } from "../label_import.ts";
import type { FileLabels } from "../labels_table.ts";

/** A file of a run longer than this is not read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Agents of harnesses that follow a written solution, or do nothing: scripts. */
const SCRIPTED_AGENTS = new Set(["oracle", "nop"]);

/** An agent that a harness drives, as the harness names it; null where it does not. */
export interface DrivingAgent {
  name: string | null;
  model: string | null;
}

/** Where labels of one recording of a run come together. */
export class RunLabels extends LabelCollector {
  /** Who drove, and the source that agents of one kind are counted under. */
  driver({ name, model }: DrivingAgent, harness: string): void {
    if (name === null) return this.refuse("run does not name its agent");
    const source = [harness, name, shortModel(model)].filter((part) => part !== null).join("-");
    this.add("fixture.source", toLabelValue(source));
    if (SCRIPTED_AGENTS.has(name.toLowerCase())) {
      return this.add("truth.operator-type", "automation");
    }
    this.add("truth.operator-type", "agent");
    const { tool } = agentTool(name);
    this.add("truth.agent-tool", tool === "unknown" ? name : tool);
    this.addValue("truth.agent-model", shortModel(model));
  }

  done(part: RecordingPart | null = null): FileLabels {
    const { labels, refused } = this;
    return { labels, refused, note: null, ...(part !== null && { part }) };
  }
}

// Models are named with their provider before them.
function shortModel(model: string | null): string | null {
  return model === null ? null : model.slice(model.lastIndexOf("/") + 1);
}

/** Reads one file of a run. */
export function readRunFile(path: string): Promise<JsonObject> {
  return readJsonObject(path, { maxBytes: MAX_BYTES });
}

/** An object inside an object; empty where there is none. */
export function inside(
  value: Readonly<Record<string, unknown>>,
  key: string,
): Readonly<Record<string, unknown>> {
  const inner = value[key];
  const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return isObject ? inner as Record<string, unknown> : {};
}

/** A text of an object; null where it is none. */
export function textOf(value: Readonly<Record<string, unknown>>, key: string): string | null {
  const text = value[key];
  return typeof text === "string" && text.trim() !== "" ? text : null;
}

/** The stretch between two times of an object; null unless both are there and in order. */
export function partOf(
  value: Readonly<Record<string, unknown>>,
  [from, until]: readonly [string, string],
): RecordingPart | null {
  const [fromMs, untilMs] = [timeOf(value[from]), timeOf(value[until])];
  return fromMs < untilMs ? { fromMs, untilMs } : null;
}

// Times without a zone are UTC.
function timeOf(value: unknown): number {
  if (typeof value !== "string") return NaN;
  return Date.parse(/T.*([Zz]|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
}

/** Names of the plain files, or of the folders, in a folder, in order; links are not followed. */
export async function namesIn(folder: string, kind: "file" | "folder"): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const wanted = kind === "file" ? entry.isFile : entry.isDirectory;
      if (wanted && !entry.name.startsWith(".")) names.push(entry.name);
    }
  } catch {
    // a folder that can't be read is told by the search for recordings
  }
  return names.sort();
}
