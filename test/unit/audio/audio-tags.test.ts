import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId, KNOWN_LENGTH_FORMATS } from '../../../src/audio/format.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { readTags } from '../../../src/audio/tags/read.ts';
import type { AudioTags } from '../../../src/audio/tags/types.ts';
import { masterWav, readMasterWav, transcode } from '../../../src/audio/transcode.ts';
import { readWav } from '../../../src/audio/wav-reader.ts';
import { speechLike } from '../../contract/audio/audio-signal.ts';

const RAW: readonly AudioFormatId[] = ['pcm', 'mulaw', 'alaw'];
const TAGGED = AUDIO_FORMATS.filter((format) => !RAW.includes(format));
const signal = speechLike(4_801);
const samples = toInt16Array(signal);
const master = { samples, long: false, telephonyLoudness: null };

const TAGS: AudioTags = {
  generator: 'Sori',
  model: 'sori-2@1.2.0',
  voice: 'vce_목소리',
  time: '2026-11-21T13:00:00Z',
};

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((t) => !/\p{Cc}/u.test(t));
const anyTags: fc.Arbitrary<AudioTags> = fc.record(
  {
    generator: text,
    model: text,
    voice: text,
    time: fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => `${date.toISOString().slice(0, 19)}Z`),
  },
  { requiredKeys: ['generator'] },
);

async function encode(format: AudioFormatId, tags?: AudioTags): Promise<Uint8Array> {
  const encoder = await createEncoder(format, { totalSamples: signal.length, tags });
  const bytes = Buffer.concat([encoder.encode(signal), encoder.finish()]);
  if (KNOWN_LENGTH_FORMATS.includes(format)) expect(encoder.contentLength).toBe(bytes.length);
  return new Uint8Array(bytes);
}

describe.each(TAGGED)('%s', (format) => {
  it('stores any tags, and states its length with them', async () => {
    await fc.assert(
      fc.asyncProperty(anyTags, async (tags) => {
        expect(readTags(await encode(format, tags))).toEqual({ ...NONE, ...tags });
      }),
      { numRuns: 20 },
    );
  });

  it('has no tags unless they are given', async () => {
    expect(readTags(await encode(format))).toBeUndefined();
  });

  it('copies the tags of its master', async () => {
    const bytes = await transcode(createEncoder, { ...master, tags: TAGS }, format);
    expect(readTags(bytes)).toEqual(TAGS);
    if (!format.includes('8k') && !format.includes('law')) expect(bytes).toEqual(await encode(format, TAGS));
  });

  it('reads truncated files without failing', async () => {
    const bytes = await encode(format, TAGS);
    for (let length = 0; length < 400; length++) {
      expect(() => readTags(bytes.subarray(0, length))).not.toThrow();
    }
  });
});

const NONE = { generator: undefined, model: undefined, voice: undefined, time: undefined };

it.each(RAW)('%s cannot hold tags', async (format) => {
  expect(await encode(format, TAGS)).toEqual(await encode(format));
});

it('a tagged master is recognized like an untagged one', () => {
  const bytes = masterWav(samples, TAGS);
  expect(readTags(bytes)).toEqual(TAGS);
  expect(readMasterWav(bytes)).toEqual(samples);
  expect(readWav(bytes, { maxSeconds: 1 }).samples.length).toBe(samples.length);
  for (const length of [0, 40, 44, 60, bytes.length - 1]) {
    expect(() => readMasterWav(bytes.subarray(0, length))).toThrow(RangeError);
  }
});

it('converts times to seconds in UTC', async () => {
  const bytes = await encode('flac', { generator: 'Sori', time: '2026-11-21T14:00:00.123+01:00' });
  expect(readTags(bytes)?.time).toBe('2026-11-21T13:00:00Z');
});

it.each<[string, AudioTags]>([
  ['control characters', { generator: 'a\0b' }],
  ['endless texts', { generator: 'x'.repeat(1_001) }],
  ['times that are none', { generator: 'Sori', time: 'yesterday' }],
])('refuses %s', async (_, tags) => {
  for (const format of TAGGED) {
    await expect(createEncoder(format, { totalSamples: 1, tags })).rejects.toThrow(RangeError);
  }
});

it('finds no tags in other files', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('', 'ID3', 'OggS', 'fLaC', 'RIFF'),
      (bytes, start) => {
        expect(() => readTags(new Uint8Array([...Buffer.from(start), ...bytes]))).not.toThrow();
      },
    ),
  );
});
