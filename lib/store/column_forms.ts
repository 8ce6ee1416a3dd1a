import { CONTRADICTIONS, CORRELATION_TIERS } from "../model/correlation.ts";
import {
  ACTIVITY_RELATIONS,
  NO_RECORDING_REASONS,
  OPERATOR_TYPES,
  RECORDING_STATES,
  SESSION_KINDS,
  SUBJECT_KINDS,
  SUBSTRATES,
  VERDICT_WRITERS,
} from "../model/vocabulary.ts";
import { STORED_JSON } from "./stored_json.ts";

/** What stands in a column of texts. */
type ColumnForm =
  /** Whatever a log, a person or a configuration says. */
  | { is: "any" }
  /** ISO-8601 in UTC with milliseconds and `Z`. */
  | { is: "time" }
  /** A UTC day, `2026-03-10`. */
  | { is: "day" }
  /** Hex digits; empty: none. */
  | { is: "hash" }
  | { is: "word"; of: readonly string[] }
  /** A label's key, or its value: see `isLabelKey()` and `isLabelValue()`. */
  | { is: "label-key" | "label-value" }
  /** See {@link STORED_JSON}. */
  | { is: "json" };

const ANY: ColumnForm = { is: "any" };
const TIME: ColumnForm = { is: "time" };
const HASH: ColumnForm = { is: "hash" };

/** By `table.column` where a name means several things, else by column. */
const FORMS: Readonly<Record<string, ColumnForm>> = {
  ...forms(
    TIME,
    ...["started_at", "ended_at", "uploaded_at", "updated_at", "set_at", "at", "sent_at"],
    ...["called_at", "pulled_at", "from_at", "until_at", "minute", "from_minute", "until_minute"],
  ),
  ...forms(HASH, "used", "issued", "address_hash", "program_hash", "hash"),
  ...forms({ is: "label-value" }, "value", "old_value", "new_value"),
  ...forms({ is: "json" }, ...Object.keys(STORED_JSON)),
  key: { is: "label-key" },
  day: { is: "day" },
  substrate: { is: "word", of: SUBSTRATES },
  operator_type: { is: "word", of: OPERATOR_TYPES },
  no_recording: { is: "word", of: NO_RECORDING_REASONS },
  writer: { is: "word", of: VERDICT_WRITERS },
  relation: { is: "word", of: ACTIVITY_RELATIONS },
  tier: { is: "word", of: CORRELATION_TIERS },
  place: { is: "word", of: ["client", "host"] },
  reach: { is: "word", of: ["public", "private"] },
  change: { is: "word", of: ["set", "removed", "moved", "conflict"] },
  "rule_hits.outcome": { is: "word", of: ["fired", "abstained"] },
  "sessions.kind": { is: "word", of: SESSION_KINDS },
  "activities.kind": { is: "word", of: SESSION_KINDS },
  "subjects.kind": { is: "word", of: SUBJECT_KINDS },
  "contradictions.kind": { is: "word", of: CONTRADICTIONS },
  "recordings.state": { is: "word", of: RECORDING_STATES },
  "identities.state": { is: "word", of: ["matched", "unmatched", "ambiguous"] },
  ...forms(
    ANY,
    ...["session_id", "subject_id", "recording_id", "alias", "other_id", "correlation_id"],
    ...["contradiction_id", "rule_id", "request_key", "principal", "login", "target", "scope"],
    ...["driver", "user_kind", "uri", "format", "error", "extractor_version", "set_by", "text"],
    ...["version", "cohort", "reason", "host", "model", "prompt_hash", "digest_hash", "mode"],
    ...["stopped", "outcome", "identity", "other_identity", "rule", "command", "source", "detail"],
    ...["event_type", "settings", "program", "subcommand", "notable_events.kind"],
    ...["llm_digests.kind", "llm_answers.state"],
  ),
};

/** What stands in a column of texts; undefined: nobody has said. */
export function columnForm(table: string, column: string): ColumnForm | undefined {
  return FORMS[`${table}.${column}`] ?? FORMS[column];
}

function forms(form: ColumnForm, ...columns: string[]): Record<string, ColumnForm> {
  return Object.fromEntries(columns.map((column) => [column, form]));
}
