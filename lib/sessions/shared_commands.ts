import type { NamedCommand } from "../model/correlation.ts";
import { floorMinute, MINUTE_MS } from "../model/time.ts";

/** A command that showed as an API call, and by whom. */
export interface CalledCommand extends NamedCommand {
  /** Tells callers apart. */
  caller: string;
}

/** Commands of one minute by name, each list in order of time. */
export type CalledInMinute = ReadonlyMap<string, readonly CalledCommand[]>;

/** A caller whose calls follow commands of a terminal. */
interface FollowingCaller {
  caller: string;
  /** How many of the terminal's commands one of its calls follows. */
  commands: number;
  /** When the first of those calls came. */
  firstMs: number;
}

/** Calls of one name that are looked at behind each command; a cron job of all may make thousands. */
const MAX_CALLS = 64;
/** By how much the clock of a host may be late. */
const SKEW_MS = 2000;

/**
 * Who called what at least so many of a terminal's commands are named soon after each of them; those
 * with most commands first. Looks at a bounded number of calls behind each command, and no further
 * where nobody can come to so many any more.
 */
export function followingCallers(
  commands: readonly NamedCommand[],
  calledIn: (minuteMs: number) => CalledInMinute,
  { nestedMs, least }: { nestedMs: number; least: number },
): FollowingCaller[] {
  const found = new Map<string, FollowingCaller>();
  let most = 0;
  for (const [i, { name, atMs }] of commands.entries()) {
    if (most + commands.length - i < least) return [];
    const seen = new Set<string>();
    for (const { caller, atMs: calledMs } of callsBehind(name, atMs, { calledIn, nestedMs })) {
      if (seen.has(caller)) continue;
      seen.add(caller);
      const known = found.get(caller);
      if (known === undefined) found.set(caller, { caller, commands: 1, firstMs: calledMs });
      else known.commands++;
      most = Math.max(most, known?.commands ?? 1);
    }
  }
  return [...found.values()].filter((caller) => caller.commands >= least).sort((a, b) =>
    b.commands - a.commands || (a.caller < b.caller ? -1 : 1)
  );
}

function* callsBehind(
  name: string,
  atMs: number,
  { calledIn, nestedMs }: {
    calledIn: (minuteMs: number) => CalledInMinute;
    nestedMs: number;
  },
): Generator<CalledCommand> {
  const [fromMs, untilMs] = [atMs - SKEW_MS, atMs + nestedMs];
  let looked = 0;
  for (let minuteMs = floorMinute(fromMs); minuteMs <= untilMs; minuteMs += MINUTE_MS) {
    const called = calledIn(minuteMs).get(name) ?? [];
    for (let i = firstFrom(called, fromMs); i < called.length; i++) {
      if (called[i]!.atMs > untilMs || looked++ >= MAX_CALLS) return;
      yield called[i]!;
    }
  }
}

/** The place of the first that is not before a moment. */
function firstFrom(called: readonly CalledCommand[], fromMs: number): number {
  let [low, high] = [0, called.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (called[middle]!.atMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
