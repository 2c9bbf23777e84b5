import { describe, expect, it } from 'vitest';
import type { SoriError } from '../../../src/base/errors.ts';
import { resolveSpeakers, type SpeakerRequest } from '../../../src/synthesis/speaker.ts';
import { findLanguage } from '../../../src/text/language.ts';
import type { Utterance } from '../../../src/text/types.ts';
import { sentences, toneManifest } from '../../support/models/tone-stages.ts';

const request: SpeakerRequest = { voice: { ann: 1 }, language: 'en-US' };
const utterances = (...changes: Partial<Utterance>[]) =>
  sentences(...changes.map(() => ['m', '.'])).map((utterance, i) => ({ ...utterance, ...changes[i] }));
const resolve = (list: readonly Utterance[], changes: Partial<SpeakerRequest> = {}) =>
  resolveSpeakers(toneManifest, list, { ...request, ...changes });

describe('resolveSpeakers', () => {
  it('uses the request’s voice, emotion and language where markup states none', () => {
    const [first, second] = resolve(utterances({}, {}), { emotion: { happy: 0.5 }, diffusionSteps: 3 });
    expect(first.voice).toBe(second.voice);
    expect(first.style).toBe(second.style);
    expect(first.style).toMatchObject({ emotion: { happy: 0.5 }, diffusionSteps: 3 });
    expect(first.language).toBe(0);
  });

  it('uses those of markup, and returns to the request’s', () => {
    const list = utterances(
      {},
      { voice: 'bob', emotion: { happy: 1 } },
      { voice: 'bob', emotion: { happy: 1 } },
      { language: 'en-AU' },
    );
    const [own, bob, again, back] = resolve(list);
    expect(bob.voice.style[4]).toBeCloseTo(0.1);
    expect(again).toEqual(bob);
    expect(again.voice).toBe(bob.voice);
    expect(again.style).toBe(bob.style);
    expect(back.voice).toBe(own.voice);
    // Bob speaks Australian English, whose slot is 1.
    expect([own, bob, back].map(({ language }) => language)).toEqual([0, 1, 1]);
  });

  it('replaces the voice by a style, but not a voice that markup names', () => {
    const reference = new Float32Array(8).fill(0.3);
    const [own, bob] = resolve(utterances({}, { voice: 'bob' }), { voice: {}, reference });
    expect(own.voice).toEqual({ style: reference, pitchRange: 1 });
    expect(bob.voice.style).not.toEqual(reference);
  });

  it.each<[string, Partial<Utterance>, Partial<SpeakerRequest>, string]>([
    ['unknown_voice', { voice: 'nobody' }, {}, 'input'],
    ['unknown_emotion', { emotion: { bored: 1 } }, {}, 'input'],
    ['unsupported_language', { language: 'fr' }, {}, 'input'],
    ['conflicting_parameters', { emotion: { happy: 1 } }, { diffusionSteps: 0 }, 'input'],
    ['unknown_voice', {}, { voice: { nobody: 1 } }, 'voice'],
    ['unknown_emotion', {}, { emotion: { bored: 1 } }, 'emotion'],
    ['unsupported_language', {}, { language: 'ko' }, 'language'],
    ['invalid_style', {}, { reference: new Float32Array(7) }, 'style'],
    ['invalid_style', {}, { reference: new Float32Array(8).fill(Number.NaN) }, 'style'],
    ['invalid_value', {}, { alpha: 2 }, 'alpha'],
  ])('refuses %s: %j %j', (code, utterance, changes, param) => {
    let thrown: Partial<SoriError> = {};
    try {
      resolve(utterances(utterance), changes);
    } catch (error) {
      thrown = error as SoriError;
    }
    expect(thrown).toMatchObject({ code, param });
  });
});

it('findLanguage prefers the exact tag, then the language', () => {
  expect(findLanguage(['en', 'en-AU'], 'EN-au')).toBe(1);
  expect(findLanguage(['en', 'en-AU'], 'en-GB')).toBe(0);
  expect(findLanguage(['en', 'en-AU'], 'fr')).toBe(-1);
});
