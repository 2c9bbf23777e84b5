import type { Manifest } from '../../shards/manifest.ts';
import type { Utterance } from '../../text/types.ts';
import type { SymbolLengths } from './durations.ts';
import { tailStart } from './joins.ts';
import { mayVanish } from './silent.ts';

/** Silence after the last sound of a text, in seconds. The networks make up to 0.8 s of it, as the teacher does. */
const END_PAUSE = 0.2;

/** Least energy of a frame that can be heard, on the scale of the prosody network: below it, a voice is under -70 dB of full scale. */
const LEAST_ENERGY = -2;

/** Curves of the prosody network for an utterance. */
interface Loudness {
  /** [T] normalised log energy, of all frames or of the last ones. */
  readonly energy: Float32Array;
  /** [T] probability. */
  readonly voicing: Float32Array;
}

/**
 * Shortens the silence after the last utterance of a text to {@link END_PAUSE}. A break with a stated length keeps it.
 * @param lengths changed. Symbols that sound keep a frame, and so does `$`.
 * @param pauses the request's factor on pauses.
 */
export function fitEnding(
  lengths: SymbolLengths,
  utterance: Utterance,
  { energy, voicing }: Loudness,
  pauses: number,
  { hop, sampleRate }: Pick<Manifest, 'hop' | 'sampleRate'>,
): void {
  const { phonemes } = utterance;
  const { frames, silences } = lengths;
  const tail = tailStart(utterance);
  if (phonemes.slice(tail).some(({ pauseMs }) => pauseMs !== undefined)) return;
  const last = energy.findLastIndex((value, t) => value > LEAST_ENERGY || voicing[t] >= 0.5);
  const kept = last + 1 + Math.round((END_PAUSE * pauses * sampleRate) / hop);
  let excess = energy.length - kept;
  if (excess <= 0) return;
  silences.fill(0, tail);
  for (let i = frames.length - 1; i > 0 && excess > 0; i--) {
    const least = mayVanish(phonemes[i].symbol) ? 0 : Math.min(1, frames[i]);
    const removed = Math.min(excess, frames[i] - least);
    frames[i] -= removed;
    excess -= removed;
  }
}
