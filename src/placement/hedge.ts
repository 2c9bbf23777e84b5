/**
 * Starts a second try beside the first when that takes too long or fails, and gives the first success.
 * @param start begins a try; aborted when the other was quicker. `undefined` = there is none to be had.
 * @param ms until the second is started.
 * @throws what the first try threw, when none succeeds.
 */
export async function hedged<T>(
  start: (abort: AbortSignal) => Promise<T> | undefined,
  ms: number,
): Promise<T> {
  const tries: AbortController[] = [];
  let won: AbortController | undefined;
  const begin = (): Promise<T> | undefined => {
    const own = new AbortController();
    const started = start(own.signal);
    if (started === undefined) return undefined;
    tries.push(own);
    return started.then((value) => {
      // Both may have answered before either could be told to stop: the winner is to be left alone.
      won ??= own;
      for (const other of tries) if (other !== won) other.abort();
      if (won !== own) throw new DOMException('Another was quicker.', 'AbortError');
      return value;
    });
  };
  const first = begin();
  if (first === undefined) throw new RangeError('There is nothing to try.');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const due = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    // Where the first has failed there is nothing to wait for.
    first.catch(() => resolve());
  });
  const second = due.then(() => begin() ?? first);
  try {
    return await Promise.any([first, second]);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    clearTimeout(timer);
  }
}
