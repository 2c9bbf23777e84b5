import { describe, expect, it } from 'vitest';
import { speechSchema } from '../../../src/features/speech/schema.ts';
import { clampToPad, corners, pointOf, weightsAt } from '../../../studio/mix-pad.ts';
import { faultSpan, placeIn } from '../../../studio/place-in-message.ts';
import { type Controls, sharesOf, speechBody } from '../../../studio/request.ts';

const CONTROLS: Controls = {
  model: 'sori-2',
  voice: 'hazel',
  mix: [],
  language: '',
  emotion: '',
  intensity: 1,
  speed: 1,
  pitch: 0,
  pitchRange: 1,
  energy: 0,
  pauses: 1,
  seed: 0,
  steps: 0,
  pronunciations: {},
  input: 'Good morning.',
};

describe('the body of a request', () => {
  it('contains no field that has its default value', () => {
    expect(speechBody(CONTROLS)).toEqual({ model: 'sori-2', voice: 'hazel', input: 'Good morning.' });
  });

  it('contains every control in the format of the API', () => {
    const body = speechBody({
      ...CONTROLS,
      mix: [
        { voice: 'hazel', weight: 1 / 3 },
        { voice: 'clara', weight: 2 / 3 },
      ],
      language: 'en',
      emotion: 'happy',
      intensity: 0.5,
      speed: 1.5,
      pitch: -2,
      pitchRange: 1.2,
      energy: 3,
      pauses: 2,
      seed: 7,
      steps: 5,
      pronunciations: { Sori: 'ˈsɔːɹi' },
    });
    expect(body).toMatchObject({ voice: { hazel: 0.33, clara: 0.67 }, emotion: { happy: 0.5 } });
    expect(speechSchema.parse(body)).toMatchObject({
      pitch_range: 1.2,
      energy: 3,
      pauses: 2,
      seed: 7,
      diffusion_steps: 5,
    });
  });
});

describe('weights of a mix', () => {
  it.each([[[1, 1, 1]], [[0, 0, 0]], [[0.005, 0.995]], [[1, 0]]])('%j sum to 1', (weights) => {
    const shares = sharesOf(weights.map((weight, index) => ({ voice: `v${index}`, weight })));
    const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
    expect(total).toBeCloseTo(1, 9);
    expect(Math.min(...Object.values(shares))).toBeGreaterThan(0);
  });

  it('are one voice at its corner, and equal in the middle', () => {
    expect(weightsAt(corners(3)[1], 3)).toEqual([0, 1, 0]);
    for (const weight of weightsAt({ x: 0, y: 0 }, 5)) expect(weight).toBeCloseTo(0.2, 9);
    expect(pointOf([0, 1, 0])).toEqual(corners(3)[1]);
    const { x, y } = clampToPad({ x: 3, y: 4 });
    expect(Math.hypot(x, y)).toBeCloseTo(1, 9);
  });
});

describe('the position of an error', () => {
  it('is read from the message, and covers the tag or the word', () => {
    const text = '<speak>One <emphasis>two</speak>';
    const offset = placeIn('SSML: <emphasis> at line 1, column 12 (offset 11): it is not closed.');
    expect(offset).toBe(11);
    const { start, end } = faultSpan(text, offset!);
    expect(text.slice(start, end)).toBe('<emphasis>');
    const word = faultSpan('One две three', 4);
    expect('One две three'.slice(word.start, word.end)).toBe('две');
    expect(faultSpan('ab', 9)).toEqual({ start: 1, end: 2 });
    expect(placeIn('speed must be between 0.25 and 4.')).toBeUndefined();
  });
});
