/** Statistics that depend more on how a text was read than on whose voice it was. */
const OF_THE_READING = ['slope', 'rate', 'pauses', 'breathiness'] as const;

/**
 * Gives a recording's style the pace of a reader. Some seconds tell little of a person's own pace and much of the one text that was read: a
 * halting reading would be cloned along, and cost a quarter of the words when clones of held-out speakers were recognized. `speed` and
 * `pauses` of a request set it.
 * @param style [S], raw, of the recording; not changed.
 * @param reader [S], raw.
 * @param places the manifest's `style.statistics`.
 */
export function withDelivery(
  style: Float32Array,
  reader: ArrayLike<number>,
  places: Readonly<Partial<Record<(typeof OF_THE_READING)[number], number>>>,
): Float32Array {
  const result = style.slice();
  for (const name of OF_THE_READING) {
    const place = places[name];
    if (place !== undefined) result[place] = reader[place];
  }
  return result;
}
