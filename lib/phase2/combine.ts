import type { Distribution } from "../model/verdict.ts";
import { DRIVER_CLASSES, type OperatorType, RISK_LEVELS } from "../model/vocabulary.ts";
import type { Finding } from "./check_answer.ts";

/** From harmless to what a researcher looks for: only rules and models together may go down it. */
const ORDER: readonly OperatorType[] = ["human", "automation", "unknown", "mixed", "agent"];

/** How far up a verdict stands: 0 for `human` to 4 for `agent`. */
export function severity(type: OperatorType): number {
  return ORDER.indexOf(type);
}

/**
 * One finding of those on the windows of a session: the most severe verdict and risk count, what
 * they name is joined, and the reason is that of the window which decided.
 */
export function mergeFindings(findings: readonly Finding[]): Finding {
  const ranked = findings.toSorted((a, b) =>
    severity(b.operator_type) - severity(a.operator_type) || b.confidence - a.confidence
  );
  const first = ranked[0]!;
  const named = <Key extends "agent_tool" | "agent_model" | "work_kind">(key: Key): Finding[Key] =>
    (ranked.find((finding) => finding[key] !== "unknown") ?? first)[key];
  const risk = Math.max(...findings.map(({ risk_level }) => RISK_LEVELS.indexOf(risk_level)));
  return {
    ...first,
    agent_tool: named("agent_tool"),
    agent_model: named("agent_model"),
    work_kind: named("work_kind"),
    risk_level: RISK_LEVELS[risk]!,
    techniques: [...new Set(findings.flatMap(({ techniques }) => techniques))].sort(),
    lines: [...new Set(findings.flatMap(({ lines }) => lines))].sort((a, b) => a - b),
  };
}

/** What phase 1 says of a session. */
export interface Phase1View {
  operatorType: OperatorType;
  distribution: Distribution | null;
}

/** What is written down, and whether a person should look. */
export interface Resolution {
  operatorType: OperatorType;
  /** Phases disagree, or the text speaks to its reader. */
  review: boolean;
  /** Which of the two verdicts it is. */
  from: "phase1" | "phase2";
}

/**
 * The verdict of both phases. A model may raise what the rules say. It may lower it only where the
 * rules lean the same way themselves (they are undecided, and give the model's class half or more)
 * and nothing in the text speaks to the reader; else the higher one stands and `review` is true.
 */
export function resolveVerdict(
  phase1: Phase1View | null,
  model: OperatorType,
  { instructions }: { instructions: number },
): Resolution {
  const rules = phase1?.operatorType ?? "unknown";
  const speaks = instructions > 0;
  const disagree = rules !== "unknown" && model !== rules;
  if (severity(model) >= severity(rules)) {
    return { operatorType: model, from: "phase2", review: speaks || disagree };
  }
  const agrees = rules === "unknown" && leansTo(phase1?.distribution ?? null, model);
  if (agrees && !speaks) return { operatorType: model, from: "phase2", review: false };
  return { operatorType: rules, from: "phase1", review: true };
}

/** What rules that are undecided give a class at least, where they are said to lean to it. */
const LEANING = 0.5;

function leansTo(distribution: Distribution | null, type: OperatorType): boolean {
  return distribution !== null &&
    DRIVER_CLASSES.some((name) => name === type && distribution[name] >= LEANING);
}
