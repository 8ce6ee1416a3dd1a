import type { RecordingRow, SessionRow } from "../../lib/model/session.ts";
import type { VerdictRow } from "../../lib/model/verdict.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** The time of all that tests write. */
export const NOW = new Date("2026-01-02T03:04:05.678Z");

/** A store in memory with a fixed clock, holding sessions of these ids. */
export function sampleStore(...ids: string[]): Store {
  const store = openStore(":memory:", { now: () => NOW });
  for (const session_id of ids) upsertSession(store, sessionRow({ session_id }));
  return store;
}

/** Runs a test in a folder of its own. */
export function inFolder(body: (folder: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    using folder = temporaryFolder();
    await body(folder.path);
  };
}

export function sessionRow(fields: Partial<SessionRow> = {}): SessionRow {
  return {
    session_id: "s-1",
    substrate: "teleport-recording",
    kind: "ssh",
    principal: "ana@example.com",
    login: "root",
    target: "node-1",
    scope: "cluster-1",
    driver: null,
    user_kind: "human",
    started_at: "2026-01-01T00:00:00.000Z",
    ended_at: "2026-01-01T00:01:00.500Z",
    duration_seconds: 60.5,
    uploaded_at: null,
    no_recording: null,
    ...fields,
  };
}

export function recordingRow(fields: Partial<RecordingRow> = {}): RecordingRow {
  return {
    recording_id: "r-1",
    session_id: "s-1",
    uri: "recordings/s-1.tar",
    bytes: 1234,
    format: "protostream-v1",
    state: "parsed",
    error: null,
    error_offset: null,
    parts: 1,
    events: 42,
    events_unknown: 0,
    events_skipped: 0,
    extractor_version: "1",
    ...fields,
  };
}

export function verdictRow(fields: Partial<VerdictRow> = {}): VerdictRow {
  return {
    subject_id: "s-1",
    writer: "phase1",
    version: "phase1@0a1b2c3d",
    operator_type: "human",
    confidence: 0.912345,
    distribution: { human: 0.912345, agent: 0.05, automation: 0.037655 },
    cohort: null,
    reason: "Typed key by key",
    evidence: ["pty-typed-keys"],
    set_at: NOW.toISOString(),
    ...fields,
  };
}

/** Every row of every table, as text: equal dumps are equal stores. */
export function dump(store: Store, { without = [] as string[] } = {}): string {
  const tables = store.database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all().map((row) => String(row["name"])).filter((name) => !without.includes(name));
  return tables.map((name) => {
    const rows = store.database.prepare(`SELECT * FROM ${name}`).all();
    return [name, ...rows.map((row) => JSON.stringify(row)).sort()].join("\n");
  }).join("\n\n");
}
