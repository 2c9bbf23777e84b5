import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { int16Bytes, toInt16Array } from '../../src/audio/samples.ts';
import { masterWav } from '../../src/audio/transcode.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { CommandError } from '../sori/failures.ts';

/** A program that plays 16-bit samples at 24 kHz, mono, from standard input. */
interface Player {
  readonly name: string;
  readonly args: readonly string[];
  /** It reads files only. */
  readonly needsFile?: boolean;
}

const PLAYERS: readonly Player[] = [
  {
    name: 'ffplay',
    args: [
      '-nodisp',
      '-autoexit',
      '-loglevel',
      'error',
      '-f',
      's16le',
      '-ar',
      '24000',
      '-ch_layout',
      'mono',
      '-i',
      '-',
    ],
  },
  { name: 'aplay', args: ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '24000', '-c', '1', '-'] },
  { name: 'paplay', args: ['--raw', '--format=s16le', '--rate=24000', '--channels=1'] },
  { name: 'afplay', args: [], needsFile: true },
];

/** Plays samples. */
export interface Playback {
  /** Waits while the player is behind. */
  write(samples: Float32Array): Promise<void>;
  /**
   * Waits until all was played.
   * @throws {CommandError} when the player fails.
   */
  finish(): Promise<void>;
  /** Stops it. After {@link Playback.finish} it does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts the first player that this machine has.
 * @throws {CommandError} when it has none.
 */
export async function openPlayer(path = process.env.PATH ?? ''): Promise<Playback> {
  for (const player of PLAYERS) {
    for (const folder of path.split(delimiter)) {
      const program = join(folder, player.name);
      const found = await access(program, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return player.needsFile ? filePlayback(program) : pipedPlayback(program, player.args);
    }
  }
  const names = PLAYERS.map(({ name }) => name).join(', ');
  throw new CommandError(`--play finds no player. Install one of ${names}, or write a file with --out.`);
}

function pipedPlayback(program: string, args: readonly string[]): Playback {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = endOf(child, program);
  // A player that ends early breaks the pipe; its exit code has the reason.
  child.stdin.on('error', () => {});
  return {
    write: (samples) =>
      new Promise((done) => child.stdin.write(int16Bytes(toInt16Array(samples)), () => done())),
    async finish() {
      child.stdin.end();
      await ended;
    },
    async stop() {
      child.kill();
      await ended.catch(() => {});
    },
  };
}

function filePlayback(program: string): Playback {
  const pieces: Uint8Array[] = [];
  return {
    async write(samples) {
      pieces.push(int16Bytes(toInt16Array(samples)));
    },
    async finish() {
      const folder = await mkdtemp(join(tmpdir(), 'sori-play-'));
      try {
        const file = join(folder, 'speech.wav');
        const samples = new Int16Array(concatBytes(pieces).buffer);
        await writeFile(file, masterWav(samples));
        await endOf(spawn(program, [file], { stdio: ['ignore', 'ignore', 'pipe'] }), program);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async stop() {},
  };
}

function endOf(child: ChildProcess, program: string): Promise<void> {
  let message = '';
  child.stderr?.on('data', (text: Buffer) => {
    message += text;
  });
  const ended = new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      if (code === 0) return done();
      const why = message.trim() || `it ended with ${signal ?? code}`;
      fail(new CommandError(`${program} can't play: ${why}`));
    });
  });
  // It may fail while samples are still being made.
  ended.catch(() => {});
  return ended;
}
