import { beforeAll, describe, expect, it, vi } from 'vitest';
import { secondsOf } from '../../../src/audio/decoders/kinds.ts';
import { decodeRecording } from '../../../src/audio/decoders/recording.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { OggWriter } from '../../../src/audio/encoders/ogg.ts';
import type { AudioFormatId } from '../../../src/audio/format.ts';
import { ffmpeg, snr } from '../../contract/audio/audio-ffmpeg.ts';
import { ANA, hum, voicesApp, wavOf } from '../../support/apps/voices-app.ts';
import { RECORDINGS, type RecordingName, recorded } from '../../support/recordings.ts';

async function encoded(format: AudioFormatId, samples: Float32Array): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createEncoder(format, { totalSamples: samples.length });
  return new Uint8Array(Buffer.concat([encoder.encode(samples), encoder.finish()]));
}

/** Hz, by its crossings of zero. */
function pitchOf({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }): number {
  const middle = samples.subarray(sampleRate, 2 * sampleRate);
  let crossings = 0;
  for (let n = 1; n < middle.length; n++) crossings += Number(middle[n - 1] < 0 !== middle[n] < 0);
  return crossings / 2;
}

/** An Ogg Opus file of so many pages, each of these packets. */
function oggOpus(pages: number, packets: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const ogg = new OggWriter(7);
  const pageOf = (granule: number, held: readonly Uint8Array[]) => {
    for (const packet of held) ogg.add(packet);
    return ogg.flush({ granule });
  };
  const text = (letters: string) => Array.from(letters, (letter) => letter.charCodeAt(0));
  const head = Uint8Array.of(...text('OpusHead'), 1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0);
  const tags = Uint8Array.of(...text('OpusTags'), 0, 0, 0, 0, 0, 0, 0, 0);
  const parts = [pageOf(0, [head]), pageOf(0, [tags])];
  for (let page = 1; page <= pages; page++) parts.push(pageOf(page * packets.length * 5760, packets));
  return new Uint8Array(Buffer.concat(parts));
}

describe('recordings in Node', () => {
  it.each([
    ['wav', 24_000],
    ['flac', 24_000],
    ['mp3', 24_000],
    ['opus', 48_000],
    ['aac', 24_000],
    ['m4a', 24_000],
  ] as const)('%s is decoded', async (format, rate) => {
    const sound = await decodeRecording(await encoded(format, hum(ANA)), 60);
    expect(sound.sampleRate).toBe(rate);
    expect(sound.samples.length / rate).toBeCloseTo(4, 0);
    expect(pitchOf(sound)).toBeGreaterThan(ANA - 3);
    expect(pitchOf(sound)).toBeLessThan(ANA + 3);
  });

  it.each(['wav', 'flac', 'mp3', 'opus'] as const)(
    '%s is read no further than it may be long',
    async (format) => {
      const long = await encoded(format, hum(ANA, 20));
      await expect(decodeRecording(long, 10)).rejects.toMatchObject({
        code: 'invalid_reference',
        message: expect.stringMatching(/10 s/),
      });
    },
  );

  it('hours of silence in a few kilobytes of Ogg Opus are refused early', async () => {
    // 255 packets a page, each of six frames of 20 ms in two bytes: a megabyte lasts 17 hours.
    const packets = Array.from({ length: 255 }, () => Uint8Array.of(0b1_1111_011, 6));
    const bomb = oggOpus(1500, packets);
    const before = process.memoryUsage().rss;
    await expect(decodeRecording(bomb, 60)).rejects.toMatchObject({
      code: 'invalid_reference',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('a damaged Ogg Opus file is refused at its first damaged page, without flooding the log', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    // No frames at all, which is none of what a packet may hold.
    const pages = oggOpus(
      2000,
      Array.from({ length: 100 }, () => Uint8Array.of(0b1_1111_011, 0)),
    );
    await expect(decodeRecording(pages, 60)).rejects.toMatchObject({
      code: 'invalid_reference',
      message: expect.stringMatching(/^This Ogg file is damaged/),
    });
    expect(told.mock.calls.length).toBeLessThan(20);
    told.mockRestore();
  });

  it.each([1, 2])(
    'Ogg Opus with %i channels is read as ffmpeg reads it, to the last sample',
    async (channels) => {
      const wav = await wavOf(hum(ANA, 2.345));
      const file = new Uint8Array(ffmpeg(wav, [], ['-ac', String(channels), '-c:a', 'libopus', '-f', 'ogg']));
      const raw = ffmpeg(file, [], ['-f', 'f32le', '-ac', '1']);
      const wanted = new Float32Array(
        raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length) as ArrayBuffer,
      );
      const { samples, sampleRate } = await decodeRecording(file, 60);
      expect([sampleRate, samples.length]).toEqual([48_000, wanted.length]);
      const scale = channels === 1 ? 1 : Math.max(...wanted) / Math.max(...samples);
      let worst = 0;
      for (const [i, value] of samples.entries())
        worst = Math.max(worst, Math.abs(scale * value - wanted[i]));
      expect(worst).toBeLessThan(0.002);
    },
  );

  it('Ogg that is truncated, changed, chained, or contains something else is refused', async () => {
    const file = await encoded('opus', hum(ANA));
    const changed = file.slice();
    changed[changed.length >> 1] ^= 1;
    const other = file.slice();
    // Another stream's page behind this one's.
    const second = new Uint8Array(Buffer.concat([file, oggOpus(1, [Uint8Array.of(0)])]));
    other.set(new TextEncoder().encode('Speex   '), 28);
    for (const [bytes, message] of [
      [file.subarray(0, file.length - 10), /cut/],
      [changed, /check sum/],
      [other, /check sum/],
      [second, /more than one stream/],
    ] as const) {
      await expect(decodeRecording(bytes, 60)).rejects.toMatchObject({
        code: 'invalid_reference',
        message: expect.stringMatching(message),
      });
    }
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('Hello there.')],
    ['the beginning of a FLAC file', new TextEncoder().encode('fLaC\0\0\0\0')],
    ['an m4a file', new TextEncoder().encode('\0\0\0\u0020ftypM4A \0\0\0\0')],
    ['the beginning of an MP3 file', Uint8Array.of(0xff, 0xfb, 0x90, 0)],
    ['an ID3 tag that goes on for ever', Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f)],
    ['the beginning of an Ogg file', new TextEncoder().encode('OggS\0\0\0\0')],
    [
      'noise in an Ogg page',
      Uint8Array.from({ length: 4096 }, (_, i) => 'OggS'.charCodeAt(i) || (i * 7919) % 256),
    ],
  ])('%s: refused', async (_, bytes) => {
    await expect(decodeRecording(bytes, 60)).rejects.toMatchObject({ code: 'invalid_reference' });
  });

  it.each([
    ['wav', 5],
    ['flac', 5],
  ] as const)('%s states its length before it is decoded', async (format, seconds) => {
    expect(secondsOf(await encoded(format, hum(ANA, seconds)))).toBeCloseTo(seconds, 1);
  });

  it.each(['mp3', 'opus'] as const)('the estimated length of %s is not too short', async (format) => {
    expect(secondsOf(await encoded(format, hum(ANA, 5)))).toBeGreaterThan(5);
  });

  it('become a voice', async () => {
    const { clone } = await voicesApp();
    const files = [
      await encoded('mp3', hum(ANA)),
      await encoded('opus', hum(ANA, 5)),
      await wavOf(hum(ANA, 6)),
    ];
    const { status } = await clone({ files, consent_recording: await encoded('mp3', hum(ANA, 7)) });
    expect(status).toBe(201);
  });
});

/** The sum over the samples that both have. */
function product(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let n = 0; n < Math.min(first.length, second.length); n++) sum += first[n] * second[n];
  return sum;
}

/** A tone that rises, with some noise: 3 s that no codec can move unnoticed. */
async function rising(): Promise<Uint8Array<ArrayBuffer>> {
  let noise = 1;
  const samples = Float32Array.from({ length: 3 * 24_000 }, (_, n) => {
    const t = n / 24_000;
    noise = (noise * 16_807) % 2_147_483_647;
    return 0.4 * Math.sin(2 * Math.PI * (200 + 200 * t) * t) + 0.02 * (noise / 2 ** 31 - 0.5);
  });
  return await wavOf(samples);
}

describe.each(Object.keys(RECORDINGS) as RecordingName[])('%s', (name) => {
  let file: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    file = recorded(name, await rising());
  });

  it('is decoded as ffmpeg does', async () => {
    const { samples, sampleRate } = await decodeRecording(file, 60);
    // ffmpeg's own decoder resamples low rates of Opus otherwise than libopus, and with libopus it skips twice in MP4.
    const decoder = /^opus.(?:ogg|webm)$/.test(name) ? ['-c:a', 'libopus'] : [];
    const raw = ffmpeg(file, decoder, ['-ac', '1', '-f', 'f32le']);
    const wanted = new Float32Array(
      raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length) as ArrayBuffer,
    );
    // ffmpeg mixes the channels of Opus and Vorbis louder.
    const middle = (sound: Float32Array) => sound.subarray(sampleRate / 4, 2.5 * sampleRate);
    const scale = product(middle(wanted), middle(samples)) / product(middle(samples), middle(samples));
    expect(Math.abs(scale - 1) < 0.01 || Math.abs(scale - Math.SQRT2) < 0.01).toBe(true);
    // ffmpeg does not remove the padding of AAC that the file declares.
    expect(Math.abs(samples.length - wanted.length) / sampleRate).toBeLessThan(0.1);
    const heard = middle(samples).map((value) => scale * value);
    expect(snr(middle(wanted), heard)).toBeGreaterThan(60);
  });

  it('is refused when it is truncated or too long, and never crashes', async () => {
    await expect(decodeRecording(file, 2)).rejects.toMatchObject({ message: expect.stringMatching(/2 s/) });
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 25; round++) {
      const damaged = file.slice(0, round % 5 === 0 ? next(file.length) : file.length);
      // The first bytes identify the format.
      for (let n = 0; n < 8; n++)
        damaged[12 + next(Math.max(1, n < 4 ? 800 : damaged.length - 12))] = next(256);
      const result = await decodeRecording(damaged, 60).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toMatchObject({ code: 'invalid_reference' });
      else expect((result as { samples: Float32Array }).samples.every(Number.isFinite)).toBe(true);
    }
  });
});

it('decoding a recording yields to the event loop', async () => {
  const file = recorded('aac.m4a', await wavOf(hum(ANA, 20)));
  let turns = 0;
  let decoding = true;
  const count = () => {
    turns++;
    if (decoding) setImmediate(count);
  };
  setImmediate(count);
  await decodeRecording(file, 60);
  decoding = false;
  expect(turns).toBeGreaterThan(20);
});

it('HE-AAC is decoded as the AAC-LC in it', async () => {
  // AAC-LC that states that it is HE-AAC: its decoder ignores what reconstructs the upper half.
  const plain = recorded('aac.m4a', await rising());
  const at = Buffer.from(plain).indexOf(Uint8Array.of(5, 0x80, 0x80, 0x80, 5, 0x13, 0x08));
  expect(at).toBeGreaterThan(0);
  const explicit = plain.slice();
  // Type 5, 24 kHz, mono, 48 kHz, type 2.
  explicit.set([0x2b, 0x09, 0x88, 0, 0], at + 5);
  const [wanted, read] = await Promise.all([plain, explicit].map((file) => decodeRecording(file, 60)));
  expect(read).toEqual(wanted);
});
