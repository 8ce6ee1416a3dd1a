import type { Explained, RuleExplanation } from "../model/explanation.ts";
import { type Html, html, table } from "./display.ts";

const OUTCOMES = { fired: "voted", abstained: "abstained", silent: "silent" } as const;

/**
 * Shows an explanation (`explain()`): the verdict with its reason, each rule that voted, abstained
 * or kept silent with what it read and missed, and the smallest changes that would flip the verdict.
 */
export function showExplanation(explanation: Explained): Html {
  const { subjectId, version, evaluation, prior, rules, flips } = explanation;
  const { operatorType, confidence, reason, distribution, routing } = evaluation;
  const figures = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, value]) => `${name} ${value.toFixed(2)}`).join(", ");
  const told = rules.filter(({ outcome }) => outcome !== "not-applicable");
  return html`<section>
    <p><strong>${operatorType}${confidence === null ? "" : ` ${confidence.toFixed(2)}`}</strong>
      ${subjectId} (${version})</p>
    <p>${reason}</p>
    <p>${figures(distribution)}; prior ${figures(prior)}</p>
    <p>Phase 2: ${routing.phase2}${routing.reason === null ? "" : `, ${routing.reason}`}</p>
    ${table(told.map(ruleRow), { caption: "What the rules did" })}
    ${
    flips.length === 0
      ? html`<p>No change of one or two features was found that would flip it.</p>`
      : table(
        flips.map(({ to, changes }) => ({
          verdict: to,
          change: changes.map(({ feature, from, to }) => `${feature} ${from} → ${to}`).join(", "),
        })),
        { caption: "Smallest changes that would flip it" },
      )
  }
  </section>`;
}

function ruleRow({ id, title, outcome, votes, values, missing }: RuleExplanation) {
  const weights = { ...votes.weights, ...votes.tools, ...votes.models };
  return {
    rule: id,
    says: title,
    did: outcome === "not-applicable" ? "" : OUTCOMES[outcome],
    votes: votes.cohort ?? votes.routing?.reason ??
      Object.entries(weights).map(([name, weight]) => `${name} ${weight}`).join(", "),
    values: Object.entries(values).map(([name, value]) => `${name} ${value ?? "not measured"}`)
      .join(", "),
    missing: missing.join(", "),
  };
}
