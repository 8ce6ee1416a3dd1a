import { agentTool } from "../model/agent_tools.ts";
import type { RuleOutcome } from "../model/explanation.ts";
import type { Distribution, RuleHitRow, RuleVotes } from "../model/verdict.ts";
import { DRIVER_CLASSES, type OperatorType, type Phase2Route } from "../model/vocabulary.ts";
import type { ParameterValues, Row } from "./expression/expression.ts";
import type { Context } from "./expression/expression_parts.ts";
import { readLabel } from "./expression/expression_parts.ts";
import { type Fingerprint, fingerprintOf } from "./fingerprint.ts";
import { type GateKey, gateOf, type GateValue } from "./gate.ts";
import { mixedVerdict, type SegmentVerdict } from "./mixed_verdict.ts";
import type { Rule, RulePack } from "./rule.ts";
import { distributionOf, ranked, verdictOf, type Weights } from "./score.ts";
import { scoreVariables } from "./score_variables.ts";

/** One rule that fired, or that could not for want of a value. */
type RuleHit = Omit<RuleHitRow, "subject_id" | "version">;

/** What a pack says of one row. */
export interface Evaluation {
  /** Over the three classes, calibrated; the prior alone where no rule voted. */
  distribution: Distribution;
  operatorType: OperatorType;
  /** The probability of the type stated; null for `unknown`; 1 where a cohort decides it. */
  confidence: number | null;
  /** By how much the best class leads the second; 0 where no rule voted. */
  margin: number;
  /** Why the verdict is withheld (or automation by construction); null where it is not. */
  cohort: string | null;
  /** The substrate's gate, a label of `key` and `value`; null where it has none. */
  gate: { key: GateKey; value: GateValue } | null;
  /** What a model is to read of it (`phase2`), and why (`reason`; null with `none`). */
  routing: { phase2: Phase2Route; reason: string | null };
  /** Which tool drives, if an agent does; null where no rule says. */
  tool: Fingerprint | null;
  /** Which model drives, if an agent does; null where no rule says. */
  model: Fingerprint | null;
  /** Rules that fired, heaviest first, then those that abstained. */
  hits: RuleHit[];
  /** One sentence of ours. */
  reason: string;
}

/** What differs from the pack as it is written, and what is known beside the row. */
export interface EvaluateOptions {
  /** Replaces the pack's own prior. */
  prior?: Distribution | undefined;
  /** Stand in for written parameters, by full name. */
  params?: ParameterValues | undefined;
  /** What was said of the session's segments; where they disagree, it is `mixed`. */
  segments?: readonly SegmentVerdict[] | undefined;
  /** Whether hits tell the values that their rules read; to judge and count takes none. */
  values?: boolean | undefined;
}

/**
 * Evaluates a pack over one row of `session_frame` (session, segment or activity alike). Pure;
 * never throws, whatever the row holds. Score and cohort rules go first, routing rules after, with
 * the score's outcome in view.
 */
export function evaluateRow(
  pack: RulePack,
  row: Row,
  options: EvaluateOptions = {},
): Evaluation {
  const fired: Rule[] = [];
  const hits: RuleHit[] = [];
  const { params, values = true } = options;
  const visit = (rules: readonly Rule[], subject: Subject) => {
    // one context for all rules: making one for each would cost more than most rules do
    const context: Context = { ...subject, params, missing: [] };
    let last: Rule["applies"] | null = null;
    let doApply = false;
    for (const rule of rules) {
      // rules of one condition stand together in a pack
      if (rule.applies !== last) doApply = rule.applies.run(context) === true;
      last = rule.applies;
      if (!doApply) continue;
      const outcome = runWhen(rule, context);
      if (outcome === "fired") fired.push(rule);
      else if (outcome !== "abstained") continue;
      const missing = outcome === "fired" ? [] : unique(context.missing);
      const votes = outcome === "fired" ? votesOf(rule, subject) : rule.votes;
      const features = values ? valuesOf(rule, subject) : {};
      hits.push({ rule_id: rule.id, outcome, votes, features, missing });
    }
  };
  visit(pack.verdictRules, { row });
  const score = withSegments(
    decide(pack, fired, options.prior ?? pack.prior),
    options.segments ?? [],
  );
  const { segments } = options;
  visit(pack.routingRules, { row, score: scoreVariables(score, { pack, row, params, segments }) });
  const named = hits.filter(({ outcome, votes }) =>
    outcome === "fired" && (votes.tools !== undefined || votes.models !== undefined)
  ).map(({ votes }) => votes);
  return {
    ...score,
    gate: gateOf(row["substrate"], score.operatorType),
    routing: routingOf(pack, fired),
    tool: named.length === 0 ? null : fingerprintOf(named, "tools"),
    model: named.length === 0 ? null : fingerprintOf(named, "models"),
    hits: heaviestFirst(hits, rank),
  };
}

/** A row and, for routing rules, what its score came to. */
interface Subject {
  row: Row;
  /** Where not given, the row's own columns of these names are read. */
  score?: Row;
}

/** What one rule does on one row, and what it wanted and did not find. */
export function testRule(
  rule: Rule,
  subject: Subject,
  params?: ParameterValues,
): { outcome: RuleOutcome; missing: string[] } {
  const context: Context = { ...subject, params, missing: [] };
  const outcome = runRule(rule, context);
  const isMissing = outcome === "abstained" || outcome === "not-applicable";
  return { outcome, missing: isMissing ? unique(context.missing) : [] };
}

/** What a rule does in a context; `context.missing` then holds what it wanted and did not find. */
export function runRule(rule: Rule, context: Context): RuleOutcome {
  if (context.missing.length > 0) context.missing.length = 0;
  return rule.applies.run(context) === true ? runWhen(rule, context) : "not-applicable";
}

function runWhen(rule: Rule, context: Context): RuleOutcome {
  if (context.missing.length > 0) context.missing.length = 0;
  const value = rule.when.run(context);
  return value === undefined ? "abstained" : value === true ? "fired" : "silent";
}

/** The values of what a rule reads, for evidence; null is "not measured". */
export function valuesOf(rule: Rule, { row, score }: Subject): RuleHit["features"] {
  const values: RuleHit["features"] = {};
  for (const name of rule.reads) {
    const label = name.startsWith('labels["');
    const value = label
      ? readLabel(row, name.slice('labels["'.length, -2))
      : score !== undefined && Object.hasOwn(score, name)
      ? score[name]
      : row[name];
    const plain = typeof value === "string" || typeof value === "number" ||
      typeof value === "boolean";
    values[name] = plain ? value : null;
  }
  return values;
}

/** The votes of a rule that fired, with those for a tool that the row itself names. */
function votesOf(rule: Rule, subject: Subject): RuleVotes {
  if (rule.namedTools.length === 0) return rule.votes;
  const tools = { ...rule.votes.tools };
  for (const { in: text, weight } of rule.namedTools) {
    const name = text.run({ ...subject, params: undefined, missing: [] });
    const { tool } = agentTool(typeof name === "string" ? name : "");
    if (tool !== "unknown") tools[tool] = (tools[tool] ?? 0) + weight;
  }
  return { ...rule.votes, tools };
}

type Score = Omit<Evaluation, "gate" | "routing" | "tool" | "model" | "hits">;

function decide(pack: RulePack, fired: readonly Rule[], prior: Distribution): Score {
  const voters = fired.filter((rule) => rule.kind === "score");
  const distribution = distributionOf(prior, sumOf(voters), pack.calibration);
  const cohort = firstOf(pack.cohorts, fired.map((rule) => rule.cohort));
  const { verdict, margin } = verdictOf(distribution, {
    cohort,
    hasVotes: voters.length > 0,
    least: pack.margin,
  });
  const [best, second] = ranked(distribution);
  const score = { distribution, operatorType: verdict, confidence: null, margin, cohort };
  if (cohort !== null) {
    const rule = fired.find((candidate) => candidate.cohort === cohort)?.id;
    if (verdict === "unknown") return { ...score, reason: `Withheld: cohort ${cohort} (${rule})` };
    const reason = `Automation by construction: cohort ${cohort} (${rule})`;
    return { ...score, confidence: 1, reason };
  }
  if (voters.length === 0) return { ...score, reason: "No rule voted" };
  const figures = `${best} ${distribution[best].toFixed(2)}, ${second} ${
    distribution[second].toFixed(2)
  }`;
  if (verdict === "unknown") {
    return { ...score, reason: `Undecided: ${figures}, a lead under ${pack.margin}` };
  }
  const strongest = heaviestFirst(voters, weightOf).slice(0, 3);
  const names = strongest.map((rule) => rule.id).join(", ");
  return {
    ...score,
    confidence: distribution[best],
    reason: voters.length === 1
      ? `${figures}; one rule voted, ${names}`
      : `${figures}; ${voters.length} rules voted, strongest ${names}`,
  };
}

function sumOf(voters: readonly Rule[]): Weights {
  const votes: Weights = { human: 0, agent: 0, automation: 0 };
  for (const rule of voters) {
    for (const name of DRIVER_CLASSES) votes[name] += rule.weights[name] ?? 0;
  }
  return votes;
}

/** A verdict that is withheld, or by construction, stays so whatever the segments say. */
function withSegments(score: Score, segments: readonly SegmentVerdict[]): Score {
  const mixed = score.cohort === null ? mixedVerdict(segments) : null;
  return mixed === null ? score : { ...score, operatorType: "mixed", ...mixed };
}

function routingOf(pack: RulePack, fired: readonly Rule[]): Evaluation["routing"] {
  const reason = firstOf(pack.reasons, fired.map((rule) => rule.routing?.reason ?? null));
  const rule = fired.find((candidate) => reason !== null && candidate.routing?.reason === reason);
  return { phase2: rule?.routing?.phase2 ?? "none", reason };
}

/** Of several names, the one that stands first in the pack's list. */
function firstOf(
  order: ReadonlyMap<string, unknown>,
  names: readonly (string | null)[],
): string | null {
  if (names.every((name) => name === null)) return null;
  for (const name of order.keys()) if (names.includes(name)) return name;
  return null;
}

/** By weight, which is asked for once each; those of one weight in the order they have. */
function heaviestFirst<T>(items: readonly T[], weigh: (item: T) => number): T[] {
  return items.map((item) => ({ item, weight: weigh(item) }))
    .sort((a, b) => b.weight - a.weight).map(({ item }) => item);
}

function rank(hit: RuleHit): number {
  if (hit.outcome === "abstained") return -1;
  return Math.max(0, ...Object.values(hit.votes.weights ?? {}).map(Math.abs));
}

function weightOf(rule: Rule): number {
  return Math.max(...Object.values(rule.weights).map(Math.abs));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
