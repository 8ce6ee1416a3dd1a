/** Lets a signal come, which is heard between two tasks only, and throws its reason if it has. */
export async function hearSignal(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}

/** Does work to its end, and hears between its steps whether it is to stop. */
export async function inSteps<T>(
  steps: Generator<unknown, T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await hearSignal(signal);
    }
  } finally {
    steps.return(undefined as never);
  }
}
