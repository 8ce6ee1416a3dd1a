import { createHash } from "node:crypto";
import type { Evaluation } from "./evaluate.ts";
import type { ParameterValues, Row } from "./expression.ts";
import type { SegmentVerdict } from "./mixed.ts";
import type { RulePack } from "./rule.ts";

/** The shared parameter that the order of `sample` is drawn by; 0 where a pack has none. */
export const SAMPLE_SEED = "sample_seed";

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
  const digest = createHash("sha256").update(`${seed}\n${subjectId}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
