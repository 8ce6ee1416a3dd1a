import { atOnce } from "../model/hear_signal.ts";
import type { Distribution, RuleHitRow, VerdictRow } from "../model/verdict.ts";
import type { OperatorType } from "../model/vocabulary.ts";
import { type FrameQuery, readWideRows, type WideRow } from "../store/frame.ts";
import { replaceLabels, type SubjectLabels } from "../store/labels.ts";
import { readSegmentIds } from "../store/segments.ts";
import type { Store } from "../store/store.ts";
import { readOperatorTypes, writeRuleHits, writeVerdicts } from "../store/verdicts.ts";
import { evaluateRow, type Evaluation } from "./evaluate.ts";
import { segmentVerdict } from "./judge.ts";
import type { SegmentVerdict } from "./mixed_verdict.ts";
import type { RulePack } from "./rule.ts";
import { SCORE_VARIABLES } from "./variables.ts";

/** Which subjects are judged, with what prior, and whether that is written. */
export interface ClassifyOptions {
  /** Only subjects whose labels match; default all. */
  selector?: string | undefined;
  /** Replaces the pack's own prior. */
  prior?: Distribution | undefined;
  /** When the verdicts are given. */
  now: Date;
  /** Evaluates and counts, and writes nothing. */
  dryRun?: boolean;
  /** Told the routing to phase 2 of each session, with its columns `pty_bytes` and `call_calls`. */
  onRouting?: ((routing: Evaluation["routing"], row: WideRow) => void) | undefined;
}

/**
 * What a classification found; segments count as parts of their sessions and activities as several
 * of them, not by themselves.
 */
export interface ClassifySummary {
  /** `phase1@<rules hash>`: under which verdicts were written. */
  version: string;
  /** Sessions judged. */
  subjects: number;
  /** Verdicts by type; those that a cohort withholds are under `unknown` too. */
  types: Record<OperatorType, number>;
  /** Subjects by cohort. */
  cohorts: Record<string, number>;
  /** Subjects sent to phase 2, by reason. */
  routed: Record<string, number>;
  /** Segments judged; a session whose driver never changes has none. */
  segments: number;
  /** Activities judged: sessions side by side, each of which counts by itself. */
  activities: number;
  /** Subjects whose type differs from the verdict phase 1 had on them before, or that had none. */
  changed: number;
  /** By rule id: how often it voted (`fired`), and could not for want of a value (`abstained`). */
  rules: Record<string, { fired: number; abstained: number }>;
  /** Labels that the store did not take (set by hand, or refused). */
  labelsKept: number;
}

/** A subject with what the rules say of it; `together`: which sessions an activity's verdict is on. */
interface JudgedSubject {
  subjectId: string;
  evaluation: Evaluation;
  together: string | null;
}

/** Subjects written in one transaction: a run killed in between goes on where it ended. */
const LOT = 500;

/**
 * Evaluates a pack over subjects of a store (sessions, their segments, activities) and writes
 * verdicts, rule hits and labels: the gate, `routing.cohort`, `routing.phase2`, `routing.reason`.
 * Segments are judged with their session, and make it `mixed` where they disagree.
 * `operator.type` and its confidence are resolved by the store. What an earlier classification
 * said and this one does not goes away; doing it again changes nothing.
 */
export function classify(store: Store, pack: RulePack, options: ClassifyOptions): ClassifySummary {
  return atOnce(classifyInLots(store, pack, options));
}

/** The same, a subject a step; some at a time are written, each lot whole. */
export function* classifyInLots(
  store: Store,
  pack: RulePack,
  options: ClassifyOptions,
): Generator<void, ClassifySummary> {
  const { selector, prior, now, dryRun = false, onRouting } = options;
  const query = { columns: columnsOf(pack), ...(selector !== undefined && { selector }) };
  const summary = emptySummary(pack);
  let lot: JudgedSubject[] = [];
  const flush = () => {
    if (!dryRun && lot.length > 0) summary.labelsKept += write(store, lot, { pack, now });
    lot = [];
  };
  for (const { row, segments, before } of judged(store, query)) {
    yield;
    const parts = segments.map((part) => ({
      part,
      evaluation: evaluateRow(pack, part, { prior, values: !dryRun }),
    }));
    const verdicts = parts.map(({ part, evaluation }) => segmentVerdict(part, evaluation));
    const evaluation = evaluateRow(pack, row, { prior, segments: verdicts, values: !dryRun });
    if (row["subject_kind"] === "activity") summary.activities++;
    else {
      count(summary, evaluation, before);
      onRouting?.(evaluation.routing, row);
    }
    summary.segments += parts.length;
    lot.push({ subjectId: row.subject_id, evaluation, together: togetherOf(row) });
    for (const { part, evaluation } of parts) {
      lot.push({ subjectId: part.subject_id, evaluation, together: null });
    }
    if (lot.length >= LOT) flush();
  }
  flush();
  return summary;
}

/** Columns that segments find their session by, and that routed subjects are sized by. */
const OWN_COLUMNS = [
  ...["subject_kind", "session_id", "substrate", "from_seconds", "pty_bytes", "call_calls"],
  ...["members", "activity_relation", "act_targets"],
];

/** The columns that a pack's rules read, and those of {@link classify} itself. */
export function columnsOf(pack: RulePack): string[] {
  const read = pack.verdictRules.flatMap((rule) => rule.reads);
  const routing = pack.routingRules.flatMap((rule) => rule.reads)
    .filter((name) => !SCORE_VARIABLES.has(name));
  return [...new Set([...read, ...routing, ...OWN_COLUMNS])];
}

/** The rows that a query means, with their segments and what phase 1 said of them before. */
function* judged(
  store: Store,
  query: FrameQuery,
): Generator<{ row: WideRow; segments: WideRow[]; before: OperatorType | undefined }> {
  for (const rows of lotsOf(readWideRows(store, query))) {
    const ids = rows.map(({ subject_id }) => subject_id);
    const before = readOperatorTypes(store, { writer: "phase1", subjects: ids });
    const segmentIds = readSegmentIds(store, { sessions: ids });
    const subjects = rows.flatMap(({ subject_id }) => segmentIds.get(subject_id) ?? []);
    const segments = new Map<unknown, WideRow[]>();
    for (const segment of subjects.length === 0 ? [] : readSegments(store, subjects, query)) {
      const known = segments.get(segment["session_id"]);
      if (known === undefined) segments.set(segment["session_id"], [segment]);
      else known.push(segment);
    }
    for (const row of rows) {
      if (row["subject_kind"] === "segment") continue;
      const isSession = row["subject_kind"] === "session";
      yield {
        ...{ row, before: before.get(row.subject_id) },
        segments: isSession ? segments.get(row.subject_id) ?? [] : [],
      };
    }
  }
}

function* lotsOf<T>(items: Iterable<T>): Generator<T[]> {
  let lot: T[] = [];
  for (const item of items) {
    lot.push(item);
    if (lot.length < LOT) continue;
    yield lot;
    lot = [];
  }
  yield lot;
}

/** Segments in order of time. */
function readSegments(
  store: Store,
  subjects: readonly string[],
  { columns }: FrameQuery,
): WideRow[] {
  return [...readWideRows(store, { subjects, ...(columns && { columns }) })]
    .sort((a, b) => Number(a["from_seconds"]) - Number(b["from_seconds"]));
}

/** What the rules say of a session's segments, in order of time. */
export function segmentVerdicts(
  store: Store,
  pack: RulePack,
  { sessionId, prior }: { sessionId: string; prior?: Distribution | undefined },
): SegmentVerdict[] {
  return readSegments(
    store,
    readSegmentIds(store, { sessions: [sessionId] }).get(sessionId) ?? [],
    {},
  )
    .map((row) => segmentVerdict(row, evaluateRow(pack, row, { prior })));
}

function write(
  store: Store,
  lot: readonly JudgedSubject[],
  by: { pack: RulePack; now: Date },
): number {
  const { version } = by.pack;
  const verdicts = lot.map(({ subjectId, evaluation, together }): VerdictRow => ({
    subject_id: subjectId,
    writer: "phase1",
    version,
    operator_type: evaluation.operatorType,
    confidence: evaluation.confidence,
    distribution: evaluation.distribution,
    cohort: evaluation.cohort,
    reason: together === null ? evaluation.reason : `${together}: ${evaluation.reason}`,
    evidence: evaluation.hits.filter((hit) => hit.outcome === "fired").map((hit) => hit.rule_id),
    set_at: by.now.toISOString(),
  }));
  const hits = lot.flatMap(({ subjectId, evaluation }) =>
    evaluation.hits.map((hit): RuleHitRow => ({ ...hit, subject_id: subjectId, version }))
  );
  const labels = lot.map(({ subjectId, evaluation }): SubjectLabels => ({
    subject_id: subjectId,
    labels: labelsOf(evaluation),
  }));
  return store.transaction(() => {
    writeVerdicts(store, verdicts);
    writeRuleHits(store, version, lot.map((each) => each.subjectId), hits);
    const outcomes = replaceLabels(store, labels, { setBy: version, now: by.now });
    return outcomes.filter(({ outcome }) => outcome !== "set" && outcome !== "unchanged").length;
  });
}

/** What a verdict on several sessions says that it is on. */
function togetherOf(row: WideRow): string | null {
  if (row["subject_kind"] !== "activity") return null;
  const how = row["activity_relation"] === "side-by-side" ? "side by side" : "in a row";
  const targets = Number(row["act_targets"] ?? 1);
  return `${row["members"]} sessions ${how}${targets > 1 ? ` on ${targets} targets` : ""}`;
}

/**
 * The labels that phase 1 gives a subject, apart from the verdict itself. A tool and a model are
 * named only where an agent may have driven, with their probability if it did.
 */
export function labelsOf(evaluation: Evaluation): Record<string, string> {
  const { gate, cohort, routing } = evaluation;
  const labels: Record<string, string> = { "routing.phase2": routing.phase2 };
  if (gate !== null) labels[gate.key] = gate.value;
  if (cohort !== null) labels["routing.cohort"] = cohort;
  if (routing.reason !== null) labels["routing.reason"] = routing.reason;
  const { operatorType, tool, model } = evaluation;
  if (operatorType === "human" || operatorType === "automation") return labels;
  for (const [key, print] of [["tool", tool], ["model", model]] as const) {
    if (print === null) continue;
    labels[`agent.${key}`] = print.name;
    if (print.confidence === null) continue;
    labels[`confidence.agent-${key}`] = String(Math.round(print.confidence * 1e4) / 1e4);
  }
  return labels;
}

function emptySummary(pack: RulePack): ClassifySummary {
  return {
    version: pack.version,
    subjects: 0,
    types: { human: 0, agent: 0, automation: 0, mixed: 0, unknown: 0 },
    cohorts: {},
    routed: {},
    segments: 0,
    activities: 0,
    changed: 0,
    rules: Object.fromEntries(pack.rules.map(({ id }) => [id, { fired: 0, abstained: 0 }])),
    labelsKept: 0,
  };
}

function count(
  summary: ClassifySummary,
  evaluation: Evaluation,
  before: OperatorType | undefined,
): void {
  const { operatorType, cohort, routing } = evaluation;
  summary.subjects++;
  summary.types[operatorType]++;
  if (before !== operatorType) summary.changed++;
  if (cohort !== null) summary.cohorts[cohort] = (summary.cohorts[cohort] ?? 0) + 1;
  if (routing.reason !== null) {
    summary.routed[routing.reason] = (summary.routed[routing.reason] ?? 0) + 1;
  }
  for (const hit of evaluation.hits) summary.rules[hit.rule_id]![hit.outcome]++;
}
