import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { readWav } from '../../../src/audio/wav-reader.ts';
import { SoriError } from '../../../src/base/errors.ts';

type Coding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64';
const CODINGS: readonly Coding[] = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'float64'];
const LIMITS = { maxSeconds: 60 };

interface Layout {
  coding?: Coding;
  channels?: number;
  rate?: number;
  extensible?: boolean;
  /** Chunks before the audio data: name and bytes. */
  before?: readonly (readonly [string, number])[];
}

/** A WAV file by the book, written without the code under test. `samples` are interleaved. */
function wav(samples: readonly number[], layout: Layout = {}): Buffer {
  const { coding = 'pcm16', channels = 1, rate = 24_000, extensible = false, before = [] } = layout;
  const bits = Number(coding.replace(/\D+/, ''));
  const kind = coding.startsWith('pcm') ? 1 : 3;
  const width = bits / 8;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : kind, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(rate * channels * width, 8);
  format.writeUInt16LE(channels * width, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bits, 18);
    format.writeUInt16LE(kind, 24);
    format.set(Buffer.from('000000001000800000aa00389b71', 'hex'), 26);
  }
  const data = Buffer.alloc(samples.length * width);
  samples.forEach((value, i) => {
    if (coding === 'pcm8') data.writeUInt8(Math.min(255, Math.round(value * 128) + 128), i);
    else if (coding === 'float32') data.writeFloatLE(value, 4 * i);
    else if (coding === 'float64') data.writeDoubleLE(value, 8 * i);
    else {
      const full = 2 ** (bits - 1);
      data.writeIntLE(Math.min(full - 1, Math.round(value * full)), i * width, width);
    }
  });
  const chunks = [
    ...before.map(([name, length]) => chunk(name, Buffer.alloc(length, 1))),
    chunk('fmt ', format),
    ...before.map(([name, length]) => chunk(name, Buffer.alloc(length, 1))),
    chunk('data', data),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

function chunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function refusal(bytes: Uint8Array, limits = LIMITS): string {
  try {
    readWav(bytes, limits);
  } catch (error) {
    if (error instanceof SoriError && error.code === 'invalid_reference') return error.message;
    throw error;
  }
  return '';
}

const STEP: Record<Coding, number> = {
  pcm8: 2 ** -7,
  pcm16: 2 ** -15,
  pcm24: 2 ** -23,
  pcm32: 2 ** -24,
  float32: 2 ** -24,
  float64: 2 ** -24,
};

describe('readWav', () => {
  it.each(CODINGS)('reads %s, plain and extensible, within half a step', (coding) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.boolean(),
        fc.integer({ min: 8000, max: 192_000 }),
        (values, extensible, rate) => {
          const audio = readWav(wav(values, { coding, extensible, rate }), LIMITS);
          expect(audio.sampleRate).toBe(rate);
          expect(audio.samples.length).toBe(values.length);
          audio.samples.forEach((sample, i) => {
            expect(Math.abs(sample - values[i])).toBeLessThanOrEqual(STEP[coding] / 2 + 1e-12);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('averages the channels of stereo files', () => {
    for (const coding of CODINGS) {
      const { samples } = readWav(wav([0.5, 0.25, -0.5, 0.5], { coding, channels: 2 }), LIMITS);
      expect([...samples]).toEqual([0.375, 0]);
    }
  });

  it('skips unknown chunks, also those of odd length', () => {
    const bytes = wav([0.5, -0.5], {
      before: [
        ['LIST', 7],
        ['bext', 602],
        ['junk', 0],
      ],
    });
    expect([...readWav(bytes, LIMITS).samples]).toEqual([0.5, -0.5]);
  });

  it('reads streamed files, whose lengths are 0xFFFFFFFF, to the end', () => {
    const bytes = wav([0.5, -0.5, 0.25]);
    bytes.writeUInt32LE(0xffff_ffff, 4);
    bytes.writeUInt32LE(0xffff_ffff, 40);
    expect([...readWav(bytes, LIMITS).samples]).toEqual([0.5, -0.5, 0.25]);
  });

  it('reads the files of this service', async () => {
    const encoder = await createEncoder('wav', { totalSamples: 3 });
    const bytes = Buffer.concat([encoder.encode(Float32Array.of(0.5, -0.5, 1)), encoder.finish()]);
    const { samples, sampleRate } = readWav(bytes, LIMITS);
    expect(sampleRate).toBe(24_000);
    expect(samples[0]).toBeCloseTo(0.5, 4);
    expect(samples[2]).toBeCloseTo(1, 4);
  });

  it('reads a view that does not begin at the start of its buffer', () => {
    const bytes = wav([0.5, -0.5]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect([...readWav(shifted.subarray(3), LIMITS).samples]).toEqual([0.5, -0.5]);
  });
});

describe('readWav refuses', () => {
  it('files that are not WAV', () => {
    expect(refusal(new Uint8Array())).toMatch(/not a WAV file/);
    expect(refusal(Buffer.from('ID3 something that is an MP3'))).toMatch(/not a WAV file/);
    expect(refusal(Buffer.from('RIFF0000AVI LIST'))).toMatch(/not a WAV file/);
  });

  it('a file truncated at any position', () => {
    const bytes = wav([0.1, 0.2, 0.3, 0.4], { extensible: true, before: [['LIST', 10]] });
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length)), `${length} bytes`).not.toBe('');
    }
  });

  it('unsupported codings, channel counts and rates, by name', () => {
    const changed = (at: number, value: number) => {
      const bytes = wav([0.1, 0.2]);
      bytes.writeUInt16LE(value, at);
      return refusal(bytes);
    };
    expect(changed(20, 0x55)).toMatch(/format 85 with 16 bits/);
    expect(changed(34, 12)).toMatch(/format 1 with 12 bits/);
    expect(changed(22, 6)).toMatch(/6 channels/);
    expect(changed(22, 0)).toMatch(/0 channels/);
    expect(changed(32, 3)).toMatch(/disagree/);
    expect(refusal(wav([0.1], { rate: 7999 }))).toMatch(/7999 samples per second/);
    expect(refusal(wav([0.1], { rate: 192_001 }))).toMatch(/192001 samples per second/);
    const odd = wav([0.1], { extensible: true });
    odd.writeUInt8(0x12, 12 + 8 + 27);
    expect(refusal(odd)).toMatch(/format 65534/);
  });

  it('files without samples, and samples that are not numbers', () => {
    expect(refusal(wav([]))).toMatch(/no audio/);
    expect(refusal(wav([0, Number.NaN], { coding: 'float32' }))).toMatch(/sample 1 is not a number/);
    expect(refusal(wav([0, 1e300], { coding: 'float64' }))).toMatch(/sample 1 is not a number/);
  });

  it('audio longer than the limit, before memory is allocated', () => {
    const bytes = wav(
      Array.from({ length: 8001 }, () => 0.1),
      { rate: 8000 },
    );
    expect(refusal(bytes, { maxSeconds: 1 })).toMatch(/lasts 1\.0 s; at most 1 s/);
    expect(refusal(bytes, { maxSeconds: 1.01 })).toBe('');
    // A header that states 4 GB does not cause an allocation of 4 GB.
    bytes.writeUInt32LE(0xffff_fff0, 40);
    expect(refusal(bytes)).toMatch(/is cut: it states 4294967280 bytes/);
  });

  it('damaged files with a typed error, unless they are still readable', () => {
    const bytes = wav(
      Array.from({ length: 40 }, (_, i) => Math.sin(i)),
      { before: [['LIST', 9]] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        refusal(damaged);
      }),
      { numRuns: 500 },
    );
  });
});
