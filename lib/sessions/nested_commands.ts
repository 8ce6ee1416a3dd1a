import type { NamedCommand } from "../model/correlation.ts";

/** Commands of a session and its stretch of time. */
interface CommandsOfStretch {
  startedMs: number;
  endedMs: number;
  /** In order of time. */
  commands: readonly NamedCommand[];
}

/** Fewer commands than this on either side say nothing. */
export const ENOUGH_COMMANDS = 2;
/** By how much the clock of a host may be late. */
const SKEW_MS = 2000;

/**
 * How many commands of a terminal show as API calls soon after: of one name, each call once. Of
 * either side only what falls into the other's time is counted; null where that are fewer than two
 * commands on either.
 */
export function nestedCommands(
  terminal: CommandsOfStretch,
  api: CommandsOfStretch,
  { nestedMs }: { nestedMs: number },
): { matched: number; of: number } | null {
  const given = within(terminal.commands, api.startedMs - nestedMs, api.endedMs + SKEW_MS);
  const called = within(api.commands, terminal.startedMs - SKEW_MS, terminal.endedMs + nestedMs);
  if (given.length < ENOUGH_COMMANDS || called.length < ENOUGH_COMMANDS) return null;
  const queues = new Map<string, { times: number[]; next: number }>();
  for (const { name, atMs } of called) {
    const queue = queues.get(name);
    if (queue === undefined) queues.set(name, { times: [atMs], next: 0 });
    else queue.times.push(atMs);
  }
  let matched = 0;
  for (const { name, atMs } of given) {
    const queue = queues.get(name);
    if (queue === undefined) continue;
    while ((queue.times[queue.next] ?? Infinity) < atMs - SKEW_MS) queue.next++;
    if ((queue.times[queue.next] ?? Infinity) > atMs + nestedMs) continue;
    queue.next++;
    matched++;
  }
  return { matched, of: Math.min(given.length, called.length) };
}

function within(commands: readonly NamedCommand[], fromMs: number, untilMs: number) {
  return commands.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
}
