import { agreementOf } from "../../evaluation/agreement.ts";
import { type Candidate, labelQueue } from "../../evaluation/label_queue.ts";
import { UsageError } from "../../model/errors.ts";
import { readJudgedSessions } from "../../store/label_candidates.ts";
import { readReviews } from "../../store/reviews.ts";
import { formatRows, parseFormat } from "../format.ts";
import type { LabelAction } from "./label_action.ts";

const MAX_QUEUE = 10_000;

/** Prints how reviewers agree, key by key, and what they contradict each other on. */
export const showAgreement: LabelAction = (store, _args, { call, terminal }) => {
  const byKey = Map.groupBy(readReviews(store, { key: call.text("key") }), ({ key }) => key);
  const measures: Record<string, unknown>[] = [];
  const conflicts: Record<string, unknown>[] = [];
  for (const [key, reviews] of [...byKey].sort(([a], [b]) => a < b ? -1 : 1)) {
    const agreement = agreementOf(reviews.map(({ subject_id, set_by, value }) => ({
      ...{ subjectId: subject_id, value },
      reviewer: set_by.slice("manual:".length),
    })));
    if (agreement.n === 0) continue;
    for (const { reviewers, n, agreed, kappa } of agreement.pairs) {
      const measure = "Cohen's kappa";
      measures.push({ key, reviewers: reviewers.join(", "), n, agreed, measure, value: kappa });
    }
    measures.push({
      ...{ key, reviewers: `all ${agreement.reviewers.length}`, n: agreement.n },
      agreed: agreement.n - agreement.conflicts.length,
      ...{ measure: "Krippendorff's alpha", value: agreement.alpha },
    });
    for (const { subjectId, ratings } of agreement.conflicts) {
      const said = ratings.map(({ reviewer, value }) => `${reviewer}: ${value}`).join(", ");
      conflicts.push({ subject_id: subjectId, key, said });
    }
  }
  const format = parseFormat(call.text("format"));
  const columns = ["key", "reviewers", "n", "agreed", "measure", "value"];
  terminal.out(formatRows(measures.map(rounded), { columns, format }));
  terminal.err(`${conflicts.length} in conflict\n`);
  if (conflicts.length > 0 && format !== "csv") {
    if (format === "table") terminal.out("\n");
    terminal.out(formatRows(conflicts, { columns: ["subject_id", "key", "said"], format }));
  }
  if (measures.length === 0) terminal.err("No session was labelled by two reviewers\n");
  return 0;
};

/** Prints what to label next, and why. */
export const showQueue: LabelAction = (store, _args, { call, terminal }) => {
  const n = Number(call.text("limit") ?? 20);
  if (!Number.isInteger(n) || n < 1 || n > MAX_QUEUE) {
    throw new UsageError(`--limit is a number from 1 to ${MAX_QUEUE}`);
  }
  const sessions = readJudgedSessions(store, { selector: call.text("selector") });
  const queue = labelQueue(
    sessions.map(({ subjectId, substrate, verdict, second, truth, reviews }): Candidate => ({
      ...{ subjectId, truth, reviews },
      region: [substrate, verdict.cohort ?? "", ...verdict.evidence.toSorted()].join(" "),
      verdict: verdict.operator_type,
      distribution: verdict.distribution,
      cohort: verdict.cohort,
      secondVerdict: second?.operator_type ?? null,
    })),
    { n },
  );
  const rows = queue.map(({ subjectId, why, verdict, margin, detail }) => ({
    ...{ subject_id: subjectId, why, verdict, margin: Number(margin.toFixed(3)), detail },
  }));
  const columns = ["subject_id", "why", "verdict", "margin", "detail"];
  terminal.out(formatRows(rows, { columns, format: parseFormat(call.text("format")) }));
  if (sessions.length === 0) terminal.err("No session has a verdict yet; classify first\n");
  return 0;
};

function rounded(row: Record<string, unknown>): Record<string, unknown> {
  const { value } = row;
  return { ...row, value: typeof value === "number" ? Number(value.toFixed(3)) : value };
}
