import { expect, it } from 'vitest';
import { freeArrays } from '../../../src/base/free.ts';

it('frees the memory of arrays', () => {
  const arrays = [new Float32Array(100), new Uint8Array(7)];
  freeArrays(...arrays);
  expect(arrays.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0]);
});

it('does not free an array that is a part of a buffer, which others may use', () => {
  const whole = new Float32Array([1, 2, 3]);
  freeArrays(whole.subarray(1));
  expect([...whole]).toEqual([1, 2, 3]);
});

it('an array may be freed twice', () => {
  const array = new Float32Array(100);
  freeArrays(array);
  expect(() => freeArrays(array)).not.toThrow();
});
