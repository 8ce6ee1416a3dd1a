import { basename } from "node:path";
import type { CallTrace } from "../../features/call.ts";
import { inShard, type Shard } from "../../model/shard.ts";
import type { RecordingPart } from "../../model/recording_part.ts";
import type { RecordingState } from "../../model/vocabulary.ts";
import { readSidecar, type Sidecar } from "../../sources/labels_sidecar.ts";
import { type FileLabels, labelsOfFile, type LabelTable } from "../../sources/labels_table.ts";
import { clearSkips, recordSkips } from "../../store/runs.ts";
import type { Store } from "../../store/store.ts";
import { findRecordings } from "./find_recordings.ts";
import { addCounts, importLabels, type LabelCounts, labelSource } from "../import_labels.ts";
import { LotWriter } from "./lot_writer.ts";
import { parseInOrder, type ParseInOrderOptions } from "./parse_in_order.ts";
import type { ParsedRecording } from "./parse_recording.ts";
import { CONFLICT, conflictOf } from "./recording_conflict.ts";
import { storeRecording } from "./store_recording.ts";

/** What came of a batch of recordings. */
export interface ParseSummary {
  /** Recordings that were found and looked at. */
  files: number;
  /** Sessions that these are of. */
  sessions: number;
  /** Files by what came of them. */
  states: Partial<Record<RecordingState, number>>;
  /** Each `path` that could not be searched or opened, with its `problem` in a sentence. */
  unreadable: { path: string; problem: string }[];
  /** Labels of sidecars and of the table: how many were set, how many refused. */
  labels: LabelCounts;
  /** Files left out, or replaced, because two that differ claim one session. */
  conflicts: number;
  /** Rows of the table of labels that named none of the files. */
  unmatchedRows: number;
  /** Rows of the table that were not taken at all: reason to count. */
  refusedRows: Readonly<Record<string, number>>;
}

/** Where parsed recordings go, which of them, and with which labels. */
export interface ParseOptions extends ParseInOrderOptions {
  /** null: nothing is stored. */
  store: Store | null;
  /** When labels and rows are written. */
  now: Date;
  /** One machine's share of the files, by their names. */
  shard?: Shard | undefined;
  /** Labels from a table, beside those of sidecars. */
  labels?: LabelTable;
  /** Called once a file, in order. */
  onFile?: (parsed: ParsedRecording) => void;
}

/** A file that was parsed, and what is said of it elsewhere. */
interface ParsedFile {
  uri: string;
  parsed: ParsedRecording;
  row: FileLabels | undefined;
  sidecar: Sidecar | null;
}

/**
 * Parses recordings and folders of them, many at once where that pays; what is stored and called is
 * in the order of the files. A file that can't be read never stops the rest.
 */
export async function parseRecordings(
  paths: readonly string[],
  options: ParseOptions,
): Promise<ParseSummary> {
  const { store, now } = options;
  const sessions = new Set<string>();
  const matched = new Set<FileLabels>();
  const chunks = new CallsOfChunks();
  const summary: ParseSummary = {
    files: 0,
    sessions: 0,
    states: {},
    unreadable: [],
    labels: { set: 0, refused: 0 },
    conflicts: 0,
    unmatchedRows: 0,
    refusedRows: options.labels?.refused ?? {},
  };
  if (store && options.labels) countRefusedRows(store, options.labels);
  async function* files(): AsyncGenerator<{ path: string; part?: RecordingPart }> {
    for await (const found of findRecordings(paths)) {
      if (!("problem" in found)) {
        if (options.shard && !inShard(options.shard, basename(found.path))) continue;
        const part = options.labels && labelsOfFile(options.labels, found.path)?.part;
        yield { ...found, ...(part && { part }) };
      } else {
        summary.unreadable.push(found);
        if (store) countUnreadable(store, found);
      }
    }
  }
  const write = (store: Store, { uri, parsed, row, sidecar }: ParsedFile) => {
    clearSkips(store, { uri, sources: skipSources(options) });
    const { conflict, known } = conflictOf(store, parsed);
    if (conflict !== "none") {
      countLeftOut(store, conflict === "new stands" ? known!.uri : uri, CONFLICT);
      summary.conflicts += 1;
      if (conflict === "known stands") return;
    }
    const otherCalls = chunks.callsOf(parsed);
    const id = storeRecording(store, parsed, { otherCalls });
    if (id === null) return;
    sessions.add(id);
    if (row) {
      const outside = { from: "table" as const, uri, ...ofPart(row, parsed), now };
      addCounts(summary.labels, importLabels(store, id, outside));
    }
    if (sidecar) {
      const outside = { from: "sidecar" as const, uri, ...sidecar, now };
      addCounts(summary.labels, importLabels(store, id, outside));
    }
  };
  const lots = store && new LotWriter<ParsedFile>(store, (file) => write(store, file));
  try {
    for await (const { item: { path: uri }, parsed } of parseInOrder(files(), options)) {
      const { state, bytes } = parsed.recording;
      summary.files++;
      summary.states[state] = (summary.states[state] ?? 0) + 1;
      const row = options.labels && labelsOfFile(options.labels, uri);
      if (row) matched.add(row);
      lots?.add({ uri, parsed, row, sidecar: await readSidecar(uri) }, bytes ?? 0);
      options.onFile?.(parsed);
    }
  } finally {
    lots?.flush();
  }
  summary.sessions = sessions.size;
  summary.unmatchedRows = (options.labels?.rows.size ?? 0) - matched.size;
  return summary;
}

/** Labels with what came of measuring only the part that they are about. */
function ofPart(
  { labels, note, refused }: FileLabels,
  { part }: ParsedRecording,
): Omit<FileLabels, "part"> {
  if (part === undefined) return { labels, note, refused };
  if (part === "measured") {
    return { labels: [...labels, { key: "fixture.part", value: "agent" }], note, refused };
  }
  const reason = part === "no-clock"
    ? "recording does not say when it began: measured whole"
    : "nothing was printed while the agent ran: measured whole";
  return { labels, note, refused: { ...refused, [reason]: 1 } };
}

/** Times of calls kept for the chunks to come; beyond that those that came first are let go. */
const MAX_KEPT_CALLS = 4_000_000;

/** The calls of application sessions so far, whose chunks are files of their own. */
class CallsOfChunks {
  readonly #bySession = new Map<string, CallTrace[]>();
  #kept = 0;

  /** The calls of the chunks that came before; those of `parsed` are kept for the next. */
  callsOf({ session, calls, recording }: ParsedRecording): CallTrace[] {
    if (session?.kind !== "app" || calls === null) return [];
    if (session.session_id === recording.recording_id) return [];
    const before = this.#bySession.get(session.session_id) ?? [];
    this.#kept += calls.seconds.length;
    if (this.#kept > MAX_KEPT_CALLS) {
      this.#bySession.clear();
      this.#kept = calls.seconds.length;
    }
    this.#bySession.set(session.session_id, [...before, calls]);
    return before;
  }
}

const SOURCE = "recordings";

/** What the skips of a file that is read anew were counted under. */
function skipSources({ labels }: ParseOptions): string[] {
  return [SOURCE, labelSource("sidecar"), ...(labels ? [labelSource("table")] : [])];
}

function countUnreadable(store: Store, { path, problem }: { path: string; problem: string }): void {
  store.transaction(() => {
    clearSkips(store, { uri: path, sources: [SOURCE] });
    countLeftOut(store, path, problem);
  });
}

function countLeftOut(store: Store, uri: string, reason: string): void {
  recordSkips(store, [{ source: SOURCE, uri, reason, count: 1 }]);
}

function countRefusedRows(store: Store, { path, refused }: LabelTable): void {
  const at = { source: labelSource("table"), uri: path };
  store.transaction(() => {
    clearSkips(store, { uri: path, sources: [at.source] });
    recordSkips(
      store,
      Object.entries(refused).map(([reason, count]) => ({ ...at, reason, count })),
    );
  });
}
