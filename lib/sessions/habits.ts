import { type BaseFeatures, ENOUGH_DAYS, ENOUGH_HISTORY } from "../model/base_features.ts";
import { DAY_MS, HOUR_MS } from "../model/time.ts";

/** A session as habits look at it. */
export interface HabitualSession {
  startedMs: number;
  /** What drove it: the family of the software; null for terminals, which do not say. */
  tool: string | null;
  target: string | null;
  /** Measures that are compared as logarithms, and those compared as they are; null: not measured. */
  logs: readonly (number | null)[];
  shares: readonly (number | null)[];
}

/** Sessions of one day that become habits; those beyond are held against them only. */
const MAX_WAITING = 4096;
/** Tools and targets that are told apart; one that comes after these was seen or not, nobody knows. */
const MAX_NAMES = 4096;
const MOST_DISTANCE = 20;
/** Habits vary at least so much: a few sessions alike are no law. */
const LEAST_LOG_SPREAD = 0.2;
const LEAST_SHARE_SPREAD = 0.05;

/**
 * The habits of one identity on one side, told session by session in order of their begin: each is
 * held against those that began a day or more before it. In bounded memory.
 */
export class Habits {
  readonly #tools = new Map<string, number>();
  readonly #targets = new Set<string>();
  readonly #hours = new Array<number>(24).fill(0);
  readonly #logs: Spread[] = [];
  readonly #shares: Spread[] = [];
  #sessions = 0;
  #toolsKnown = 0;
  #firstMs = NaN;
  #days = 0;
  #lastDay = NaN;
  /** Sessions that are not a day old yet, in order; those before `#learned` are learned. */
  #waiting: HabitualSession[] = [];
  #learned = 0;

  /** How a session differs from those a day or more before; after a day it is one of them. */
  next(session: HabitualSession): BaseFeatures {
    this.#learnUntil(session.startedMs - DAY_MS);
    if (this.#waiting.length - this.#learned < MAX_WAITING) this.#waiting.push(session);
    return this.#compare(session);
  }

  #learnUntil(ms: number): void {
    const waiting = this.#waiting;
    while (this.#learned < waiting.length && waiting[this.#learned]!.startedMs <= ms) {
      this.#learn(waiting[this.#learned++]!);
    }
    if (this.#learned < MAX_WAITING && this.#learned < waiting.length) return;
    this.#waiting = waiting.slice(this.#learned);
    this.#learned = 0;
  }

  #compare({ startedMs, tool, target, logs, shares }: HabitualSession): BaseFeatures {
    const sessions = this.#sessions;
    const known = { base_sessions: sessions, base_days: this.#daysUntil(startedMs) };
    if (sessions < ENOUGH_HISTORY || this.#days < ENOUGH_DAYS) return { ...NOT_MEASURED, ...known };
    const distances = [
      ...logs.map((value, i) => distance(this.#logs[i], logOf(value), LEAST_LOG_SPREAD)),
      ...shares.map((value, i) => distance(this.#shares[i], value, LEAST_SHARE_SPREAD)),
    ];
    const measured = distances.filter((each) => each !== null);
    const toolShare = tool === null || this.#toolsKnown < ENOUGH_HISTORY
      ? null
      : (this.#tools.get(tool) ?? 0) / this.#toolsKnown;
    return {
      ...known,
      base_first_tool: toolShare === null || this.#tools.size >= MAX_NAMES ? null : toolShare === 0,
      base_tool_share: toolShare,
      base_first_target: target === null || this.#targets.size >= MAX_NAMES
        ? null
        : !this.#targets.has(target),
      base_hour_share: this.#near(startedMs) / sessions,
      base_rhythm_distance: distances[0] ?? null,
      base_drift: measured.length === 0
        ? null
        : measured.reduce((sum, each) => sum + each, 0) / measured.length,
    };
  }

  #learn({ startedMs, tool, target, logs, shares }: HabitualSession): void {
    if (this.#sessions === 0) this.#firstMs = startedMs;
    const day = Math.floor(startedMs / DAY_MS);
    if (day !== this.#lastDay) this.#days++;
    this.#lastDay = day;
    this.#sessions++;
    if (tool !== null) {
      this.#toolsKnown++;
      if (this.#tools.has(tool) || this.#tools.size < MAX_NAMES) {
        this.#tools.set(tool, (this.#tools.get(tool) ?? 0) + 1);
      }
    }
    if (target !== null && this.#targets.size < MAX_NAMES) this.#targets.add(target);
    this.#hours[hourOf(startedMs)]!++;
    logs.forEach((value, i) => (this.#logs[i] ??= new Spread()).add(logOf(value)));
    shares.forEach((value, i) => (this.#shares[i] ??= new Spread()).add(value));
  }

  #daysUntil(ms: number): number | null {
    return this.#sessions === 0 ? null : (ms - this.#firstMs) / DAY_MS;
  }

  /** Sessions that began in the same hour of the day, or the one before or after. */
  #near(ms: number): number {
    const hour = hourOf(ms);
    return [hour + 23, hour, hour + 1].reduce((sum, each) => sum + this.#hours[each % 24]!, 0);
  }
}

const NOT_MEASURED: BaseFeatures = {
  base_sessions: 0,
  base_days: null,
  base_first_tool: null,
  base_tool_share: null,
  base_first_target: null,
  base_hour_share: null,
  base_rhythm_distance: null,
  base_drift: null,
};

/** Mean and standard deviation of values, one by one (Welford). */
class Spread {
  count = 0;
  mean = 0;
  #squares = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.count++;
    const before = value - this.mean;
    this.mean += before / this.count;
    this.#squares += before * (value - this.mean);
  }

  get deviation(): number {
    return this.count < 2 ? 0 : Math.sqrt(this.#squares / (this.count - 1));
  }
}

function distance(spread: Spread | undefined, value: number | null, least: number): number | null {
  if (value === null || spread === undefined || spread.count < ENOUGH_HISTORY) return null;
  const away = Math.abs(value - spread.mean) / Math.max(spread.deviation, least);
  return Math.min(MOST_DISTANCE, away);
}

function logOf(value: number | null): number | null {
  return value === null ? null : Math.log(Math.max(value, 1e-4));
}

function hourOf(ms: number): number {
  return Math.floor((((ms % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS);
}
