import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioEncoder, FORMAT_INFO, isTelephony } from '../../../src/audio/format.ts';
import { toFloat32Array, toInt16, toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, readMasterWav, transcode } from '../../../src/audio/transcode.ts';
import { encodeAll, speechLike } from '../../contract/audio/audio-signal.ts';

const speech = speechLike(70_001);
const samples = toInt16Array(speech);
const master = { samples, long: false, telephonyLoudness: null };

describe.each(AUDIO_FORMATS)('%s of a master', (format) => {
  it('gives the same bytes as encoding the samples while they were made', async () => {
    const transcoded = await transcode(createEncoder, master, format);
    expect(transcoded).toEqual(await encodeAll(toFloat32Array(samples), format, [1, 30_000]));
    // Telephony formats resample before they round; the other formats round to the samples of the master first.
    if (!isTelephony(format)) expect(transcoded).toEqual(await encodeAll(speech, format));
  });

  it('works for any short master', async () => {
    await fc.assert(
      fc.asyncProperty(fc.int16Array({ min: -32_767, max: 32_767, maxLength: 1_300 }), async (samples) => {
        const transcoded = await transcode(createEncoder, { ...master, samples }, format);
        expect(transcoded).toEqual(await encodeAll(toFloat32Array(samples), format, []));
      }),
      { numRuns: 20 },
    );
  });

  it('leaves the length out of a long MP3, and states it in all other formats', async () => {
    const transcoded = await transcode(createEncoder, { ...master, long: true }, format);
    if (format !== 'mp3') {
      expect(transcoded).toEqual(await transcode(createEncoder, master, format));
      return;
    }
    const encoder = await createEncoder('mp3', { totalSamples: undefined });
    expect(Buffer.from(transcoded)).toEqual(Buffer.concat([encoder.encode(speech), encoder.finish()]));
  });

  it('depends on the loudness of telephony only for telephony formats', async () => {
    const levelled = await transcode(createEncoder, { ...master, telephonyLoudness: -20 }, format);
    const plain = await transcode(createEncoder, master, format);
    expect(levelled.length).toBe(plain.length);
    expect(Buffer.from(levelled).equals(plain)).toBe(!isTelephony(format));
  });
});

it('closes the encoder when it fails', async () => {
  let closed = 0;
  const failing: AudioEncoder = {
    contentType: FORMAT_INFO.flac.contentType,
    contentLength: undefined,
    encode: () => {
      throw new Error('out of memory');
    },
    finish: () => new Uint8Array(0),
    close: () => closed++,
  };
  await expect(transcode(() => failing, master, 'flac')).rejects.toThrow('out of memory');
  expect(closed).toBe(1);
});

it('yields to the event loop', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await transcode(createEncoder, { ...master, samples: new Int16Array(2 ** 18) }, 'pcm');
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

describe('masters', () => {
  const small = masterWav(Int16Array.of(1, -2, 32_767, -32_767));

  it('are valid WAV files', async () => {
    expect(masterWav(samples)).toEqual(await encodeAll(speech, 'wav'));
    fc.assert(
      fc.property(fc.int16Array(), fc.nat(3), (samples, offset) => {
        const bytes = masterWav(samples);
        const placed = new Uint8Array(bytes.length + offset).subarray(offset);
        placed.set(bytes);
        expect(readMasterWav(placed)).toEqual(samples);
      }),
    );
  });

  it('are distinguished from all other files', () => {
    for (let length = 0; length < small.length; length++) {
      expect(() => readMasterWav(small.subarray(0, length)), `${length}`).toThrow(RangeError);
    }
    expect(() => readMasterWav(Uint8Array.of(...small, 0, 0))).toThrow(RangeError);
    for (let at = 0; at < 44; at++) {
      const damaged = small.slice();
      damaged[at] ^= 1;
      expect(() => readMasterWav(damaged), `${at}`).toThrow(RangeError);
    }
  });

  it('convert to floats that round to the same samples', () => {
    const all = Int16Array.from({ length: 2 * 32_767 + 1 }, (_, i) => i - 32_767);
    expect(Int16Array.from(toFloat32Array(all), toInt16)).toEqual(all);
  });
});
