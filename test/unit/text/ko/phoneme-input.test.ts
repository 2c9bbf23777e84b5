import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SpeechEngine } from '../../../../src/engine/engine.ts';
import { readPhonemes } from '../../../../src/features/phonemes/index.ts';
import { createFrontEnd, type FrontEnd, type ReadToken } from '../../../../src/text/frontend.ts';
import { exactKorean } from '../../../../src/text/ko/exact.ts';
import { phonemeText } from '../../../../src/text/phoneme-input.ts';
import { koreanSymbols } from '../../../fixtures/korean-symbols.ts';
import { buildDictionary } from '../../../fixtures/lexicon.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: koreanSymbols() });
});

/** All symbols of a text, boundaries and tunes with them. */
function symbolsOf(input: string): string {
  return frontEnd
    .analyze(input, { language: 'ko', unreadable: 'skip' })
    .flatMap(({ phonemes }) => phonemes.map(({ symbol }) => symbol))
    .join(' ');
}

/** The answer of `POST /v1/audio/phonemes`. */
async function phonemesOf(input: string): Promise<string> {
  const engine: SpeechEngine = {
    ...toneEngine().engine,
    async read({ input: text }) {
      const tokens: ReadToken[] = [];
      frontEnd.analyze(text, { language: 'ko', unreadable: 'skip', onToken: (token) => tokens.push(token) });
      return { tokens, warnings: [] };
    },
  };
  return (await readPhonemes({ engine }, { input }, new AbortController().signal)).phonemes;
}

const GOLDEN = ['g2p.tsv', 'normalization.tsv'].flatMap((file) =>
  readFileSync(join(import.meta.dirname, '../../../golden/ko', file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => line.split('\t')[0])
    // An answer has no line breaks and no English words, which another test has.
    .filter((line) => !line.includes('\\n') && /[가-힣]/.test(line)),
);

test(`the phonemes of ${GOLDEN.length} texts are an input that gives the same symbols`, async () => {
  expect(GOLDEN.length).toBeGreaterThan(400);
  const changed: unknown[] = [];
  for (const text of GOLDEN) {
    const phonemes = await phonemesOf(text);
    const [said, again] = [symbolsOf(text), symbolsOf(phonemeText(phonemes))];
    if (said !== again) changed.push({ text, phonemes, said, again });
  }
  expect(changed).toEqual([]);
});

test('a text in both languages keeps its symbols', async () => {
  const text = '안녕하세요, 오늘 날씨가 좋네요. The big dog barked. 고맙습니다.';
  expect(symbolsOf(phonemeText(await phonemesOf(text)))).toBe(symbolsOf(text));
});

describe('Korean phonemes as input', () => {
  test('become Hangul with its pronunciation', () => {
    expect(phonemeText('annjʌŋ↘.')).toBe('[안녕](/annjʌŋ↘/).');
    expect(phonemeText('onɯl | nalɕ͈iɡa')).toBe('[오늘](/onɯl|/) [날씨가](/nalɕ͈iɡa/)');
  });

  test('are recognized by the language of the request where their symbols are English as well', () => {
    expect(phonemeText('nabi', 'ko')).toBe('[나비](/nabi/)');
    expect(phonemeText('nabi')).toBe('[nabi](/nabi/)');
  });

  test('without marks of tune get the tune of their words', () => {
    expect(symbolsOf(phonemeText('mwʌhajo?', 'ko'))).toBe(symbolsOf('[뭐하요](/mwʌhajo↗/)?'));
  });

  test('leave English words beside them English', () => {
    expect(phonemeText('ə nalɕ͈i ˈhɑt')).toBe('[ə](/əˈ/) [날씨](/nalɕ͈i/) [ˈhɑt](/ˈhɑt/)');
  });

  test.each(['k', 'ŋ̚', 'skul', 'aˈ', 'nxa', '', '|'])('%j is no word of exact symbols', (word) => {
    expect(exactKorean(word)).toBeUndefined();
  });
});

describe('a pronunciation inside Korean text', () => {
  test('may be IPA or Hangul, with a particle behind it', () => {
    expect(symbolsOf('[소리](/쏘리/)를 들어요.')).toContain('s͈ o ɾ i');
    expect(symbolsOf('[SORI](/s͈oɾi/)가 좋아요.')).toContain('s͈ o ɾ i');
    expect(symbolsOf('[김치](/kimdʒi/)는 좋아요.')).toContain('k i m dʑ i');
    expect(symbolsOf('[tea](/ˈti/)를 마셔요.')).toContain('t ˈi');
  });

  test('in an English sentence with a Korean word is one word', () => {
    const text = 'We all like to eat [김치](/kimtɕʰi/) and big dogs.';
    expect(symbolsOf(text)).toContain('k i m tɕʰ i');
  });
});
