import type { Evaluation } from "./evaluate.ts";
import type { ParameterValues, Row } from "./expression/expression.ts";
import type { SegmentVerdict } from "./mixed_verdict.ts";
import type { RulePack } from "./rule.ts";

/** The shared parameter that the order of `sample` is drawn by; 0 where a pack has none. */
const SAMPLE_SEED = "sample_seed";

/** What routing rules see of a score, and where the subject stands in a random order. */
export function scoreVariables(
  score: Pick<Evaluation, "operatorType" | "confidence" | "margin" | "cohort">,
  of: {
    pack: Pick<RulePack, "params">;
    row: Row;
    params?: ParameterValues | undefined;
    segments?: readonly SegmentVerdict[] | undefined;
  },
): Row {
  const { pack, row, params, segments = [] } = of;
  const decided = segments.map(({ operatorType }) => operatorType)
    .filter((type) => type !== "unknown");
  return {
    operator_type: score.operatorType,
    confidence: score.confidence,
    margin: score.margin,
    cohort: score.cohort,
    segment_types: new Set(decided).size,
    get sample() {
      const id = row["subject_id"];
      const seed = params?.get(SAMPLE_SEED) ?? pack.params.get(SAMPLE_SEED)?.value ?? 0;
      return typeof id === "string" && id !== "" ? sampleOf(id, seed) : null;
    },
  };
}

/**
 * A number in [0, 1) drawn from a subject's id and a seed: the share of subjects below x is x, the
 * same ones each time, and others under another seed.
 */
export function sampleOf(subjectId: string, seed: number): number {
  let [a, b] = [0xdeadbeef ^ seed, 0x41c6ce57 ^ Math.imul(seed, 0x9e3779b1)];
  for (let i = 0; i < subjectId.length; i++) {
    const code = subjectId.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = mixed(a ^ mixed(b));
  b = mixed(b ^ a);
  return ((a >>> 0) * 2 ** 21 + (b >>> 11)) / 2 ** 53;
}

function mixed(word: number): number {
  const half = Math.imul(word ^ (word >>> 16), 2246822507);
  const whole = Math.imul(half ^ (half >>> 13), 3266489909);
  return whole ^ (whole >>> 16);
}
