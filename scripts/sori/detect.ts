/** `sori detect`: detects the watermark of cloned voices in recordings. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { readTags } from '../../src/audio/tags/read.ts';
import type { AudioTags } from '../../src/audio/tags/types.ts';
import { detectWatermark } from '../../src/audio/watermark/detect.ts';
import { userPath } from '../lib/user-path.ts';
import { sessionOf } from './config.ts';
import { decodeFile } from './decode.ts';
import { CommandError } from './failures.ts';
import { printJson } from './output.ts';

interface Flags {
  key?: number;
  voice?: string;
}

interface Finding {
  readonly file: string;
  readonly watermark: boolean;
  /** Standard deviations above the score of unmarked audio. */
  readonly score: number;
  /** In hex; null if it can't be decoded. */
  readonly payload: string | null;
  /** With `--voice`: whether the payload is that of the voice; null without a payload. */
  readonly voice?: boolean | null;
  readonly tags: Partial<AudioTags> | null;
}

/** The `detect` command. */
export function detectCommand(): Command {
  return new Command('detect')
    .description('Detect the watermark and tags of cloned voices in recordings. Works without a server.')
    .argument('<files...>', 'audio files; raw and rarer formats need ffmpeg')
    .option('--voice <id>', "a cloned voice's id, or those of a mix with commas between: was it this one?")
    .option('--key <number>', "key of the watermark's pattern (default: the public one)", keyNumber)
    .addHelpText(
      'after',
      `
Exit codes: 0 every file is marked (with --voice: by that voice); 1 some file is not, or can't be read; 2 the command line is wrong.

Examples:
  npm run sori -- detect voicemail.mp3
  npm run sori -- detect call.ulaw memo.m4a --json
  npm run sori -- detect memo.opus --voice vce_…`,
    )
    .action(async (files: string[], flags: Flags, command: Command) => {
      const { json, signal } = sessionOf(command);
      const findings: Finding[] = [];
      for (const file of files) {
        const finding = await examine(file, flags, signal);
        findings.push(finding);
        if (!json) console.log(describe(finding));
      }
      if (json) printJson(findings);
      const asked = ({ watermark, voice }: Finding) =>
        flags.voice === undefined ? watermark : voice === true;
      if (!findings.every(asked)) process.exitCode = 1;
    });
}

async function examine(file: string, { key, voice }: Flags, signal: AbortSignal): Promise<Finding> {
  const path = userPath(file);
  const bytes = await read(path, file);
  const { samples, sampleRate } = await decodeFile(path, bytes, signal);
  const { found, score, payload } = detectWatermark(samples, sampleRate, { key });
  const hex = payload ? Buffer.from(payload).toString('hex') : null;
  return {
    file,
    watermark: found,
    score: Math.round(100 * score) / 100,
    payload: hex,
    ...(voice !== undefined && { voice: hex === null ? null : hex === payloadOf(voice) }),
    tags: readTags(bytes) ?? null,
  };
}

async function read(path: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`${file} can't be opened: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Payload of a voice's watermark: the first 8 bytes of the SHA-256 of its id; for a mix, of the ids in order. */
function payloadOf(voice: string): string {
  const ids = voice.split(',').map((id) => id.trim());
  return createHash('sha256').update(ids.sort().join(',')).digest('hex').slice(0, 16);
}

function describe({ file, watermark, score, payload, voice, tags }: Finding): string {
  const mark = watermark ? 'watermark found' : 'no watermark found';
  const carried =
    watermark &&
    (payload ? `payload ${payload}` : 'the recording is too short or too distorted to read the payload');
  const verdict =
    voice === undefined ? undefined : `this voice: ${voice === null ? 'unknown' : voice ? 'yes' : 'no'}`;
  const { generator, model, voice: spoken, time } = tags ?? {};
  const written = tags
    ? `tags: ${[generator, model, spoken && `voice ${spoken}`, time].filter(Boolean).join(', ')}`
    : 'no tags';
  return `${file}: ${[`${mark} (score ${score.toFixed(1)})`, carried, verdict, written].filter(Boolean).join('; ')}`;
}

function keyNumber(value: string): number {
  const key = Number(value);
  if (/^\d+$/.test(value) && key < 2 ** 32) return key;
  throw new InvalidArgumentError('expected a whole number from 0 to 4294967295.');
}
