import { type Alignment, cuesOf, type TimedPhoneme } from '../../src/synthesis/alignment.ts';
import type { SpeechFrames } from '../../src/synthesis/synthesize.ts';

/** Samples that a frame lasts. */
export const HOP = 300;
/** Frames a second. */
export const FRAME_RATE = 24_000 / HOP;

/** All intermediate results of a synthesis, joined. */
export interface Recording {
  readonly text: string;
  readonly samples: Float32Array;
  /** Fundamental frequency in Hz by frame. */
  readonly f0: Float32Array;
  /** 0 to 1 by frame. */
  readonly voicing: Float32Array;
  readonly energy: Float32Array;
  /** Log-mel by frame. */
  readonly mel: Float32Array;
  readonly bands: number;
  readonly phonemes: readonly TimedPhoneme[];
  /** Written form of each word, by its index. */
  readonly words: ReadonlyMap<number, string>;
}

/**
 * Joins the frames of utterances. In silence between them, mel is NaN and everything else 0.
 * @param length total number of frames; the last utterance may exceed it, since utterances begin at the nearest frame.
 */
export function joinFrames(parts: readonly SpeechFrames[], length: number) {
  const frames = parts.reduce((most, { firstFrame, f0 }) => Math.max(most, firstFrame + f0.length), length);
  const bands = parts.length > 0 ? parts[0].mel.length / parts[0].f0.length : 0;
  const joined = {
    f0: new Float32Array(frames),
    voicing: new Float32Array(frames),
    energy: new Float32Array(frames),
    mel: new Float32Array(frames * bands).fill(Number.NaN),
    bands,
  };
  for (const { firstFrame, f0, voicing, energy, mel } of parts) {
    joined.f0.set(f0, firstFrame);
    joined.voicing.set(voicing, firstFrame);
    joined.energy.set(energy, firstFrame);
    joined.mel.set(mel, firstFrame * bands);
  }
  return joined;
}

/** Written form of each word, by its index. */
export function wordsOf(alignment: Alignment, input: string): Map<number, string> {
  const cues = cuesOf(alignment, input, 'word');
  const numbers = alignment.phonemes
    .map(({ word }) => word)
    .filter((word) => word >= 0)
    .filter((word, i, all) => word !== all[i - 1]);
  return new Map(numbers.map((word, i) => [word, cues[i]?.text ?? '']));
}

/** Frames that a phoneme covers, from the first to the one after the last. */
export function framesOf({ startSample, endSample }: TimedPhoneme): readonly [from: number, to: number] {
  return [Math.round(startSample / HOP), Math.round(endSample / HOP)];
}
