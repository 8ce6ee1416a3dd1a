import type { Store } from "./store.ts";

/** A request to a language model, by a hash of all that makes its answer: no text is kept. */
export interface LlmRequest {
  key: string;
  subjectId: string;
  model: string;
  promptHash: string;
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

export interface LlmAnswer {
  state: LlmState;
  /** JSON of what was kept of the answer; null where none was taken. */
  finding: string | null;
}

/** The answer to a request that was sent before; null where it was not. */
export function findAnswer(store: Store, key: string): LlmAnswer | null {
  const row = store.statement("SELECT state, finding FROM llm_answers WHERE request_key = ?")
    .get(key);
  if (row === undefined) return null;
  return { state: row["state"] as LlmState, finding: row["finding"] as string | null };
}

/** Notes that a request is about to be sent; whoever is killed now has said so. */
export function beginRequest(store: Store, request: LlmRequest, now: Date): void {
  const { key, subjectId, model, promptHash, window } = request;
  store.statement(
    `INSERT OR REPLACE INTO llm_answers
       (request_key, subject_id, model, prompt_hash, window_number, state, sent_at)
     VALUES (?, ?, ?, ?, ?, 'sent', ?)`,
  ).run(key, subjectId, model, promptHash, window, now.toISOString());
}

/** Takes a request back that did not reach the server, or that it did not take. */
export function withdrawRequest(store: Store, key: string): void {
  store.statement("DELETE FROM llm_answers WHERE request_key = ? AND state = 'sent'").run(key);
}

export interface LlmOutcome {
  state: Exclude<LlmState, "sent">;
  mode: string;
  finding: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** In the configuration's currency. */
  cost: number | null;
  latencySeconds: number;
}

/** Writes what came of a request, and what it cost. */
export function endRequest(
  store: Store,
  request: LlmRequest,
  { now, ...outcome }: LlmOutcome & { now: Date },
): void {
  store.transaction(() => {
    store.statement(
      "UPDATE llm_answers SET state = ?, mode = ?, finding = ? WHERE request_key = ?",
    ).run(outcome.state, outcome.mode, outcome.finding, request.key);
    recordCall(store, request, { ...outcome, outcome: outcome.state, now });
  });
}

/** One row of `llm_calls`: also for requests that failed. */
export function recordCall(
  store: Store,
  { subjectId, model, promptHash }: Omit<LlmRequest, "key" | "window">,
  call: Omit<LlmOutcome, "state" | "mode" | "finding"> & { outcome: string; now: Date },
): void {
  store.statement(
    `INSERT INTO llm_calls (subject_id, model, prompt_hash, input_tokens, output_tokens, cost,
       latency_seconds, outcome, called_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[subjectId, model, promptHash, call.inputTokens, call.outputTokens, call.cost],
    ...[call.latencySeconds, call.outcome, call.now.toISOString()],
  );
}

/**
 * What was kept of the answers under one model and prompt, by subject, in the order of windows. A
 * subject of which a window has no answer that was taken is left out.
 */
export function readFindings(
  store: Store,
  { model, promptHash }: { model: string; promptHash: string },
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (
    const row of store.statement(
      `SELECT subject_id, finding FROM llm_answers AS taken
       WHERE model = ?1 AND prompt_hash = ?2 AND state = 'answered' AND NOT EXISTS (
         SELECT 1 FROM llm_answers AS asked
         WHERE asked.subject_id = taken.subject_id AND asked.model = ?1
           AND asked.prompt_hash = ?2 AND asked.state <> 'answered' AND NOT EXISTS (
             SELECT 1 FROM llm_answers AS repaired
             WHERE repaired.subject_id = asked.subject_id AND repaired.model = ?1
               AND repaired.prompt_hash = ?2 AND repaired.state = 'answered'
               AND repaired.window_number = asked.window_number))
       ORDER BY subject_id, window_number`,
    ).all(model, promptHash)
  ) {
    const id = String(row["subject_id"]);
    const list = found.get(id) ?? [];
    list.push(String(row["finding"]));
    found.set(id, list);
  }
  return found;
}
