/** Several lists, each in order, as one that is. Holds one row of each. */
export function* inOrder<T>(
  lists: Iterable<Iterator<T>>,
  compare: (a: T, b: T) => number,
): Generator<T> {
  const heads: { row: T; rest: Iterator<T> }[] = [];
  const enter = (rest: Iterator<T>) => {
    const next = rest.next();
    if (next.done === true) return;
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(heads[middle]!.row, next.value) < 0) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { row: next.value, rest });
  };
  for (const list of lists) enter(list);
  for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
    yield head.row;
    enter(head.rest);
  }
}
