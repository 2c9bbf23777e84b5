import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../../src/audio/resample.ts';
import { toFloat32Array, toInt16Array } from '../../../src/audio/samples.ts';
import { CODED_BITS, decode, encode } from '../../../src/audio/watermark/code.ts';
import { detectWatermark, THRESHOLD } from '../../../src/audio/watermark/detect.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import { speechLike } from '../../contract/audio/audio-signal.ts';

const RATE = 24_000;
const PAYLOAD = Uint8Array.of(0, 1, 2, 253, 254, 255, 128, 7);
const sixSeconds = toInt16Array(speechLike(6 * RATE));
const marked = embedWatermark(sixSeconds, PAYLOAD);
const payloads = fc.uint8Array({ minLength: 8, maxLength: 8 });

const detect = (samples: Int16Array, key?: number) => detectWatermark(toFloat32Array(samples), RATE, { key });

it('detects any payload in six seconds', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(detect(embedWatermark(sixSeconds, payload))).toMatchObject({ found: true, payload });
    }),
    { numRuns: 2 },
  );
});

it('is detected in any excerpt, at any loudness', () => {
  fc.assert(
    fc.property(fc.nat(3 * RATE), fc.double({ min: 0.02, max: 1, noNaN: true }), (from, gain) => {
      const cut = marked.subarray(from, from + 3 * RATE).map((sample) => Math.round(gain * sample));
      expect(detect(cut).found).toBe(true);
    }),
    { numRuns: 3 },
  );
});

it.each([8_000, 16_000, 44_100, 48_000])('survives resampling to %i samples per second', (rate) => {
  const other = resample(toFloat32Array(marked), RATE, rate);
  expect(detectWatermark(other, rate)).toMatchObject({ found: true, payload: PAYLOAD });
});

it('is detected in a part of a long recording', () => {
  const long = new Int16Array(14 * RATE);
  const unmarked = toInt16Array(speechLike(14 * RATE));
  long.set(unmarked);
  long.set(marked, 5 * RATE + 77);
  expect(detect(long)).toMatchObject({ found: true, payload: PAYLOAD });
  expect(detect(unmarked).found).toBe(false);
});

describe('is not detected', () => {
  it('without a mark, or with another key', () => {
    expect(detect(sixSeconds).found).toBe(false);
    expect(detect(marked, 12).found).toBe(false);
    expect(detect(embedWatermark(sixSeconds, PAYLOAD, { key: 12 }), 12)).toMatchObject({ payload: PAYLOAD });
    expect(detect(embedWatermark(sixSeconds, PAYLOAD, { key: 12 })).found).toBe(false);
  });

  it.each([0, 1, 511, 513, 2_000])('in %i samples', (length) => {
    expect(detect(marked.subarray(0, length)).found).toBe(false);
  });

  it('in silence, tones and clicks', () => {
    const made = (at: (n: number) => number) => Float32Array.from({ length: 3 * RATE }, (_, n) => at(n));
    for (const sound of [
      made(() => 0),
      made((n) => 0.3 * Math.sin(n / 5)),
      made((n) => (n % RATE === 0 ? 0.9 : 0)),
    ]) {
      const { found, score } = detectWatermark(sound, RATE);
      expect(found).toBe(false);
      expect(score).toBeLessThan(THRESHOLD);
    }
  });
});

it('keeps silence, length and input unchanged, and is 25 dB below the speech', () => {
  const before = sixSeconds.slice();
  expect(marked.length).toBe(sixSeconds.length);
  expect(sixSeconds).toEqual(before);
  expect(embedWatermark(new Int16Array(5_000), PAYLOAD)).toEqual(new Int16Array(5_000));
  for (const length of [0, 1, 255, 256, 257, 1_025]) {
    expect(embedWatermark(sixSeconds.subarray(0, length), PAYLOAD).length).toBe(length);
  }
  const power = (at: (n: number) => number) => sixSeconds.reduce((sum, _, n) => sum + at(n) ** 2, 0);
  const ratio = power((n) => sixSeconds[n]) / power((n) => marked[n] - sixSeconds[n]);
  expect(10 * Math.log10(ratio)).toBeGreaterThan(25);
});

it('stays within full scale', () => {
  const loud = Int16Array.from({ length: RATE }, (_, n) => (n % 60 < 30 ? 32_767 : -32_767));
  const samples = embedWatermark(loud, PAYLOAD);
  expect(Math.min(...samples)).toBeGreaterThanOrEqual(-32_767);
});

it('refuses invalid payloads and keys', () => {
  expect(() => embedWatermark(sixSeconds, new Uint8Array(7))).toThrow(RangeError);
  expect(() => embedWatermark(sixSeconds, PAYLOAD, { key: -1 })).toThrow(RangeError);
  expect(() => detect(sixSeconds, 2 ** 32)).toThrow(RangeError);
});

describe('code', () => {
  it('corrects one wrong bit in twenty', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 0, max: 2 ** 31 }), (payload, seed) => {
        let state = seed;
        const soft = Float64Array.from(encode(payload), (bit) => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const wrong = state / 2 ** 32 < 0.05;
          return (bit === 1) === wrong ? -1 : 1;
        });
        expect(decode(soft)).toEqual(payload);
      }),
    );
  });

  it('decodes nothing when nothing was encoded', () => {
    expect(encode(PAYLOAD).length).toBe(CODED_BITS);
    let state = 1;
    const noise = Float64Array.from({ length: CODED_BITS }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 31 - 1;
    });
    expect(decode(noise)).toBeUndefined();
  });
});
