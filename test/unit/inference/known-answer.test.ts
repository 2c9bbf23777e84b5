import { describe, expect, it } from 'vitest';
import type { Tensors } from '../../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../../src/inference/known-answer.ts';

const tensor = (...values: number[]): Tensors => ({
  y: { type: 'float32', data: Float32Array.from(values), dims: [1, values.length] },
});
const changed = (by: number, size = 1) => tensor(size + by, ...new Array(999).fill(size));
const known = (size = 1) => tensor(...new Array(1000).fill(size));

describe('checkKnownAnswer', () => {
  it('accepts an RMS difference up to the tolerance', () => {
    expect(() => checkKnownAnswer(tensor(0.509, 0.509), tensor(0.5, 0.5))).not.toThrow();
    expect(() => checkKnownAnswer(tensor(0.512, 0.512), tensor(0.5, 0.5))).toThrow(
      'output y is off by 0.0120 (RMS)',
    );
    expect(() => checkKnownAnswer(tensor(0.512, 0.512), tensor(0.5, 0.5), 2e-2)).not.toThrow();
  });

  it('accepts single values that are off by one rounding step, but not by more', () => {
    expect(() => checkKnownAnswer(changed(0.099), known())).not.toThrow();
    expect(() => checkKnownAnswer(changed(0.101), known())).toThrow('0.101 (most)');
  });

  it('measures large values, such as hertz, relative to their size', () => {
    expect(() => checkKnownAnswer(changed(19, 200), known(200))).not.toThrow();
    expect(() => checkKnownAnswer(changed(19, 100), known(100))).toThrow('output y is off');
    expect(() => checkKnownAnswer(tensor(0, 0.005), tensor(0, 0))).not.toThrow();
    expect(() => checkKnownAnswer(tensor(0, 0.02), tensor(0, 0))).toThrow('output y is off');
  });

  it('refuses NaN, missing outputs and other shapes', () => {
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
