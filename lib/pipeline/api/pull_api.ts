import { formatSize } from "../../config/units.ts";
import { QueryError, StorageError } from "../../model/errors.ts";
import { Ear, inSteps } from "../../model/hear_signal.ts";
import { DAY_MS, wholeMinutes } from "../../model/time.ts";
import { boundedPrincipal, foldMinutes } from "../../sessions/fold_minutes.ts";
import { joinMinutes } from "../../sessions/join_minutes.ts";
import type { ApiSource, ApiWindow } from "../../sources/api_source.ts";
import { BYTES_LIMIT } from "../../sources/athena_errors.ts";
import { countApiSessions } from "../../store/api_sessions.ts";
import { IncomingMinutes } from "../../store/incoming_minutes.ts";
import { querySalt } from "../../store/keyed_hash.ts";
import { addSkips, recordPull, replaceSkipsBetween } from "../../store/runs.ts";
import { readSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { type ApiPiece, halvesOf, planApiPieces } from "./api_pieces.ts";
import type { ApiClients } from "./open_api_source.ts";
import { PieceSkips } from "./piece_skips.ts";
import { putTogether } from "./put_together.ts";
import type { SessionFilter } from "../session_filter.ts";
import { settledDays } from "../settled_days.ts";
import { timeLeft } from "../time_left.ts";

/** How a source of API calls is pulled. */
export interface ApiPullOptions extends ApiClients {
  /** Without them: all that the source says it holds, else the last seven days. */
  since?: Date | undefined;
  until?: Date | undefined;
  filter?: SessionFilter;
  /** Days that are done are asked for again. */
  force?: boolean;
  /**
   * Days asked for at once: 1. What was stored before a kill is whole pieces, and each piece reads
   * files that name no day whole.
   */
  daysPerPiece?: number;
  /** Calls further apart are two sessions; a minute or more. */
  idleSeconds: number;
  /** Calls so close are one command. */
  foldSeconds: number;
  /** Whether the address is a part of the driver: true. Rows that are not asked again stay. */
  driverAddress?: boolean;
  now: () => Date;
  runId: number | null;
  /** Stops a query that is under way. */
  signal?: AbortSignal | undefined;
  /** Told what is being done, a line a step. */
  onStep?: ((text: string) => void) | undefined;
}

/** What came of it. */
export interface ApiPulled {
  /** Sessions in the window, as they stand now. */
  sessions: number;
  /** Days that were asked for. */
  days: number;
  calls: number;
  bytesScanned: number | null;
  /** Inputs that could not be had. */
  problems: string[];
}

const DEFAULT_DAYS = 7;

/**
 * Pulls the calls of a window out of a log, in pieces of days, and puts the sessions of all principals
 * whose calls changed together anew. A piece takes the place of what the source said of it before; it
 * is noted in `pulls` in the same transaction, so that a pull which was killed goes on there.
 * A piece of several days that a limit of bytes stops is asked for in halves. Throws a `QueryError`
 * or `StorageError` where the log can't be read, and the signal's reason; days that were stored
 * before stay, and their sessions are put together all the same.
 */
export async function pullApi(
  store: Store,
  source: ApiSource,
  options: ApiPullOptions,
): Promise<ApiPulled> {
  refuseEarlierClock(store, source, options.now());
  const asked = await askedFor(store, source, options);
  if ("problem" in asked) {
    return { sessions: 0, days: 0, calls: 0, bytesScanned: null, problems: [asked.problem] };
  }
  const pull = new Pull(store, source, { ...options, principal: asked.principal });
  try {
    await pull.pieces(piecesOf(store, source, { ...options, window: asked.window }));
    const notes = pull.told.days === 0 ? [] : await source.notes?.() ?? [];
    for (const note of notes) options.onStep?.(note);
  } catch (error) {
    // where it was stopped, what is stored is left for the next pull to put together
    if (isOfSource(error)) await putSessionsTogether(store, options);
    throw error;
  }
  await putSessionsTogether(store, options);
  const { since, until } = wholeMinutes(asked.window);
  const { substrate } = source;
  const sessions = countApiSessions(store, {
    ...{ substrate, since, until, principal: asked.principal },
  });
  return { sessions, ...pull.told, problems: [] };
}

/**
 * Calls of the future are no calls: by a clock that went back, those that are stored would go, and
 * with their sessions what people wrote down of them.
 */
function refuseEarlierClock(store: Store, { name }: ApiSource, now: Date): void {
  const newest = store.statement("SELECT max(minute) AS minute FROM call_minutes WHERE source = ?")
    .get(name)?.["minute"];
  if (typeof newest !== "string" || Date.parse(newest) <= now.getTime() + DAY_MS) return;
  throw new QueryError(
    `The store holds calls of ${newest}, and the clock says ${now.toISOString()}: set the clock`,
  );
}

/** The days that a pull would ask for, as windows; asks for nothing. */
export async function planApi(
  store: Store,
  source: ApiSource,
  options: ApiPullOptions,
): Promise<ApiWindow[]> {
  const asked = await askedFor(store, source, options);
  if ("problem" in asked) throw new QueryError(asked.problem);
  return piecesOf(store, source, { ...options, window: asked.window }).map(({ window }) => window);
}

function piecesOf(
  store: Store,
  source: ApiSource,
  { window, force = false, filter = {}, daysPerPiece = 1, now }:
    & ApiPullOptions
    & { window: ApiWindow },
): ApiPiece[] {
  // one session's or principal's calls are asked for by name: that is meant
  const isNamed = filter.session !== undefined || filter.principal !== undefined;
  const done = force || isNamed
    ? new Set<string>()
    : settledDays(store, { source: source.name, now: now() });
  return planApiPieces(window, { done, daysPerPiece });
}

type Asked = { window: ApiWindow; principal: string | undefined } | { problem: string };

async function askedFor(
  store: Store,
  source: ApiSource,
  { since, until, filter = {}, now, idleSeconds }: ApiPullOptions,
): Promise<Asked> {
  if (filter.session !== undefined) {
    const session = readSession(store, filter.session);
    const isHere = session?.kind === "api" &&
      session.substrate.slice(0, 4) === source.substrate.slice(0, 4);
    if (!isHere || session.started_at === null || session.ended_at === null) {
      const problem = `${source.name}: session "${filter.session}" is not in the store, and the ` +
        `log knows none by id; pull its window or its principal`;
      return { problem };
    }
    const around = idleSeconds * 1000;
    return {
      window: {
        since: new Date(Date.parse(session.started_at) - around),
        until: new Date(Date.parse(session.ended_at) + around),
      },
      principal: session.principal ?? undefined,
    };
  }
  const whole = since !== undefined && until !== undefined ? null : await source.span();
  const end = until ?? whole?.until ?? now();
  return {
    window: {
      since: since ?? whole?.since ?? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS),
      until: end,
    },
    principal: filter.principal,
  };
}

async function putSessionsTogether(store: Store, options: ApiPullOptions): Promise<void> {
  const { now, signal, onStep = () => {} } = options;
  let left: ((done: number) => string) | null = null;
  let done = 0;
  await putTogether(store, {
    idleMs: options.idleSeconds * 1000,
    foldMs: options.foldSeconds * 1000,
    ...{ now, signal },
    onPrincipal(more) {
      left ??= timeLeft(now, more + 1);
      done += 1;
      if (done % STEP_PRINCIPALS !== 0) return;
      onStep(`Sessions of ${done} principals put together, ${more} to come${left(done)}`);
    },
  });
}

const STEP_PRINCIPALS = 1000;
/** A large archive takes many queries: about a gigabyte of log. */
const STEP_QUERIES = 16;

class Pull {
  readonly told = { days: 0, calls: 0, bytesScanned: null as number | null };
  readonly #incoming: IncomingMinutes;

  constructor(
    private readonly store: Store,
    private readonly source: ApiSource,
    private readonly options: ApiPullOptions & { principal: string | undefined },
  ) {
    this.#incoming = new IncomingMinutes(store, joinMinutes);
  }

  async pieces(planned: readonly ApiPiece[]): Promise<void> {
    const { now, onStep = () => {} } = this.options;
    const total = planned.reduce((sum, { days }) => sum + days.length, 0);
    const left = timeLeft(now, total);
    const pieces = [...planned];
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      this.options.signal?.throwIfAborted();
      const pulled = await this.#piece(piece).catch((error) => {
        const isTooLong = error instanceof QueryError && error.cause === BYTES_LIMIT;
        if (isTooLong && piece!.days.length > 1) return null;
        throw error;
      });
      if (pulled === null) {
        pieces.unshift(...halvesOf(piece));
        continue;
      }
      const { rows, calls, bytes } = pulled;
      const { days } = piece;
      this.told.days += days.length;
      this.told.calls += calls;
      const span = days.length === 1 ? days[0] : `${days[0]} to ${days.at(-1)}`;
      const scanned = bytes === null ? "" : `, ${formatSize(bytes)} read`;
      onStep(
        `${span}: ${calls} calls in ${rows} minutes${scanned}; ` +
          `${this.told.days} of ${total} days${left(this.told.days)}`,
      );
    }
  }

  async #piece({ days, window }: ApiPiece): Promise<{ rows: number; calls: number } & Scanned> {
    const skips = new PieceSkips(this.source, days);
    const scanned: Scanned = { bytes: null, engineMs: null };
    try {
      const calls = await this.#gather(window, { skips, scanned });
      const { source } = this;
      const steps = this.#incoming.replace({
        ...{ source: source.name, substrate: source.substrate, principal: this.#principal },
        ...{ sinceMs: window.since.getTime(), untilMs: window.until.getTime() },
      }, (rows) => {
        if (this.#isWhole({ days, window })) replaceSkipsBetween(this.store, skips, skips.rows());
        else addSkips(this.store, skips.rows());
        this.#record(window, { outcome: this.#principal ? "partial" : "done", rows, scanned });
      });
      const rows = await inSteps(steps, this.options.signal);
      return { rows, calls, ...scanned };
    } catch (error) {
      if (isOfSource(error)) {
        const detail = error.message;
        this.#record(window, { outcome: "failed", rows: 0, scanned, detail });
      }
      throw error;
    } finally {
      if (scanned.bytes !== null) {
        this.told.bytesScanned = (this.told.bytesScanned ?? 0) + scanned.bytes;
      }
    }
  }

  /** Reads a window into the table of incoming rows; returns the number of its calls. */
  async #gather(
    window: ApiWindow,
    { skips, scanned }: { skips: PieceSkips; scanned: Scanned },
  ): Promise<number> {
    const { source, options } = this;
    let [calls, queries] = [0, 0];
    const ear = new Ear(options.signal);
    this.#incoming.clear();
    const batches = source.minutes(window, {
      salt: querySalt(this.store),
      ...{ principal: options.principal, signal: options.signal },
      onSkip: (skip) => skips.add(skip),
      onScanned(bytes, engineMs) {
        scanned.bytes = (scanned.bytes ?? 0) + bytes;
        scanned.engineMs = (scanned.engineMs ?? 0) + engineMs;
        if (++queries % STEP_QUERIES !== 0) return;
        options.onStep?.(`${formatSize(scanned.bytes)} read, ${calls} calls so far`);
      },
    });
    for await (const batch of batches) {
      // what lies ready comes without a rest between
      await ear.hear();
      const folded = foldMinutes(batch, {
        ...(options.driverAddress === false && { driverAddress: false }),
        onSkip: (reason, count) => skips.add({ uri: "", reason, detail: null, count }),
      });
      const inside = folded.filter(({ minuteMs, principal, ...row }) => {
        const isInside = minuteMs >= window.since.getTime() && minuteMs < window.until.getTime() &&
          (this.#principal === undefined || principal === this.#principal);
        const count = row.calls.length + row.callsOmitted;
        if (isInside) calls += count;
        else {skips.add({
            uri: "",
            reason: "calls outside what was asked for",
            detail: null,
            count,
          });}
        return isInside;
      });
      this.#incoming.add(inside, source.name);
    }
    return calls;
  }

  /** Whether a piece is all that its source has of these days. */
  #isWhole({ days, window }: ApiPiece): boolean {
    const { since, until, filter } = this.options;
    if (this.#principal !== undefined || filter?.session !== undefined) return false;
    const isAll = since === undefined && until === undefined;
    return isAll || window.until.getTime() - window.since.getTime() === days.length * DAY_MS;
  }

  /** As rows have it. */
  get #principal(): string | undefined {
    const { principal } = this.options;
    return principal === undefined ? undefined : boundedPrincipal(principal);
  }

  #record(
    window: ApiWindow,
    { outcome, rows, scanned, detail }: {
      outcome: "done" | "partial" | "failed";
      rows: number;
      scanned: Scanned;
      detail?: string;
    },
  ): void {
    recordPull(this.store, {
      run_id: this.options.runId,
      source: this.source.name,
      from_at: window.since.toISOString(),
      until_at: window.until.toISOString(),
      pulled_at: this.options.now().toISOString(),
      rows,
      bytes_scanned: scanned.bytes,
      engine_ms: scanned.engineMs,
      outcome,
      detail: detail ?? (outcome === "partial" ? "one principal only, as asked" : null),
    });
  }
}

/** Whether a source failed, and not the kit. */
function isOfSource(error: unknown): error is QueryError | StorageError {
  return error instanceof QueryError || error instanceof StorageError;
}

interface Scanned {
  bytes: number | null;
  engineMs: number | null;
}
