import { expect, it } from 'vitest';
import { masterWav } from '../../../../src/audio/transcode.ts';
import type { TranscriptionDependencies } from '../../../../src/features/transcription/index.ts';
import { shareSpoken } from '../../../../src/features/transcription/index.ts';
import { recognizerOf } from '../../../support/models/recognizer.ts';

const SENTENCE = 'I let them copy my voice: amber river, 소리.';
const recording = { bytes: masterWav(new Int16Array(24_000).fill(1000)), param: 'consent_recording' };

/** A server whose recognizer transcribes every recording as the given text. */
const recognizing = (text: string, installed = true) =>
  ({ hosted: recognizerOf(installed ? [{ text }] : undefined) }) as unknown as TranscriptionDependencies;
const share = (deps: TranscriptionDependencies) =>
  shareSpoken(deps, recording, SENTENCE, new AbortController().signal);

it.each([
  [' I let them copy my voice, Amber River. 소리', 1],
  ['I let them copy my choice amber river', 7 / 9],
  ['River amber voice my copy them let I', 1 / 9],
  ['Hello world.', 0],
  ['', 0],
])('of %j the recognizer transcribes %d of the sentence', async (text, expected) => {
  expect(await share(recognizing(text))).toBeCloseTo(expected);
});

it('has no result without a recognizer', async () => {
  expect(await share({} as TranscriptionDependencies)).toBeUndefined();
  expect(await share(recognizing('Hello.', false))).toBeUndefined();
});
