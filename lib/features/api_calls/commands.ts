import { Quantiles } from "../quantiles.ts";

/** Commands that may still get calls. */
const MAX_OPEN = 1024;

/** Folds calls in order of time to commands: those of one invocation, else those close together. */
export class Commands {
  count = 0;
  readonly #sizes = new Quantiles();
  /** Calls by invocation, the oldest first. */
  readonly #open = new Map<string, number>();
  #unnamed = 0;
  #lastNamed: string | null = null;

  constructor(private readonly foldMs: number) {}

  /** Takes a call `gapMs` after the one before; says whether a command begins with it. */
  begins(invocation: string | null, gapMs: number): boolean {
    if (invocation !== null) return this.#named(invocation);
    if (gapMs < this.foldMs) {
      this.#join();
      return false;
    }
    this.#endUnnamed();
    this.#lastNamed = null;
    this.#unnamed = 1;
    this.count += 1;
    return true;
  }

  /** How many calls each command had; ends those that are open. */
  sizes(): Quantiles {
    this.#endUnnamed();
    for (const calls of this.#open.values()) this.#sizes.add(calls);
    this.#open.clear();
    return this.#sizes;
  }

  #named(invocation: string): boolean {
    const calls = this.#open.get(invocation);
    this.#endUnnamed();
    this.#lastNamed = invocation;
    this.#open.set(invocation, (calls ?? 0) + 1);
    if (calls !== undefined) return false;
    if (this.#open.size > MAX_OPEN) {
      const [oldest, size] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      this.#sizes.add(size);
    }
    this.count += 1;
    return true;
  }

  // a call without an invocation close behind another belongs to that one's command
  #join(): void {
    const open = this.#lastNamed === null ? undefined : this.#open.get(this.#lastNamed);
    if (open !== undefined) this.#open.set(this.#lastNamed!, open + 1);
    else this.#unnamed += 1;
  }

  #endUnnamed(): void {
    if (this.#unnamed > 0) this.#sizes.add(this.#unnamed);
    this.#unnamed = 0;
  }
}
