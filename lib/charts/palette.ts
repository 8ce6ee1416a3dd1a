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

/**
 * Colours for services, substrates and states, in order of use; the last is for all the rest.
 * Neighbours differ in lightness too, for eyes that tell hues apart badly.
 */
export const CATEGORY_COLOURS: readonly string[] = [
  ...["#1b82c4", "#d55e00", "#009e73", "#b865a0", "#8a7a00", "#6a6fd1", "#808080"],
];

/** The colour of each of a list of names: the most frequent first, all beyond the list alike. */
export function categoryColours(names: readonly string[]): Map<string, string> {
  const last = CATEGORY_COLOURS.length - 1;
  return new Map(names.map((name, i) => [name, CATEGORY_COLOURS[Math.min(i, last)]!]));
}
