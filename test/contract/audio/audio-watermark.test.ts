import { expect, it } from 'vitest';
import { MARKED_SHA256, markedSha256 } from './audio-watermark.ts';

it('gives the recorded samples, as on every platform', async () => {
  expect(await markedSha256()).toBe(MARKED_SHA256);
});
