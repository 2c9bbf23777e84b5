import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId, WAV_FORMATS } from '../../../src/audio/format.ts';
import { createLengthMeter } from '../../../src/audio/length-meter.ts';

const SAMPLES = 24_000 * 2 + 7_321;
const MS = SAMPLES / 24;

async function encoded(format: AudioFormatId, options: object = {}): Promise<Uint8Array> {
  const encoder = await createEncoder(format, { totalSamples: SAMPLES, ...options });
  const samples = Float32Array.from({ length: SAMPLES }, (_, n) => 0.3 * Math.sin(n / 20));
  const parts = [encoder.encode(samples), encoder.finish()];
  encoder.close();
  return Buffer.concat(parts);
}

/** Writes bytes to the meter in chunks of this size. */
function measured(format: AudioFormatId, bytes: Uint8Array, piece: number): number | undefined {
  const meter = createLengthMeter(format);
  for (let at = 0; at < bytes.length; at += piece) meter.push(bytes.subarray(at, at + piece));
  return meter.ms();
}

describe('a length meter', () => {
  it.each(AUDIO_FORMATS.filter((format) => format !== 'aac'))(
    '%s: measures the length for any chunk sizes',
    async (format) => {
      const bytes = await encoded(format);
      // 8 kHz has a third of the samples.
      const slack = WAV_FORMATS.includes(format) || format.endsWith('law') ? 0.2 : 0.001;
      for (const piece of [1, 97, 5_000, bytes.length]) {
        const ms = measured(format, bytes, piece);
        expect(Math.abs((ms ?? Number.NaN) - MS), `${ms} in pieces of ${piece}`).toBeLessThan(slack);
      }
    },
  );

  it('MP3 of unknown length: at most 50 ms too long', async () => {
    const ms = measured('mp3', await encoded('mp3', { totalSamples: undefined }), 1_000)!;
    expect(ms).toBeGreaterThanOrEqual(MS);
    expect(ms).toBeLessThan(MS + 50);
  });

  it.each(['flac', 'm4a', ...WAV_FORMATS] as const)('%s of unknown length', async (format) => {
    for (const piece of [1_000, 50_000]) {
      const ms = measured(format, await encoded(format, { totalSamples: undefined }), piece)!;
      expect(Math.abs(ms - MS)).toBeLessThan(0.2);
    }
  });

  it('AAC: rounds up to whole frames, and does not count tags', async () => {
    for (const tags of [undefined, { generator: 'Sori' }]) {
      const bytes = await encoded('aac', { totalSamples: undefined, tags });
      for (const piece of [1, 97, bytes.length]) {
        expect(measured('aac', bytes, piece)).toBe(Math.ceil(SAMPLES / 1024) * (1024 / 24));
      }
    }
  });

  it('does not count tags as speech', async () => {
    const tags = { generator: 'Sori', model: 'm', voice: 'v', time: '2026-01-01T00:00:00Z' };
    for (const format of ['mp3', 'wav', 'opus', 'flac', 'm4a'] as const) {
      const ms = measured(format, await encoded(format, { tags }), 777)!;
      expect(Math.abs(ms - MS), format).toBeLessThan(0.2);
    }
  });

  it.each(['wav', 'mp3', 'opus', 'aac', 'm4a', 'pcm', 'mulaw-wav'] as const)(
    '%s that broke off: what has passed, and no more',
    async (format) => {
      const bytes = await encoded(format);
      const ms = measured(format, bytes.subarray(0, bytes.length / 2), 500)!;
      expect(ms).toBeGreaterThan(MS * 0.3);
      expect(ms).toBeLessThan(MS * 0.7);
    },
  );

  it.each(['wav', 'opus', 'aac', 'm4a', 'flac'] as const)('%s: gives no length for other files', (format) => {
    expect(measured(format, new TextEncoder().encode('<html>'.repeat(100)), 64)).toBeUndefined();
    expect(createLengthMeter(format).ms()).toBeUndefined();
  });
});
