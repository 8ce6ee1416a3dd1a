import type { OperatorType } from "../../lib/model/vocabulary.ts";
import { writeRhythm } from "../../lib/store/features.ts";
import { recordSkips } from "../../lib/store/runs.ts";
import { upsertRecording, upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { writeVerdicts } from "../../lib/store/verdicts.ts";

const TYPES: OperatorType[] = ["human", "agent", "automation", "unknown"];

/**
 * Makes a store of sessions whose every text is one of `texts` in turn, with verdicts, rhythm,
 * skips, and every fourth session without a recording.
 */
export function makeFindingsStore(path: string, texts: readonly string[], sessions = 24): void {
  using store = openStore(path);
  const text = (i: number) => texts[i % texts.length] ?? "";
  store.transaction(() => {
    for (let i = 0; i < sessions; i++) {
      const session_id = `session-${String(i).padStart(3, "0")}`;
      const at = new Date(Date.UTC(2026, 0, 1, i)).toISOString();
      upsertSession(store, {
        session_id,
        substrate: "teleport-recording",
        kind: "ssh",
        principal: text(i),
        login: text(i + 1),
        target: text(i + 2),
        scope: text(i + 3),
        driver: text(i + 4),
        user_kind: text(i + 5),
        started_at: at,
        ended_at: at,
        duration_seconds: 60 * i,
        uploaded_at: at,
        no_recording: i % 4 === 3 ? "not-interactive" : null,
      });
      const type = TYPES[i % TYPES.length] ?? "unknown";
      if (i % 4 !== 3) {
        upsertRecording(store, {
          recording_id: session_id,
          session_id,
          uri: `recordings/${i}.tar`,
          bytes: 1000,
          format: "protostream",
          state: i % 5 === 0 ? "truncated" : "parsed",
          error: null,
          error_offset: null,
          parts: 1,
          events: 100,
          events_unknown: 1,
          events_skipped: 2,
          extractor_version: "1",
        });
        writeRhythm(store, session_id, {
          bin_seconds: 0.5,
          events: Array.from({ length: 300 }, (_, bin) => (bin * i) % 9),
          bytes: Array.from({ length: 300 }, (_, bin) => (bin * i) % 900),
          gap_histogram: Array.from({ length: 80 }, (_, bucket) => (bucket * i) % 50),
        });
      }
      writeVerdicts(store, [{
        subject_id: session_id,
        writer: "phase1",
        version: "phase1@0123abcd",
        operator_type: type,
        confidence: type === "unknown" ? null : 0.5 + (i % 10) / 20,
        distribution: null,
        cohort: type === "unknown" ? "insufficient-data" : null,
        reason: `Rules say ${type}: ${text(i)}`,
        evidence: [],
        set_at: "2026-01-02T00:00:00.000Z",
      }]);
    }
    recordSkips(
      store,
      texts.map((uri, i) => ({
        source: "teleport",
        uri: `${i} ${uri.slice(0, 50)}`,
        reason: "no-session-id",
        count: i + 1,
      })),
    );
  });
}
