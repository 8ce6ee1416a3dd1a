import type { Store } from "./store.ts";

/**
 * What was kept of the answers under one model and prompt, by subject, in the order of windows.
 * Only answers about a subject's newest digest count, and only where every window of it has one from
 * the same host: a run that was stopped between windows has said nothing yet. Of two hosts the one
 * asked last counts.
 */
export function readAnswers(
  store: Store,
  { model, promptHash }: { model: string; promptHash: string },
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (
    const row of store.statement(
      `WITH taken AS (
         SELECT answer.subject_id, answer.host, answer.window_number, answer.finding,
           answer.sent_at, digest.windows, answer.state
         FROM llm_answers AS answer LEFT JOIN llm_digests AS digest USING (subject_id)
         WHERE answer.model = ?1 AND answer.prompt_hash = ?2
           AND answer.digest_hash IS digest.digest_hash
       ), whole AS (
         SELECT subject_id, host, max(sent_at) AS asked_at FROM taken
         GROUP BY subject_id, host
         HAVING count(DISTINCT window_number) FILTER (WHERE state = 'answered')
           = coalesce(windows, count(DISTINCT window_number))
       ), newest AS (
         SELECT subject_id, host, max(asked_at) FROM whole GROUP BY subject_id
       )
       SELECT taken.subject_id, taken.window_number, max(taken.sent_at), taken.finding
       FROM taken JOIN newest ON newest.subject_id = taken.subject_id AND newest.host IS taken.host
       WHERE taken.state = 'answered'
       GROUP BY taken.subject_id, taken.window_number
       ORDER BY taken.subject_id, taken.window_number`,
    ).all(model, promptHash)
  ) {
    const id = String(row["subject_id"]);
    const list = found.get(id) ?? [];
    list.push(String(row["finding"]));
    found.set(id, list);
  }
  return found;
}
