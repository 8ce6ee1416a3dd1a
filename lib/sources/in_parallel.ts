/**
 * Does something for each item, `most` of them at a time. Where one fails no further one is begun,
 * and its error is thrown once those under way have ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  most: number,
  body: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const work = async () => {
    while (failures.length === 0) {
      const next = queue.next();
      if (next.done) return;
      await body(next.value).catch((failure) => {
        failures.push(failure);
      });
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  if (failures.length > 0) throw failures[0];
}
