import { z } from "zod";
import type { SessionRow } from "../../model/session.ts";
import type { TeleportFacts } from "../../model/teleport_facts.ts";
import { SESSION_KINDS } from "../../model/vocabulary.ts";
import { isSessionId } from "../session_id.ts";

const text = z.string().max(1024).nullable();
const integer = z.number().int().nullable();

/** A row of `sessions.sql`, as the engine hands it out. */
export const sessionQueryRow = z.object({
  session_id: z.string(),
  kind: z.enum(SESSION_KINDS).nullable(),
  principal: text,
  login: text,
  target: text,
  scope: text,
  user_kind: z.enum(["human", "bot", "system"]).nullable(),
  bot_name: text,
  impersonator: text,
  trusted_device: z.boolean().nullable(),
  access_requests: integer,
  summarized: z.boolean().nullable(),
  without_upload: z.enum(["off", "not-interactive", "unknown"]),
  start_ms: integer,
  end_ms: integer,
  first_ms: integer,
  upload_ms: integer,
  session_start: z.string().nullable(),
  session_stop: z.string().nullable(),
  recording_ids: z.string().nullable(),
});
type SessionQueryRow = z.infer<typeof sessionQueryRow>;

/**
 * The session that a row of `sessions.sql` tells of. It is a `teleport-recording` once an upload
 * was seen, else a `teleport-audit` that says why. Times that Go leaves at its zero, the year 1,
 * are not known; an end before the start isn't either.
 */
export function sessionOfRow(row: SessionQueryRow): SessionRow {
  const startedMs = known(row.start_ms) ?? parsed(row.session_start) ?? known(row.first_ms);
  const lastMs = parsed(row.session_stop) ?? known(row.end_ms);
  const backwards = startedMs !== null && lastMs !== null && lastMs < startedMs;
  const endedMs = backwards ? null : lastMs;
  const uploaded = known(row.upload_ms);
  return {
    session_id: row.session_id,
    substrate: uploaded === null ? "teleport-audit" : "teleport-recording",
    kind: row.kind ?? "ssh",
    principal: row.principal,
    login: row.login,
    target: row.target,
    scope: row.scope,
    driver: null,
    user_kind: row.user_kind,
    started_at: iso(startedMs),
    ended_at: iso(endedMs),
    duration_seconds: startedMs === null || endedMs === null ? null : (endedMs - startedMs) / 1000,
    uploaded_at: iso(uploaded),
    no_recording: uploaded === null ? row.without_upload : null,
  };
}

/** What a row of `sessions.sql` says beside the session's row. */
export function teleportFactsOfRow(row: SessionQueryRow): TeleportFacts {
  return {
    ...(row.bot_name && { bot_name: row.bot_name }),
    ...(row.impersonator && { impersonator: row.impersonator }),
    ...(row.trusted_device && { trusted_device: true }),
    ...(row.access_requests && { access_requests: row.access_requests }),
    ...(row.summarized !== null && { summarized: row.summarized }),
  };
}

/** The ids of the recordings that were uploaded for a row, in order; unusable ones left out. */
export function recordingIdsOf(row: SessionQueryRow): string[] {
  return (row.recording_ids ?? "").split(",").filter(isSessionId).sort();
}

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const YEAR_10000 = Date.UTC(10000, 0, 1);

function parsed(time: string | null): number | null {
  const match = RFC3339.exec(time ?? "");
  if (match === null) return null;
  return known(Date.parse(`${match[1]}.${(match[2] ?? "").padEnd(3, "0").slice(0, 3)}${match[3]}`));
}

function known(ms: number | null): number | null {
  return ms !== null && ms > 0 && ms < YEAR_10000 ? ms : null;
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
