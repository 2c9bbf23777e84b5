import { describe, expect, it } from 'vitest';
import type { Tensors } from '../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../src/inference/known-answer.ts';

const tensor = (...values: number[]): Tensors => ({
  y: { type: 'float32', data: Float32Array.from(values), dims: [1, values.length] },
});

describe('checkKnownAnswer', () => {
  it('takes differences up to the tolerance', () => {
    expect(() => checkKnownAnswer(tensor(0.5, 0.5009), tensor(0.5, 0.5))).not.toThrow();
    expect(() => checkKnownAnswer(tensor(0.5, 0.502), tensor(0.5, 0.5))).toThrow(
      'output y is off by 0.00200',
    );
  });

  it('measures large outputs, such as hertz, by their own size', () => {
    expect(() => checkKnownAnswer(tensor(200.15, 200), tensor(200, 200))).not.toThrow();
    expect(() => checkKnownAnswer(tensor(200.25, 200), tensor(200, 200))).toThrow('off by 0.00125');
  });

  it('refuses what is not a number, is missing or has another shape', () => {
    expect(() => checkKnownAnswer(tensor(Number.NaN, 0), tensor(0, 0))).toThrow('off by NaN');
    expect(() => checkKnownAnswer(tensor(0, Number.POSITIVE_INFINITY), tensor(0, 0))).toThrow(
      'off by Infinity',
    );
    expect(() => checkKnownAnswer({}, tensor(0))).toThrow('output y has shape [undefined] instead of [1,1]');
    expect(() => checkKnownAnswer(tensor(0, 0), tensor(0))).toThrow(
      'output y has shape [1,2] instead of [1,1]',
    );
  });
});
