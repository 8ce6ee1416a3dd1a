import type { CmdFeatures } from "../model/cmd_features.ts";
import { GAP_BUCKETS, PTY_FEATURES, type PtyFeatures } from "../model/pty_features.ts";
import { Quantiles } from "./quantiles.ts";

/** What is stored of one terminal session; times in milliseconds since 1970. */
export interface TerminalPart {
  startedMs: number;
  endedMs: number;
  pty: PtyFeatures | null;
  /** See `PtyRhythm`. */
  gapHistogram: readonly number[] | null;
  cmd: CmdFeatures | null;
  /** When its commands were given, in order; fewer than `cmd_commands` where not all are kept. */
  commandTimes: readonly number[];
}

type Unite =
  | "sum"
  | "most"
  | "any"
  | { share: keyof PtyFeatures | "gaps" }
  | { middle: keyof PtyFeatures };

/**
 * How a column of several recordings is told from theirs, without their bytes: added up, the
 * greatest, whether any; a share weighted by what it is a share of. Of quantiles over keys and lines
 * the middle one of theirs, weighted by how many there are: what most of them are like, and no exact
 * quantile of all. What is not here is null.
 */
const PTY_UNION: Partial<Record<keyof PtyFeatures, Unite>> = {
  pty_events: "sum",
  pty_bytes: "sum",
  pty_seconds: "sum",
  pty_trimmed_seconds: "sum",
  pty_gap_max: "most",
  pty_gap_share_burst: { share: "gaps" },
  pty_gap_share_key: { share: "gaps" },
  pty_gap_share_middle: { share: "gaps" },
  pty_clock_steps: "sum",
  pty_one_char_share: { share: "pty_events" },
  pty_gap_local_spread: { middle: "pty_events" },
  pty_keys: "sum",
  pty_key_gap_p50: { middle: "pty_keys" },
  pty_key_gap_p90: { middle: "pty_keys" },
  pty_key_gap_cv: { middle: "pty_keys" },
  pty_key_gap_mad: { middle: "pty_keys" },
  pty_corrections: "sum",
  pty_lines: "sum",
  pty_lines_typed: "sum",
  pty_lines_whole: "sum",
  pty_line_whole_share: { share: "pty_lines" },
  pty_line_late_share: { share: "pty_lines_whole" },
  pty_enter_delay_p50: { middle: "pty_lines_typed" },
  pty_prompt_delay_p50: { middle: "pty_lines" },
  pty_silence_share_5s: { share: "pty_lines_whole" },
  pty_pastes: "sum",
  pty_alt_screen_share: { share: "pty_seconds" },
  pty_bracketed_paste: "any",
  pty_title_changes: "sum",
  pty_prompts: "sum",
  pty_resizes: "sum",
  pty_joins: "sum",
  pty_full_screens: "sum",
};
const BURST_SECONDS = 0.2;

/**
 * The features of terminal sessions that follow each other, as of one: their recordings' numbers put
 * together, with the silences between them as gaps; and the gaps between all their commands. What
 * can't be told from numbers alone is null.
 */
export function unitedTerminals(
  parts: readonly TerminalPart[],
): { pty: PtyFeatures | null; cmd: CmdFeatures | null } {
  return { pty: unitedPty(parts), cmd: unitedCommands(parts) };
}

function unitedPty(parts: readonly TerminalPart[]): PtyFeatures | null {
  const own = parts.filter(({ pty }) => pty !== null);
  if (own.length === 0) return null;
  const names = Object.keys(PTY_FEATURES) as (keyof PtyFeatures)[];
  const united = Object.fromEntries(names.map((name) => [name, unite(own, name)]));
  return {
    ...united,
    ...gapFeatures(own, united),
    ...silenceFeatures(own),
  } as unknown as PtyFeatures;
}

function unite(parts: readonly TerminalPart[], name: keyof PtyFeatures): number | boolean | null {
  const how = PTY_UNION[name];
  if (how === undefined) return null;
  const known = parts.filter(({ pty }) => pty![name] !== null);
  if (known.length === 0) return null;
  const values = known.map(({ pty }) => pty![name]!);
  if (how === "any") return values.some((value) => value === true);
  const numbers = values.map(Number);
  if (how === "sum") return numbers.reduce((sum, value) => sum + value, 0);
  if (how === "most") return Math.max(...numbers);
  const by = "share" in how ? how.share : how.middle;
  const weights = known.map((part) => by === "gaps" ? gapsOf(part) : Number(part.pty![by] ?? 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return null;
  if ("middle" in how) {
    return weightedQuantile(numbers.map((value, i) => [value, weights[i]!]), 0.5);
  }
  return numbers.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
}

/** The value that a share of the weights lies up to; null without any. */
function weightedQuantile(
  values: readonly (readonly [value: number, weight: number])[],
  share: number,
): number | null {
  const inOrder = values.toSorted(([a], [b]) => a - b);
  const total = inOrder.reduce((sum, [, weight]) => sum + weight, 0);
  let seen = 0;
  return inOrder.find(([, weight]) => (seen += weight) >= share * total)?.[0] ?? null;
}

/**
 * Silences before whole lines, from each recording's own quantiles: exact where a recording has one
 * such line.
 */
function silenceFeatures(parts: readonly TerminalPart[]): Partial<PtyFeatures> {
  const silences = parts.flatMap(({ pty }) => {
    const weight = pty!.pty_lines_whole ?? 0;
    return [pty!.pty_silence_p10, pty!.pty_silence_p50, pty!.pty_silence_p90].flatMap((value) =>
      value === null || weight === 0 ? [] : [[value, weight] as const]
    );
  });
  return {
    pty_silence_p10: weightedQuantile(silences, 0.1),
    pty_silence_p50: weightedQuantile(silences, 0.5),
    pty_silence_p90: weightedQuantile(silences, 0.9),
  };
}

function gapsOf({ gapHistogram }: TerminalPart): number {
  return (gapHistogram ?? []).reduce((sum, count) => sum + count, 0);
}

/** What the sum of the histograms tells, with the silences between recordings. */
function gapFeatures(
  parts: readonly TerminalPart[],
  united: Record<string, number | boolean | null>,
): Partial<PtyFeatures> {
  const histogram = new Array<number>(GAP_BUCKETS).fill(0);
  for (const { gapHistogram } of parts) gapHistogram?.forEach((n, i) => histogram[i]! += n);
  const within = histogram.reduce((sum, count) => sum + count, 0);
  const between = silencesBetween(parts);
  for (const seconds of between) histogram[bucketOf(seconds)]! += 1;
  const all = within + between.length;
  const longer = (seconds: number) => between.filter((gap) => gap > seconds).length;
  const added = (name: keyof PtyFeatures, seconds: number) =>
    parts.reduce((sum, { pty }) => sum + Number(pty![name] ?? 0), longer(seconds));
  // the sum's shares are of the gaps inside recordings; those between come to them
  const share = (name: keyof PtyFeatures, isOf: (gap: number) => boolean) =>
    all === 0 ? null : (Number(united[name] ?? 0) * within + between.filter(isOf).length) / all;
  const seconds = Number(united["pty_seconds"]) + between.reduce((sum, gap) => sum + gap, 0);
  const [events, bytes] = [Number(united["pty_events"]), Number(united["pty_bytes"])];
  const pauses = added("pty_pauses_5s", 5);
  return {
    pty_seconds: seconds,
    pty_events_per_second: seconds > 0 ? events / seconds : null,
    pty_bytes_per_event: events > 0 ? bytes / events : null,
    pty_gap_p10: quantileOf(histogram, 0.1),
    pty_gap_p50: quantileOf(histogram, 0.5),
    pty_gap_p90: quantileOf(histogram, 0.9),
    pty_gap_p99: quantileOf(histogram, 0.99),
    pty_gap_max: Math.max(Number(united["pty_gap_max"] ?? 0), ...between),
    pty_gap_share_burst: share("pty_gap_share_burst", (gap) => gap < BURST_SECONDS),
    pty_gap_share_key: share("pty_gap_share_key", (gap) => gap >= 0.05 && gap <= 0.5),
    pty_gap_share_middle: share("pty_gap_share_middle", (gap) => gap > 0.5 && gap <= 5),
    pty_gap_share_think: all === 0 ? null : pauses / all,
    pty_pauses_1s: added("pty_pauses_1s", 1),
    pty_pauses_5s: pauses,
    pty_pauses_30s: added("pty_pauses_30s", 30),
  };
}

/** From the end of all that went before to the begin of the next, where that is later. */
function silencesBetween(parts: readonly TerminalPart[]): number[] {
  const silences: number[] = [];
  let endMs = Infinity;
  for (const part of parts.toSorted((a, b) => a.startedMs - b.startedMs)) {
    if (part.startedMs > endMs) silences.push((part.startedMs - endMs) / 1000);
    endMs = Math.max(endMs === Infinity ? -Infinity : endMs, part.endedMs);
  }
  return silences;
}

function bucketOf(seconds: number): number {
  return Math.min(GAP_BUCKETS - 1, Math.max(0, Math.floor((Math.log10(seconds) + 4) * 10)));
}

/** The middle, on the log scale, of the bucket that a quantile lies in. */
function quantileOf(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const bucket = histogram.findIndex((count) => (seen += count) > share * (total - 1));
  return 10 ** ((bucket + 0.5) / 10 - 4);
}

function unitedCommands(parts: readonly TerminalPart[]): CmdFeatures | null {
  const own = parts.flatMap(({ cmd }) => cmd === null ? [] : [cmd]);
  if (own.length === 0) return null;
  const sum = (name: keyof CmdFeatures) =>
    own.reduce((total, cmd) => total + Number(cmd[name] ?? 0), 0);
  const commands = sum("cmd_commands");
  const times = parts.flatMap(({ commandTimes }) => commandTimes).sort((a, b) => a - b);
  const gaps = new Quantiles();
  let bursts = 0;
  for (let i = 1; i < times.length; i++) {
    const gap = (times[i]! - times[i - 1]!) / 1000;
    gaps.add(gap);
    if (gap < BURST_SECONDS) bursts++;
  }
  // of some commands the time is not kept: what lies between is not known
  const isWhole = times.length === commands && gaps.count > 0;
  const depths = own.flatMap(({ cmd_depth }) => cmd_depth === null ? [] : [cmd_depth]);
  return {
    cmd_commands: commands,
    cmd_exec: sum("cmd_exec"),
    cmd_bpf: sum("cmd_bpf"),
    cmd_network: sum("cmd_network"),
    cmd_disk: sum("cmd_disk"),
    // one program in two sessions would be counted twice
    cmd_programs: null,
    cmd_depth: depths.length === 0 ? null : Math.max(...depths),
    cmd_failures: sum("cmd_failures"),
    cmd_gap_p50: isWhole ? gaps.quantile(0.5) : null,
    cmd_gap_p90: isWhole ? gaps.quantile(0.9) : null,
    cmd_burst_share: isWhole ? bursts / gaps.count : null,
    cmd_single_shot: false,
  };
}
