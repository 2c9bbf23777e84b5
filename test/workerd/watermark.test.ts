import { expect, it } from 'vitest';
import { toFloat32Array, toInt16Array } from '../../src/audio/samples.ts';
import { detectWatermark } from '../../src/audio/watermark/detect.ts';
import { embedWatermark } from '../../src/audio/watermark/embed.ts';
import { speechLike } from '../contract/audio/audio-signal.ts';
import { MARKED_SHA256, markedSha256 } from '../contract/audio/audio-watermark.ts';

it('gives the same samples as in Node', async () => {
  expect(await markedSha256()).toBe(MARKED_SHA256);
});

it('detects its mark and payload', () => {
  const payload = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
  const marked = embedWatermark(toInt16Array(speechLike(100_000)), payload);
  expect(detectWatermark(toFloat32Array(marked), 24_000)).toMatchObject({ found: true, payload });
});
