import { rhythmChart } from "../charts/rhythm_chart.ts";
import { waterfallChart } from "../charts/waterfall_chart.ts";
import { UsageError } from "../model/errors.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import { readRhythm } from "../store/features.ts";
import { readWideRows, type WideRow } from "../store/frame.ts";
import { resolveSessionId } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import { readRuleHits } from "../store/verdicts.ts";
import { Html, html, show, table } from "./display.ts";

/** What a card tells of a session itself, in this order. */
const FACTS: Readonly<Record<string, string>> = {
  substrate: "Substrate",
  kind: "Kind",
  principal: "Principal",
  login: "Login",
  target: "Target",
  scope: "Scope",
  started_at: "Started",
  duration_seconds: "Seconds",
  recording_state: "Recording",
  operator_type: "Driven by",
  confidence: "Confidence",
  cohort: "Withheld as",
  activity_id: "Part of activity",
  activity_operator_type: "That driven by",
};

const EVEN = { human: 1 / 3, agent: 1 / 3, automation: 1 / 3 };

/**
 * A card of one session: what it was, its labels, the rules that spoke and what they read, its
 * rhythm with the stretches of its drivers shaded. `id` may be the begin of one. Throws a UsageError
 * where the store has no such session.
 */
export function session(store: Store, id: string): Html {
  const sessionId = resolveSessionId(store, id);
  const [row] = sessionId === null ? [] : readWideRows(store, { subjects: [sessionId] });
  if (sessionId === null || row === undefined) {
    throw new UsageError(`There is no session ${JSON.stringify(id.slice(0, 80))} in this store`);
  }
  return html`<h3>Session ${sessionId}</h3>${facts(row)}${evidence(store, row)}${
    rhythm(store, row)
  }`;
}

function facts(row: WideRow): Html {
  const told = Object.entries(FACTS).filter(([name]) =>
    row[name] !== null && row[name] !== undefined
  )
    .map(([name, what]) => ({ what, said: row[name] }));
  const labels = Object.entries(row.labels).map(([key, value]) => ({ key, value }));
  return html`${table(told, { columns: { what: "What", said: "Is" }, caption: "The session" })}${
    labels.length === 0
      ? ""
      : table(labels, { columns: { key: "Label", value: "Value" }, caption: "Labels" })
  }`;
}

function evidence(store: Store, row: WideRow): Html {
  const hits = readRuleHits(store, row.subject_id);
  if (hits.length === 0) return html`<p>No rule spoke on this session.</p>`;
  const list = table(hits, {
    caption: "The rules that spoke",
    columns: {
      rule_id: "Rule",
      outcome: "Outcome",
      votes: "Votes",
      features: "Read",
      missing: "Missing",
    },
    format: {
      votes: (_, { votes }) => named(votes),
      features: (_, { features }) => named(features),
      missing: (_, { missing }) => (missing as readonly string[]).join(", "),
    },
  });
  const of = DRIVER_CLASSES.find((name) => name === row["operator_type"]);
  const votes = hits.filter(({ outcome, votes }) => outcome === "fired" && votes.weights)
    .map(({ rule_id, votes }) => ({ ruleId: rule_id, weights: votes.weights ?? {} }));
  if (of === undefined || votes.length === 0) return list;
  const title = `What each rule added for ${of}, before the prior`;
  return html`${list}${show(waterfallChart(votes, { prior: EVEN, of, title }))}`;
}

function rhythm(store: Store, row: WideRow): Html {
  const known = readRhythm(store, row.subject_id);
  if (known === null) return html`<p>The session has no rhythm to show.</p>`;
  const segments = [...readWideRows(store, { kind: "segment" })]
    .filter((segment) => segment["session_id"] === row.subject_id)
    .map((segment) => ({
      fromSeconds: Number(segment["from_seconds"]),
      untilSeconds: Number(segment["until_seconds"]),
      operatorType: segment["operator_type"],
    }));
  const operatorType = row["operator_type"];
  return show(rhythmChart(known, { title: `Rhythm of ${row.subject_id}`, operatorType, segments }));
}

/** `{a: {b: 1}, c: 2}` as `a b 1, c 2`. */
function named(values: unknown): string {
  return Object.entries(values ?? {}).map(([name, value]) =>
    typeof value === "object" && value !== null
      ? `${name === "weights" ? "" : `${name} `}${named(value)}`
      : `${name} ${typeof value === "number" ? Number(value.toPrecision(3)) : value}`
  ).join(", ");
}
