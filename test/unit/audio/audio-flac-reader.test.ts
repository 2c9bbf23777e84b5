import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flacWork, readFlac } from '../../../src/audio/decoders/flac.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { BitWriter } from '../../../src/audio/flac/bits.ts';
import { msbFirstCrc } from '../../../src/base/crc.ts';
import { ffmpeg } from '../../contract/audio/audio-ffmpeg.ts';

const LIMITS = { maxSeconds: 60 };
const crc8 = msbFirstCrc(8, 0x07);
const crc16 = msbFirstCrc(16, 0x8005);

/** Two seconds of noise and tones as ffmpeg writes them. */
function flacOf(rate: number, channels: 1 | 2, options: readonly string[]): Uint8Array {
  const left = '0.4*sin(440*2*PI*t)+0.1*random(0)';
  const source = `aevalsrc=${channels === 1 ? left : `${left}|0.3*sin(440*2*PI*t)+0.02*random(1)`}:s=${rate}:d=2`;
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, ...options, '-f', 'flac', 'pipe:1'];
  const { stdout, status, stderr } = spawnSync('ffmpeg', args, { maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(stderr.toString());
  return new Uint8Array(stdout);
}

/** A file by the book: STREAMINFO, then frames. */
function fileOf(info: Partial<typeof INFO>, frames: readonly Uint8Array[] = []): Uint8Array {
  const { rate, channels, bits, total } = { ...INFO, ...info };
  const writer = new BitWriter();
  for (const byte of [0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34]) writer.write(byte, 8);
  writer.write(16, 16);
  writer.write(65_535, 16);
  for (let i = 0; i < 6; i++) writer.write(0, 8);
  writer.write(rate, 20);
  writer.write(channels - 1, 3);
  writer.write(bits - 1, 5);
  writer.write(Math.floor(total / 2 ** 32), 4);
  writer.write(total % 2 ** 32, 32);
  for (let i = 0; i < 16; i++) writer.write(0, 8);
  return new Uint8Array(Buffer.concat([writer.bytes(), ...frames]));
}
const INFO = { rate: 48_000, channels: 1, bits: 16, total: 0 };

/** A frame of mono at 16 bits whose subframe `write` writes; by itself 65,536 equal samples in 14 bytes. */
function frameOf(write = (writer: BitWriter) => writer.write(0, 24), size = 65_536): Uint8Array {
  const writer = new BitWriter();
  writer.write(0xfff8, 16);
  writer.write(0x70, 8);
  writer.write(0x08, 8);
  writer.write(0, 8);
  writer.write(size - 1, 16);
  writer.write(crc8(writer.bytes()), 8);
  write(writer);
  writer.align();
  writer.write(crc16(writer.bytes()), 16);
  return writer.bytes().slice();
}

const refusal = (bytes: Uint8Array): unknown => {
  try {
    readFlac(bytes, LIMITS);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('FLAC is decoded to the same samples as by ffmpeg', () => {
  it.each([
    ['stereo', 48_000, 2, []],
    ['left and side', 48_000, 2, ['-ch_mode', 'left_side']],
    ['side and right', 44_100, 2, ['-ch_mode', 'right_side', '-lpc_type', 'cholesky']],
    [
      'mid and side, 24 bits, the most of everything',
      96_000,
      2,
      ['-ch_mode', 'mid_side', '-sample_fmt', 's32', '-compression_level', '12'],
    ],
    ['mono, 24 bits', 24_000, 1, ['-sample_fmt', 's32', '-bits_per_raw_sample', '24']],
    ['fixed predictors', 8000, 1, ['-compression_level', '0']],
    ['a rate without a code', 11_025, 1, []],
  ] as const)('%s', (_, rate, channels, options) => {
    const file = flacOf(rate, channels, options);
    const raw = ffmpeg(file, [], ['-f', 'f64le']);
    const wanted = new Float64Array(
      raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length) as ArrayBuffer,
    );
    const { samples, sampleRate } = readFlac(file, LIMITS);
    expect([sampleRate, samples.length]).toEqual([rate, 2 * rate]);
    let worst = 0;
    for (let i = 0; i < samples.length; i++) {
      const mean = channels === 1 ? wanted[i] : (wanted[2 * i] + wanted[2 * i + 1]) / 2;
      worst = Math.max(worst, Math.abs(samples[i] - Math.fround(mean)));
    }
    expect(worst).toBe(0);
  });

  it('files of this server are decoded, tags included', async () => {
    const sound = Float32Array.from(
      { length: 10_000 },
      (_, n) => 0.5 * Math.sin(n / 7) + 0.1 * Math.sin(n * n),
    );
    const tags = { generator: 'Sori', model: 'm', voice: 'v', time: '2026-11-21T12:00:00.000Z' };
    const encoder = await createEncoder('flac', { totalSamples: sound.length, tags });
    const file = new Uint8Array(Buffer.concat([encoder.encode(sound), encoder.finish()]));
    const { samples } = readFlac(file, LIMITS);
    expect(samples.length).toBe(sound.length);
    expect(Math.max(...samples.map((value, i) => Math.abs(value - sound[i])))).toBeLessThan(2 / 32_768);
  });

  it('wasted bits of a subframe, and a residual that is not coded', () => {
    const wasted = frameOf((writer) => {
      // Verbatim, two bits wasted.
      writer.write(0b0000_0011, 8);
      writer.write(0b01, 2);
      for (const value of [1, -1, 100]) writer.write(value, 14);
    }, 3);
    const escaped = frameOf((writer) => {
      // Fixed, order 1; one partition, its values as they are in five bits.
      writer.write(9 << 1, 8);
      writer.write(1000, 16);
      writer.write(0, 6);
      writer.write(15, 4);
      writer.write(5, 5);
      for (const value of [-16, 15]) writer.write(value, 5);
    }, 3);
    const { samples } = readFlac(fileOf({}, [wasted, escaped]), LIMITS);
    expect(Array.from(samples, (value) => value * 32_768)).toEqual([4, -4, 400, 1000, 984, 999]);
  });
});

describe('refuses FLAC', () => {
  it.each([
    ['a length that it states', fileOf({ total: 60 * 48_000 + 1 }, [frameOf()]), /lasts 60\.0 s; at most 60/],
    ['a length of months', fileOf({ total: 2 ** 36 - 1 }, [frameOf()]), /lasts \d+\.\d s/],
    ['eight channels', fileOf({ channels: 8 }, [frameOf()]), /8 channels; mono and stereo/],
    ['a high rate', fileOf({ rate: 655_350 }, [frameOf()]), /655350 samples per second; 8000 to 96000/],
    ['no rate', fileOf({ rate: 0 }, [frameOf()]), /0 samples per second/],
    ['32 bits', fileOf({ bits: 32 }, [frameOf()]), /32 bits a sample; 4 to 24/],
    ['no frame', fileOf({}), /contains no audio/],
    [
      'fewer samples than stated',
      fileOf({ total: 70_000 }, [frameOf()]),
      /cut: it states 70000 samples and contains 65536/,
    ],
    ['a block of another size than stated', fileOf({ total: 65_535 }, [frameOf()]), /cut: it states 65535/],
    [
      'metadata that goes on',
      Uint8Array.of(
        ...fileOf({}).subarray(0, 4),
        0,
        0,
        0,
        34,
        ...fileOf({}).subarray(8),
        0x84,
        0xff,
        0xff,
        0xff,
      ),
      /cut/,
    ],
    ['half a STREAMINFO', fileOf({}).subarray(0, 20), /cut/],
    [
      'zeros without end',
      fileOf({}, [
        frameOf((writer) => {
          writer.write(8 << 1, 8);
          writer.write(0, 10);
          for (let i = 0; i < 99; i++) writer.write(0, 32);
        }),
      ]),
      /cut|check sum/,
    ],
    ['a reserved subframe', fileOf({}, [frameOf((writer) => writer.write(2 << 1, 8))]), /type 2/],
    ['noise for a frame', fileOf({}, [new Uint8Array(100).fill(7)]), /does not begin where it should/],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toMatchObject({
      code: 'invalid_reference',
      param: 'reference',
      message: expect.stringMatching(message),
    });
  });

  it('refuses hours of silence in a few kilobytes before decoding', () => {
    const bomb = fileOf(
      {},
      Array.from({ length: 20_000 }, () => frameOf()),
    );
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(bomb)).toMatchObject({ message: expect.stringMatching(/longer than 60 s/) });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('notices a flipped bit at any position', () => {
    const file = fileOf({}, [frameOf(), frameOf()]);
    for (let at = 42; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] ^= 1 << (at % 8);
      expect(refusal(damaged), `byte ${at}`).toMatchObject({ code: 'invalid_reference' });
    }
  });

  it('any bytes give samples or a typed refusal', () => {
    const real = flacOf(8000, 1, []);
    fc.assert(
      fc.property(
        fc.nat(real.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.boolean(),
        (at, noise, cut) => {
          const bytes = real.slice(0, cut ? at : real.length);
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
          const error = refusal(bytes);
          if (error !== undefined) expect(error).toMatchObject({ code: 'invalid_reference' });
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('decodes in parts, yielding to the event loop', async () => {
  const sound = Float32Array.from({ length: 200_000 }, (_, n) => 0.5 * Math.sin(n / 7));
  const encoder = await createEncoder('flac', { totalSamples: sound.length });
  const file = new Uint8Array(Buffer.concat([encoder.encode(sound), encoder.finish()]));
  const work = flacWork(file, LIMITS);
  let parts = 1;
  let step = work.next();
  for (; !step.done; step = work.next()) parts++;
  expect(parts).toBeGreaterThan(5);
  expect(step.value.samples).toEqual(readFlac(file, LIMITS).samples);
});
