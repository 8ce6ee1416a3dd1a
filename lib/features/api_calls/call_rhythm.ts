import type { CallFeatures } from "../../model/call_features.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../model/time.ts";
import { GapsOfFew } from "../gaps_of_few.ts";
import { Quantiles } from "../quantiles.ts";
import { Commands } from "./commands.ts";
import type { SeenCall } from "./seen_call.ts";
import { share } from "./share.ts";

/** A pause from which on somebody may have thought. */
const THINK_MS = 5000;
/** Intervals between bursts that are kept to tell whether they are regular. */
const MAX_INTERVALS = 10_000;
const MIN_INTERVALS = 5;
const TOLERANCE = 0.1;
/** From this resolution on gaps are too coarse to measure. */
const COARSE_MS = 1000;

type CallRhythmFeatures = Pick<
  CallFeatures,
  | "call_commands"
  | "call_gap_p50"
  | "call_gap_p90"
  | "call_gap_cv"
  | "call_per_minute"
  | "call_resolution_ms"
  | "call_seconds"
  | "call_minutes"
  | "call_per_busy_second"
  | `call_burst${string}` & keyof CallFeatures
  | "call_single_share"
  | "call_command_calls_p50"
  | `call_think${string}` & keyof CallFeatures
  | "call_regular_share"
  | "call_start_hour"
  | "call_hours"
  | "call_weekend_share"
>;

/** When calls came: commands, bursts, pauses, hours; in one pass over calls in order of time. */
export class CallRhythm {
  readonly #commands: Commands;
  readonly #gaps = new GapsOfFew();
  readonly #thinks = new Quantiles();
  readonly #burstSizes = new Quantiles();
  readonly #burstGaps = new Quantiles();
  readonly #intervals: number[] = [];
  readonly #hours = new Set<number>();
  #resolutionMs = 1;
  #calls = 0;
  #total = 0;
  #minutes = 0;
  #busySeconds = 0;
  #weekend = 0;
  #largest = 0;
  #single = 0;
  #longestThinkMs = 0;
  #firstMs = NaN;
  #lastMs = -Infinity;
  #burst = { beganMs: NaN, calls: 0 };

  constructor(private readonly foldMs: number) {
    this.#commands = new Commands(foldMs);
  }

  /** Takes the calls of the next minute; `omitted` more are only known by number. */
  addMinute(
    calls: readonly SeenCall[],
    { minuteMs, omitted, resolutionMs }: {
      minuteMs: number;
      omitted: number;
      resolutionMs: number;
    },
  ): void {
    this.#resolutionMs = Math.max(this.#resolutionMs, resolutionMs);
    this.#minutes += 1;
    this.#total += calls.length + omitted;
    for (const call of calls) this.#add(call);
    if (Number.isNaN(this.#firstMs)) this.#firstMs = minuteMs;
    if (omitted > 0) this.#lastMs = Math.max(this.#lastMs, minuteMs + MINUTE_MS - 1);
  }

  finish(): CallRhythmFeatures {
    this.#endBurst();
    const isFine = this.#resolutionMs < COARSE_MS;
    const seconds = (this.#lastMs - this.#firstMs) / 1000;
    const gaps = this.#gaps.quantiles;
    const [gapP50, gapP90] = gaps.quantiles([0.5, 0.9]);
    const [burstP50, burstP90] = this.#burstSizes.quantiles([0.5, 0.9]);
    const [thinkP50, thinkP90] = this.#thinks.quantiles([0.5, 0.9]);
    return {
      call_commands: this.#commands.count,
      call_gap_p50: isFine ? gapP50! : null,
      call_gap_p90: isFine ? gapP90! : null,
      call_gap_cv: isFine ? this.#gaps.variation() : null,
      call_per_minute: seconds > 0 ? this.#total / (seconds / 60) : null,
      call_resolution_ms: this.#resolutionMs,
      call_seconds: seconds,
      call_minutes: this.#minutes,
      call_per_busy_second: this.#busySeconds > 0 ? this.#calls / this.#busySeconds : null,
      call_bursts: this.#burstSizes.count,
      call_burst_calls_p50: burstP50!,
      call_burst_calls_p90: burstP90!,
      call_burst_calls_max: this.#largest,
      call_burst_gap_p50: isFine ? this.#burstGaps.quantile(0.5) : null,
      call_single_share: share(this.#single, this.#burstSizes.count),
      call_command_calls_p50: this.#commands.sizes().quantile(0.5),
      call_thinks: this.#thinks.count,
      call_think_share: share(this.#thinks.count, gaps.count),
      call_think_p50: thinkP50!,
      call_think_p90: thinkP90!,
      call_think_max: this.#thinks.count > 0 ? this.#longestThinkMs / 1000 : null,
      call_regular_share: regularShare(this.#intervals, this.#resolutionMs),
      call_start_hour: hourOf(this.#firstMs),
      call_hours: this.#hours.size,
      call_weekend_share: share(this.#weekend, this.#calls),
    };
  }

  #add({ atMs, command }: SeenCall): void {
    const gapMs = this.#calls === 0 ? Infinity : Math.max(0, atMs - this.#lastMs);
    if (Number.isNaN(this.#firstMs)) this.#firstMs = atMs;
    if (Math.floor(atMs / 1000) !== Math.floor(this.#lastMs / 1000)) this.#busySeconds += 1;
    if (this.#commands.begins(command, gapMs) && gapMs !== Infinity) this.#pause(gapMs);
    if (gapMs < this.foldMs) this.#burstGaps.add(gapMs / 1000);
    else this.#beginBurst(atMs);
    this.#burst.calls += 1;
    this.#calls += 1;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#hours.add(hourOf(atMs));
    if (isWeekend(atMs)) this.#weekend += 1;
  }

  #pause(gapMs: number): void {
    this.#gaps.add(gapMs / 1000);
    if (gapMs < THINK_MS) return;
    this.#thinks.add(gapMs / 1000);
    this.#longestThinkMs = Math.max(this.#longestThinkMs, gapMs);
  }

  #beginBurst(atMs: number): void {
    this.#endBurst();
    const { beganMs } = this.#burst;
    if (!Number.isNaN(beganMs) && this.#intervals.length < MAX_INTERVALS) {
      this.#intervals.push(atMs - beganMs);
    }
    this.#burst = { beganMs: atMs, calls: 0 };
  }

  #endBurst(): void {
    const { calls } = this.#burst;
    if (calls === 0) return;
    this.#burstSizes.add(calls);
    this.#largest = Math.max(this.#largest, calls);
    if (calls === 1) this.#single += 1;
    this.#burst.calls = 0;
  }
}

function regularShare(intervalsMs: readonly number[], resolutionMs: number): number | null {
  if (intervalsMs.length < MIN_INTERVALS) return null;
  const sorted = intervalsMs.toSorted((a, b) => a - b);
  const medianMs = sorted[sorted.length >> 1]!;
  const toleranceMs = Math.max(TOLERANCE * medianMs, resolutionMs);
  return share(
    sorted.filter((ms) => Math.abs(ms - medianMs) <= toleranceMs).length,
    sorted.length,
  );
}

function hourOf(ms: number): number {
  return Math.floor(ms % DAY_MS / HOUR_MS);
}

// the first of January 1970 was a Thursday
function isWeekend(ms: number): boolean {
  const day = Math.floor(ms / DAY_MS) % 7;
  return day === 2 || day === 3;
}
