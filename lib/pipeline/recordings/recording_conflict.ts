import type { RecordingRow } from "../../model/session.ts";
import { recordingsOf } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import type { ParsedRecording } from "./parse_recording.ts";
import { sessionIdInName } from "./parse_recording.ts";

/** Why a recording was left out, or would be now, since another stands for its session. */
export const CONFLICT = "another recording of the same session stands";

/** Which of two recordings that claim one session is measured. */
type Conflict = "none" | "known stands" | "new stands";

/**
 * Compares a recording with what the store has of its session. Sessions have one recording, but for
 * those of applications, and a file may be read again, also from another place. Of two that differ
 * the one stands that has the session's id for its name, then the one that is whole, then the one
 * that came first: what a recording says of itself is hostile input, and one session's numbers
 * must not be replaced by another's in silence.
 */
export function conflictOf(
  store: Store,
  { recording, session }: Pick<ParsedRecording, "recording" | "session">,
): { conflict: Conflict; known: RecordingRow | null } {
  const none = { conflict: "none" as const, known: null };
  if (session === null || session.kind === "app" || recording.format !== "protostream") return none;
  const id = session.session_id;
  const known = recordingsOf(store, id).find((row) =>
    row.format === "protostream" && row.uri !== recording.uri && !isCopy(row, recording)
  );
  if (known === undefined) return none;
  const better = weight(recording, id) > weight(known, id);
  return { conflict: better ? "new stands" : "known stands", known };
}

type Told = Pick<RecordingRow, "uri" | "state" | "bytes" | "events" | "parts">;

function isCopy(one: Told, other: Told): boolean {
  return one.bytes === other.bytes && one.events === other.events && one.parts === other.parts;
}

function weight({ uri, state }: Told, sessionId: string): number {
  return (sessionIdInName(uri) === sessionId ? 2 : 0) + (state === "parsed" ? 1 : 0);
}
