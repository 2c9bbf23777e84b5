import type { Tensor } from '../../inference/backend.ts';
import type { SungSymbol } from './timing.ts';

/** Position in a vowel at which it is held, from 0 to 1: a diphthong is held on its first sound. */
const HELD = 0.5;
const HELD_DIPHTHONG = 0.3;
const DIPHTHONG = /^[ˈˌ]?(?:aʊ|aɪ|eɪ|oʊ|əʊ|ɔɪ)$/;
/** Shortest and longest spoken vowel in frames, as in the training data. */
const SPOKEN = { least: 7, most: 22 } as const;

/**
 * Length regulator for singing: repeats each symbol's hidden vector over its frames as `expandFrames` does. A vowel longer than spoken ones
 * is held: its first and last frames have the positions of a spoken vowel, and all frames between have one position, so that a note of ten
 * seconds sounds like the middle of a vowel.
 * @param hidden [1, P, D].
 * @param frames frames per symbol [P].
 * @param predicted frames that the duration model gives each symbol [P].
 * @returns [1, T, D + 3], as `expandFrames`.
 */
export function expandSung(
  hidden: Tensor,
  symbols: readonly SungSymbol[],
  frames: Int32Array,
  predicted: Float64Array,
): Tensor {
  const size = hidden.dims[2];
  const width = size + 3;
  const source = hidden.data as Float32Array;
  const total = frames.reduce((all, count) => all + count, 0);
  const data = new Float32Array(total * width);
  let offset = 0;
  for (const [p, { symbol, kind }] of symbols.entries()) {
    const count = frames[p];
    const spoken = Math.min(SPOKEN.most, Math.max(SPOKEN.least, Math.round(predicted[p])));
    const held = kind === 'nucleus' && count > spoken;
    const length = held ? spoken : count;
    const turn = DIPHTHONG.test(symbol) ? HELD_DIPHTHONG : HELD;
    for (let k = 0; k < count; k++, offset += width) {
      const place = held ? heldPlace(k, count, spoken, turn) : (k + 0.5) / count;
      data.set(source.subarray(p * size, (p + 1) * size), offset);
      data[offset + size] = place;
      data[offset + size + 1] = 1 - place;
      data[offset + size + 2] = Math.log(length);
    }
  }
  return { type: 'float32', data, dims: [1, total, width] };
}

function heldPlace(k: number, count: number, spoken: number, turn: number): number {
  const fromStart = (k + 0.5) / spoken;
  const fromEnd = 1 - (count - k - 0.5) / spoken;
  return fromStart < turn ? fromStart : Math.max(turn, fromEnd);
}
