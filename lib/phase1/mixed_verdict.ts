import type { OperatorType } from "../model/vocabulary.ts";

/** What is said of one segment of a session, in order of time. */
export interface SegmentVerdict {
  /** Where it begins, from the first event of the recording. */
  fromSeconds: number;
  operatorType: OperatorType;
  /** The probability of the type stated; null for `unknown`. */
  confidence: number | null;
}

/** That the driver changed, with how much certainty and why. */
interface MixedVerdict {
  confidence: number;
  reason: string;
}

/** Named in a reason; a session handed to and fro more often has the rest counted. */
const NAMED = 4;

/**
 * What its segments make of a session: mixed where one is a person's and another an agent's or a
 * script's; null where those that were decided agree. Segments whose verdict is withheld, or whose
 * votes are too close, say nothing. The confidence is that of the surest person and the surest machine together.
 */
export function mixedVerdict(segments: readonly SegmentVerdict[]): MixedVerdict | null {
  const decided = segments.filter(({ operatorType }) =>
    operatorType !== "unknown" && operatorType !== "mixed"
  );
  const human = surest(decided.filter(({ operatorType }) => operatorType === "human"));
  const machine = surest(decided.filter(({ operatorType }) => operatorType !== "human"));
  if (human === null || machine === null) return null;
  const stretches = decided.slice(0, NAMED).map(({ fromSeconds, operatorType, confidence }) =>
    `${operatorType} from ${fromSeconds.toFixed(0)} s (${(confidence ?? 0).toFixed(2)})`
  );
  if (decided.length > NAMED) stretches.push(`${decided.length - NAMED} more`);
  return {
    confidence: human * machine,
    reason: `The driver changes: ${stretches.join(", ")}`,
  };
}

function surest(segments: readonly SegmentVerdict[]): number | null {
  if (segments.length === 0) return null;
  return Math.max(...segments.map(({ confidence }) => confidence ?? 0));
}
