import type { Manifest } from '../../shards/manifest.ts';
import type { Utterance } from '../../text/types.ts';
import type { SymbolLengths } from './durations.ts';
import { tailStart } from './joins.ts';
import { mayVanish } from './silent.ts';

/** Silence after the last sound of a text, in seconds. The networks make up to 0.8 s of it, as the teacher does. */
const END_PAUSE = 0.2;

/** Seconds of that silence that the networks make, so that the last sound can fade. The rest is digital silence, which needs no computation. */
const RELEASE = 0.05;

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
 * Shortens the silence after the last utterance of a text to {@link END_PAUSE}. The utterance keeps {@link RELEASE} of it, and the rest is
 * returned. A break with a stated length stays as it is.
 * @param lengths changed. Symbols that sound keep a frame, and so does `$`.
 * @param pauses the request's factor on pauses.
 * @returns samples of digital silence to put after the utterance.
 */
export function fitEnding(
  lengths: SymbolLengths,
  utterance: Utterance,
  { energy, voicing }: Loudness,
  pauses: number,
  { hop, sampleRate }: Pick<Manifest, 'hop' | 'sampleRate'>,
): number {
  const { phonemes } = utterance;
  const { frames, silences } = lengths;
  const tail = tailStart(utterance);
  if (phonemes.slice(tail).some(({ pauseMs }) => pauseMs !== undefined)) return 0;
  const sounding = energy.findLastIndex((value, t) => value > LEAST_ENERGY || voicing[t] >= 0.5) + 1;
  const inFrames = (seconds: number) => Math.round((seconds * sampleRate) / hop);
  const pause = inFrames(END_PAUSE * pauses);
  const made = silences.subarray(tail).reduce((sum, samples) => sum + samples, energy.length * hop);
  silences.fill(0, tail);
  let excess = Math.max(0, energy.length - sounding - Math.min(pause, inFrames(RELEASE)));
  let length = energy.length;
  for (let i = frames.length - 1; i > 0 && excess > 0; i--) {
    const least = mayVanish(phonemes[i].symbol) ? 0 : Math.min(1, frames[i]);
    const removed = Math.min(excess, frames[i] - least);
    frames[i] -= removed;
    excess -= removed;
    length -= removed;
  }
  return Math.max(0, Math.min(made, (sounding + pause) * hop) - length * hop);
}
