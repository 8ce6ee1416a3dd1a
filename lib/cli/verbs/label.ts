import { checkLabel, isLabelKey } from "../../model/label.ts";
import { LabelError, UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { labelHistory, listLabels, removeLabels, setLabels } from "../../store/labels.ts";
import { requireStore } from "../../store/database_file.ts";
import { readWideRows } from "../../store/frame.ts";
import { labelApiSessions } from "../../pipeline/label_api_sessions.ts";
import {
  isSessionTable,
  parseSessionLabels,
  type SessionLabelTable,
} from "../../sources/session_labels.ts";
import { resolveSubjectId } from "../../store/segments.ts";
import { openStore, type Store } from "../../store/store.ts";
import { formatRows, jsonLine, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import { type Call, type ExitStatus, FORMAT_FLAG, type Terminal, type Verb } from "../verb.ts";

/** Labels by hand: what a person says stands before what a machine says. */
export const label: Verb = {
  name: "label",
  summary: "labels by hand: set, rm, ls, history, export, import",
  positionals: "set ID KEY=VALUE… | rm ID KEY… | ls ID | history ID | export | import FILE",
  flags: {
    by: { value: "NAME", help: "who labels (default: the user of this system)" },
    selector: { value: "S", help: "export: only sessions that match" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const [action, ...rest] = call.positionals;
    const run = action !== undefined && Object.hasOwn(ACTIONS, action)
      ? ACTIONS[action]
      : undefined;
    if (run === undefined) {
      throw new UsageError(`label takes ${Object.keys(ACTIONS).join(", ")}; see label --help`);
    }
    const { config } = await settingsOf(call);
    requireStore(config.store);
    using store = openStore(config.store, { readOnly: READING.has(action!) });
    return await run(store, rest, { call, terminal });
  },
};

interface Context {
  call: Call;
  terminal: Terminal;
}

type Action = (
  store: Store,
  args: readonly string[],
  context: Context,
) => ExitStatus | Promise<ExitStatus>;

const READING = new Set(["ls", "history", "export"]);

const ACTIONS: Record<string, Action> = {
  set(store, args, { call, terminal }) {
    const [id, ...pairs] = args;
    const subject_id = subjectOf(store, id);
    if (pairs.length === 0) throw new UsageError("label set ID needs at least one KEY=VALUE");
    const labels = pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`${JSON.stringify(pair.slice(0, 80))} is not KEY=VALUE`);
      const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
      checkLabel(key, value);
      return { subject_id, key, value };
    });
    const by = { setBy: reviewer(call, terminal), now: terminal.now() };
    // all or none: half of a reviewer's judgement is none
    store.transaction(() => {
      for (const label of setLabels(store, labels, by)) {
        if (label.outcome === "refused") throw new LabelError(label.reason);
      }
    });
    terminal.err(`${labels.length} set on ${printable(subject_id)}\n`);
    return 0;
  },

  rm(store, args, { call, terminal }) {
    const [id, ...keys] = args;
    const subject_id = subjectOf(store, id);
    if (keys.length === 0) throw new UsageError("label rm ID needs at least one KEY");
    for (const key of keys) {
      if (!isLabelKey(key)) throw new LabelError(`${JSON.stringify(key.slice(0, 80))} is no key`);
    }
    const removed = removeLabels(store, { subjectId: subject_id, keys }, {
      setBy: reviewer(call, terminal),
      now: terminal.now(),
    });
    terminal.err(`${removed} removed from ${printable(subject_id)}\n`);
    return 0;
  },

  ls(store, args, { call, terminal }) {
    const rows = listLabels(store, subjectOf(store, args[0]));
    const columns = ["key", "value", "set_by", "set_at"];
    terminal.out(formatRows([...rows], { columns, format: parseFormat(call.text("format")) }));
    return 0;
  },

  history(store, args, { call, terminal }) {
    const rows = labelHistory(store, subjectOf(store, args[0]));
    const columns = ["set_at", "set_by", "key", "old_value", "new_value"];
    terminal.out(formatRows([...rows], { columns, format: parseFormat(call.text("format")) }));
    return 0;
  },

  export(store, _args, { call, terminal }) {
    const selector = call.text("selector");
    for (const row of readWideRows(store, { ...(selector && { selector }) })) {
      for (const { key, value, set_by, set_at } of listLabels(store, row.subject_id)) {
        if (!set_by.startsWith("manual:")) continue;
        terminal.out(`${jsonLine({ subject_id: row.subject_id, key, value, set_by, set_at })}\n`);
      }
    }
    return 0;
  },

  async import(store, args, { call, terminal }) {
    const file = args[0];
    if (file === undefined) {
      throw new UsageError("label import needs a FILE that label export wrote, or a table");
    }
    const text = await Deno.readTextFile(file);
    if (isSessionTable(text)) return importTable(store, parseSessionLabels(text, file), terminal);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const by = { setBy: reviewer(call, terminal), now: terminal.now() };
    let refused = 0;
    store.transaction(() => {
      lines.forEach((line, i) => {
        const problem = importLine(store, line, by);
        if (problem === null) return;
        refused++;
        terminal.err(`${printable(file)}:${i + 1}: ${problem}\n`);
      });
    });
    terminal.err(`${lines.length - refused} labels imported, ${refused} refused\n`);
    return refused === 0 ? 0 : 3;
  },
};

/** Ground truth of API sessions, which are known by principal and time. */
function importTable(store: Store, table: SessionLabelTable, terminal: Terminal): ExitStatus {
  const counts = labelApiSessions(store, table, { now: terminal.now() });
  for (const { line } of counts.unused) {
    terminal.err(`${printable(table.path)}:${line}: no session of this principal begins then\n`);
  }
  for (const [reason, count] of Object.entries(table.refused)) {
    terminal.err(`${printable(table.path)}: ${reason} (${count})\n`);
  }
  const { set, sessions, refused, unused } = counts;
  terminal.err(`${set} labels of ${sessions} sessions imported, ${refused} refused\n`);
  const left = refused + unused.length + Object.keys(table.refused).length;
  return left === 0 ? 0 : 3;
}

function importLine(
  store: Store,
  line: string,
  by: { setBy: string; now: Date },
): string | null {
  let row: { subject_id?: unknown; key?: unknown; value?: unknown; set_by?: unknown } | null;
  try {
    row = JSON.parse(line);
  } catch {
    return "not a JSON object";
  }
  if (typeof row !== "object" || row === null) return "not a JSON object";
  const { subject_id, key, value, set_by } = row;
  if (typeof subject_id !== "string" || typeof key !== "string" || typeof value !== "string") {
    return "subject_id, key and value must be strings";
  }
  const known = resolveSubjectId(store, subject_id);
  if (known === null) return "no such session in this store";
  // the reviewer who set it keeps the credit
  const setBy = typeof set_by === "string" && /^manual:[\w.@-]{1,63}$/.test(set_by)
    ? set_by
    : by.setBy;
  const [outcome] = setLabels(store, [{ subject_id: known, key, value }], { ...by, setBy });
  return outcome?.outcome === "refused" ? outcome.reason : null;
}

function subjectOf(store: Store, id: string | undefined): string {
  if (id === undefined) throw new UsageError("label needs the ID of a session");
  const known = resolveSubjectId(store, id);
  if (known !== null) return known;
  throw new UsageError(`There is no session ${JSON.stringify(id.slice(0, 80))} in this store`);
}

/** Who labels, as `manual:<user>`. */
function reviewer(call: Call, terminal: Terminal): string {
  const name = call.text("by") ?? terminal.user;
  if (name !== null && /^[\w.@-]{1,63}$/.test(name)) return `manual:${name}`;
  throw new UsageError("Say who labels with --by NAME (letters, digits, - _ . @)");
}
