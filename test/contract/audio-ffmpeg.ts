import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ffmpeg says of every headerless file, of WAV files that leave the speaker's place open, and of MP3 that states no length. */
const REMARKS = /^Guessed Channel Layout|Estimating duration from bitrate|using bitrate for duration/;

/**
 * Decodes bytes with ffmpeg to 16-bit mono samples. Any warning of a demuxer or decoder fails.
 * @param input options before `-i`, to say what raw bytes are.
 * @param output options after it.
 */
export function ffmpegDecode(
  bytes: Uint8Array,
  input: readonly string[] = [],
  output: readonly string[] = [],
): Int16Array {
  const raw = ffmpeg(bytes, input, [...output, '-f', 's16le', '-c:a', 'pcm_s16le'], 'warning');
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength) as ArrayBuffer);
}

/** Runs ffmpeg on bytes and returns what it writes. They go through a file: in a pipe it can't check lengths that headers state. */
export function ffmpeg(
  bytes: Uint8Array,
  input: readonly string[],
  output: readonly string[],
  level: 'error' | 'warning' = 'error',
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sori-audio-'));
  try {
    const file = join(folder, 'input');
    writeFileSync(file, bytes);
    const { stdout, stderr, status, error } = spawnSync(
      'ffmpeg',
      ['-hide_banner', '-v', level, ...input, '-i', file, ...output, 'pipe:1'],
      { maxBuffer: 2 ** 28 },
    );
    if (error) throw error;
    const complaints = stderr
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !REMARKS.test(line));
    if (status !== 0 || complaints.length > 0) throw new Error(`ffmpeg: ${complaints.join('\n')}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Signal-to-noise ratio in dB of `heard` against `meant`, over the samples that both have. */
export function snr(meant: ArrayLike<number>, heard: ArrayLike<number>): number {
  let power = 0;
  let noise = 0;
  for (let i = 0; i < Math.min(meant.length, heard.length); i++) {
    power += meant[i] ** 2;
    noise += (meant[i] - heard[i]) ** 2;
  }
  return 10 * Math.log10(power / noise);
}
