import { SAMPLE_RATE } from '../../audio/samples.ts';
import { isPauseSymbol } from '../../text/symbols.ts';
import type { Utterance } from '../../text/types.ts';
import type { SpeechRequest } from '../engine.ts';

/** Speeds that are understood. */
const RATES = { least: 0.25, most: 4 } as const;
/** Samples over which a cut or a change of loudness is faded: 5 ms. */
const FADE = SAMPLE_RATE / 200;

/** The speed of an utterance: these models have one for all of it, so that markup's rates are averaged. */
export function averageRate({ phonemes }: Utterance, speed: number): number {
  const rates = phonemes.map(({ controls }) => controls?.rate ?? 1);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return Math.min(RATES.most, Math.max(RATES.least, speed * mean));
}

/** An utterance with the requested pitch, energy and speed applied. */
export interface ShapedUtterance {
  readonly samples: Float32Array;
  /** Samples of each phoneme, where they are known. */
  readonly lengths?: readonly number[];
}

/**
 * Applies controls that the model does not have: loudness, the length of pauses, breaks of a stated length. Pauses and markup need lengths.
 */
export function shapeUtterance(
  utterance: Utterance,
  samples: Float32Array,
  lengths: readonly number[] | undefined,
  { energy, pauses }: Pick<SpeechRequest, 'energy' | 'pauses'>,
): ShapedUtterance {
  const gain = 10 ** (energy / 20);
  if (lengths === undefined) return { samples: gain === 1 ? samples : samples.map((value) => value * gain) };
  const scaled = fitted(lengths, samples.length);
  const parts: Float32Array[] = [];
  let at = 0;
  let last = gain;
  for (const [i, phoneme] of utterance.phonemes.entries()) {
    const sound = samples.subarray(at, at + scaled[i]);
    at += scaled[i];
    const pause = isPauseSymbol(phoneme.symbol);
    const { pauseMs } = phoneme;
    const wanted =
      pauseMs !== undefined
        ? Math.round((pauseMs * SAMPLE_RATE) / 1000)
        : pause
          ? Math.round(sound.length * pauses)
          : sound.length;
    const factor = gain * 10 ** ((phoneme.controls?.volume ?? 0) / 20);
    parts.push(withGain(withLength(sound, wanted), last, factor));
    last = factor;
  }
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Float32Array(total);
  let to = 0;
  for (const part of parts) {
    joined.set(part, to);
    to += part.length;
  }
  return { samples: joined, lengths: parts.map((part) => part.length) };
}

/** Lengths that sum to `total`, as after resampling. */
function fitted(lengths: readonly number[], total: number): number[] {
  const sum = lengths.reduce((all, length) => all + length, 0);
  if (sum === total) return [...lengths];
  let before = 0;
  let given = 0;
  return lengths.map((length) => {
    before += length;
    const end = Math.round((before / sum) * total);
    const own = end - given;
    given = end;
    return own;
  });
}

/** A pause of another length: cut in its middle, or silence in its middle. */
function withLength(sound: Float32Array, length: number): Float32Array {
  if (length === sound.length) return sound;
  const made = new Float32Array(length);
  const head = Math.min(Math.ceil(Math.min(length, sound.length) / 2), length);
  const tail = Math.min(length, sound.length) - head;
  for (let i = 0; i < head; i++) made[i] = sound[i] * Math.min(1, (head - i) / FADE);
  for (let i = 0; i < tail; i++) {
    made[length - 1 - i] = sound[sound.length - 1 - i] * Math.min(1, (tail - i) / FADE);
  }
  return made;
}

/** Multiplies samples by a gain, with a fade from the previous gain. */
function withGain(sound: Float32Array, from: number, to: number): Float32Array {
  if (from === 1 && to === 1) return sound;
  return sound.map((value, i) => value * (from + (to - from) * Math.min(1, i / FADE)));
}
