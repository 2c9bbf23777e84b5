/** Samples of one voice and where they lie. */
export interface Placed {
  /** Sample of the whole. */
  readonly at: number;
  readonly samples: Float32Array;
  /** Nothing that follows lies before this sample. */
  readonly settled: number;
}

/** Samples that are mixed and handed on at once: half a second at 24 kHz. */
const BLOCK = 12_000;

/**
 * Mixes voices into one signal, block by block: of each voice no more is made than the block needs.
 * @param voices in order of `settled`, each; pieces may overlap.
 * @param total samples of the whole; samples after them are cut off.
 */
export async function* mixVoices(
  voices: readonly AsyncIterator<Placed>[],
  total: number,
): AsyncGenerator<Float32Array> {
  const waiting: { at: number; samples: Float32Array }[] = [];
  const settled = voices.map(() => 0);
  try {
    for (let start = 0; start < total; start += BLOCK) {
      const end = Math.min(total, start + BLOCK);
      for (const [v, voice] of voices.entries()) {
        while (settled[v] < end) {
          const { done, value } = await voice.next();
          if (done) settled[v] = Number.POSITIVE_INFINITY;
          else {
            waiting.push(value);
            settled[v] = value.settled;
          }
        }
      }
      const block = new Float32Array(end - start);
      for (let i = waiting.length - 1; i >= 0; i--) {
        const { at, samples } = waiting[i];
        const from = Math.max(start, at);
        const to = Math.min(end, at + samples.length);
        for (let n = from; n < to; n++) block[n - start] += samples[n - at];
        if (at + samples.length <= end) waiting.splice(i, 1);
      }
      yield block;
    }
  } finally {
    for (const voice of voices) await voice.return?.();
  }
}
