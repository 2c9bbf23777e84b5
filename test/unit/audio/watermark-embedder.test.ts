import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { embedWatermark, WatermarkEmbedder } from '../../../src/audio/watermark/embed.ts';
import { concatSamples } from '../../../src/base/bytes.ts';
import { speechLike } from '../../contract/audio/audio-signal.ts';

const SPEECH = toInt16Array(speechLike(20_000));
const PAYLOAD = Uint8Array.of(0, 1, 2, 253, 254, 255, 128, 7);
/** Samples that an embedder may hold back: less than a frame and a half. */
const MOST_HELD = 768;

/** Recordings of any length, cut anywhere, empty pieces among them, at any position of a longer recording. */
const recordings = fc.record({
  from: fc.nat(8_000),
  length: fc.nat(12_000),
  at: fc.oneof(fc.nat(100_000), fc.constantFrom(0, 1, 255, 256, 511, 512, 513)),
  key: fc.option(fc.nat(1000), { nil: undefined }),
  sizes: fc.array(fc.oneof(fc.nat(3_000), fc.constantFrom(0, 1, 255, 256, 257, 511, 512, 767, 768, 769)), {
    minLength: 1,
    maxLength: 12,
  }),
});

it('gives the samples of the whole recording, however it is cut, and holds back less than 32 ms', () => {
  fc.assert(
    fc.property(recordings, ({ from, length, at, key, sizes }) => {
      const samples = SPEECH.subarray(from, from + length);
      const embedder = new WatermarkEmbedder(PAYLOAD, { at, key });
      const marked: Int16Array[] = [];
      let given = 0;
      let returned = 0;
      for (let i = 0; given < samples.length; i++) {
        // Sizes repeat; a step of at least one sample ends the loop.
        const size = Math.max(sizes[i % sizes.length], i >= sizes.length ? 1 : 0);
        const piece = samples.subarray(given, given + size);
        marked.push(embedder.push(piece));
        given += piece.length;
        returned += marked[i].length;
        // `ok`, because `expect` takes longer than the embedder.
        ok(given - returned < MOST_HELD);
        ok(returned <= given);
      }
      marked.push(embedder.finish());
      expect(concatSamples(marked)).toEqual(embedWatermark(samples, PAYLOAD, { at, key }));
      expect(concatSamples(marked).length).toBe(samples.length);
    }),
    { numRuns: 150 },
  );
});

it('gives samples that later ones do not change', () => {
  const before = SPEECH.slice();
  const embedder = new WatermarkEmbedder(PAYLOAD);
  const first = embedder.push(SPEECH.subarray(0, 9_999));
  const copy = first.slice();
  embedder.push(SPEECH.subarray(9_999));
  embedder.finish();
  expect(first).toEqual(copy);
  expect(SPEECH).toEqual(before);
});

it('refuses invalid payloads and keys', () => {
  expect(() => new WatermarkEmbedder(new Uint8Array(9))).toThrow(RangeError);
  expect(() => new WatermarkEmbedder(PAYLOAD, { key: 0.5 })).toThrow(RangeError);
});
