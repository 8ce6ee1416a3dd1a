import type { OperatorType } from "../model/vocabulary.ts";

/**
 * One colour a type of operator, the same in every picture. After Okabe and Ito's palette,
 * which people with any of the common colour blindnesses can tell apart; each has a contrast of
 * at least 3 to 1 with white paper and 4 to 1 with a near-black page, so that one file serves both.
 */
export const OPERATOR_COLOURS: Readonly<Record<OperatorType, string>> = {
  human: "#1b82c4",
  agent: "#d55e00",
  automation: "#009e73",
  mixed: "#b865a0",
  unknown: "#808080",
};

/** Quantities that are about no operator in particular. */
export const SERIES_COLOUR = "#5b7fa6";
