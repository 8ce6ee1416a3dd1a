import { callsChart, type CallsOfMinute } from "../../lib/charts/calls_chart.ts";
import { classCurvesChart, type CurveOfClass } from "../../lib/charts/class_curves_chart.ts";
import { confidenceChart } from "../../lib/charts/confidence_chart.ts";
import { confusionChart } from "../../lib/charts/confusion_chart.ts";
import { coverageChart } from "../../lib/charts/coverage_chart.ts";
import { echoChart } from "../../lib/charts/echo_chart.ts";
import { gapHistogramsChart } from "../../lib/charts/gap_histograms_chart.ts";
import { labelChart } from "../../lib/charts/label_chart.ts";
import { pullsChart } from "../../lib/charts/pulls_chart.ts";
import { reliabilityChart } from "../../lib/charts/reliability_chart.ts";
import { rhythmChart } from "../../lib/charts/rhythm_chart.ts";
import { ruleMatrixChart } from "../../lib/charts/rule_matrix_chart.ts";
import { type PaidRequest, spendChart } from "../../lib/charts/spend_chart.ts";
import { sweepChart } from "../../lib/charts/sweep_chart.ts";
import { OPERATOR_TYPES } from "../../lib/model/vocabulary.ts";
import { identityTimelineChart } from "../../lib/charts/identity_timeline_chart.ts";
import { timelineChart } from "../../lib/charts/timeline_chart.ts";
import { waterfallChart } from "../../lib/charts/waterfall_chart.ts";
import { GAP_BUCKETS, type PtyRhythm } from "../../lib/model/pty_features.ts";
import { seeded } from "../seeded.ts";

const PAID = Array.from({ length: 60 }, (_, i): PaidRequest => ({
  called_at: `2026-03-1${Math.floor(i / 22)}T10:${String(i % 60).padStart(2, "0")}:00.000Z`,
  model: i % 7 === 0 ? "other-model" : "some-model",
  reason: ["agent-on-terminal", "calls-undecided", "privileged-principal", null][i % 4]!,
  input_tokens: i % 11 === 0 ? null : 2000 + (i * 977) % 9000,
  output_tokens: i % 11 === 0 ? null : 150 + (i * 31) % 400,
  cost: i % 11 === 0 ? null : 0.004 + ((i * 977) % 9000) / 400_000,
}));

/** A session of bursts and pauses, the same at every run. */
function burstyRhythm(bins: number): PtyRhythm {
  const events = Array.from(
    { length: bins },
    (_, i) => Math.floor(i / 130) % 3 === 1 ? 0 : (i * i * 7 + i * 13) % 11,
  );
  return {
    bin_seconds: 0.8,
    events,
    bytes: events.map((count, i) => count * (1 + (i * 37) % 1000) * (i % 5 === 0 ? 20 : 1)),
    gap_histogram: Array.from(
      { length: GAP_BUCKETS },
      (_, i) => Math.round(900 * Math.exp(-((i - 29) ** 2) / 18)) + (i > 44 && i < 58 ? i % 6 : 0),
    ),
  };
}

const NOTHING: PtyRhythm = { bin_seconds: 0, events: [], bytes: [], gap_histogram: [] };
export const ONE_EVENT: PtyRhythm = {
  bin_seconds: 0,
  events: [1],
  bytes: [12],
  gap_histogram: new Array(GAP_BUCKETS).fill(0),
};

const VERDICTS = Array.from({ length: 195 }, (_, i) => ({
  operator_type: ["human", "agent", "automation", "unknown", "mixed", null][i * i % 6],
  confidence: i % 6 === 3 ? null : 0.35 + ((i * 37) % 66) / 100,
}));

const TYPES = ["human", "agent", "automation"] as const;

function hill(centre: number, width: number): number[] {
  return Array.from(
    { length: GAP_BUCKETS },
    (_, i) => Math.round(400 * Math.exp(-((i - centre) ** 2) / width)),
  );
}

const GAPS = TYPES.flatMap((operatorType, k) =>
  Array.from({ length: 4 + k }, (_, i) => ({
    operatorType,
    histogram: hill(20 + 8 * k + i, 30).map((gaps, b) =>
      gaps + (k === 0 && b > 50 && b < 60 ? 25 : 0)
    ),
  }))
);

function echoRows() {
  const random = seeded(4);
  return Array.from({ length: 90 }, (_, i) => {
    const operator_type = [...TYPES, "unknown"][i % 4];
    const typed = operator_type === "human";
    return {
      operator_type,
      pty_line_whole_share: i % 23 === 0 ? null : typed ? random() * 0.3 : 0.6 + random() * 0.4,
      pty_key_gap_p50: typed ? 0.08 + random() * 0.3 : i % 3 === 0 ? null : 0.005 + random() * 0.02,
    };
  });
}

const SERVICES = ["compute", "storage", "iam", "container", "logging", "dns", "bigquery", "run"];

function callMinutes(): CallsOfMinute[] {
  return Array.from({ length: 40 }, (_, i) => ({
    minuteMs: Date.UTC(2026, 2, 1, 9, i + (i > 20 ? 15 : 0)),
    callsOmitted: i === 12 ? 60 : 0,
    calls: Array.from({ length: (i * i * 5) % 31 }, (_, j): CallsOfMinute["calls"][number] => {
      const service = SERVICES[(i + j * j) % SERVICES.length];
      return [j * 100, `${service}.googleapis.com/v1.things.get`, "ok", null, null, null, 0];
    }),
  }));
}

const TIMELINE = Array.from({ length: 60 }, (_, i) => ({
  principal: `person-${(i * i) % 9}@example.com`,
  substrate: ["teleport-recording", "gcp-cloud-audit", "aws-cloudtrail", "asciicast"][(i * 7) % 4],
  started_at: i === 7 ? null : new Date(Date.UTC(2026, 2, 1 + i % 6, (i * 5) % 24)).toISOString(),
  ended_at: new Date(Date.UTC(2026, 2, 1 + i % 6, (i * 5) % 24, (i * 17) % 200)).toISOString(),
}));

const TRACES = Array.from({ length: 24 }, (_, i) => {
  const startedMs = Date.UTC(2026, 2, 16, 8 + (i * 3) % 9, (i * 17) % 60);
  return {
    id: `s-${i}`,
    identity: `person-${i % 5}@example.com`,
    side: ["teleport", "gcp", "aws"][i % 3]!,
    ...{ startedMs, endedMs: startedMs + ((i * 7) % 40) * 60_000 },
    operatorType: OPERATOR_TYPES[i % OPERATOR_TYPES.length]!,
  };
});
const TRACE_LINKS = [
  { sessions: ["s-0", "s-5"], tier: "high" },
  { sessions: ["s-1", "s-6"], tier: "medium" },
  { sessions: ["s-2", "s-7"], tier: "low" },
  { sessions: ["s-3", "nobody"], tier: "high" },
] as const;

function curve(name: CurveOfClass["name"], bend: number): CurveOfClass {
  const points = Array.from({ length: 21 }, (_, i) => {
    const falsePositiveRate = i / 20;
    const truePositiveRate = falsePositiveRate ** bend;
    return {
      threshold: 1 - i / 20,
      falsePositiveRate,
      truePositiveRate,
      precision: i === 0 ? 1 : truePositiveRate / (truePositiveRate + falsePositiveRate),
    };
  });
  const [positives, negatives] = [40, 90];
  return { name, positives, negatives, points, rocArea: 1 / (1 + bend), averagePrecision: 0.8 };
}

const CONFUSION = {
  columns: ["human", "agent", "automation", "unknown", "withheld: insufficient-data"],
  confusion: [
    { truth: "human", n: 63, cells: { human: 58, unknown: 4, "withheld: insufficient-data": 1 } },
    { truth: "agent", n: 65, cells: { agent: 61, automation: 3, human: 1 } },
    { truth: "automation", n: 67, cells: { automation: 37, "withheld: insufficient-data": 30 } },
  ],
};

const RELIABILITY = {
  n: 160,
  expectedError: 0.042,
  bins: Array.from({ length: 10 }, (_, i) => {
    const n = i < 4 ? 0 : (i - 3) * 8;
    const value = Math.min(1, (i + 0.5) / 10 + (i % 2 ? 0.06 : -0.03));
    return {
      from: i / 10,
      to: (i + 1) / 10,
      n,
      stated: n === 0 ? null : (i + 0.5) / 10,
      right: { value: n === 0 ? null : value, low: Math.max(0, value - 0.15), high: 1 },
    };
  }),
};

const SWEEP = Array.from({ length: 15 }, (_, i) => ({
  value: i * 2,
  precision: i === 14 ? null : Math.min(1, 0.55 + i * 0.035),
  recall: Math.max(0, 1 - i * i * 0.005),
  volume: 90 - i * 6,
}));

const RULES = ["lines-typed", "keys-uneven", "enter-hesitates", "thinks-before-lines", "spinner"];
const PAIRS = RULES.flatMap((first, i) =>
  RULES.slice(i + 1).map((second, j) => ({
    first,
    second,
    both: 40 - i * 7 - j * 5,
    opposed: (i + j) % 3 === 0 ? 6 + i : 0,
  }))
);

const VOTES = [
  { ruleId: "thinks-before-lines", weights: { agent: 1.8, human: -0.4 } },
  { ruleId: "lines-arrive-whole", weights: { agent: 0.9, automation: 0.7, human: -1.2 } },
  { ruleId: "keys-taken-back", weights: { human: 0.6 } },
  { ruleId: "tail-streams-text", weights: { agent: 1.1 } },
];

const COVERAGE = Array.from({ length: 30 }, (_, i) => ({
  day: new Date(Date.UTC(2026, 2, 1 + Math.floor(i / 3) + (i > 15 ? 4 : 0))).toISOString()
    .slice(0, 10),
  coverage: ["recorded", "off", i % 2 ? "missing" : "encrypted"][i % 3]!,
  sessions: 2 + (i * i) % 9,
}));

const PULLS = Array.from({ length: 12 }, (_, i) => ({
  source: ["teleport athena db.table", "gcp bigquery logs", "teleport archive ./x"][i % 3]!,
  pulled_at: new Date(Date.UTC(2026, 2, 1 + i)).toISOString(),
  bytes_scanned: i % 3 === 2 ? null : 1e9 * (1 + (i * 7) % 11),
  rows: 10,
  outcome: i === 4 ? "failed" : "done",
}));

const PRIOR = { human: 0.6, agent: 0.1, automation: 0.3 };

/** Every chart with a picture worth looking at, and with nothing to show. */
export const CHARTS: Record<string, () => string> = {
  "rhythm.svg": () =>
    rhythmChart(burstyRhythm(2000), {
      title: "A session",
      operatorType: "agent",
      segments: [
        { fromSeconds: 0, untilSeconds: 600, operatorType: "human" },
        { fromSeconds: 600, untilSeconds: 1600, operatorType: "agent" },
      ],
    }),
  "rhythm_short.svg": () => rhythmChart(burstyRhythm(40), { title: "A short session" }),
  "rhythm_one_event.svg": () => rhythmChart(ONE_EVENT, { title: "One event" }),
  "rhythm_nothing.svg": () => rhythmChart(NOTHING, { title: "No output" }),
  "confidence.svg": () => confidenceChart(VERDICTS),
  "confidence_nothing.svg": () => confidenceChart([]),
  "gaps.svg": () => gapHistogramsChart(GAPS),
  "gaps_nothing.svg": () => gapHistogramsChart([]),
  "echo.svg": () => echoChart(echoRows()),
  "echo_nothing.svg": () => echoChart([]),
  "calls.svg": () => callsChart(callMinutes(), { title: "Calls of a session" }),
  "calls_nothing.svg": () => callsChart([], { title: "No calls" }),
  "timeline.svg": () => timelineChart(TIMELINE),
  "identity_timeline.svg": () => identityTimelineChart(TRACES, { links: TRACE_LINKS }),
  "identity_timeline_nothing.svg": () => identityTimelineChart([]),
  "timeline_nothing.svg": () => timelineChart([]),
  "label.svg": () => labelChart(VERDICTS.map((row) => row.operator_type), { key: "operator.type" }),
  "label_nothing.svg": () => labelChart([], { key: "risk.level" }),
  "confusion.svg": () => confusionChart(CONFUSION),
  "confusion_rules.svg": () => confusionChart(CONFUSION, { against: "rules" }),
  "confusion_nothing.svg": () => confusionChart({ columns: [], confusion: [] }),
  "curves.svg": () =>
    classCurvesChart([curve("human", 0.15), curve("agent", 0.3), curve("automation", 0.5)]),
  "curves_nothing.svg": () => classCurvesChart([]),
  "reliability.svg": () => reliabilityChart(RELIABILITY),
  "reliability_nothing.svg": () => reliabilityChart({ n: 0, bins: [], expectedError: null }),
  "sweep.svg": () => sweepChart(SWEEP, { parameter: "pauses.seconds", current: 8 }),
  "sweep_nothing.svg": () => sweepChart([], { parameter: "pauses.seconds", current: 8 }),
  "rule_matrix.svg": () => ruleMatrixChart(PAIRS),
  "rule_matrix_nothing.svg": () => ruleMatrixChart([]),
  "waterfall.svg": () =>
    waterfallChart(VOTES, { prior: PRIOR, of: "agent", title: "Why this session is an agent's" }),
  "waterfall_nothing.svg": () =>
    waterfallChart([], { prior: PRIOR, of: "human", title: "No rule voted" }),
  "coverage.svg": () => coverageChart(COVERAGE),
  "coverage_nothing.svg": () => coverageChart([]),
  "pulls.svg": () => pullsChart(PULLS, { usdPerTerabyte: 5 }),
  "spend.svg": () => spendChart(PAID, { by: "reason", limit: 2 }),
  "spend_models.svg": () => spendChart(PAID.slice(0, 9)),
  "spend_nothing.svg": () => spendChart([], { limit: 20 }),
  "pulls_nothing.svg": () => pullsChart([]),
};
