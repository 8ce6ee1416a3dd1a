import assert from "node:assert/strict";
import type { TruthfulRow } from "../../lib/model/judgement.ts";
import { judge } from "../../lib/phase1/judge.ts";
import { leaveOneGroupOut } from "../../lib/phase1/leave_one_out.ts";
import { packFile, packOf, ruleFile } from "./packs.ts";
import { truthful } from "./truthful.ts";

const PACK = packOf(
  packFile({ params: { edge: { value: 0.1, min: 0.02, max: 0.5, doc: "A test" } } }),
  ruleFile("quick", {
    when: "pty_gap_p50 < params.edge",
    votes: [{ class: "agent", weight: 3 }],
  }),
  ruleFile("slow", { when: "pty_gap_p50 >= params.edge", votes: [{ class: "human", weight: 2 }] }),
);

function row(id: string, truth: string, gap: number, group: string): TruthfulRow {
  return truthful(id, truth, { group, row: { pty_events: 100, pty_gap_p50: gap } });
}

/** Agents are quicker than 0.25 s in the groups a and b, and slower in c. */
const CORPUS = [
  ...["a", "b"].flatMap((group) =>
    [0.05, 0.15, 0.22, 0.3, 0.4, 0.45].map((gap, i) =>
      row(`${group}${i}`, gap < 0.25 ? "agent" : "human", gap, group)
    )
  ),
  row("c0", "agent", 0.45, "c"),
];

Deno.test("leaveOneGroupOut() judges every subject once, by numbers of the other groups", () => {
  const { judgements, folds } = leaveOneGroupOut(PACK, CORPUS);
  assert.deepEqual(
    judgements.map(({ subjectId }) => subjectId).sort(),
    CORPUS.map(({ subjectId }) => subjectId).sort(),
  );
  assert.deepEqual(folds.map(({ group, trained, tested }) => [group, trained, tested]), [
    ["a", 7, 6],
    ["b", 7, 6],
    ["c", 12, 1],
  ]);
  const [first] = folds;
  const edge = first!.numbers.params.get("edge")!;
  assert(edge > 0.22 && edge <= 0.3, `the threshold was fitted: ${edge}`);
  assert.notDeepEqual(first!.numbers.weights.get("quick"), { agent: 3 }, "weights were fitted");
  assert.notEqual(
    first!.numbers.calibration.kind === "temperature" &&
      first!.numbers.calibration.value,
    1,
    "the temperature was fitted",
  );
});

Deno.test("leaveOneGroupOut() learns nothing from the group that it leaves out", () => {
  const lies = CORPUS.map((each) => each.group === "a" ? { ...each, truth: "automation" } : each);
  const numbers = (rows: readonly TruthfulRow[]) =>
    leaveOneGroupOut(PACK, rows).folds.find(({ group }) => group === "a")!.numbers;
  assert.deepEqual(numbers(lies), numbers(CORPUS));
});

Deno.test("leaveOneGroupOut() fits to nothing that shares a session with what is judged", () => {
  const segment = { ...row("a0#1", "agent", 0.05, "elsewhere"), sessions: ["a0"] };
  const activity = { ...row("act", "agent", 0.05, "b"), sessions: ["a1", "b1"] };
  const { folds } = leaveOneGroupOut(PACK, [...CORPUS, segment, activity]);
  const trained = Object.fromEntries(folds.map((fold) => [fold.group, fold.trained]));
  // a: b and c without the activity; b (the activity too): a and c without a1; elsewhere: without a0
  assert.deepEqual(trained, { a: 7, b: 7, c: 14, elsewhere: 13 });
});

Deno.test("leaveOneGroupOut() from neutral numbers does not know the written ones", () => {
  const other = packOf(
    packFile({ params: { edge: { value: 0.5, min: 0.02, max: 0.5, doc: "A test" } } }),
    ruleFile("quick", {
      when: "pty_gap_p50 < params.edge",
      votes: [{ class: "agent", weight: 0.3 }],
    }),
    ruleFile("slow", {
      when: "pty_gap_p50 >= params.edge",
      votes: [{ class: "human", weight: 4 }],
    }),
  );
  const said = (pack: typeof PACK) =>
    leaveOneGroupOut(pack, CORPUS, { start: "neutral" }).judgements
      .map(({ subjectId, distribution }) => [subjectId, distribution]);
  assert.deepEqual(said(other), said(PACK));
});

Deno.test("judge() makes a session mixed where its segments disagree", () => {
  const [judgement] = judge(PACK, [truthful("m", "mixed", {
    row: { pty_events: 100, pty_gap_p50: 0.4 },
    segments: [0.4, 0.01].map((gap, i) => ({
      from_seconds: i * 60,
      pty_events: 100,
      pty_gap_p50: gap,
    })),
  })]);
  assert.equal(judgement?.verdict, "mixed");
});
