import type { ActFeatures } from "../model/act_features.ts";
import { Quantiles } from "./quantiles.ts";

/** A terminal session of an activity; times in milliseconds since 1970. */
export interface ActivitySession {
  startedMs: number;
  endedMs: number;
  login: string | null;
  target: string | null;
  /** Whether it was opened with a command; null: nothing of it was recorded. */
  isSingleShot: boolean | null;
}

const AT_ONCE_SECONDS = 1;
const THINK_SECONDS = 5;
/** Share of the median by which a regular start gap may differ from it. */
const REGULAR = 0.05;

/** How the sessions of an activity, two or more in any order, follow each other. */
export function activityStarts(sessions: readonly ActivitySession[]): ActFeatures {
  const inOrder = sessions.toSorted((a, b) => a.startedMs - b.startedMs);
  const gaps: number[] = [];
  const rests: number[] = [];
  let endMs = -Infinity;
  inOrder.forEach(({ startedMs, endedMs }, i) => {
    if (i > 0) {
      gaps.push((startedMs - inOrder[i - 1]!.startedMs) / 1000);
      rests.push(Math.max(0, startedMs - endMs) / 1000);
    }
    endMs = Math.max(endMs, endedMs);
  });
  const [gapsBy, restsBy] = [quantilesOf(gaps), quantilesOf(rests)];
  const median = gapsBy.quantile(0.5);
  return {
    act_sessions: sessions.length,
    act_targets: countOf(sessions.map(({ target }) => target)),
    act_logins: countOf(sessions.map(({ login }) => login)),
    act_most_at_once: mostAtOnce(inOrder),
    act_single_shot_share: sessions.every(({ isSingleShot }) => isSingleShot === null)
      ? null
      : shareOf(sessions, ({ isSingleShot }) => isSingleShot === true),
    act_start_gap_p50: median,
    act_start_gap_p90: gapsBy.quantile(0.9),
    act_start_regular_share: median === null
      ? null
      : shareOf(gaps, (gap) => Math.abs(gap - median) <= REGULAR * median),
    act_rest_p50: restsBy.quantile(0.5),
    act_rest_p90: restsBy.quantile(0.9),
    act_rest_at_once_share: shareOf(rests, (rest) => rest < AT_ONCE_SECONDS),
    act_rest_think_share: shareOf(rests, (rest) => rest > THINK_SECONDS),
  };
}

function quantilesOf(values: readonly number[]): Quantiles {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles;
}

function countOf(names: readonly (string | null)[]): number {
  return new Set(names.filter((name) => name !== null)).size;
}

function shareOf<T>(values: readonly T[], isOf: (value: T) => boolean): number | null {
  return values.length === 0 ? null : values.filter(isOf).length / values.length;
}

/** Of sessions by their begin; one that ends as the next begins does not run beside it. */
function mostAtOnce(inOrder: readonly ActivitySession[]): number {
  const ends = inOrder.map(({ endedMs }) => endedMs).sort((a, b) => a - b);
  let [ended, most] = [0, 0];
  inOrder.forEach(({ startedMs }, i) => {
    while (ends[ended]! <= startedMs && ended < i) ended++;
    most = Math.max(most, i + 1 - ended);
  });
  return most;
}
