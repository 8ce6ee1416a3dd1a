import { pipelineOfSubject } from "../../features/principals/pipeline_name.ts";
import { inSteps } from "../../model/hear_signal.ts";
import { Chains, longestChain } from "../../sessions/chains.ts";
import { labelsOf, pipelineLabels } from "../../sessions/session_of_calls.ts";
import { removeLabels, setLabels } from "../../store/labels.ts";
import { readChainedSessions, readIssuedCredentials } from "../../store/session_credentials.ts";
import type { Store } from "../../store/store.ts";

const DEPTH = "aws.impersonation.depth";
const ORIGIN = "aws.chain.origin";
/** Where the pipeline runs whose identity a chain began with, as its provider signed it. */
const pipelineOf = (origin: string) => pipelineLabels("aws.chain", pipelineOfSubject(origin));
const OF_CHAIN = [ORIGIN, ...Object.keys(pipelineOf(""))];
const KEYS = OF_CHAIN.map((key) => `'${key}'`).join(", ");

/** An activity is as far from whoever began as the furthest of its sessions. */
const DEPTH_OF_ACTIVITIES = `
  UPDATE features_call SET call_impersonation_depth = furthest.depth FROM (
    SELECT activities.subject_id, max(member.call_impersonation_depth) AS depth
    FROM activities JOIN activity_members USING (subject_id)
      JOIN features_call AS member ON member.subject_id = activity_members.session_id
    WHERE activities.substrate GLOB 'aws-*' GROUP BY activities.subject_id
  ) AS furthest
  WHERE features_call.subject_id = furthest.subject_id
    AND features_call.call_impersonation_depth IS NOT furthest.depth`;

/** Whether a label says what only the chains of the whole store tell. */
export function isOfChain({ key, value }: { key: string; value: string }): boolean {
  return OF_CHAIN.includes(key) || (key === DEPTH && value !== "0");
}

/**
 * Follows the credentials of AWS through all sessions of the store and writes where each session's
 * chain began and how long it is. The call that handed out a key may be pulled long after those made
 * with it, so this looks at all of them, whatever was pulled last. Throws the reason of `signal`:
 * then nothing changed.
 */
export async function labelChains(
  store: Store,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<void> {
  const steps = store.transactionInSteps(function* () {
    const chains = new Chains(
      readIssuedCredentials(store).map(({ userKind, ...credential }) => ({
        ...credential,
        byService: userKind === "system",
      })),
    );
    const chained = new Set<string>();
    for (const { sessionId, used } of readChainedSessions(store)) {
      yield;
      const chain = longestChain(used.map((key) => chains.of(key)).filter((each) => each !== null));
      if (chain === null) continue;
      chained.add(sessionId);
      writeChain(store, sessionId, chain);
    }
    for (const sessionId of labelledSessions(store)) {
      yield;
      if (!chained.has(sessionId)) forgetChain(store, sessionId);
    }
  });
  await inSteps(steps, signal);
}

/** Writes how long the chains of activities are; after those of their sessions. */
export function deepenActivities(store: Store): void {
  store.statement(DEPTH_OF_ACTIVITIES).run();
}

function writeChain(
  store: Store,
  sessionId: string,
  { depth, origin }: { depth: number; origin: string | null },
): void {
  const by = { setBy: "ingest", now: store.now() };
  const labels = labelsOf({
    ...{ [DEPTH]: String(depth), [ORIGIN]: origin },
    ...pipelineOf(origin ?? ""),
  });
  const inputs = Object.entries(labels).map(([key, value]) => ({
    ...{ subject_id: sessionId, key, value },
  }));
  setLabels(store, inputs, by);
  const gone = OF_CHAIN.filter((key) => !Object.hasOwn(labels, key));
  if (gone.length > 0) removeLabels(store, { subjectId: sessionId, keys: gone }, by);
  writeDepth(store, sessionId, depth);
}

/** Sessions that bear the label of a chain or a depth above none. */
function labelledSessions(store: Store): string[] {
  return store.statement(
    `SELECT DISTINCT subject_id FROM labels JOIN sessions ON session_id = subject_id
     WHERE key IN (${KEYS}) OR (key = '${DEPTH}' AND value <> '0')`,
  ).all().map((row) => String(row["subject_id"]));
}

function forgetChain(store: Store, sessionId: string): void {
  const key = store.statement("SELECT call_long_lived_key FROM features_call WHERE subject_id = ?")
    .get(sessionId)?.["call_long_lived_key"];
  const depth = key === 1 ? 0 : null;
  const by = { setBy: "ingest", now: store.now() };
  const keys = depth === null ? [DEPTH, ...OF_CHAIN] : OF_CHAIN;
  removeLabels(store, { subjectId: sessionId, keys }, by);
  if (depth !== null) {
    setLabels(store, [{ subject_id: sessionId, key: DEPTH, value: String(depth) }], by);
  }
  writeDepth(store, sessionId, depth);
}

function writeDepth(store: Store, sessionId: string, depth: number | null): void {
  store.statement(
    `UPDATE features_call SET call_impersonation_depth = ?
     WHERE subject_id = ? AND call_impersonation_depth IS NOT ?`,
  ).run(depth, sessionId, depth);
}
