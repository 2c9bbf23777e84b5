import { expect, it } from 'vitest';
import { base64, inPieces } from '../../../src/base/base64.ts';

it.each([0, 1, 2, 3, 4, 5, 12_287, 12_288, 12_289, 100_000])('base64 of %i bytes', (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 251) & 255);
  const expected = Buffer.from(bytes).toString('base64');
  expect(base64(bytes)).toBe(expected);
  expect(inPieces(bytes)).toBe(expected);
});
