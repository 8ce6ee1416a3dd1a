import type { Store } from "../../store/store.ts";

/** The sessions of one principal by driver, to be taken by when they began; each is taken once. */
export class BegunSessions {
  readonly #byDriver = new Map<string, OfDriver>();

  constructor(store: Store, principal: string) {
    const rows = store.statement(
      `SELECT session_id, driver, started_at FROM sessions
       WHERE principal = ? AND driver IS NOT NULL AND started_at IS NOT NULL
       ORDER BY driver, started_at, session_id`,
    ).all(principal);
    for (const row of rows) {
      const driver = String(row["driver"]);
      let sessions = this.#byDriver.get(driver);
      if (sessions === undefined) this.#byDriver.set(driver, sessions = new OfDriver());
      sessions.add(String(row["session_id"]), String(row["started_at"]));
    }
  }

  /**
   * Takes those whose driver begins so and that began from `since` on and before `until`, by id; null
   * where there is none such, taken or not.
   */
  take(
    { driver, since, until }: { driver: string; since: string; until: string },
  ): string[] | null {
    let found = false;
    const taken: string[] = [];
    for (const [name, sessions] of this.#byDriver) {
      if (!name.startsWith(driver)) continue;
      found = sessions.take({ since, until }, taken) || found;
    }
    return found ? taken.sort() : null;
  }
}

/** Sessions in order of their begin. */
class OfDriver {
  readonly #ids: string[] = [];
  readonly #begins: string[] = [];
  /** For each session the place of the next that may not be taken yet, itself among them. */
  readonly #next: number[] = [];

  add(id: string, begin: string): void {
    this.#next.push(this.#ids.length);
    this.#ids.push(id);
    this.#begins.push(begin);
  }

  /** Adds the ids of those in a stretch that nobody took; false: none began in it. */
  take({ since, until }: { since: string; until: string }, taken: string[]): boolean {
    const [from, to] = [this.#firstFrom(since), this.#firstFrom(until)];
    for (let i = this.#untaken(from); i < to; i = this.#untaken(i)) {
      taken.push(this.#ids[i]!);
      this.#next[i] = i + 1;
    }
    return from < to;
  }

  #untaken(from: number): number {
    let end = from;
    while (end < this.#next.length && this.#next[end] !== end) end = this.#next[end]!;
    // whoever passes here again is there at once
    for (let i = from; i < end;) [i, this.#next[i]] = [this.#next[i]!, end];
    return end;
  }

  #firstFrom(begin: string): number {
    let [low, high] = [0, this.#begins.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#begins[middle]! < begin) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
