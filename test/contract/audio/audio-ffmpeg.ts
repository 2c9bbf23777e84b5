import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Options of an output of 16-bit samples without a header. */
const PCM = ['-f', 's16le', '-c:a', 'pcm_s16le'];

/** Harmless messages of ffmpeg about raw files, WAV files without a channel layout, and MP3 without a stated length. */
const REMARKS = /^Guessed Channel Layout|Estimating duration from bitrate|using bitrate for duration/;

/**
 * Decodes bytes with ffmpeg to 16-bit mono samples. Any warning of a demuxer or decoder fails.
 * @param input options before `-i`, for the format of raw bytes.
 * @param output options after it.
 */
export function ffmpegDecode(
  bytes: Uint8Array,
  input: readonly string[] = [],
  output: readonly string[] = [],
): Int16Array {
  return samplesOf(ffmpeg(bytes, input, [...output, ...PCM], 'warning'));
}

/** {@link ffmpegDecode} for several files of one kind, in one process: starting ffmpeg takes longer than decoding. */
export function ffmpegDecodeAll(files: readonly Uint8Array[], input: readonly string[] = []): Int16Array[] {
  return inFolder((folder) => {
    const paths = files.map((_, i) => join(folder, String(i)));
    for (const [i, path] of paths.entries()) writeFileSync(path, files[i]);
    const sources = paths.flatMap((path) => [...input, '-i', path]);
    const targets = paths.flatMap((path, i) => ['-map', String(i), ...PCM, `${path}.pcm`]);
    check(spawnSync('ffmpeg', ['-hide_banner', '-v', 'warning', ...sources, ...targets]));
    return paths.map((path) => samplesOf(readFileSync(`${path}.pcm`)));
  });
}

function samplesOf(raw: Buffer): Int16Array {
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength) as ArrayBuffer);
}

/** @throws what ffmpeg has reported, if it has failed or warned. */
function check({ error, status, stderr }: SpawnSyncReturns<Buffer>): void {
  if (error) throw error;
  const complaints = stderr
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !REMARKS.test(line));
  if (status !== 0 || complaints.length > 0) throw new Error(`ffmpeg: ${complaints.join('\n')}`);
}

/**
 * Runs ffmpeg on bytes and returns what it writes.
 * @param file whether it writes a file that it can seek in, as MP4 needs; else a pipe.
 */
export function ffmpeg(
  bytes: Uint8Array,
  input: readonly string[],
  output: readonly string[],
  level: 'error' | 'warning' = 'error',
  file = false,
): Buffer {
  return inFile(bytes, (path) => {
    const target = file ? `${path}.out` : 'pipe:1';
    const args = ['-hide_banner', '-v', level, ...input, '-i', path, ...output, target];
    const result = spawnSync('ffmpeg', args, { maxBuffer: 2 ** 28 });
    check(result);
    return file ? readFileSync(target) : result.stdout;
  });
}

/** Loudness in LUFS and true peak in dBTP, as the filter `ebur128` of ffmpeg measures them (to a tenth). */
export function ffmpegLoudness(
  bytes: Uint8Array,
  input: readonly string[] = [],
): { loudness: number; truePeak: number } {
  const summary = inFile(bytes, (path) => {
    const options = ['-hide_banner', '-nostats', ...input, '-i', path, '-af', 'ebur128=peak=true'];
    return spawnSync('ffmpeg', [...options, '-f', 'null', '-'])
      .stderr.toString()
      .split('Summary:')
      .at(-1);
  });
  const [, loudness] = /I:\s+(-?[\d.]+) LUFS/.exec(summary ?? '') ?? [];
  const [, truePeak] = /Peak:\s+(-?[\d.]+) dBFS/.exec(summary ?? '') ?? [];
  return { loudness: Number(loudness), truePeak: Number(truePeak) };
}

interface Probed {
  readonly codec_name: string;
  readonly sample_rate: string;
  readonly channels: number;
  /** In units of the file, which are samples in ours. */
  readonly duration_ts: number;
  readonly start_pts: number;
}

/** What ffprobe reads from a file's header. */
export function ffprobe(bytes: Uint8Array): Probed {
  return inFile(bytes, (path) => {
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', path]);
    return JSON.parse(stdout.toString()).streams[0];
  });
}

/** Tags of a file and its stream as ffprobe shows them, their names in lower case. */
export function ffprobeTags(bytes: Uint8Array): Record<string, string> {
  return inFile(bytes, (path) => {
    const entries = 'format_tags:stream_tags';
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_entries', entries, path]);
    const { format, streams } = JSON.parse(stdout.toString());
    const tags = Object.entries<string>({ ...streams[0].tags, ...format.tags });
    return Object.fromEntries(tags.map(([name, text]) => [name.toLowerCase(), text]));
  });
}

/** Bytes go through a file, because in a pipe ffmpeg can't check lengths that headers state. */
function inFile<T>(bytes: Uint8Array, use: (path: string) => T): T {
  return inFolder((folder) => {
    const path = join(folder, 'input');
    writeFileSync(path, bytes);
    return use(path);
  });
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sori-audio-'));
  try {
    return use(folder);
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
