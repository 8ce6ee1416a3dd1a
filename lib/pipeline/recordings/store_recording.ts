import { callFeatures, type CallTrace } from "../../features/call.ts";
import { writeFeatures, writeRhythm } from "../../store/features.ts";
import { recordSkips } from "../../store/runs.ts";
import { addAddresses } from "../../store/session_addresses.ts";
import { replaceSegments } from "../../store/segments.ts";
import { upsertRecording, upsertSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import type { SessionRow } from "../../model/session.ts";
import type { TeleportSession } from "../../sources/teleport/archive.ts";
import type { ParsedRecording } from "./parse_recording.ts";
import { putNotableCommands } from "./notable_commands.ts";
import { storeFacts } from "./store_facts.ts";

/** What is known of a recording's session beside the recording. */
interface AroundRecording {
  /** What the audit log says. */
  known?: Pick<TeleportSession, "session" | "uploadOnly">;
  /** The calls of the session's other recordings; an application session has one each five minutes. */
  otherCalls?: readonly CallTrace[];
  /** Sources of commands that the log tells of: its own stand. */
  commandsKnown?: ReadonlySet<string>;
  /** Keys of the target's labels that are kept: none. */
  keepLabels?: readonly string[];
}

/**
 * Writes a parsed recording: its session, features, rhythm and segments. What the audit log says of the
 * session (`known`) stands before what the recording says of itself, but for a kind that the log
 * could only guess. A recording without a session
 * is counted among the skips under its reason. Returns the session's id.
 */
export function storeRecording(
  store: Store,
  parsed: ParsedRecording,
  around: AroundRecording = {},
): string | null {
  const session = mergeSession(around.known, parsed.session);
  return store.transaction(() => write(store, parsed, { session, ...around }));
}

function write(
  store: Store,
  parsed: ParsedRecording,
  { session, otherCalls = [], keepLabels = [], commandsKnown }: AroundRecording & {
    session: SessionRow | null;
  },
): string | null {
  const { recording, calls, desk, outcome } = parsed;
  const reason = recording.error ?? recording.state;
  if (session === null) {
    recordSkips(store, [{ source: "recordings", uri: parsed.uri, reason, count: 1 }]);
    return null;
  }
  const subject_id = session.session_id;
  upsertSession(store, session);
  upsertRecording(store, { ...recording, session_id: subject_id });
  storeFacts(store, subject_id, { facts: outcome.facts, keep: keepLabels, from: "recording" });
  if (parsed.pty !== null) writeFeatures(store, "pty", [{ subject_id, ...parsed.pty }]);
  if (parsed.marks !== null) putMarks(store, subject_id, { ...parsed, commandsKnown });
  if (parsed.rhythm !== null) writeRhythm(store, subject_id, parsed.rhythm);
  if (parsed.cmd !== null) writeFeatures(store, "cmd", [{ subject_id, ...parsed.cmd }]);
  const call = callFeatures(calls === null ? otherCalls : [...otherCalls, calls]);
  if (call !== null) writeFeatures(store, "call", [{ subject_id, ...call }]);
  if (desk !== null) writeFeatures(store, "desk", [{ subject_id, ...desk }]);
  if (parsed.pty !== null) replaceSegments(store, subject_id, parsed.segments);
  return subject_id;
}

function putMarks(
  store: Store,
  sessionId: string,
  { marks, outcome, commandsKnown = new Set() }: Pick<ParsedRecording, "marks" | "outcome"> & {
    commandsKnown?: ReadonlySet<string> | undefined;
  },
): void {
  if (marks === null) return;
  addAddresses(store, sessionId, marks.addresses);
  const { originMs } = outcome;
  // without a clock they can't be held against anything
  if (originMs === null) return;
  const events = marks.commands.filter(({ source }) => !commandsKnown.has(source));
  putNotableCommands(store, sessionId, { events, originMs });
}

function mergeSession(
  known: AroundRecording["known"],
  own: SessionRow | null,
): SessionRow | null {
  if (known === undefined) return own;
  if (own === null) return known.session;
  const merged: Record<string, unknown> = { ...own };
  for (const [name, value] of Object.entries(known.session)) {
    if (value !== null) merged[name] = value;
  }
  if (known.uploadOnly) merged.kind = own.kind;
  return merged as unknown as SessionRow;
}
