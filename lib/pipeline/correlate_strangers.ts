import type { ApiSubstrate } from "../model/call_minute.ts";
import { seenCalls } from "../features/api_calls/seen_call.ts";
import type { Correlation } from "../model/correlation.ts";
import { type CorrelateOptions, correlateStrangers } from "../sessions/correlation.ts";
import {
  type CalledCommand,
  type CalledInMinute,
  followingCallers,
} from "../sessions/shared_commands.ts";
import {
  readCommandMinute,
  readCommandTerminals,
  readSessionAt,
} from "../store/shared_commands.ts";
import type { Store } from "../store/store.ts";
import { LazyTrace } from "./trace_facts.ts";

/** Commands that another's calls must follow. */
const LEAST_COMMANDS = 3;
/** Callers that one terminal is held against, those with most commands. */
const MAX_CALLERS = 4;
/** Minutes, and commands of one, that are held at a time. */
const MAX_MINUTES = 512;
const MAX_MINUTE_COMMANDS = 20_000;

/**
 * Sessions of other identities, or of principals whose identity is not known, whose API calls are
 * what a terminal's log names, in the same moments: a shared credential, or a service account that
 * somebody acts through. Every minute is read once as long as it is held, and each terminal held
 * against few callers.
 */
export function* strangersOf(store: Store, options: CorrelateOptions): Generator<Correlation> {
  const minutes = new CommandMinutes(store);
  for (const row of readCommandTerminals(store, { least: LEAST_COMMANDS })) {
    const terminal = new LazyTrace(store, row);
    const callers = followingCallers(
      terminal.facts.commands,
      (minuteMs) => minutes.of(minuteMs),
      options,
    ).filter(({ commands }) => commands >= LEAST_COMMANDS);
    let held = 0;
    for (const { caller, firstMs } of callers) {
      if (held >= MAX_CALLERS) break;
      const [substrate, principal, driver] = JSON.parse(caller) as [ApiSubstrate, string, string];
      const other = readSessionAt(store, { substrate, principal, driver, atMs: firstMs });
      if (other === null || other.identity === row.identity) continue;
      held++;
      const found = correlateStrangers(
        { terminal, calls: new LazyTrace(store, other.trace) },
        { ...options, otherIdentity: other.identity ?? principal },
      );
      if (found !== null) yield found;
    }
  }
}

/** Commands by minute; those of the minutes that were asked for last are held. */
class CommandMinutes {
  readonly #held = new Map<number, CalledInMinute>();

  constructor(private readonly store: Store) {}

  of(minuteMs: number): CalledInMinute {
    const known = this.#held.get(minuteMs);
    if (known !== undefined) return known;
    if (this.#held.size >= MAX_MINUTES) this.#held.delete(this.#held.keys().next().value!);
    const called = Map.groupBy(this.#read(minuteMs), ({ name }) => name);
    for (const list of called.values()) list.sort((a, b) => a.atMs - b.atMs);
    this.#held.set(minuteMs, called);
    return called;
  }

  #read(minuteMs: number): CalledCommand[] {
    const commands: CalledCommand[] = [];
    for (const minute of readCommandMinute(this.store, minuteMs)) {
      const caller = JSON.stringify([minute.substrate, minute.principal, minute.driver]);
      for (const { atMs, agent } of seenCalls([minute])) {
        const name = agent?.command ?? null;
        if (name === null) continue;
        if (commands.length >= MAX_MINUTE_COMMANDS) return commands;
        commands.push({ name, atMs, caller });
      }
    }
    return commands;
  }
}
