import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { decodeRecording } from '../../src/audio/decoders/recording.ts';
import type { WavAudio } from '../../src/audio/wav-reader.ts';
import { SoriError } from '../../src/base/errors.ts';
import { CommandError } from './failures.ts';

const RATE = 24_000;
const DAY = 24 * 3600;
/** Arguments of ffmpeg for files without a header, by extension: our raw formats. */
const RAW: Readonly<Record<string, readonly string[]>> = {
  '.ulaw': ['-f', 'mulaw', '-ar', '8000', '-ac', '1'],
  '.alaw': ['-f', 'alaw', '-ar', '8000', '-ac', '1'],
  '.pcm': ['-f', 's16le', '-ar', String(RATE), '-ac', '1'],
};
/** Raw A-law has the extension `al` too. */
const ALIASES: Readonly<Record<string, string>> = { '.ul': '.ulaw', '.al': '.alaw' };

/**
 * Reads the audio of a file: what `decodeRecording` reads, and other formats through ffmpeg.
 * @throws {CommandError} when ffmpeg is missing or can't read it.
 */
export async function decodeFile(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<WavAudio> {
  try {
    return await decodeRecording(bytes, DAY, signal);
  } catch (error) {
    if (!(error instanceof SoriError)) throw error;
  }
  const extension = extname(path).toLowerCase();
  const input = RAW[ALIASES[extension] ?? extension] ?? [];
  return { samples: await throughFfmpeg(path, input, signal), sampleRate: RATE };
}

function throughFfmpeg(path: string, input: readonly string[], signal: AbortSignal): Promise<Float32Array> {
  // The prefix "file:" keeps a name from being read as an address or an option.
  const source = ['-v', 'error', '-nostdin', ...input, '-i', `file:${path}`];
  const args = [...source, '-vn', '-ac', '1', '-ar', String(RATE), '-f', 'f32le', 'pipe:1'];
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const sound: Buffer[] = [];
    let complaints = '';
    child.stdout.on('data', (piece: Buffer) => sound.push(piece));
    child.stderr.on('data', (piece: Buffer) => {
      complaints = (complaints + piece).slice(0, 1000);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(
        missing
          ? new CommandError(`${path} can't be read, and ffmpeg, which reads more formats, is not installed.`)
          : error,
      );
    });
    child.on('close', (code) => {
      if (code === 0) resolve(new Float32Array(new Uint8Array(Buffer.concat(sound)).buffer));
      else reject(new CommandError(`${path} can't be read as sound. ${complaints.trim().split('\n')[0]}`));
    });
  });
}
