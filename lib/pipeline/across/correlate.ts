import type { Config } from "../../config/config.ts";
import { CONTRADICTIONS, type Correlation, type CorrelationTier } from "../../model/correlation.ts";
import { inSteps } from "../../model/hear_signal.ts";
import { besideEachOther } from "../../sessions/beside.ts";
import { contradictionsOf } from "../../sessions/contradictions.ts";
import { correlate } from "../../sessions/correlation.ts";
import { countActivities } from "../../store/activities.ts";
import {
  clearCorrelations,
  putContradiction,
  putCorrelation,
  putLeftOut,
  readContradictions,
  readCorrelatedIds,
  readSurest,
  readTraces,
} from "../../store/correlations.ts";
import { countIdentities } from "../../store/identities.ts";
import { replaceLabels } from "../../store/labels.ts";
import type { Store } from "../../store/store.ts";
import { strangersOf } from "./correlate_strangers.ts";
import { LazyTrace } from "./trace_facts.ts";

/** What sessions of known identities came to. */
export interface CorrelationSummary {
  /** Identities, and principals by whether theirs is known. */
  principals: ReturnType<typeof countIdentities>;
  /** Activities by what they were judged to be. */
  activities: Record<string, number>;
  /** Correlations by tier. */
  tiers: Record<CorrelationTier, number>;
  /** Contradictions by kind. */
  contradictions: Record<string, number>;
  /** How often a session was not held against another, or that was not kept, for want of room. */
  leftOut: number;
}

/** Changes when the same sessions would be correlated otherwise. */
const VERSION = "correlate@2";
/** Correlations with earlier sessions that are kept of one session. */
const MAX_PARTNERS = 4;
/** Sessions that are labelled at a time. */
const LOT = 500;

/**
 * Holds the sessions of each identity against each other, and terminals against calls of others that
 * are what they name, and writes correlations, contradictions and the labels `correlation.*`, all
 * anew: what an earlier call found and this one does not goes away. Doing it again changes nothing.
 * Identities and verdicts must be there. `now` is when the labels are set. Throws the reason of
 * `signal`: then nothing changed.
 */
export async function correlateSessions(
  store: Store,
  { correlation, now, signal }: Pick<Config, "correlation"> & {
    now: Date;
    signal?: AbortSignal | undefined;
  },
): Promise<CorrelationSummary> {
  const options = {
    toleranceMs: correlation.tolerance * 1000,
    nestedMs: correlation.nested * 1000,
  };
  const summary = {
    ...noCorrelations(),
    principals: countIdentities(store),
    activities: countActivities(store),
  };
  const steps = store.transactionInSteps(function* () {
    yield* clearCorrelations(store);
    const leftOut = new Map<string, number>();
    const onLeftOut = (identity: string, count: number) =>
      leftOut.set(identity, (leftOut.get(identity) ?? 0) + count);
    const traces = readTraces(store).map((row) => new LazyTrace(store, row));
    let found: Correlation[] = [];
    const put = () => {
      const kept = surest(found);
      for (const each of kept) {
        summary.tiers[each.tier]++;
        putCorrelation(store, each);
      }
      if (kept.length < found.length) onLeftOut(found[0]!.identity, found.length - kept.length);
      found = [];
    };
    for (const pair of besideEachOther(traces, { ...options, onLeftOut })) {
      yield;
      if (pair === null) continue;
      if (found.length > 0 && found[0]!.sessions[1] !== pair.second.id) put();
      if (pair.first.side !== pair.second.side) found.push(correlate(pair, options));
      for (const each of contradictionsOf(pair, options)) {
        summary.contradictions[each.kind] = (summary.contradictions[each.kind] ?? 0) + 1;
        putContradiction(store, each);
      }
    }
    put();
    for (const each of strangersOf(store, options)) {
      yield;
      if (each === null) continue;
      summary.tiers[each.tier]++;
      putCorrelation(store, each);
    }
    for (const [identity, count] of leftOut) {
      summary.leftOut += count;
      putLeftOut(store, identity, count);
    }
    yield* labelSessions(store, now);
  });
  await inSteps(steps, signal);
  return summary;
}

/** Those that are kept of what one session has with earlier ones, the surest. */
function surest(found: readonly Correlation[]): readonly Correlation[] {
  if (found.length <= MAX_PARTNERS) return found;
  return found.toSorted((a, b) => b.score - a.score).slice(0, MAX_PARTNERS);
}

/** The summary of a store in which nothing was correlated. */
export function noCorrelations(): CorrelationSummary {
  return {
    principals: { identities: 0, matched: 0, unmatched: 0, ambiguous: 0 },
    activities: {},
    tiers: { high: 0, medium: 0, low: 0 },
    contradictions: {},
    leftOut: 0,
  };
}

/** Labels both sides of what was found, and takes away what is found no more; some a step. */
function* labelSessions(store: Store, now: Date): Generator<void> {
  for (let after = "";;) {
    const ids = readCorrelatedIds(store, { after, limit: LOT });
    const labels = ids.map((subject_id) => ({ subject_id, labels: labelsOf(store, subject_id) }));
    replaceLabels(store, labels, { setBy: VERSION, now });
    if (ids.length < LOT) return;
    yield;
    after = ids.at(-1)!;
  }
}

/** What the surest correlation and the gravest contradiction of a session say. */
function labelsOf(store: Store, id: string): Record<string, string> {
  const surest = readSurest(store, id);
  const [gravest] = readContradictions(store, { sessionId: id })
    .map(({ kind }) => kind)
    .sort((a, b) => CONTRADICTIONS.indexOf(a) - CONTRADICTIONS.indexOf(b));
  return {
    ...surest === null ? {} : {
      "correlation.id": surest.id,
      "correlation.tier": surest.tier,
      "correlation.cross-substrate": surest.otherSubstrate,
    },
    ...gravest === undefined ? {} : { "correlation.contradiction": gravest },
  };
}
