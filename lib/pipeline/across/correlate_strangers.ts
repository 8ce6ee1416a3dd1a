import type { CallMinute } from "../../model/call_minute.ts";
import type { Correlation } from "../../model/correlation.ts";
import { type CorrelateOptions, correlateStrangers } from "../../sessions/correlation.ts";
import {
  type CalledCommand,
  type CalledInMinute,
  followingCallers,
} from "../../sessions/shared_commands.ts";
import {
  readCallSources,
  readCommandMinute,
  readCommandTerminals,
  readIdentity,
  readSessionAt,
} from "../../store/shared_commands.ts";
import type { Store } from "../../store/store.ts";
import { LazyTrace } from "./trace_facts.ts";

/** Commands that another's calls must follow. */
const LEAST_COMMANDS = 3;
/** Callers that one terminal is held against, those with most commands. */
const MAX_CALLERS = 4;
/** Minutes, and commands of one, that are held at a time. */
const MAX_MINUTES = 512;
const MAX_MINUTE_COMMANDS = 20_000;
/** Principals whose identity is held. */
const MAX_PRINCIPALS = 10_000;

/**
 * Sessions of other identities, or of principals whose identity is not known, whose API calls are
 * what a terminal's log names, in the same moments: a shared credential, or a service account that
 * somebody acts through. Terminals whose commands are their own identity's calls are passed over.
 * Every minute is read once as long as it is held, and each terminal held against few callers.
 * Of each terminal there is a null beside, a place to rest.
 */
export function* strangersOf(
  store: Store,
  options: CorrelateOptions,
): Generator<Correlation | null> {
  const calls = new CalledCommands(store);
  for (const row of readCommandTerminals(store, { least: LEAST_COMMANDS })) {
    yield null;
    const terminal = new LazyTrace(store, row);
    const { commands } = terminal.facts;
    const following = followingCallers(commands, (minuteMs) => calls.of(minuteMs), {
      nestedMs: options.nestedMs,
      least: LEAST_COMMANDS,
    });
    let held = 0;
    for (const { caller, firstMs } of following) {
      const who = callerOf(caller);
      const identity = calls.identityOf(who);
      if (identity === row.identity) continue;
      if (++held > MAX_CALLERS) break;
      const other = readSessionAt(store, { ...who, atMs: firstMs });
      const found = other && correlateStrangers(
        { terminal, calls: new LazyTrace(store, other) },
        { ...options, otherIdentity: identity ?? who.principal },
      );
      if (found !== null) yield found;
    }
  }
}

type Caller = Pick<CallMinute, "substrate" | "principal" | "driver">;

function callerText({ substrate, principal, driver }: Caller): string {
  return JSON.stringify([substrate, principal, driver]);
}

function callerOf(text: string): Caller {
  const [substrate, principal, driver] = JSON.parse(text);
  return { substrate, principal, driver };
}

/** Commands by minute, and whose they are; those of the minutes that were read last are held. */
class CalledCommands {
  readonly #held = new Map<number, CalledInMinute>();
  readonly #identities = new Map<string, string | null>();
  readonly #sources: readonly string[];

  constructor(private readonly store: Store) {
    this.#sources = readCallSources(store);
  }

  identityOf({ substrate, principal }: Caller): string | null {
    const key = `${substrate} ${principal}`;
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    if (this.#identities.size >= MAX_PRINCIPALS) this.#identities.clear();
    const identity = readIdentity(this.store, { substrate, principal });
    this.#identities.set(key, identity);
    return identity;
  }

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
    for (const minute of readCommandMinute(this.store, minuteMs, { sources: this.#sources })) {
      const caller = callerText(minute);
      for (const [name, offsets] of minute.commands) {
        for (const offsetMs of offsets) {
          if (commands.length >= MAX_MINUTE_COMMANDS) return commands;
          commands.push({ name, atMs: minuteMs + offsetMs, caller });
        }
      }
    }
    return commands;
  }
}
