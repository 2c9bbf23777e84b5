import { type SungSymbol, symbolsOfFrames } from './timing.ts';

/** Level of a sung vowel in dB on the scale of {@link vowelLevel}: about that of a stressed spoken one. */
const USUAL = 14;
/** Share by which a vowel's distance to the usual level is reduced. */
const EVENED = 0.7;
/** Largest change in dB. */
const MOST = 15;
/** Frames over which one syllable's change gives way to the next one's. */
const FADE = 6;

/** Frames of mels. */
interface Mels {
  /** [T * bands] Natural logarithm of the magnitude. */
  readonly data: Float32Array;
  readonly bands: number;
}

/**
 * Gains that equalize the levels of a phrase's syllables. In speech an unstressed vowel is much weaker than a stressed one, and `i` than
 * `a`; in singing the level is even.
 * @param audible frames in which each symbol is audible [P].
 * @returns [T] dB.
 */
export function evenLevels(
  mel: Mels,
  symbols: readonly SungSymbol[],
  audible: readonly number[],
): Float32Array {
  const own = changes(mel, symbols, audible);
  // Edges keep the change of the syllable next to them.
  const beside = symbols.map(({ syllable }, p) =>
    syllable < 0 && p > 0 ? own.length - 1 : Math.max(0, syllable),
  );
  const gains = Float32Array.from(symbolsOfFrames(audible), (p) => own[beside[p]]);
  return smoothed(gains);
}

/** The change of each syllable in dB. */
function changes(mel: Mels, symbols: readonly SungSymbol[], audible: readonly number[]): number[] {
  const own: number[] = [];
  let at = 0;
  for (const [p, { kind, syllable }] of symbols.entries()) {
    if (kind === 'nucleus') {
      const change = EVENED * (USUAL - vowelLevel(mel, at, at + audible[p]));
      own[syllable] = Math.max(-MOST, Math.min(MOST, change));
    }
    at += audible[p];
  }
  return own;
}

/** Mean level in dB of the middle half of some frames. */
function vowelLevel({ data, bands }: Mels, from: number, to: number): number {
  const quarter = Math.floor((to - from) / 4);
  let power = 0;
  let count = 0;
  for (let t = from + quarter; t < Math.max(from + quarter + 1, to - quarter); t++, count++) {
    for (let b = 0; b < bands; b++) power += Math.exp(2 * data[t * bands + b]);
  }
  return 10 * Math.log10(power / count / bands);
}

/** Mean over the frames around each one. */
function smoothed(curve: Float32Array): Float32Array {
  const half = FADE / 2;
  return curve.map((_, t) => {
    const around = curve.subarray(Math.max(0, t - half), t + half + 1);
    return around.reduce((sum, value) => sum + value, 0) / around.length;
  });
}
