/**
 * The public surface of shellscope: what a notebook imports.
 *
 * ```ts
 * import { openStore, readWideRows } from "shellscope";
 * ```
 *
 * @module
 */
export * from "./model/vocabulary.ts";
export * from "./model/errors.ts";
export type { CallFeatures } from "./model/call_features.ts";
export type { CmdFeatures } from "./model/cmd_features.ts";
export type { DeskFeatures } from "./model/desk_features.ts";
export type {
  EventColumns,
  RecordingEvent,
  RecordingFormat,
  RecordingOutcome,
  TerminalSize,
} from "./model/event.ts";
export type { FeatureRow, FeatureTable } from "./model/feature.ts";
export type { LabelRow } from "./model/label.ts";
export type { PtyFeatures, PtyRhythm } from "./model/pty_features.ts";
export type { RecordingRow, SessionFacts, SessionRow, SubjectRow } from "./model/session.ts";
export type { Distribution, RuleHitRow, RuleVotes, VerdictRow } from "./model/verdict.ts";
export { CALL_FEATURES } from "./model/call_features.ts";
export { CMD_FEATURES } from "./model/cmd_features.ts";
export { DESK_FEATURES } from "./model/desk_features.ts";
export { ACT_FEATURES } from "./model/act_features.ts";
export { BASE_FEATURES, ENOUGH_DAYS, ENOUGH_HISTORY } from "./model/base_features.ts";
export { PTY_FEATURES } from "./model/pty_features.ts";

export type { Config, TeleportSourceConfig } from "./config/config.ts";
export { loadConfig } from "./config/load.ts";

export { DEFAULT_LIMITS, type RecordingLimits } from "./recording/limits.ts";
export { readRecording, type RecordingReader, type RecordingSource } from "./recording/read.ts";
export { readTeleportMessages, type TeleportMessage } from "./recording/teleport_messages.ts";
export { teleportJson } from "./recording/teleport_json.ts";
export { terminalText } from "./recording/terminal/terminal.ts";
export type { TerminalLine, TerminalText } from "./recording/terminal/terminal_text.ts";
export type { Export } from "./recording/export_events.ts";
export { exportCast } from "./recording/export_cast.ts";
export { exportJsonl } from "./recording/export_jsonl.ts";
export { exportText } from "./recording/export_text.ts";
export { RecordingFeatures } from "./features/recording_features.ts";
export { type ParsedRecording, parseRecording } from "./pipeline/recordings/parse_recording.ts";
export {
  type ParseOptions,
  parseRecordings,
  type ParseSummary,
} from "./pipeline/recordings/parse_recordings.ts";
export {
  planTeleport,
  pullTeleport,
  type TeleportPulled,
  type TeleportPullOptions,
} from "./pipeline/teleport/pull_teleport_source.ts";
export type { TeleportPlan } from "./pipeline/teleport/plan_teleport.ts";
export type { SessionFilter } from "./pipeline/session_filter.ts";
export { openWorkspace, type Workspace, type WorkspaceOptions } from "./pipeline/workspace.ts";
export { type RunOptions, runPipeline, type RunSummary } from "./pipeline/run.ts";

export {
  type Coverage,
  readCoverage,
  readCoverageByDay,
  type SessionCoverage,
} from "./store/coverage.ts";
export { type PullRow, readPulls, readSkips, type SkipRow } from "./store/runs.ts";
export {
  type LlmCallRow,
  type LlmCounts,
  readLlmCalls,
  readLlmCounts,
} from "./store/llm_counts.ts";
export { readRhythm } from "./store/features.ts";
export { type FrameQuery, readWideRows, type WideRow } from "./store/frame.ts";
export type { LabelHistoryRow } from "./store/label_rows.ts";
export {
  labelHistory,
  type LabelInput,
  type LabelOutcome,
  type LabelWriter,
  listLabels,
  removeLabels,
  setLabels,
} from "./store/labels.ts";
export { featureColumns, queryFrame, sessionFrame } from "./store/polars_frame.ts";
export { matchesSelector, parseSelector, type Selector } from "./store/selector.ts";
export {
  type CorrelationQuery,
  readContradictions,
  readCorrelations,
  readLeftOut,
  readTraces,
  type StoredTrace,
} from "./store/correlations.ts";
export { type Look, readLooks } from "./store/identity_looks.ts";
export { countIdentities, type PrincipalSessions, readUnidentified } from "./store/identities.ts";
export type { Contradiction, Correlation } from "./model/correlation.ts";
export { formatCorrelation } from "./pipeline/across/format_correlation.ts";
export { correlateSessions, type CorrelationSummary } from "./pipeline/across/correlate.ts";
export { putAcross } from "./pipeline/across/put_across.ts";
export { resolveSessionId } from "./store/sessions.ts";
export { type OpenOptions, openStore, type Store } from "./store/store.ts";
export { readRuleHits, readVerdicts, type VerdictQuery } from "./store/verdicts.ts";

export { classify, type ClassifyOptions, type ClassifySummary } from "./phase1/classify.ts";
export { type EvaluateOptions, evaluateRow, type Evaluation } from "./phase1/evaluate.ts";
export { explain, type Explanation, formatExplanation } from "./phase1/explain.ts";
export { loadPack } from "./phase1/pack.ts";
export { type RuleTestResult, runRuleTests } from "./phase1/test_rules.ts";
export { savePack } from "./phase1/save_pack.ts";
export type { Rule, RulePack } from "./phase1/rule.ts";
export { readTruthfulRows, type TruthfulRowsOptions } from "./store/truthful_rows.ts";
export type { Judgement, TruthfulRow } from "./model/judgement.ts";
export { judge } from "./phase1/judge.ts";
export { smallestFlips } from "./phase1/flips.ts";
export { sweep, type SweptParameter } from "./phase1/sweep.ts";
export { type MeasuredPoint, measureSweep, suggestPoint } from "./evaluation/sweep_measures.ts";
export { fitNumbers, neutralNumbers, type PackNumbers } from "./phase1/fit_numbers.ts";
export { leaveOneGroupOut } from "./phase1/leave_one_out.ts";
export { evaluateVerdicts, type VerdictEvaluation } from "./evaluation/evaluate_verdicts.ts";
export { type EvaluationReport, report } from "./evaluation/report.ts";
export { formatEvaluation } from "./evaluation/format_evaluation.ts";
export { formatReport } from "./evaluation/format_report.ts";
export { evaluateLeftOut, evaluatePack } from "./pipeline/evaluation/evaluate_pack.ts";
export { comparePacks, type PackComparison } from "./pipeline/evaluation/compare_packs.ts";
export { formatComparison } from "./pipeline/evaluation/format_comparison.ts";
export { fitPack, sweepPack, writeChanges } from "./pipeline/evaluation/tune_pack.ts";
export { changesOf, type FileChange, formatChanges } from "./phase1/write_back.ts";
export { type Phase2Volume } from "./pipeline/phase2/phase2_volume.ts";
export {
  estimatePhase2,
  type Phase2Config,
  type Phase2Estimate,
  type PlannedSession,
  runPhase2,
  type RunPhase2Options,
} from "./pipeline/phase2/phase2.ts";
export {
  compareModels,
  type ModelComparison,
  type ModelSide,
  runModels,
} from "./pipeline/phase2/compare_models.ts";
export {
  type Disagreement,
  type ModelResults,
  readPhase2Results,
} from "./pipeline/phase2/phase2_results.ts";
export { formatModels } from "./pipeline/phase2/format_models.ts";

export { type FieldStudy, studyFields } from "./evaluation/field_study.ts";
export { compareVerdicts, type Comparison } from "./evaluation/compare.ts";
export { type EventKind, eventKinds } from "./pipeline/event_kinds.ts";
export {
  type NamedPlan,
  type NamedPull,
  planSources,
  pullPlanned,
} from "./pipeline/planned_pull.ts";
export { readSessionMinutes } from "./store/session_minutes.ts";

export { callsChart } from "./charts/calls_chart.ts";
export { classCurvesChart } from "./charts/class_curves_chart.ts";
export { confidenceChart } from "./charts/confidence_chart.ts";
export { confusionChart } from "./charts/confusion_chart.ts";
export { coverageChart } from "./charts/coverage_chart.ts";
export { echoChart } from "./charts/echo_chart.ts";
export { gapHistogramsChart } from "./charts/gap_histograms_chart.ts";
export { labelChart } from "./charts/label_chart.ts";
export { pullsChart } from "./charts/pulls_chart.ts";
export { reliabilityChart } from "./charts/reliability_chart.ts";
export { rhythmChart, type RhythmSegment } from "./charts/rhythm_chart.ts";
export { ruleMatrixChart } from "./charts/rule_matrix_chart.ts";
export { type PaidRequest, spendChart, type SpendChartOptions } from "./charts/spend_chart.ts";
export { sweepChart, type SweepPoint } from "./charts/sweep_chart.ts";
export {
  type IdentitySpan,
  identityTimelineChart,
  type SpanLink,
} from "./charts/identity_timeline_chart.ts";
export { formatBytes } from "./charts/ticks.ts";
export { timelineChart } from "./charts/timeline_chart.ts";
export { waterfallChart } from "./charts/waterfall_chart.ts";
export { html, show, table } from "./notebook/display.ts";
export { display } from "./notebook/put_out.ts";
export { replay, type ReplayOptions } from "./notebook/replay.ts";
export { session } from "./notebook/session_card.ts";
export { phase2Counts } from "./notebook/phase2_counts.ts";
export { showExplanation } from "./notebook/explanation.ts";
