import { printable } from "../model/printable.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import type { Explained, RuleExplanation, RuleOutcome } from "../model/explanation.ts";
import type { RuleVotes } from "../model/verdict.ts";
import {
  type EvaluateOptions,
  evaluateRow,
  type Evaluation,
  testRule,
  valuesOf,
} from "./evaluate.ts";
import type { Row } from "./expression/expression.ts";
import { smallestFlips } from "./flips.ts";
import type { RulePack } from "./rule.ts";
import { scoreVariables } from "./score_variables.ts";

/** Everything that led to a verdict. */
export interface Explanation extends Explained {
  evaluation: Evaluation;
}

const ORDER: readonly RuleOutcome[] = ["fired", "abstained", "silent", "not-applicable"];

/** Evaluates one row and keeps what every rule did with it. */
export function explain(pack: RulePack, row: Row, options: EvaluateOptions = {}): Explanation {
  const evaluation = evaluateRow(pack, row, options);
  const score = scoreVariables(evaluation, { pack, row, ...options });
  const rules = pack.rules.map((rule): RuleExplanation => {
    const over = { row, score };
    const { outcome, missing } = testRule(rule, over, options.params);
    const { id, title } = rule;
    const votes = evaluation.hits.find(({ rule_id }) => rule_id === id)?.votes ?? rule.votes;
    return {
      id,
      title,
      outcome,
      votes,
      when: rule.when.text,
      values: valuesOf(rule, over),
      missing,
    };
  });
  rules.sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const subject = row["subject_id"];
  return {
    subjectId: typeof subject === "string" ? subject : "",
    version: pack.version,
    prior: options.prior ?? pack.prior,
    evaluation,
    rules,
    flips: smallestFlips(pack, row, options),
  };
}

/** The explanation as lines of text, safe to print on a terminal. */
export function formatExplanation(explanation: Explanation): string {
  const { evaluation, rules } = explanation;
  const confidence = evaluation.confidence === null ? "" : ` ${evaluation.confidence.toFixed(2)}`;
  const lines = [
    `${quoted(explanation.subjectId)}: ${evaluation.operatorType}${confidence}`,
    `  ${evaluation.reason}`,
    `  ${figures(evaluation.distribution)} (prior ${figures(explanation.prior)})`,
  ];
  if (evaluation.gate !== null) {
    lines.push(`  ${evaluation.gate.key}=${evaluation.gate.value}`);
  }
  const { phase2, reason } = evaluation.routing;
  lines.push(`  routing.phase2=${phase2}${reason === null ? "" : ` (${reason})`}`);
  const { tool, model } = evaluation;
  for (const [key, print] of [["tool", tool], ["model", model]] as const) {
    if (print === null) continue;
    const confidence = print.confidence === null
      ? ""
      : ` (${print.confidence.toFixed(2)} if an agent)`;
    lines.push(`  agent.${key}=${print.name}${confidence}`);
  }
  for (const outcome of ORDER) {
    const those = rules.filter((rule) => rule.outcome === outcome);
    if (those.length === 0) continue;
    lines.push("", `${HEADINGS[outcome]} (${those.length})`);
    if (outcome === "not-applicable") lines.push(`  ${those.map((rule) => rule.id).join(", ")}`);
    else for (const rule of those) lines.push(...formatRule(rule));
  }
  lines.push("", ...formatFlips(explanation));
  return lines.join("\n") + "\n";
}

function formatFlips({ flips, evaluation }: Explanation): string[] {
  if (flips.length === 0) {
    return [
      `No change of one or two features was found that would flip ${evaluation.operatorType}`,
    ];
  }
  return [
    "Smallest changes that would flip it",
    ...flips.map(({ to, changes }) =>
      `  to ${to}: ${
        changes.map(({ feature, from, to }) => `${feature} ${shown(from)} to ${shown(to)}`)
          .join(", ")
      }`
    ),
  ];
}

const HEADINGS: Record<RuleOutcome, string> = {
  fired: "Voted",
  abstained: "Abstained: a value is missing",
  silent: "Silent: the condition is false",
  "not-applicable": "Not about this subject",
};

function formatRule(rule: RuleExplanation): string[] {
  const values = Object.entries(rule.values).map(([name, value]) =>
    `${name} ${value === null ? "not measured" : shown(value)}`
  );
  const lines = [`  ${rule.id}: ${rule.title}  [${formatVotes(rule.votes)}]`];
  lines.push(`      ${values.join(", ")}`);
  if (rule.missing.length > 0) lines.push(`      missing: ${rule.missing.join(", ")}`);
  return lines;
}

/** `agent +1.5, human -0.5`, `claude-code +1`, `cohort kube`, or `routing pty, uncertain`. */
export function formatVotes(votes: RuleVotes): string {
  if (votes.cohort !== undefined) return `cohort ${votes.cohort}`;
  if (votes.routing !== undefined) {
    return `routing ${votes.routing.phase2}, ${votes.routing.reason}`;
  }
  const classes = DRIVER_CLASSES.map((name) => [name, votes.weights?.[name]] as const);
  const others = [votes.tools, votes.models].flatMap((named) => Object.entries(named ?? {}));
  return [...classes, ...others].flatMap(([name, weight]) =>
    weight === undefined ? [] : [`${name} ${weight > 0 ? "+" : ""}${weight}`]
  ).join(", ");
}

function figures(distribution: Record<string, number>): string {
  return DRIVER_CLASSES.map((name) => `${name} ${(distribution[name] ?? 0).toFixed(2)}`).join(", ");
}

function shown(value: string | number | boolean): string {
  if (typeof value === "number") return Number(value.toPrecision(4)).toString();
  return typeof value === "string" ? quoted(value) : String(value);
}

function quoted(text: string): string {
  return `"${printable(text.slice(0, 120))}"`;
}
