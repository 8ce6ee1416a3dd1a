import type { Store } from "./store.ts";

/** A request to a language model, by a hash of all that makes its answer: no text is kept. */
export interface LlmRequest {
  key: string;
  subjectId: string;
  /** Whom it is sent to: host and port of the server. */
  host: string;
  model: string;
  promptHash: string;
  /** The digest it is a window of. */
  digestHash: string;
  /** Number of the window of the digest, from 1. */
  window: number;
}

/** What became of a request. `sent`: it was sent and no answer is here. */
export type LlmState =
  | "sent"
  | "answered"
  | "no-json"
  | "wrong-schema"
  | "invented-quote"
  | "refused"
  | "truncated"
  | "empty";

interface LlmAnswer {
  state: LlmState;
  /** JSON of what was kept of the answer; null where none was taken. */
  finding: string | null;
}

/** The answer to a request that was sent before, about whichever subject; null where it was not. */
export function findAnswer(store: Store, key: string): LlmAnswer | null {
  const row = store.statement(
    `SELECT state, finding FROM llm_answers WHERE request_key = ?
     ORDER BY state = 'answered' DESC, state = 'sent', sent_at DESC LIMIT 1`,
  ).get(key);
  if (row === undefined) return null;
  return { state: row["state"] as LlmState, finding: row["finding"] as string | null };
}

/** Puts the answer to a request that was sent before on a subject's record, under its digest. */
export function shareAnswer(
  store: Store,
  { key, subjectId, host, digestHash, window }: LlmRequest,
): void {
  store.statement(
    `INSERT OR REPLACE INTO llm_answers (subject_id, request_key, host, model, prompt_hash,
       digest_hash, window_number, state, mode, finding, sent_at)
     SELECT ?1, request_key, ?2, model, prompt_hash, ?3, ?4, state, mode, finding, sent_at
     FROM llm_answers WHERE request_key = ?5
     ORDER BY state = 'answered' DESC, state = 'sent', sent_at DESC LIMIT 1`,
  ).run(subjectId, host, digestHash, window, key);
}

/** Notes that a request is about to be sent; whoever is killed now has said so. */
export function beginRequest(store: Store, request: LlmRequest, now: Date): void {
  const { key, subjectId, host, model, promptHash, digestHash, window } = request;
  store.statement(
    `INSERT OR REPLACE INTO llm_answers (subject_id, request_key, host, model, prompt_hash,
       digest_hash, window_number, state, sent_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'sent', ?)`,
  ).run(subjectId, key, host, model, promptHash, digestHash, window, now.toISOString());
}

/** Takes a request back that did not reach the server, or that it did not take. */
export function withdrawRequest(store: Store, { key, subjectId }: LlmRequest): void {
  store.statement(
    "DELETE FROM llm_answers WHERE request_key = ? AND subject_id = ? AND state = 'sent'",
  ).run(key, subjectId);
}

/** What a request took, whatever came of it. */
interface LlmSpending {
  inputTokens: number | null;
  outputTokens: number | null;
  /** In the configuration's currency. */
  cost: number | null;
  /** Whether tokens and cost are an estimate, where the server does not say. */
  estimated: boolean;
  /** How often it went over the wire. */
  tries: number;
  latencySeconds: number;
}

interface LlmOutcome extends LlmSpending {
  state: Exclude<LlmState, "sent">;
  mode: string;
  finding: string | null;
}

/** Writes what came of a request, and what it cost. */
export function endRequest(
  store: Store,
  request: LlmRequest,
  { now, ...outcome }: LlmOutcome & { now: Date },
): void {
  store.transaction(() => {
    store.statement(
      `UPDATE llm_answers SET state = ?, mode = ?, finding = ?
       WHERE request_key = ? AND subject_id = ?`,
    ).run(outcome.state, outcome.mode, outcome.finding, request.key, request.subjectId);
    recordCall(store, request, { ...outcome, outcome: outcome.state, now });
  });
}

/** One row of `llm_calls`: also for requests that failed. */
export function recordCall(
  store: Store,
  { subjectId, host, model, promptHash }: LlmRequest,
  call: LlmSpending & { outcome: string; now: Date },
): void {
  store.statement(
    `INSERT INTO llm_calls (subject_id, host, model, prompt_hash, input_tokens, output_tokens, cost,
       estimated, tries, latency_seconds, outcome, called_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[subjectId, host, model, promptHash, call.inputTokens, call.outputTokens, call.cost],
    ...[Number(call.estimated), call.tries, call.latencySeconds, call.outcome],
    call.now.toISOString(),
  );
}
