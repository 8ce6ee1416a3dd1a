/** How long work may go on before it hears whether it is to stop; to hear takes some 2 ms. */
const PATIENCE_MS = 50;

/** Lets a signal come, which is heard between two tasks only, and throws its reason if it has. */
export async function hearSignal(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
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
  let heardAt = performance.now();
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      signal?.throwIfAborted();
      if (performance.now() - heardAt < PATIENCE_MS) continue;
      await hearSignal(signal);
      heardAt = performance.now();
    }
  } finally {
    steps.return(undefined as never);
  }
}
