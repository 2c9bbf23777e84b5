import type { SungSymbol } from './timing.ts';

/** Output of the prosody network for each frame. */
export interface FrameCurves {
  /** [T] Level, normalised. */
  readonly energy: Float32Array;
  /** [T] Probability. */
  readonly voicing: Float32Array;
}

/**
 * Share of its distance to the median of the phrase by which a weak vowel is raised: sung syllables differ less in level than spoken ones.
 */
const LIFT = 0.5;

/** Frames of each symbol as it is spoken [P], from the duration model's prediction. */
export function spokenLengths(predicted: Float64Array): Int32Array {
  return Int32Array.from(predicted, (frames) => Math.max(1, Math.round(frames)));
}

/**
 * Stretches the energy and voicing of speech to the lengths that are sung. The prosody network was trained on spoken lengths, and makes
 * silence from a vowel of several seconds. So a vowel has its spoken start and end, and its highest spoken level between them.
 * @param spoken curves at the spoken lengths.
 * @param lengths spoken frames of each symbol [P].
 * @param frames sung frames of each symbol [P].
 */
export function stretchCurves(
  spoken: FrameCurves,
  symbols: readonly SungSymbol[],
  lengths: Int32Array,
  frames: Int32Array,
): FrameCurves {
  const total = frames.reduce((sum, count) => sum + count, 0);
  const energy = new Float32Array(total);
  const voicing = new Float32Array(total);
  const steady = steadyLevels(spoken.energy, symbols, lengths);
  let from = 0;
  let to = 0;
  for (const [p, { kind }] of symbols.entries()) {
    const [length, count] = [lengths[p], frames[p]];
    const held = kind === 'nucleus' && count > length;
    for (let k = 0; k < count; k++) {
      const place = held ? heldPlace(k, count, length) : ((k + 0.5) * length) / count;
      const level = valueAt(spoken.energy, from, length, place);
      // Full level in the middle of a held vowel, the spoken one at its ends.
      const share = held ? 1 - Math.abs((2 * place) / length - 1) : 0;
      energy[to + k] = level + share * Math.max(0, steady[p] - level);
      voicing[to + k] = valueAt(spoken.voicing, from, length, place);
    }
    from += length;
    to += count;
  }
  return { energy, voicing };
}

/** Place among the spoken frames of a frame of a held vowel: the middle lasts. */
function heldPlace(k: number, count: number, length: number): number {
  const fromStart = k + 0.5;
  const fromEnd = length - (count - k - 0.5);
  return fromStart < length / 2 ? fromStart : Math.max(length / 2, fromEnd);
}

/** Level at which each vowel is held; 0 for other symbols. */
function steadyLevels(energy: Float32Array, symbols: readonly SungSymbol[], lengths: Int32Array): number[] {
  let from = 0;
  const highest = symbols.map(({ kind }, p) => {
    const frames = energy.subarray(from, from + lengths[p]);
    from += lengths[p];
    return kind === 'nucleus' ? Math.max(...frames) : undefined;
  });
  const sorted = highest.filter((level) => level !== undefined).sort((one, other) => one - other);
  const median = sorted[sorted.length >> 1] ?? 0;
  return highest.map((level) => (level === undefined ? 0 : level + LIFT * Math.max(0, median - level)));
}

/** Value of a curve between its frames. */
function valueAt(curve: Float32Array, from: number, length: number, place: number): number {
  const x = Math.min(length - 1, Math.max(0, place - 0.5));
  const left = Math.floor(x);
  const right = Math.min(length - 1, left + 1);
  return curve[from + left] + (x - left) * (curve[from + right] - curve[from + left]);
}
