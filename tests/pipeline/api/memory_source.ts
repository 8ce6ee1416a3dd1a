import type { RawMinute } from "../../../lib/model/call_minute.ts";
import type { ApiMinutesOptions, ApiSource, ApiWindow } from "../../../lib/sources/api_source.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A log of API calls that is held in memory. */
export class MemorySource implements ApiSource {
  /** Windows that were asked for. */
  readonly asked: ApiWindow[] = [];
  /** Thrown instead of the rows of a window that begins then. */
  fault: ((window: ApiWindow) => Error | null) | null = null;

  constructor(
    readonly rows: RawMinute[],
    readonly name = "gcp memory",
    readonly substrate: ApiSource["substrate"] = "gcp-cloud-audit",
    /** Rows of a batch. */
    private readonly batch = 3,
  ) {}

  span(): Promise<ApiWindow | null> {
    const minutes = this.rows.map((row) => row.minuteMs);
    if (minutes.length === 0) return Promise.resolve(null);
    const begin = Math.floor(Math.min(...minutes) / DAY_MS) * DAY_MS;
    const end = Math.max(...minutes) + MINUTE_MS;
    return Promise.resolve({ since: new Date(begin), until: new Date(end) });
  }

  async *minutes(window: ApiWindow, { principal }: ApiMinutesOptions): AsyncGenerator<RawMinute[]> {
    this.asked.push(window);
    const error = this.fault?.(window) ?? null;
    const rows = this.rows.filter((row) =>
      row.minuteMs >= window.since.getTime() && row.minuteMs < window.until.getTime() &&
      (principal === undefined || row.principal.name === principal)
    );
    for (let i = 0; i < rows.length; i += this.batch) {
      yield await Promise.resolve(rows.slice(i, i + this.batch));
      if (error !== null) throw error;
    }
    if (error !== null) throw error;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
