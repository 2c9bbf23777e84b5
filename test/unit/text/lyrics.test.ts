import { beforeAll, describe, expect, it } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { readLyrics } from '../../../src/text/lyrics/lyrics.ts';
import { shareSyllables } from '../../../src/text/lyrics/share.ts';
import { englishOnset, koreanOnset, syllabify } from '../../../src/text/lyrics/syllables.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { koreanSymbols } from '../../fixtures/korean-symbols.ts';
import { buildDictionary } from '../../fixtures/lexicon.ts';

const shown = (symbols: string, rule = englishOnset) =>
  syllabify(symbols.split(' '), rule)
    .map(({ onset, nucleus, coda }) => [...onset, nucleus, ...coda].join(' '))
    .join(' . ');

describe('syllables', () => {
  it.each([
    ['t w ˈɪ ŋ k ə l', 't w ˈɪ ŋ . k ə l'],
    ['w ˈʌ n d ɚ', 'w ˈʌ n . d ɚ'],
    ['ə b ˈʌ v', 'ə . b ˈʌ v'],
    ['ɛ k s t ɹ ə', 'ɛ k . s t ɹ ə'],
    ['s t ˈɑ ɹ', 's t ˈɑ ɹ'],
    ['h m', 'h m'],
  ])('%s', (word, syllables) => expect(shown(word)).toBe(syllables));

  it('divides Korean consonants so that a syllable begins with one of them', () => {
    expect(shown('h ɑ n ɡ u k', koreanOnset)).toBe('h ɑ n . ɡ u k');
  });
});

describe('Korean', () => {
  let frontEnd: FrontEnd;
  beforeAll(() => {
    frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: koreanSymbols() });
  });
  const read = (...texts: string[]) => {
    let open = false;
    const lyrics = texts.map((text) => {
      const ends = !text.endsWith('-');
      const lyric = { text: text.replace(/-$/, ''), begins: !open, ends };
      open = !ends;
      return lyric;
    });
    return readLyrics(lyrics, frontEnd, { language: 'ko' })
      .map((syllables) =>
        syllables.map(({ onset, nucleus, coda }) => [...onset, nucleus, ...coda].join('')).join('+'),
      )
      .join(' ');
  };

  it.each([
    // A final consonant sounds on the next note.
    [['넘-', '어-', '간-', '다'], 'nʌ mʌ ɡan da'],
    [['님-', '은'], 'ni mɯn'],
    [['값-', '이', '없-', '는'], 'kap̚ ɕ͈i ʌm nɯn'],
    [['못', '가-', '서'], 'mot̚ k͈a sʌ'],
    // ㅇ stays at the end of its syllable.
    [['강-', '아-', '지'], 'kaŋ a dʑi'],
    // The whole word may be under its first note.
    [['아리랑'], 'a+ɾi+ɾaŋ'],
    // Without hyphens a phrase is read as one word.
    [['같', '이', '갈', '까'], 'ka tɕʰi ɡal k͈a'],
    [['꽃', '잎', '이'], 'k͈on ni pʰi'],
  ])('%j is sung as %s', (texts, sung) => expect(read(...texts)).toBe(sung));

  it('keeps marks of phrases and tunes out of the syllables', () => {
    expect(read('나-', '를', '버-', '리-', '고', '가-', '시-', '는', '님-', '은.')).toBe(
      'na ɾɯl pʌ ɾi ɡo ka ɕi nɯn ni mɯn',
    );
  });
});

describe('shares', () => {
  it.each([
    [[1, 1], [3, 3], '0-1 1-2'],
    // e-very on two notes: the last note takes two syllables.
    [[2, 4], [2, 2, 3], '0-1 1-3'],
    [[5], [2, 2], '0-2'],
    [[2, 2, 1], [4], '0-1 1-1 1-1'],
  ])('%j letters, %j sounds', (written, spoken, shares) => {
    expect(
      shareSyllables(written, spoken)
        .map(({ from, to }) => `${from}-${to}`)
        .join(' '),
    ).toBe(shares);
  });
});

describe('lyrics', () => {
  let frontEnd: FrontEnd;
  beforeAll(() => {
    frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: SYMBOLS });
  });
  const read = (...texts: string[]) => {
    let open = false;
    const lyrics = texts.map((text) => {
      const ends = !text.endsWith('-');
      const lyric = { text: text.replace(/-$/, ''), begins: !open, ends, place: 'note 1' };
      open = !ends;
      return lyric;
    });
    return readLyrics(lyrics, frontEnd, { language: 'en' }).map((syllables) =>
      syllables.map(({ onset, nucleus, coda }) => [...onset, nucleus, ...coda].join('')).join('+'),
    );
  };

  it('divides words as they are written under the notes', () => {
    expect(read('Twin-', 'kle,', 'lit-', 'tle', 'STAR')).toEqual(['twˈɪŋ', 'kəl', 'lˈɪ', 'təl', 'stˈɑɹ']);
  });

  it('gives the next syllables of a word to notes without letters', () => {
    const lyrics = [
      { text: 'wonderful', begins: true, ends: false },
      { text: '', begins: false, ends: false },
      { text: '', begins: false, ends: true },
    ];
    expect(readLyrics(lyrics, frontEnd, { language: 'en' }).map(([{ nucleus }]) => nucleus)).toEqual([
      'ˈʌ',
      'ɚ',
      'ə',
    ]);
  });

  it('accepts phonemes, and refuses unpronounceable ones', () => {
    const stated = readLyrics([{ text: '랑', begins: true, ends: true, phonemes: 'lɑŋ' }], frontEnd, {
      language: 'en',
    });
    expect(stated[0][0]).toMatchObject({ onset: ['l'], nucleus: 'ˈɑ', coda: ['ŋ'] });
    try {
      read('♪');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SoriError);
      expect((error as SoriError).message).toMatch(/^note 1: "♪" can't be pronounced/);
    }
  });
});
