/** The wait ends here, however much a timer of the notebook goes on printing. */
const LONGEST_GRACE_MS = 2000;

/** A wait until nothing was heard for so long, at most {@link LONGEST_GRACE_MS}. */
export class Quiet {
  readonly #over = Promise.withResolvers<void>();
  #endAt: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly graceMs: number) {}

  begin(): Promise<void> {
    this.#endAt = performance.now() + LONGEST_GRACE_MS;
    this.hear();
    return this.#over.promise;
  }

  hear(): void {
    if (this.#endAt === null) return;
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#endAt - performance.now());
    this.#timer = setTimeout(this.#over.resolve, Math.min(this.graceMs, left));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
