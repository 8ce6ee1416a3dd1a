import type { CallMinute } from "../model/call_minute.ts";

/**
 * The commands that calls of a minute belong to, in order of the calls: for each stretch of one
 * command its canonical name and when in the minute the calls came.
 */
export type MinuteCommands = (readonly [name: string, offsetsMs: number[]])[];

/** The commands of a minute as the store keeps them; null where its user agents name none. */
export function commandsText(
  { calls, facts }: Pick<CallMinute, "calls" | "facts">,
): string | null {
  const commands: MinuteCommands = [];
  for (const [offsetMs, , , , , , agent] of calls) {
    const name = facts.agents[agent]?.command ?? null;
    if (name === null) continue;
    const last = commands.at(-1);
    if (last?.[0] === name) last[1].push(offsetMs);
    else commands.push([name, [offsetMs]]);
  }
  return commands.length === 0 ? null : JSON.stringify(commands);
}
