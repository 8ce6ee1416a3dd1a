import { LabelError, UsageError } from "../../model/errors.ts";
import { readPlainText } from "../../model/plain_file.ts";
import { printable } from "../../model/printable.ts";
import { labelApiSessions } from "../../pipeline/api/label_api_sessions.ts";
import {
  isSessionTable,
  parseSessionLabels,
  type SessionLabelTable,
} from "../../sources/session_labels.ts";
import { textLines } from "../../sources/labels_table.ts";
import { readWideRows } from "../../store/frame.ts";
import { importReview, readReviews, type ReviewOutcome } from "../../store/reviews.ts";
import { resolveSubjectId } from "../../store/segments.ts";
import type { Store } from "../../store/store.ts";
import { counted, jsonLine } from "../format.ts";
import type { ExitStatus, Terminal } from "../verb.ts";
import { type LabelAction, reviewer } from "./label_action.ts";

/** A longer file is not read. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Conflicts that are told one by one; the rest are counted. */
const MAX_TOLD = 100;

/** Prints what every reviewer says, one JSON object a line. */
export const exportReviews: LabelAction = (store, _args, { call, terminal }) => {
  const selector = call.text("selector");
  const bySubject = Map.groupBy(readReviews(store), ({ subject_id }) => subject_id);
  let labels = 0;
  for (const row of readWideRows(store, { ...(selector && { selector }) })) {
    for (const review of bySubject.get(row.subject_id) ?? []) {
      terminal.out(`${jsonLine(review)}\n`);
      labels++;
    }
  }
  terminal.err(`${counted(labels, "label")} set by hand\n`);
  return 0;
};

/**
 * Takes what `label export` printed elsewhere, or a table of truth for API sessions; what contradicts
 * another reviewer is told.
 */
export const importReviews: LabelAction = async (store, args, { call, terminal }) => {
  const file = args[0];
  if (file === undefined) {
    throw new UsageError("label import needs a FILE that label export wrote, or a table");
  }
  const content = await readText(file);
  if (isSessionTable(content)) {
    return importTable(store, parseSessionLabels(content, file), terminal);
  }
  const by = { setBy: reviewer(call, terminal), now: terminal.now() };
  const counts = { set: 0, unchanged: 0, conflict: 0, refused: 0 };
  store.transaction(() => {
    for (const { text, line } of textLines(content)) {
      if (text.trim() === "") continue;
      const outcome = importLine(store, text, by);
      const told = counts[outcome.outcome]++;
      if (told >= MAX_TOLD || outcome.outcome === "set" || outcome.outcome === "unchanged") {
        continue;
      }
      terminal.err(`${printable(file)}:${line}: ${problemOf(outcome)}\n`);
    }
  });
  const { set, unchanged, conflict, refused } = counts;
  const more = conflict > 0 ? `, ${conflict} in conflict` : "";
  terminal.err(`${counted(set + unchanged, "label")} imported${more}, ${refused} refused\n`);
  return refused + conflict === 0 ? 0 : 3;
};

/** Ground truth of API sessions, which are known by principal and time. */
function importTable(store: Store, table: SessionLabelTable, terminal: Terminal): ExitStatus {
  const counts = labelApiSessions(store, table, { now: terminal.now() });
  const { set, sessions, refused, unused } = counts;
  for (const { line } of unused.slice(0, MAX_TOLD)) {
    terminal.err(`${printable(table.path)}:${line}: no session of this principal begins then\n`);
  }
  if (unused.length > MAX_TOLD) {
    terminal.err(
      `${printable(table.path)}: ${unused.length - MAX_TOLD} more rows fit no session\n`,
    );
  }
  for (const [reason, count] of Object.entries(table.refused)) {
    terminal.err(`${printable(table.path)}: ${reason} (${count})\n`);
  }
  terminal.err(
    `${counted(set, "label")} of ${counted(sessions, "session")} imported, ${refused} refused\n`,
  );
  const left = refused + unused.length + Object.keys(table.refused).length;
  return left === 0 ? 0 : 3;
}

async function readText(file: string): Promise<string> {
  let problem = "is longer than 64 MB; split it";
  try {
    const read = await readPlainText(file, MAX_BYTES);
    if (read.state === "read") return read.text;
    if (read.state === "no-file") problem = "is no plain file; save what it holds in one";
  } catch (cause) {
    throw new UsageError(`The file of labels ${JSON.stringify(file)} can't be read`, { cause });
  }
  throw new LabelError(`The file of labels ${JSON.stringify(file)} ${problem}`);
}

function problemOf(outcome: ReviewOutcome): string {
  if (outcome.outcome === "refused") return outcome.reason;
  if (outcome.outcome !== "conflict") return "";
  return `${outcome.keptBy} says ${outcome.kept}, which stays; see label agreement`;
}

function importLine(
  store: Store,
  line: string,
  { setBy, now }: { setBy: string; now: Date },
): ReviewOutcome {
  const refused = (reason: string): ReviewOutcome => ({ outcome: "refused", reason });
  let row: Partial<Record<"subject_id" | "key" | "value" | "set_by" | "set_at", unknown>> | null;
  try {
    row = JSON.parse(line);
  } catch {
    return refused("not a JSON object");
  }
  if (typeof row !== "object" || row === null) return refused("not a JSON object");
  const { subject_id, key, value, set_by } = row;
  if (typeof subject_id !== "string" || typeof key !== "string" || typeof value !== "string") {
    return refused("subject_id, key and value must be strings");
  }
  const known = resolveSubjectId(store, subject_id);
  if (known === null) return refused("no such session in this store");
  // the reviewer who set it keeps the credit
  const credit = typeof set_by === "string" && /^manual:[\w.@-]{1,63}$/.test(set_by)
    ? set_by
    : setBy;
  return importReview(store, { subject_id: known, key, value, set_by: credit }, now);
}
