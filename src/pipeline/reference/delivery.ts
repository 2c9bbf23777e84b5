/** Statistics of the prosodic half that belong to a person's voice and not to how the recorded text was read. */
const OF_THE_VOICE = ['pitch', 'pitchRange', 'energy', 'energyRange'] as const;

/**
 * Gives a recording's style the delivery of a reader: timbre, pitch and strength stay the person's, while pace, pauses and the learned
 * part of the prosody are the reader's. Some seconds tell little of a person's pace and much of the one text that was read, and an accent
 * or a halting reading would be cloned along: it cost a third of the words when clones were recognized.
 * @param style [S], raw, of the recording; not changed.
 * @param reader [S], raw.
 * @param places the manifest's `style.statistics`.
 */
export function withDelivery(
  style: Float32Array,
  reader: ArrayLike<number>,
  places: Readonly<Record<(typeof OF_THE_VOICE)[number], number>>,
): Float32Array {
  const result = style.slice();
  const half = style.length / 2;
  for (let i = half; i < style.length; i++) result[i] = reader[i];
  for (const name of OF_THE_VOICE) result[places[name]] = style[places[name]];
  return result;
}
