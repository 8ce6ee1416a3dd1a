import { createHash } from "node:crypto";
import { z } from "zod";
import type { JudgedSubject } from "../model/judgement.ts";
import type { Measures } from "./measure.ts";

const figure = z.number().min(0).max(1).nullable();
const count = z.number().int().nonnegative();

/** The figures of one corpus that were accepted last. */
const corpus = z.strictObject({
  name: z.string().min(1).max(63),
  /** Hash of the labelled subjects and their truths: which corpus this is. */
  subjects: z.string().regex(/^[0-9a-f]{64}$/),
  n: count,
  right: count,
  wrong: count,
  unknown: count,
  withheld: count,
  classes: z.record(
    z.string(),
    z.strictObject({ precision: figure, recall: figure, f1: figure }),
  ),
});
type CorpusFigures = z.infer<typeof corpus>;

/** `rules/baseline.json`: the last accepted figures, by corpus. */
export const BASELINE_SCHEMA = z.strictObject({ corpora: z.array(corpus).max(100) });
type Baseline = z.infer<typeof BASELINE_SCHEMA>;

/** Figures to accept: of these measures of these labelled subjects. */
export function figuresOf(
  measures: Measures,
  of: { name: string; subjects: readonly Pick<JudgedSubject, "subjectId" | "truth">[] },
): CorpusFigures {
  const { n, right, wrong, abstained, withheld, classes } = measures;
  const figures = classes.map((
    { name, precision, recall, f1 },
  ) => [name, {
    precision: rounded(precision.value),
    recall: rounded(recall.value),
    f1: rounded(f1),
  }]);
  return {
    name: of.name,
    subjects: corpusHash(of.subjects),
    ...{ n, right, wrong, unknown: abstained, withheld },
    classes: Object.fromEntries(figures),
  };
}

/** Names a corpus by its labelled subjects, whatever their order. */
export function corpusHash(
  subjects: readonly Pick<JudgedSubject, "subjectId" | "truth">[],
): string {
  const lines = subjects.map(({ subjectId, truth }) => `${subjectId} ${truth}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** The accepted figures of the same subjects, or null. */
export function acceptedFor(baseline: Baseline, figures: CorpusFigures): CorpusFigures | null {
  return baseline.corpora.find(({ subjects }) => subjects === figures.subjects) ?? null;
}

/** A baseline in which these figures stand for their corpus, in order of name. */
export function withAccepted(baseline: Baseline, figures: CorpusFigures): Baseline {
  const others = baseline.corpora.filter(({ name, subjects }) =>
    name !== figures.name && subjects !== figures.subjects
  );
  return {
    corpora: [...others, figures].sort((a, b) => a.name < b.name ? -1 : 1),
  };
}

/** Where figures are worse than those accepted, one sentence each; empty where none is. */
export function regressions(accepted: CorpusFigures, now: CorpusFigures): string[] {
  const sentences: string[] = [];
  if (now.right < accepted.right) {
    sentences.push(`${accepted.name}: ${now.right} right, ${accepted.right} were accepted`);
  }
  if (now.wrong > accepted.wrong) {
    sentences.push(`${accepted.name}: ${now.wrong} wrong, ${accepted.wrong} were accepted`);
  }
  for (const [name, before] of Object.entries(accepted.classes)) {
    for (const measure of ["precision", "recall"] as const) {
      const [was, is] = [before[measure], now.classes[name]?.[measure] ?? null];
      if (was === null || (is !== null && is >= was)) continue;
      const value = is === null ? "not measured" : is.toFixed(3);
      sentences.push(
        `${accepted.name}: ${measure} of ${name} is ${value}, ${was.toFixed(3)} was accepted`,
      );
    }
  }
  return sentences;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e4) / 1e4;
}
