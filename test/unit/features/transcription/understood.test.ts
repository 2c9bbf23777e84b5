import { expect, it } from 'vitest';
import { masterWav } from '../../../../src/audio/transcode.ts';
import {
  checkUnderstood,
  type TranscriptionDependencies,
} from '../../../../src/features/transcription/index.ts';
import { recognizerOf } from '../../../support/models/recognizer.ts';

const recording = { bytes: masterWav(new Int16Array(24_000).fill(1000)), param: 'files[1]' };
const check = (said: Parameters<typeof recognizerOf>[0]) =>
  checkUnderstood(
    { hosted: recognizerOf(said) } as unknown as TranscriptionDependencies,
    recording,
    new AbortController().signal,
  );

it.each([
  ['English', [{ text: ' Your table is ready.' }]],
  ['Korean', [{ text: ' 안녕하세요' }]],
  ['more words that are understood than not', [{}, { averageLogProbability: -1.5, text: ' mumble' }]],
])('accepts %s', async (_, said) => {
  expect(await check(said)).toBe(true);
});

it.each([
  ['nothing', [], 'found no words'],
  ['signs of music', [{ text: ' ♪ ♪ ♪' }], 'found no words'],
  ['words that are unlikely', [{ averageLogProbability: -1.2 }], 'understands 0 % of the words'],
  ['a word again and again', [{ compressionRatio: 3 }], 'understands 0 % of the words'],
  ['words in noise', [{ noSpeechProbability: 0.9 }], 'understands 0 % of the words'],
  [
    'fewer words that are understood than not',
    [{ text: ' table' }, { averageLogProbability: -2 }],
    'understands 14 % of the words',
  ],
])('refuses %s', async (_, said, message) => {
  await expect(check(said)).rejects.toMatchObject({
    code: 'unintelligible_reference',
    param: 'files[1]',
    message: expect.stringContaining(message),
  });
});

it('checks nothing without a recognizer', async () => {
  expect(await check(undefined)).toBe(false);
  const none = await checkUnderstood(
    {} as TranscriptionDependencies,
    recording,
    new AbortController().signal,
  );
  expect(none).toBe(false);
});
