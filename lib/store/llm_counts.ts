import type { LlmState } from "./llm.ts";
import { selectorCondition } from "./selector.ts";
import type { Store } from "./store.ts";

/** What was sent to models and what came of it; counts, of which no content can be read. */
export interface LlmCounts {
  /** Sessions of which something was sent. */
  subjects: number;
  /** What was sent of them, by their newest digests. */
  sent: {
    /** Pieces of digests, a request each. */
    windows: number;
    /** Lines of digests. */
    lines: number;
    /** Characters of these, prompts aside. */
    characters: number;
    /** Lines withheld, since they speak to whoever reads them. */
    withheld: number;
    /** Characters taken out that nobody would have seen. */
    invisible: number;
    /** Lines that were only counted. */
    elided: number;
    /** Sessions whose text ended early, at a limit. */
    stopped: number;
  };
  /** What was put in place of secrets, by kind, the most frequent first. */
  redacted: Record<string, number>;
  /** Requests by what came of them; one that several sessions share counts once. */
  answers: Partial<Record<LlmState, number>>;
  /** Requests that no answer came to, by fault of the server or the run. */
  failed: Record<string, number>;
}

/** Of sessions that match, of all unless told. Throws a `LabelError` for a faulty selector. */
export function readLlmCounts(store: Store, selector?: string): LlmCounts {
  const matching = selectorCondition(selector, "subject_id");
  const read = (sql: string) =>
    store.database.prepare(sql.replaceAll("MATCHING", matching.sql)).all(...matching.params);
  const counts = (sql: string) =>
    Object.fromEntries(read(sql).map(({ name, count }) => [String(name), Number(count)]));
  const digests =
    "llm_digests WHERE subject_id IN (SELECT subject_id FROM llm_answers) AND MATCHING";
  const [sums = {}] = read(
    `SELECT count(*) AS subjects, ${
      SUMS.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(", ")
    }, count(stopped) AS stopped FROM ${digests}`,
  );
  const sent = [...SUMS, "stopped"].map((name) => [name, Number(sums[name])]);
  return {
    subjects: Number(sums["subjects"]),
    sent: Object.fromEntries(sent) as LlmCounts["sent"],
    redacted: counts(
      `SELECT kind.key AS name, sum(kind.value) AS count
       FROM (SELECT redacted FROM ${digests}), json_each(redacted) AS kind
       GROUP BY 1 ORDER BY 2 DESC, 1`,
    ),
    answers: counts(
      `SELECT state AS name, count(DISTINCT request_key) AS count FROM llm_answers
       WHERE MATCHING GROUP BY 1 ORDER BY 2 DESC, 1`,
    ),
    failed: counts(
      `SELECT outcome AS name, count(*) AS count FROM llm_calls
       WHERE outcome NOT IN (${ANSWER_STATES}) AND MATCHING GROUP BY 1 ORDER BY 2 DESC, 1`,
    ),
  };
}

const SUMS = ["windows", "lines", "characters", "withheld", "invisible", "elided"];

const STATES: readonly LlmState[] = [
  ...["sent", "answered", "no-json", "wrong-schema", "invented-quote"] as const,
  ...["refused", "truncated", "empty"] as const,
];
const ANSWER_STATES = STATES.map((state) => `'${state}'`).join(", ");

/** One request, and what it cost. */
export interface LlmCallRow {
  /** A session or an activity; null where it is not in the store any more. */
  subject_id: string | null;
  /** Why the rules sent the session; null where it is not routed any more. */
  reason: string | null;
  /** As the configuration names it. */
  model: string;
  /** ISO time, UTC. */
  called_at: string;
  /** An `LlmState`, or the fault that no answer came for. */
  outcome: string;
  /** null, as `output_tokens`, where the server does not say. */
  input_tokens: number | null;
  output_tokens: number | null;
  /** In the configuration's currency. */
  cost: number | null;
}

/** Every request to a model, the oldest first. */
export function readLlmCalls(store: Store): LlmCallRow[] {
  return store.statement(
    `SELECT llm_calls.subject_id, label.value AS reason, model, called_at, outcome, input_tokens,
       output_tokens, cost
     FROM llm_calls LEFT JOIN labels AS label
       ON label.subject_id = llm_calls.subject_id AND label.key = 'routing.reason'
     ORDER BY called_at, call_id`,
  ).all().map((row) => ({ ...row } as unknown as LlmCallRow));
}

/** A model, and a hash of what it was told. */
export interface AskedModel {
  model: string;
  promptHash: string;
}

/** The models that answered, by name. */
export function readAskedModels(store: Store): AskedModel[] {
  return store.statement(
    `SELECT DISTINCT model, prompt_hash FROM llm_answers WHERE state = 'answered' ORDER BY 1, 2`,
  ).all().map((row) => ({ model: String(row["model"]), promptHash: String(row["prompt_hash"]) }));
}
