/**
 * Does a job for each item, several at once: one a core, four at most, since each kernel takes
 * about 200 MB. The first failure ends it, once the jobs that run have ended.
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  job: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await job(item);
  };
  const count = Math.min(4, Math.max(1, navigator.hardwareConcurrency), items.length);
  const ends = await Promise.allSettled(
    Array.from({ length: count }, () =>
      worker().catch((error) => {
        waiting.length = 0;
        throw error;
      })),
  );
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}
