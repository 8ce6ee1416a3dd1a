import { callFeatures } from "../../features/call.ts";
import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import type { ParsedRecording } from "../../pipeline/recordings/parse_recording.ts";
import { parseRecordings, type ParseSummary } from "../../pipeline/recordings/parse_recordings.ts";
import { lockStore } from "../../pipeline/run_lock.ts";
import { readLabels } from "../../sources/corpora/read_labels.ts";
import { openStore, type Store } from "../../store/store.ts";
import { counted, jsonLine } from "../format.ts";
import { whileNotInterrupted } from "../interrupt.ts";
import { settingsOf } from "../settings.ts";
import { type Call, type ExitStatus, ReaderGone, type Terminal, type Verb } from "../verb.ts";

/** Reads local recordings into the store, or to stdout. */
export const parse: Verb = {
  name: "parse",
  summary: "read local recordings (.tar in ProtoStreamV1, .cast v1 to v3; gzip, zstd)",
  positionals: "PATH…",
  flags: {
    labels: {
      value: "F",
      help: "table of labels (a `file` column, one column a label), or folder of runs",
    },
    format: {
      value: "jsonl",
      help: "print one object a file, and store nothing unless --db is given",
    },
  },
  async run(call, terminal) {
    if (call.positionals.length === 0) {
      throw new UsageError("parse needs at least one PATH: a recording or a folder of recordings");
    }
    const format = call.text("format");
    if (format !== undefined && format !== "jsonl") {
      throw new UsageError("parse prints --format jsonl and no other");
    }
    if (format !== undefined && call.text("db") === undefined) {
      return await parseTo({ store: null }, call, terminal);
    }
    const { config } = await settingsOf(call);
    using _lock = lockStore(config.store, { command: "parse", now: terminal.now() });
    using store = openStore(config.store);
    return await whileNotInterrupted(
      terminal,
      (signal) => parseTo({ store, signal }, call, terminal),
    );
  },
};

async function parseTo(
  { store, signal }: { store: Store | null; signal?: AbortSignal },
  call: Call,
  terminal: Terminal,
): Promise<ExitStatus> {
  const table = call.text("labels");
  const labels = table === undefined ? undefined : await readLabels(table);
  const prints = call.text("format") !== undefined;
  const summary = await parseRecordings(call.positionals, {
    store,
    ...{ now: terminal.now(), signal },
    ...(labels && { labels }),
    onFile(parsed) {
      if (prints) terminal.out(`${jsonLine(fileObject(parsed))}\n`);
      if (store === null && !terminal.outIsOpen) throw new ReaderGone();
      const { state, error } = parsed.recording;
      if (state === "parsed") return;
      terminal.err(`${printable(parsed.uri)}: ${state}${error ? `: ${error}` : ""}\n`);
    },
  });
  return report(summary, terminal, store !== null);
}

/** One file as `--format jsonl` prints it: the names of the store's columns. */
function fileObject(parsed: ParsedRecording): object {
  const { uri, state, format, error, error_offset, bytes, events, events_unknown, events_skipped } =
    parsed.recording;
  return {
    ...{ uri, state, format, error, error_offset, bytes, events, events_unknown, events_skipped },
    ...parsed.session,
    ...parsed.pty,
    ...parsed.cmd,
    ...(parsed.calls && callFeatures([parsed.calls])),
    ...parsed.desk,
  };
}

function report(summary: ParseSummary, terminal: Terminal, stored: boolean): ExitStatus {
  for (const { path, problem } of summary.unreadable) {
    terminal.err(`${printable(path)}: ${problem}\n`);
  }
  const { files, labels, states, unreadable } = summary;
  const named = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  if (unreadable.length > 0) named.push(`${unreadable.length} unreadable`);
  terminal.err(`${counted(files, "file")}: ${named.join(", ") || "no .tar and no .cast there"}\n`);
  if (stored) terminal.err(`${counted(summary.sessions, "session")} stored\n`);
  if (summary.conflicts > 0) {
    terminal.err(
      `${summary.conflicts} left out: another recording of the same session stands; name each file ` +
        `by its session's id\n`,
    );
  }
  const refusedRows = Object.entries(summary.refusedRows).map(([reason, n]) => `${n} ${reason}`);
  if (refusedRows.length > 0) {
    terminal.err(`Rows of the table of labels not taken: ${refusedRows.join(", ")}\n`);
  }
  if (labels.set + labels.refused + summary.unmatchedRows > 0) {
    terminal.err(
      `${labels.set} labels set, ${labels.refused} refused, ${summary.unmatchedRows} rows of the table ` +
        `named no file\n`,
    );
  }
  const parsed = states.parsed ?? 0;
  if (files === 0) return 1;
  const whole = parsed === files && unreadable.length === 0 && summary.conflicts === 0;
  return whole && labels.refused === 0 && refusedRows.length === 0 ? 0 : 3;
}
