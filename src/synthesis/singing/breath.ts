import type { SungPhrase } from './phrase.ts';

/** Seconds of a breath, the room that it needs, and the silence between it and the phrase. */
export const BREATH = { seconds: 0.4, room: 0.55, before: 0.06 } as const;

/** The consonant that sounds like breathing. */
const BREATHED = 'h';

/**
 * A breath as a phrase of its own: a voiceless `h`, which takes the voice's own colour.
 * @param end seconds at which it is to be over.
 */
export function breathPhrase(end: number): SungPhrase {
  return {
    syllables: [
      {
        onset: [],
        nucleus: BREATHED,
        coda: [],
        begins: true,
        notes: [{ start: end - BREATH.seconds, end, pitch: 60 }],
      },
    ],
    breath: false,
  };
}

/**
 * Level of a breath against its loudest moment, in dB: it grows slowly and stops sooner.
 * @param at 0 at its beginning, 1 at its end.
 */
export function breathShape(at: number): number {
  if (at <= 0 || at >= 1) return -60;
  const amplitude =
    at < 0.7 ? Math.sin((Math.PI / 2) * (at / 0.7)) : Math.cos((Math.PI / 2) * ((at - 0.7) / 0.3));
  return 20 * Math.log10(Math.max(1e-3, amplitude));
}
