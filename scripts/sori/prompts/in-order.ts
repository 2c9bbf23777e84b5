/**
 * Makes something of every item, at most `limit` at a time, and gives the results in the items' order, each as soon as it and those
 * before it are made. Results that wait for their turn count too, so that a slow one does not let the others pile up.
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
