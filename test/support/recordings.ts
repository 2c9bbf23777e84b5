import { ffmpeg } from '../contract/audio/audio-ffmpeg.ts';

/** Options of ffmpeg by file name, for the formats in which phones, browsers and messengers record. */
export const RECORDINGS = {
  'aac.m4a': ['-c:a', 'aac', '-b:a', '64k'],
  'aac-stereo.m4a': ['-ac', '2', '-ar', '44100', '-c:a', 'aac', '-b:a', '96k'],
  'aac-fragments.mp4': ['-c:a', 'aac', '-b:a', '64k', '-movflags', 'frag_keyframe+empty_moov'],
  'aac.aac': ['-ar', '16000', '-c:a', 'aac', '-b:a', '32k'],
  'aac.mkv': ['-c:a', 'aac', '-b:a', '64k'],
  'alac.m4a': ['-ar', '48000', '-c:a', 'alac'],
  'opus.mp4': ['-ar', '48000', '-c:a', 'libopus', '-b:a', '128k'],
  'opus.webm': ['-c:a', 'libopus', '-b:a', '32k'],
  'opus.ogg': ['-c:a', 'libopus', '-b:a', '32k'],
  'vorbis.webm': ['-c:a', 'libvorbis'],
  'vorbis.ogg': ['-ac', '2', '-c:a', 'libvorbis'],
  'mp3.mp3': ['-ar', '44100', '-c:a', 'libmp3lame', '-b:a', '64k', '-metadata', 'title=Ana'],
  'mp3-low.mp3': ['-ac', '2', '-ar', '11025', '-c:a', 'libmp3lame', '-q:a', '4', '-id3v2_version', '0'],
  'mp3.mp4': ['-ar', '44100', '-c:a', 'libmp3lame'],
} as const satisfies Record<string, readonly string[]>;

/** A file of {@link RECORDINGS}. */
export type RecordingName = keyof typeof RECORDINGS;

const MUXERS: Readonly<Record<string, string>> = { m4a: 'ipod', mkv: 'matroska', aac: 'adts' };

/** Encodes a WAV file with ffmpeg. The muxer of MP4 needs a file that it can seek in. */
export function recorded(name: RecordingName, wav: Uint8Array): Uint8Array<ArrayBuffer> {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const options = [...RECORDINGS[name], '-f', MUXERS[extension] ?? extension];
  return new Uint8Array(ffmpeg(wav, [], options, 'error', true));
}
