/**
 * The money of a run: what is spent, and what requests under way may yet cost. Both together never
 * exceed the budget, however many are under way at once.
 */
export class Purse {
  readonly #budget: number;
  #spent = 0;
  #reserved = 0;
  #open = 0;
  #waiting: (() => void)[] = [];

  constructor(budget: number) {
    this.#budget = budget;
  }

  get spent(): number {
    return this.#spent;
  }

  /**
   * Money for one session, put aside before the first request; null where the budget does not hold
   * it. Where others may yet give theirs back it waits for them.
   */
  async open(estimate: number, { cap }: { cap: number }): Promise<Allowance | null> {
    while (!this.#holds(estimate)) {
      if (this.#open === 0) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#open++;
    this.#reserved += estimate;
    return new SessionAllowance(estimate, {
      cap,
      more: (cost) => {
        if (!this.#holds(cost)) return false;
        this.#reserved += cost;
        return true;
      },
      settle: (reserved, cost) => {
        this.#reserved -= reserved;
        this.#spent += cost;
      },
      close: (reserved) => {
        this.#open--;
        this.#reserved = this.#open === 0 ? 0 : this.#reserved - reserved;
        for (const wake of this.#waiting.splice(0)) wake();
      },
    });
  }

  #holds(cost: number): boolean {
    return this.#spent + this.#reserved + cost <= this.#budget;
  }
}

/** Money put aside for one session. Close it when nothing of the session is under way any more. */
export interface Allowance extends Disposable {
  /** Puts more aside, for a request that was not foreseen; false where there is none. */
  more(cost: number): boolean;
  /** Says what came of money put aside: so much of it is spent, the rest is free. */
  settle(reserved: number, spent: number): void;
}

interface PurseHandles extends Pick<Allowance, "more" | "settle"> {
  /** What the session may take in all. */
  cap: number;
  close(reserved: number): void;
}

class SessionAllowance implements Allowance {
  #reserved: number;
  #spent = 0;
  readonly #purse: PurseHandles;

  constructor(reserved: number, purse: PurseHandles) {
    this.#reserved = reserved;
    this.#purse = purse;
  }

  more(cost: number): boolean {
    const fits = this.#spent + this.#reserved + cost <= this.#purse.cap;
    if (!fits || !this.#purse.more(cost)) return false;
    this.#reserved += cost;
    return true;
  }

  settle(reserved: number, spent: number): void {
    this.#reserved -= reserved;
    this.#spent += spent;
    this.#purse.settle(reserved, spent);
  }

  [Symbol.dispose](): void {
    this.#purse.close(this.#reserved);
  }
}
