import { CALL_FEATURES, type CallFeatures } from "../model/call_features.ts";
import type { RecordingEvent } from "../model/event.ts";
import { GapsOfFew } from "./gaps_of_few.ts";

const NOT_MEASURED = Object.fromEntries(
  Object.keys(CALL_FEATURES).map((name) => [name, null]),
) as CallFeatures;

/** Calls whose times are kept; those beyond are only counted. */
const MAX_TIMES = 1_000_000;
/** Calls this close are one command. */
const FOLD_SECONDS = 2;

/**
 * The calls of one recording, reduced to times and counts. Plain data: recordings that are chunks
 * of one session are measured together by {@link callFeatures}.
 */
export interface CallTrace {
  /** Wall-clock time of `seconds` 0, in seconds since 1970; 0 where it is not known. */
  originSeconds: number;
  /** When the calls came, in order. */
  seconds: number[];
  calls: number;
  /** Calls by method. */
  methods: Record<string, number>;
  reads: number;
  /** Calls of which it is known whether they only read. */
  told: number;
  denied: number;
  errors: number;
}

/** Collects the calls of a recording: statements of a database, requests of an application. */
export class CallAccumulator {
  readonly #trace: CallTrace = {
    ...{ originSeconds: 0, seconds: [], calls: 0, methods: {} },
    ...{ reads: 0, told: 0, denied: 0, errors: 0 },
  };

  add(event: RecordingEvent): void {
    if (event.type !== "query" && event.type !== "request") return;
    const trace = this.#trace;
    trace.calls += 1;
    if (trace.seconds.length < MAX_TIMES) trace.seconds.push(event.atMs / 1000);
    const method = event.method ?? "OTHER";
    trace.methods[method] = (trace.methods[method] ?? 0) + 1;
    if (event.reads !== null) trace.told += 1;
    if (event.reads === true) trace.reads += 1;
    if (event.denied) trace.denied += 1;
    if (event.ok === false) trace.errors += 1;
  }

  /** The calls; null where there were none. `originMs` is the recording's, if known. */
  finish(originMs: number | null): CallTrace | null {
    if (this.#trace.calls === 0) return null;
    return { ...this.#trace, originSeconds: (originMs ?? 0) / 1000 };
  }
}

/** The `call_…` features of all recordings of one session; null where there were no calls. */
export function callFeatures(traces: readonly CallTrace[]): CallFeatures | null {
  const inOrder = traces.toSorted((a, b) => a.originSeconds - b.originSeconds);
  const sum = (of: (trace: CallTrace) => number) =>
    inOrder.reduce((total, trace) => total + of(trace), 0);
  const calls = sum((trace) => trace.calls);
  if (calls === 0) return null;
  const { commands, gaps, seconds } = commandsOf(inOrder);
  const methods = new Map<string, number>();
  for (const trace of inOrder) {
    for (const [method, count] of Object.entries(trace.methods)) {
      methods.set(method, (methods.get(method) ?? 0) + count);
    }
  }
  const told = sum((trace) => trace.told);
  return {
    ...NOT_MEASURED,
    call_calls: calls,
    call_commands: commands,
    call_gap_p50: gaps.quantiles.quantile(0.5),
    call_gap_p90: gaps.quantiles.quantile(0.9),
    call_gap_cv: gaps.variation(),
    call_per_minute: seconds > 0 ? calls / (seconds / 60) : null,
    call_services: 1,
    call_methods: methods.size,
    call_top_method_share: Math.max(...methods.values()) / calls,
    call_read_share: told > 0 ? sum((trace) => trace.reads) / told : null,
    call_denied: sum((trace) => trace.denied),
    call_errors: sum((trace) => trace.errors),
    call_resolution_ms: 1,
    call_seconds: seconds,
    call_denied_share: sum((trace) => trace.denied) / calls,
    call_top_service_share: 1,
  };
}

// Calls folded to commands, and the gaps from the end of one to the begin of the next.
function commandsOf(
  traces: readonly CallTrace[],
): { commands: number; gaps: GapsOfFew; seconds: number } {
  const gaps = new GapsOfFew();
  let commands = 0;
  let first = NaN;
  let last = NaN;
  for (const { originSeconds, seconds } of traces) {
    for (const own of seconds) {
      const at = originSeconds + own;
      const gap = at - last;
      if (Number.isNaN(gap)) first = at;
      if (!(gap < FOLD_SECONDS)) {
        commands += 1;
        if (!Number.isNaN(gap)) gaps.add(gap);
      }
      last = Number.isNaN(last) ? at : Math.max(last, at);
    }
  }
  return { commands, gaps, seconds: last - first };
}
