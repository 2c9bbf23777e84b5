import { describe, expect, it } from 'vitest';
import { alignmentOf } from '../../../../src/placement/cloning/alignment.ts';
import { type Alignment, cuesOf, type TimedPhoneme } from '../../../../src/synthesis/alignment.ts';

const INPUT = 'Go on. “Now!”';

/** Two sentences: a word of two sounds, a short word after a boundary, a pause at each end, and a word alone. */
const SPOKEN: readonly (readonly [
  symbol: string,
  samples: number,
  span: [number, number],
  word: number,
  sentence: number,
])[] = [
  ['^', 240, [0, 0], -1, 0],
  ['ɡ', 480, [0, 2], 0, 0],
  ['oʊ', 960, [0, 2], 0, 0],
  [' ', 0, [0, 0], -1, 0],
  ['ɑ', 600, [3, 5], 1, 0],
  ['n', 720, [3, 5], 1, 0],
  ['.', 4800, [5, 6], -1, 0],
  ['n', 300, [8, 11], 2, 1],
  ['aʊ', 900, [8, 11], 2, 1],
  ['!', 0, [11, 13], -1, 1],
  ['$', 480, [0, 0], -1, 1],
];

function spokenAlignment(): { alignment: Alignment; samples: number } {
  let at = 0;
  const phonemes = SPOKEN.map(([symbol, samples, [start, end], word, sentence]): TimedPhoneme => {
    const startSample = at;
    at += samples;
    return { symbol, startSample, endSample: at, span: { start, end }, word, sentence };
  });
  const marks = [{ name: 'here', sample: 1680, span: { start: 3, end: 3 } }];
  return { alignment: { phonemes, marks }, samples: at };
}

describe('alignmentOf', () => {
  const { alignment, samples } = spokenAlignment();
  const cues = (of: Alignment) => ({
    word: cuesOf(of, INPUT, 'word'),
    phoneme: cuesOf(of, INPUT, 'phoneme'),
    sentence: cuesOf(of, INPUT, 'sentence'),
    mark: cuesOf(of, INPUT, 'mark'),
  });

  it('gives the cues that it was made of', () => {
    const made = alignmentOf({ cues: cues(alignment) }, samples);
    expect(cues(made)).toEqual(cues(alignment));
    expect(cues(made).sentence.map(({ text }) => text)).toEqual(['Go on.', 'Now!”']);
  });

  it('fills the gaps with silence, from the first sample to the last', () => {
    const { phonemes } = alignmentOf({ cues: cues(alignment) }, samples);
    let at = 0;
    for (const { startSample, endSample } of phonemes) {
      expect(startSample).toBe(at);
      at = endSample;
    }
    expect(at).toBe(samples);
    const visemes = cuesOf({ phonemes, marks: [] }, INPUT, 'viseme').map(({ text, start_ms }) => [
      text,
      start_ms,
    ]);
    const expected = cuesOf(alignment, INPUT, 'viseme').map(({ text, start_ms }) => [text, start_ms]);
    expect(visemes).toEqual(expected);
  });

  it('is empty without phonemes, as of a model without durations', () => {
    const none = { word: [], phoneme: [], sentence: [], mark: [] };
    expect(alignmentOf({ cues: none }, 24_000)).toEqual({ phonemes: [], marks: [] });
  });
});
