import { stressOf } from '../text/symbols.ts';
import type { Span } from '../text/types.ts';

/** Mouth shapes of the Oculus set, which avatars of Ready Player Me, VRM converters and Unity's lip sync have. */
export const VISEMES = [
  'sil',
  'PP',
  'FF',
  'TH',
  'DD',
  'kk',
  'CH',
  'SS',
  'nn',
  'RR',
  'aa',
  'E',
  'I',
  'O',
  'U',
] as const;
/** One of {@link VISEMES}. */
export type Viseme = (typeof VISEMES)[number];

/** Phonemes without stress and length, by the shape of the mouth. Of a diphthong, two shapes in turn. */
const SHAPES: readonly (readonly [phonemes: string, shapes: readonly Viseme[]])[] = [
  ['p b m', ['PP']],
  ['f v', ['FF']],
  ['θ ð', ['TH']],
  ['t d ɾ', ['DD']],
  ['k ɡ ŋ h ɦ x', ['kk']],
  ['tʃ dʒ ʃ ʒ tɕ dʑ ɕ j', ['CH']],
  ['s z', ['SS']],
  ['n l', ['nn']],
  ['ɹ r ɚ ɝ', ['RR']],
  ['ɑ æ ʌ a ɐ', ['aa']],
  ['ɛ e ə ɜ', ['E']],
  ['ɪ i ɯ ɰ', ['I']],
  ['ɔ ɒ o', ['O']],
  ['ʊ u w', ['U']],
  ['aɪ', ['aa', 'I']],
  ['aʊ', ['aa', 'U']],
  ['eɪ', ['E', 'I']],
  ['oʊ əʊ', ['O', 'U']],
  ['ɔɪ', ['O', 'I']],
];

const SHAPES_OF: ReadonlyMap<string, readonly Viseme[]> = new Map(
  SHAPES.flatMap(([phonemes, shapes]) => phonemes.split(' ').map((phoneme) => [phoneme, shapes] as const)),
);

/** Marks of tense, aspirated, unreleased and long sounds, which the mouth does not show. */
const INVISIBLE = /[\u0348\u031Aʰː]/gu;

/** The shapes of the mouth for a symbol, in turn; `sil` for a pause and for a symbol that is no sound. */
export function visemesOf(symbol: string): readonly Viseme[] {
  const bare = (stressOf(symbol) === 0 ? symbol : symbol.slice(1)).replace(INVISIBLE, '');
  return SHAPES_OF.get(bare) ?? ['sil'];
}

/** A shape of the mouth and when it is held. */
export interface TimedViseme {
  readonly viseme: Viseme;
  readonly startSample: number;
  readonly endSample: number;
  /** Of the original input. */
  readonly span: Span;
}

/** A symbol of an alignment. */
interface TimedSymbol {
  readonly symbol: string;
  readonly startSample: number;
  readonly endSample: number;
  readonly span: Span;
}

/** The shapes of a speech without gaps, pauses included. Equal ones that follow each other are one. */
export function timedVisemes(phonemes: readonly TimedSymbol[]): TimedViseme[] {
  const timed: TimedViseme[] = [];
  for (const { symbol, startSample, endSample, span } of phonemes) {
    const shapes = visemesOf(symbol);
    const step = (endSample - startSample) / shapes.length;
    shapes.forEach((viseme, index) => {
      const start = startSample + Math.round(index * step);
      const end = startSample + Math.round((index + 1) * step);
      if (end <= start) return;
      const last = timed.at(-1);
      if (last?.viseme === viseme) timed[timed.length - 1] = { ...last, endSample: end };
      else timed.push({ viseme, startSample: start, endSample: end, span });
    });
  }
  return timed;
}
