import { describe, expect, it } from 'vitest';
import { cuesOf, type TimedPhoneme } from '../../../src/synthesis/alignment.ts';
import { VISEMES, visemesOf } from '../../../src/synthesis/visemes.ts';
import { KOREAN_SYMBOLS } from '../../../src/text/ko/symbols.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';

describe('visemes', () => {
  it.each([
    ['p', ['PP']],
    ['ˈaɪ', ['aa', 'I']],
    ['ˌʌ', ['aa']],
    ['p͈', ['PP']],
    ['tɕʰ', ['CH']],
    ['k̚', ['kk']],
    [',', ['sil']],
    [' ', ['sil']],
  ])('%s', (symbol, shapes) => expect(visemesOf(symbol)).toEqual(shapes));

  it('every sound of both languages has a shape, and every shape is used', () => {
    const sounds = [...SYMBOLS.slice(12), ...KOREAN_SYMBOLS.map(({ symbol }) => symbol)];
    expect(sounds.filter((symbol) => visemesOf(symbol).includes('sil'))).toEqual([]);
    expect(new Set([...sounds, '.'].flatMap(visemesOf))).toEqual(new Set(VISEMES));
  });

  it('follow each other without gaps, and equal neighbours are merged', () => {
    const symbols = ['^', 'p', 'b', 'ˈaɪ', ' ', '.', '$'];
    const phonemes = symbols.map((symbol, i): TimedPhoneme => {
      return {
        symbol,
        startSample: i * 240,
        endSample: (i + 1) * 240,
        span: { start: i, end: i + 1 },
        word: 0,
        sentence: 0,
      };
    });
    const cues = cuesOf({ phonemes, marks: [] }, 'bye', 'viseme');
    expect(cues.map(({ text, start_ms, end_ms }) => [text, start_ms, end_ms])).toEqual([
      ['sil', 0, 10],
      ['PP', 10, 30],
      ['aa', 30, 35],
      ['I', 35, 40],
      ['sil', 40, 70],
    ]);
  });
});
