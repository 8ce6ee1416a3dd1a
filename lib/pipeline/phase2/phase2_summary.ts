import type { Phase2Summary } from "../../phase2/judge_subjects.ts";

/** Why sessions got no verdict of a model, and what to do about it. */
const LEFT: Readonly<Record<string, string>> = {
  "no-digest": "their recordings or calls could not be read",
  "over-session-cap": "each would cost more than phase2.maxPerSession",
  "over-budget": "phase2.budget is used up; run again with more",
  interrupted: "sent by a run that was stopped, and perhaps billed; --resend asks again",
  "no-json": "the model answered no JSON, twice; --resend asks again",
  "wrong-schema": "the model's answers did not follow the schema; --resend asks again",
  "invented-quote": "the model quoted what is not there, twice; --resend asks again",
  refused: "the model refused to answer",
  truncated: "the answer was cut off",
  empty: "the answer was empty",
  "not-asked": "the server could not be asked",
};

/** What phase 2 did, a line each; counts only. */
export function formatPhase2(summary: Phase2Summary): string[] {
  const judged = Object.values(summary.types).reduce((sum, count) => sum + count, 0);
  const { subjects, spent, review, left, stopped } = summary;
  return [
    `${judged} of ${subjects} sessions judged by the model, ${spent.toFixed(4)} spent` +
    (review > 0 ? `, ${review} to be reviewed` : ""),
    ...Object.entries(left).map(([why, count]) => `${count} not: ${LEFT[why] ?? why}`),
    ...(stopped === null ? [] : [`ended early: ${stopped}`]),
  ];
}
