import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { statedLength } from '../../../src/audio/encoders/stated-length.ts';
import { AUDIO_FORMATS, FORMAT_INFO, KNOWN_LENGTH_FORMATS, WAV_FORMATS } from '../../../src/audio/format.ts';
import hashes from './audio-hashes.json' with { type: 'json' };
import { encodeAll, sha256, speechLike } from './audio-signal.ts';

const signal = speechLike(9_601);

/** A length and places to cut it at, ascending, some of them twice. */
const cutSignal = fc.integer({ min: 0, max: signal.length }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    cuts: fc
      .array(fc.integer({ min: 0, max: length }), { maxLength: 8 })
      .map((cuts) => cuts.sort((a, b) => a - b)),
  }),
);

describe.each(AUDIO_FORMATS)('%s', (format) => {
  it('gives the same bytes for any chunk sizes', async () => {
    await fc.assert(
      fc.asyncProperty(cutSignal, async ({ length, cuts }) => {
        const samples = signal.subarray(0, length);
        const whole = await encodeAll(samples, format, []);
        expect(await encodeAll(samples, format, cuts)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('gives the recorded bytes, as on every platform', async () => {
    const bytes = await encodeAll(speechLike(24_001), format);
    expect({ length: bytes.length, sha256: await sha256(bytes) }).toEqual(hashes[format]);
  });

  it('states its length beforehand exactly where the format fixes it', async () => {
    const fixed = KNOWN_LENGTH_FORMATS.includes(format);
    for (const totalSamples of [0, 1, 2, 3, 4, 2_999, 3_000, 3_001]) {
      const { contentLength } = await createEncoder(format, { totalSamples });
      const bytes = await encodeAll(signal.subarray(0, totalSamples), format);
      expect(contentLength).toBe(fixed ? bytes.length : undefined);
    }
  });

  it('states its content type', async () => {
    const encoder = await createEncoder(format, { totalSamples: 1 });
    expect(encoder.contentType).toBe(FORMAT_INFO[format].contentType);
    encoder.close();
  });

  it('accepts samples out of range', async () => {
    const wild = Float32Array.of(Number.NaN, Infinity, -Infinity, 1e30, -3, 1, -1, 0, 1e-40, 0.5);
    const tame = Float32Array.of(0, 1, -1, 1, -1, 1, -1, 0, 1e-40, 0.5);
    expect(await encodeAll(wild, format)).toEqual(await encodeAll(tame, format));
  });

  it('encoders that run at the same time are independent', async () => {
    const other = speechLike(9_601).map((sample) => -0.3 * sample);
    const totalSamples = signal.length;
    const encoders = [
      await createEncoder(format, { totalSamples }),
      await createEncoder(format, { totalSamples }),
    ];
    const pieces: Uint8Array[][] = [[], []];
    for (let at = 0; at < totalSamples; at += 1_000) {
      [signal, other].forEach((samples, i) => {
        pieces[i].push(encoders[i].encode(samples.subarray(at, at + 1_000)));
      });
    }
    encoders.forEach((encoder, i) => {
      pieces[i].push(encoder.finish());
    });
    expect(Buffer.concat(pieces[0])).toEqual(Buffer.from(await encodeAll(signal, format)));
    expect(Buffer.concat(pieces[1])).toEqual(Buffer.from(await encodeAll(other, format)));
  });

  it('requires the announced length, and refuses calls after the end', async () => {
    const long = await createEncoder(format, { totalSamples: 10 });
    expect(() => long.encode(new Float32Array(11))).toThrow(RangeError);
    long.close();
    long.close();
    expect(() => long.encode(new Float32Array(1))).toThrow('closed');

    const short = await createEncoder(format, { totalSamples: 10 });
    short.encode(new Float32Array(9));
    expect(() => short.finish()).toThrow(RangeError);
    expect(() => short.finish()).toThrow('closed');
  });
});

it.each([-1, 0.5, Number.NaN, Infinity])('refuses %s samples', async (totalSamples) => {
  await expect(createEncoder('pcm', { totalSamples })).rejects.toThrow(RangeError);
});

describe.each(AUDIO_FORMATS)('%s, of unknown length', (format) => {
  it.each([0, 1, 479, 480, 9_601])(
    'takes %i samples and gives what it gives of known length, headers apart',
    async (length) => {
      const samples = signal.subarray(0, length);
      const encoder = await createEncoder(format, { totalSamples: undefined });
      expect(encoder.contentLength).toBeUndefined();
      const unknown = Buffer.concat([
        encoder.encode(samples.subarray(0, 1_000)),
        encoder.encode(samples.subarray(1_000)),
        encoder.finish(),
      ]);
      const known = Buffer.from(await encodeAll(samples, format));
      const wav = WAV_FORMATS.includes(format);
      const headerOf = (file: Buffer) => {
        // What M4A leaves out takes no bytes.
        if (format === 'm4a') return file.indexOf('moof');
        return wav ? 58 : ({ mp3: 240, flac: 42 }[format as string] ?? 0);
      };
      // Data of odd length are padded where the chunk has an end.
      const pad = wav ? known.length - unknown.length : 0;
      expect([0, 1]).toContain(pad);
      const audio = known.subarray(headerOf(known), known.length - pad);
      expect(unknown.subarray(headerOf(unknown))).toEqual(audio);
      if (wav)
        expect([4, unknown.indexOf('data') + 4].map((at) => unknown.readUInt32LE(at))).toEqual([
          0xffff_ffff, 0xffff_ffff,
        ]);
      // What is stored afterwards states its length.
      const stored = statedLength(format, Uint8Array.from(unknown), length);
      if (format !== 'mp3') expect(stored && Buffer.from(stored)).toEqual(wav ? undefined : known);
    },
  );
});

it('refuses more samples than a WAV file can count', async () => {
  await expect(createEncoder('wav', { totalSamples: 2 ** 31 })).rejects.toThrow(RangeError);
});

it('every format has a row of FORMAT_INFO, and no others exist', () => {
  expect(Object.keys(FORMAT_INFO).sort()).toEqual([...AUDIO_FORMATS].sort());
});
