/**
 * Maps every item, at most `limit` at a time, and yields the results in order, each as soon as it and the earlier ones are ready. Results
 * that wait for their turn count too, so that a slow one limits the others.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  limit: number,
  make: (item: T) => Promise<R>,
): AsyncGenerator<readonly [item: T, result: R]> {
  const under: Promise<R>[] = [];
  let next = 0;
  for (const item of items) {
    while (next < items.length && under.length < limit) {
      const made = make(items[next++]);
      // Its turn to be awaited may never come, when one before it fails.
      made.catch(() => {});
      under.push(made);
    }
    const first = under.shift();
    if (first) yield [item, await first];
  }
}
