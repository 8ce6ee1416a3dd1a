import type { Beside, Trace } from "../model/correlation.ts";

/** Sessions of one side that are held at a time; of more, those that end last. */
const MAX_OPEN = 16;
/** Sessions of other sides, and of its own, that one session is paired with. */
const MAX_OTHERS = 8;
const MAX_OWN = 8;

/** Sessions after which whoever takes pairs may rest. */
const REST_AFTER = 100;

/** How sessions are paired. */
interface BesideOptions {
  /** Sessions so far apart still lie beside each other. */
  toleranceMs: number;
  /** Told how often a session of an identity was not held against another, once an identity. */
  onLeftOut?: (identity: string, count: number) => void;
}

/**
 * Pairs of sessions of one identity that overlap or nearly do, from sessions by identity, begin and
 * id; each pair once, when the later of them begins. Holds the sessions of one identity that go on at
 * a time and a few of them only: whoever opens a hundred thousand at once costs no more for each, and
 * what is not compared then is counted. A null now and then is a place to rest. Throws a `RangeError` for
 * sessions out of order.
 */
export function* besideEachOther<T extends Trace>(
  traces: Iterable<T>,
  { toleranceMs, onLeftOut }: BesideOptions,
): Generator<Beside<T> | null> {
  const open = new Map<string, T[]>();
  let last: T | null = null;
  let [leftOut, seen] = [0, 0];
  const close = () => {
    if (last !== null && leftOut > 0) onLeftOut?.(last.identity, leftOut);
    open.clear();
    leftOut = 0;
  };
  for (const trace of traces) {
    if (++seen % REST_AFTER === 0) yield null;
    if (last !== null && inOrder(last, trace) > 0) {
      throw new RangeError("Sessions are not in order");
    }
    if (last?.identity !== trace.identity) close();
    last = trace;
    const others: T[] = [];
    let own: T[] = [];
    for (const [side, sessions] of open) {
      keep(sessions, trace.startedMs - toleranceMs);
      if (side === trace.side) own = sessions;
      else others.push(...sessions);
    }
    for (const [found, most] of [[others, MAX_OTHERS], [own, MAX_OWN]] as const) {
      const paired = found.length > most ? longestBeside(found, trace, most) : found;
      leftOut += found.length - paired.length;
      for (const first of paired) yield { first, second: trace };
    }
    leftOut += enter(open, trace);
  }
  close();
}

/** Keeps the sessions that end at a moment or later, in place. */
function keep(sessions: Trace[], atMs: number): void {
  let kept = 0;
  for (const session of sessions) if (session.endedMs >= atMs) sessions[kept++] = session;
  sessions.length = kept;
}

/** The sessions that go on longest beside another, in the order they have. */
function longestBeside<T extends Trace>(sessions: readonly T[], trace: T, most: number): T[] {
  const until = (session: T) => Math.min(session.endedMs, trace.endedMs);
  const chosen = new Set(sessions.toSorted((a, b) => until(b) - until(a)).slice(0, most));
  return sessions.filter((session) => chosen.has(session));
}

/** Holds a session, in place of the one that ends first where there are too many; says how many. */
function enter<T extends Trace>(open: Map<string, T[]>, trace: T): number {
  const sessions = open.get(trace.side);
  if (sessions === undefined) open.set(trace.side, [trace]);
  else if (sessions.length < MAX_OPEN) sessions.push(trace);
  else {
    let first = 0;
    for (let i = 1; i < sessions.length; i++) {
      if (sessions[i]!.endedMs < sessions[first]!.endedMs) first = i;
    }
    if (sessions[first]!.endedMs < trace.endedMs) {
      sessions.splice(first, 1);
      sessions.push(trace);
    }
    return 1;
  }
  return 0;
}

function inOrder(a: Trace, b: Trace): number {
  if (a.identity !== b.identity) return a.identity < b.identity ? -1 : 1;
  return a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1);
}
