import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wavFrame } from '../../../src/audio/encoders/wav.ts';

/** Walks the chunks of a RIFF file as RIFF defines them. */
function chunks(file: Uint8Array): { riffSize: number; form: string; found: Map<string, DataView> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  expect(text(0)).toBe('RIFF');
  const found = new Map<string, DataView>();
  let at = 12;
  while (at < file.length) {
    const size = view.getUint32(at + 4, true);
    expect(at + 8 + size).toBeLessThanOrEqual(file.length);
    found.set(text(at), new DataView(file.buffer, file.byteOffset + at + 8, size));
    at += 8 + size + (size % 2);
  }
  expect(at).toBe(file.length);
  return { riffSize: view.getUint32(4, true), form: text(8), found };
}

it('is a well-formed RIFF file of the stated size for any data', () => {
  const coding = fc.constantFrom('pcm', 'mulaw', 'alaw');
  fc.assert(
    fc.property(coding, fc.nat(2_000), fc.constantFrom(8_000, 24_000), (coding, samples, sampleRate) => {
      const width = coding === 'pcm' ? 2 : 1;
      const { header, trailer, fileLength } = wavFrame({ coding, sampleRate, samples });
      const file = new Uint8Array([...header, ...new Uint8Array(samples * width).fill(0x2a), ...trailer]);
      expect(file.length).toBe(fileLength);
      const { riffSize, form, found } = chunks(file);
      expect(riffSize).toBe(file.length - 8);
      expect(form).toBe('WAVE');
      const format = found.get('fmt ')!;
      expect(format.getUint16(0, true)).toBe({ pcm: 1, alaw: 6, mulaw: 7 }[coding]);
      expect(format.getUint16(2, true)).toBe(1);
      expect(format.getUint32(4, true)).toBe(sampleRate);
      expect(format.getUint32(8, true)).toBe(sampleRate * width);
      expect(format.getUint16(12, true)).toBe(width);
      expect(format.getUint16(14, true)).toBe(8 * width);
      const data = found.get('data')!;
      expect(data.byteLength).toBe(samples * width);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      expect(bytes.every((byte) => byte === 0x2a)).toBe(true);
      if (coding === 'pcm') {
        expect(format.byteLength).toBe(16);
        expect([...found.keys()]).toEqual(['fmt ', 'data']);
      } else {
        expect(format.byteLength).toBe(18);
        expect([...found.keys()]).toEqual(['fmt ', 'fact', 'data']);
        expect(found.get('fact')!.getUint32(0, true)).toBe(samples);
      }
    }),
  );
});

it('refuses sizes that do not fit into 32 bits', () => {
  const largest = Math.floor((2 ** 32 - 1 - 36) / 2);
  expect(wavFrame({ coding: 'pcm', sampleRate: 24_000, samples: largest }).fileLength).toBe(44 + 2 * largest);
  expect(() => wavFrame({ coding: 'pcm', sampleRate: 24_000, samples: largest + 1 })).toThrow(RangeError);
});
