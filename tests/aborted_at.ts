/** A signal that is aborted when it is heard for the nth time. */
export function abortedAt(n: number): AbortSignal {
  const abort = new AbortController();
  const { signal } = abort;
  let heard = 0;
  signal.throwIfAborted = () => {
    if (++heard >= n) abort.abort();
    AbortSignal.prototype.throwIfAborted.call(signal);
  };
  return signal;
}
