import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { align } from '../../../scripts/lexicon/align.ts';
import { trainFallback } from '../../../scripts/lexicon/encode-fallback.ts';
import { evaluateFallback, isHeldOut } from '../../../scripts/lexicon/evaluate.ts';
import { openLetterToSound } from '../../../src/text/en/letter-to-sound.ts';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { buildDictionary, buildFallback, cmudict, show } from '../../fixtures/lexicon.ts';

const golden = readFileSync(join(import.meta.dirname, '../../golden/g2p.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

describe('golden pronunciations', () => {
  let frontEnd: FrontEnd;

  beforeAll(() => {
    frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: SYMBOLS });
  });

  test('there are at least 200 of them', () => {
    expect(golden.length).toBeGreaterThanOrEqual(200);
  });

  test.each(golden)('%s', (text, symbols) => {
    expect(show(frontEnd, text)).toBe(symbols);
  });
});

describe('letter to sound', () => {
  const all = [...cmudict()];
  const words = new Map(all.filter((_, i) => i % 16 === 0));
  const options = { order: 5, maxNodes: 25_000 };
  let model: Uint8Array;

  beforeAll(() => {
    model = buildFallback();
  });

  test('alignment assigns graphones to all letters of each word', () => {
    const some = new Map(all.filter((_, i) => i % 32 === 0));
    const { graphones, sequences } = align(some, { minCount: 10 });
    expect(sequences.length).toBeGreaterThan(0.7 * some.size);
    const spelled = sequences.map((sequence) =>
      sequence.map((graphone) => graphones[graphone].letters).join(''),
    );
    const sounded = sequences.map((sequence) =>
      sequence.flatMap((graphone) => graphones[graphone].symbols.map((id) => SYMBOLS[id])),
    );
    expect(sounded).toEqual(spelled.map((word) => some.get(word)));
  });

  test('a small model gets most phonemes of unseen words, and its rates are in order', () => {
    const { soundedOut, unknownWord, bytes } = evaluateFallback(words, options);
    expect(bytes).toBeLessThan(120_000);
    expect(soundedOut.words).toBeGreaterThan(250);
    expect(soundedOut.phonemeErrorRate).toBeLessThan(0.3);
    expect(soundedOut.phonemeErrorRateWithoutStress).toBeLessThan(soundedOut.phonemeErrorRate);
    expect(unknownWord.wordAccuracy).toBeGreaterThan(0);
  });

  test('the same words give the same bytes', () => {
    const some = new Map([...words].slice(0, 300));
    const small = { order: 3, maxNodes: 2000 };
    expect(Buffer.from(trainFallback(some, small)).equals(Buffer.from(trainFallback(some, small)))).toBe(
      true,
    );
  });

  test('every letter has a sound or is silent; nothing throws', () => {
    const { pronounce } = openLetterToSound(model);
    for (const letters of ['a', 'z', 'xqj', 'aaaaaaaa', 'strengths', 'zzyzx', 'q'.repeat(200)]) {
      for (const symbol of pronounce(letters)) expect(SYMBOLS).toContain(symbol);
    }
    expect(pronounce('plint')).toEqual(['p', 'l', 'ˈɪ', 'n', 't']);
  });

  test('bytes that are no model are refused', () => {
    expect(() => openLetterToSound(model.subarray(0, 500)).pronounce('a')).toThrow(RangeError);
    expect(() => openLetterToSound(model.subarray(0, -1)).pronounce('a')).toThrow(RangeError);
    expect(() => openLetterToSound(new Uint8Array(64))).toThrow(RangeError);
  });

  test('about a twentieth of the words are held out', () => {
    const heldOut = all.filter(([word]) => isHeldOut(word));
    expect(heldOut.length / all.length).toBeCloseTo(0.05, 2);
  });
});
