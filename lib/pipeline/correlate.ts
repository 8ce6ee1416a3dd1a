import type { Config } from "../config/config.ts";
import { CONTRADICTIONS, type Correlation, type CorrelationTier } from "../model/correlation.ts";
import { besideEachOther } from "../sessions/beside.ts";
import { contradictionsOf } from "../sessions/contradictions.ts";
import { correlate } from "../sessions/correlation.ts";
import {
  clearCorrelations,
  putContradiction,
  putCorrelation,
  putLeftOut,
  readContradictions,
  readCorrelations,
  readTraces,
} from "../store/correlations.ts";
import { countIdentities } from "../store/identities.ts";
import { replaceLabels } from "../store/labels.ts";
import type { Store } from "../store/store.ts";
import { LazyTrace } from "./trace_facts.ts";

/** What sessions of known identities came to. */
export interface CorrelationSummary {
  /** Identities, and principals by whether theirs is known. */
  principals: ReturnType<typeof countIdentities>;
  /** Correlations by tier. */
  tiers: Record<CorrelationTier, number>;
  /** Contradictions by kind. */
  contradictions: Record<string, number>;
  /** How often a session was not held against another, for want of room. */
  leftOut: number;
}

/** Changes when the same sessions would be correlated otherwise. */
const VERSION = "correlate@1";

/**
 * Holds the sessions of each identity against each other and writes correlations, contradictions and
 * the labels `correlation.*`, all anew: what an earlier call found and this one does not goes away.
 * Doing it again changes nothing. Identities and verdicts must be there.
 */
export function correlateSessions(
  store: Store,
  { correlation, now }: Pick<Config, "correlation"> & { now: Date },
): CorrelationSummary {
  const options = {
    toleranceMs: correlation.tolerance * 1000,
    nestedMs: correlation.nested * 1000,
  };
  const summary = { ...noCorrelations(), principals: countIdentities(store) };
  store.transaction(() => {
    clearCorrelations(store);
    const traces = readTraces(store).map((row) => new LazyTrace(store, row));
    const onLeftOut = (identity: string, count: number) => {
      summary.leftOut += count;
      putLeftOut(store, identity, count);
    };
    for (const pair of besideEachOther(traces, { ...options, onLeftOut })) {
      if (pair.first.side !== pair.second.side) {
        const found = correlate(pair, options);
        summary.tiers[found.tier]++;
        putCorrelation(store, found);
      }
      for (const found of contradictionsOf(pair, options)) {
        summary.contradictions[found.kind] = (summary.contradictions[found.kind] ?? 0) + 1;
        putContradiction(store, found);
      }
    }
    labelSessions(store, now);
  });
  return summary;
}

/** The summary of a store in which nothing was correlated. */
export function noCorrelations(): CorrelationSummary {
  return {
    principals: { identities: 0, matched: 0, unmatched: 0, ambiguous: 0 },
    tiers: { high: 0, medium: 0, low: 0 },
    contradictions: {},
    leftOut: 0,
  };
}

/** Labels both sides of what was found, and takes away what is found no more. */
function labelSessions(store: Store, now: Date): void {
  const labels = new Map<string, Record<string, string>>();
  const of = (id: string) => {
    const known = labels.get(id) ?? {};
    labels.set(id, known);
    return known;
  };
  for (const id of labelledBefore(store)) of(id);
  // the surest first
  for (const correlation of readCorrelations(store)) {
    for (const id of correlation.sessions) labelSide(of(id), { correlation, id, store });
  }
  for (const { kind, sessions } of readContradictions(store)) {
    for (const id of sessions) {
      const own = of(id);
      const known = own["correlation.contradiction"];
      const isGraver = known === undefined || rank(kind) < rank(known);
      if (isGraver) own["correlation.contradiction"] = kind;
    }
  }
  const inputs = [...labels].map(([subject_id, of]) => ({ subject_id, labels: of }));
  replaceLabels(store, inputs, { setBy: VERSION, now });
}

function labelSide(
  own: Record<string, string>,
  { correlation, id, store }: { correlation: Correlation; id: string; store: Store },
): void {
  if (own["correlation.id"] !== undefined) return;
  const other = correlation.sessions.find((each) => each !== id)!;
  const { substrate } = store.statement("SELECT substrate FROM sessions WHERE session_id = ?")
    .get(other)!;
  own["correlation.id"] = correlation.id;
  own["correlation.tier"] = correlation.tier;
  own["correlation.cross-substrate"] = String(substrate);
}

function rank(kind: string): number {
  return (CONTRADICTIONS as readonly string[]).indexOf(kind);
}

function labelledBefore(store: Store): string[] {
  return store.statement(
    "SELECT DISTINCT subject_id FROM labels WHERE set_by GLOB 'correlate@*'",
  ).all().map((row) => String(row["subject_id"]));
}
