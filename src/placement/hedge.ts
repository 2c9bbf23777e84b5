/**
 * Starts a second attempt while the first continues, when that one takes too long or fails, and returns the first success.
 * @param start starts an attempt, which is aborted when the other one succeeds first; `undefined` when none is available.
 * @param ms milliseconds until the second attempt starts.
 * @throws the error of the first attempt when none succeeds.
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
      // Both may have answered before either was aborted: never abort the winner.
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
    // When the first attempt has failed, the second starts at once.
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
