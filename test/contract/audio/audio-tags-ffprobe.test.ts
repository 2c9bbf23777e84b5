import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId } from '../../../src/audio/format.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { readTags } from '../../../src/audio/tags/read.ts';
import { masterWav, transcode } from '../../../src/audio/transcode.ts';
import { ffmpeg, ffmpegDecode, ffprobeTags } from './audio-ffmpeg.ts';
import { speechLike } from './audio-signal.ts';

const samples = toInt16Array(speechLike(24_001));
const tags = {
  generator: 'Sori',
  model: 'sori-2@1.2.0',
  voice: 'vce_12',
  time: '2026-11-21T13:00:00Z',
};
const make = (format: AudioFormatId, given?: typeof tags) =>
  transcode(createEncoder, { samples, long: false, telephonyLoudness: null, tags: given }, format);

/** Names that ffprobe gives the fields of each container. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  mp3: ['encoder', 'model', 'voice', 'date'],
  aac: ['encoder', 'model', 'voice', 'date'],
  m4a: ['encoder', 'model', 'voice', 'date'],
  opus: ['encoder', 'model', 'voice', 'date'],
  flac: ['encoder', 'model', 'voice', 'date'],
  wav: ['encoder', 'album', 'artist', 'date'],
};

describe.each(AUDIO_FORMATS.filter((format) => !['pcm', 'mulaw', 'alaw'].includes(format)))(
  '%s',
  (format) => {
    it('has tags that ffprobe reads', async () => {
      const shown = ffprobeTags(await make(format, tags));
      const time = format === 'mp3' || format === 'aac' ? tags.time.slice(0, 19) : tags.time;
      const texts = [tags.generator, tags.model, tags.voice, time];
      const names = NAMES[format] ?? NAMES.wav;
      expect(shown).toMatchObject(Object.fromEntries(names.map((name, i) => [name.toLowerCase(), texts[i]])));
    });

    it('decodes to the same audio as without them', async () => {
      expect(ffmpegDecode(await make(format, tags))).toEqual(ffmpegDecode(await make(format)));
    });
  },
);

it('keeps model and voice when ffmpeg converts it to another format', async () => {
  const flac = ffmpeg(await make('mp3', tags), [], ['-f', 'flac']);
  expect(readTags(new Uint8Array(flac))).toMatchObject({ model: tags.model, voice: tags.voice });
  const mp3 = ffmpeg(await make('opus', tags), [], ['-map_metadata', '0:s:0', '-f', 'mp3']);
  expect(readTags(new Uint8Array(mp3))).toMatchObject({ model: tags.model, voice: tags.voice });
});

it('has the tags of its master', () => {
  expect(ffprobeTags(masterWav(samples, tags))).toMatchObject({ encoder: 'Sori', artist: 'vce_12' });
});
