import { describe, expect, it } from 'vitest';
import { embeddingOf } from '../../../../src/engine/hosted/cloning.ts';

const clones = { a: Float32Array.of(1, 0), b: Float32Array.of(0, 1), opposite: Float32Array.of(-1, 0) };
const style = Float32Array.of(0.6, 0.8);

describe('embeddingOf', () => {
  it('is the weighted sum of the cloned voices, of length 1', () => {
    const [x, y] = embeddingOf('cloner', { a: 0.25, b: 0.75 }, { clones });
    expect(y / x).toBeCloseTo(3, 5);
    expect(Math.hypot(x, y)).toBeCloseTo(1, 6);
    expect([...embeddingOf('cloner', { a: 0.3 }, { clones })]).toEqual([1, 0]);
  });

  it('is a copy of the style where no voice is named: the thread of the model takes it over', () => {
    const embedding = embeddingOf('cloner', {}, { style });
    expect([...embedding]).toEqual([...style]);
    expect(embedding.buffer).not.toBe(style.buffer);
  });

  it.each([
    [{}, {}],
    [{ clara: 1 }, { clones }],
    [{ a: 0.5, clara: 0.5 }, { clones }],
  ])('refuses %j, which is no cloned voice', (voice, request) => {
    expect(() => embeddingOf('cloner', voice, request)).toThrow("'cloner' speaks with cloned voices only");
  });

  it.each([
    [0.5, 0.5],
    [0.1 + 0.2, 0.3],
  ])('refuses a mix of opposite voices, whose sum is 0 but for rounding: %d and %d', (a, opposite) => {
    expect(() => embeddingOf('cloner', { a, opposite }, { clones })).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'voice' }),
    );
  });
});
