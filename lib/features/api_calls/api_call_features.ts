import type { CallFeatures } from "../../model/call_features.ts";
import type { CallMinute } from "../../model/call_minute.ts";
import type { Substrate } from "../../model/vocabulary.ts";
import { CallBreadth } from "./call_breadth.ts";
import { CallClients, type ClientNames } from "./call_clients.ts";
import { type CallEdge, edgeOf, StandAlone } from "./call_edges.ts";
import { CallFailures } from "./call_failures.ts";
import { CallRhythm } from "./call_rhythm.ts";
import { seenCalls } from "./seen_call.ts";

/** Edges that are kept with their time; those beyond are only counted. */
const MAX_EDGES = 1000;

/** A call that opened or ended a session elsewhere. */
export interface EdgeCall {
  edge: CallEdge;
  /** Milliseconds since 1970. */
  atMs: number;
  denied: boolean;
}

/** What the calls of a session, or of sessions side by side, come to. */
export interface ApiCallMeasures {
  features: CallFeatures;
  names: ClientNames;
  /** In order of time. */
  edges: EdgeCall[];
  /** Where all calls are of one edge: the substrate of such a session. */
  standsAlone: Substrate | null;
}

/**
 * Measures the calls of a session in one pass over its minutes, in bounded memory. Sessions side by
 * side are measured over the union of their rows.
 */
export class ApiCallFeatures {
  readonly #rhythm: CallRhythm;
  readonly #breadth = new CallBreadth();
  readonly #failures = new CallFailures();
  readonly #clients = new CallClients();
  readonly #alone = new StandAlone();
  readonly #edges: EdgeCall[] = [];
  #edgeCount = 0;
  #calls = 0;
  #omitted = 0;

  /** `foldMs`: calls so close are one command, and one burst. */
  constructor({ foldMs }: { foldMs: number }) {
    this.#rhythm = new CallRhythm(foldMs);
  }

  /** Takes the rows of one minute; minutes must come in order. */
  addMinute(rows: readonly CallMinute[]): void {
    const [first] = rows;
    if (first === undefined) return;
    const calls = seenCalls(rows);
    const omitted = rows.reduce((sum, row) => sum + row.callsOmitted, 0);
    const resolutionMs = Math.max(...rows.map((row) => row.resolutionMs));
    this.#calls += calls.length + omitted;
    this.#omitted += omitted;
    for (const row of rows) this.#clients.addMinute(row);
    this.#rhythm.addMinute(calls, { minuteMs: first.minuteMs, omitted, resolutionMs });
    for (const call of calls) {
      this.#breadth.add(call);
      this.#failures.add(call);
      this.#clients.add(call);
      const edge = edgeOf(call);
      this.#alone.add(call, edge);
      if (edge === null) continue;
      this.#edgeCount += 1;
      if (this.#edges.length >= MAX_EDGES) continue;
      this.#edges.push({ edge, atMs: call.atMs, denied: call.outcome === "denied" });
    }
  }

  finish(): ApiCallMeasures {
    return {
      features: {
        call_calls: this.#calls,
        call_omitted: this.#omitted,
        ...this.#rhythm.finish(),
        ...this.#breadth.finish(),
        ...this.#failures.finish(),
        ...this.#clients.finish(),
        call_edges: this.#edgeCount,
      },
      names: this.#clients.names(),
      edges: this.#edges,
      standsAlone: this.#alone.substrate(),
    };
  }
}
