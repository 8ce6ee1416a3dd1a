/** How long work may go on before it hears whether it is to stop; to hear takes some 2 ms. */
const PATIENCE_MS = 50;

/** Lets a signal come, which is heard between two tasks only, and throws its reason if it has. */
export async function hearSignal(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}

/** Hears, in work that goes on and on, whether it is to stop. */
export class Ear {
  #heardAt = performance.now();

  constructor(private readonly signal: AbortSignal | undefined) {}

  /** Throws the signal's reason. Costs nothing as often as one likes: few calls have to be awaited. */
  hear(): Promise<void> | undefined {
    this.signal?.throwIfAborted();
    if (performance.now() - this.#heardAt < PATIENCE_MS) return undefined;
    return hearSignal(this.signal).then(() => {
      this.#heardAt = performance.now();
    });
  }
}

/** Does work to its end at once. */
export function atOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Does work to its end, and hears between its steps, which may be as short as one likes, whether it
 * is to stop: then the work is left, and the signal's reason thrown.
 */
export async function inSteps<T>(
  steps: Generator<unknown, T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const ear = new Ear(signal);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      const heard = ear.hear();
      if (heard !== undefined) await heard;
    }
  } finally {
    steps.return(undefined as never);
  }
}
