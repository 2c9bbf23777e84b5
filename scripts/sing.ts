/** `npm run sing`: sings a score file into an audio file, in this process, with the pipeline of the service. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { createEncoder } from '../src/audio/encoders/encoder.ts';
import type { AudioFormatId } from '../src/audio/format.ts';
import type { Singing } from '../src/engine/singing/engine.ts';
import { lrc } from '../src/features/singing/captions.ts';
import { parseSinging, singingRequest } from '../src/features/singing/request.ts';
import {
  readScore,
  SCORE_FORMATS,
  type ScoreFormat,
  scoreFormatOf,
} from '../src/features/singing/score/read.ts';
import { singingTimestamps } from '../src/features/singing/timestamps.ts';
import { createNodeEngines } from './lib/node-engine.ts';
import { formatOf, number } from './say/flags.ts';
import { DEFAULT_VOICE } from './say/options.ts';
import { openSink, report, showProgress } from './say/output.ts';
import { addInputOptions, addRuntimeOptions, addVoiceOptions } from './say/shared-options.ts';

interface Flags {
  out: string;
  format?: AudioFormatId;
  scoreFormat?: ScoreFormat;
  model: string;
  voice?: string;
  style?: string;
  language?: string;
  pronounce: Record<string, string>;
  emotion?: string | Record<string, number>;
  expression?: number;
  portamento?: number;
  vibratoDepth?: number;
  vibratoRate?: number;
  vibratoDelay?: number;
  preparation?: number;
  overshoot?: number;
  jitter?: number;
  breaths?: number | 'off';
  transpose?: number | 'auto';
  leadIn?: number;
  energy?: number;
  click?: number;
  accompaniment?: string;
  accompanimentGain?: number;
  loudness?: number;
  seed?: number;
  lrc?: string;
  enhancedLrc?: string;
  timestamps?: string;
  shards: string;
  threads: number;
  quiet?: boolean;
}

const orWord =
  <W extends string>(word: W, read: (value: string) => number) =>
  (value: string): number | W =>
    value === word ? word : read(value);

const program = new Command('sing')
  .description('Sing a score into an audio file, with the model in shards/.')
  .argument(
    '<score>',
    'MusicXML (.musicxml, .xml, .mxl), MIDI with lyrics (.mid), DiffSinger (.ds), OpenUtau (.ustx), or a JSON score',
  )
  .option('-o, --out <file>', "audio file; '-' writes to standard output", 'song.wav');
addInputOptions(program, 'lyrics').addOption(
  new Option('--score-format <format>', 'format of the score (default: by name and content)').choices(
    Object.keys(SCORE_FORMATS),
  ),
);
addVoiceOptions(program)
  .option(
    '--transpose <semitones>',
    '-24 to 24, or auto: into the range of the voice',
    orWord('auto', number(-24, 24, true)),
  )
  .optionsGroup('Expression:')
  .option(
    '--expression <factor>',
    '0 to 2, scales all of these; 0 sings the exact notes (default: 1)',
    number(0, 2),
  )
  .option('--portamento <ms>', '0 to 500', number(0, 500))
  .option('--vibrato-depth <cents>', '0 to 200', number(0, 200))
  .option('--vibrato-rate <Hz>', '2 to 9', number(2, 9))
  .option('--vibrato-delay <seconds>', '0 to 5', number(0, 5))
  .option('--preparation <cents>', '0 to 100', number(0, 100))
  .option('--overshoot <cents>', '0 to 100', number(0, 100))
  .option('--jitter <cents>', '0 to 30', number(0, 30))
  .option('--breaths <dB>', '-60 to 0, or off (default: -22)', orWord('off', number(-60, 0)))
  .option('--seed <number>', 'seed of all noise', number(0, 0xffff_ffff, true))
  .optionsGroup('Mix:')
  .option('--energy <dB>', '-24 to 12, on the voices', number(-24, 12))
  .option('--click <dB>', 'a click on every beat, -60 to 0', number(-60, 0))
  .option('--accompaniment <file.wav>', 'audio to mix in, from the first beat on')
  .option('--accompaniment-gain <dB>', '-40 to 12 (default: -6)', number(-40, 12))
  .option(
    '--lead-in <seconds>',
    'audio before the first beat (default: the length of the first consonants)',
    number(0, 30),
  )
  .option('--loudness <LUFS>', '-40 to -8', number(-40, -8))
  .optionsGroup('Other:')
  .option('--lrc <file>', 'write the lyrics with timed lines')
  .option('--enhanced-lrc <file>', 'write the lyrics with timed syllables')
  .option('--timestamps <file.json>', 'write the times of notes and syllables');
addRuntimeOptions(program).addHelpText(
  'after',
  `
Examples:
  npm run sing -- song.musicxml -o song.mp3 --voice clara
  npm run sing -- song.mid -o song.wav --transpose auto --accompaniment band.wav
  npm run sing -- song.json -o song.flac --expression 0 --enhanced-lrc song.lrc`,
);

async function sing(path: string, flags: Flags): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('interrupted')));
  const score = readScore(await readScoreFile(path), flags.scoreFormat ?? scoreFormatOf(path));
  const accompaniment = flags.accompaniment && (await readFile(flags.accompaniment)).toString('base64');
  const body = parseSinging({
    model: flags.model,
    voice: flags.voice ?? (flags.style ? undefined : DEFAULT_VOICE),
    style: flags.style,
    language: flags.language,
    pronunciations: flags.pronounce,
    emotion: flags.emotion,
    expression: flags.expression,
    portamento: flags.portamento,
    vibrato_depth: flags.vibratoDepth,
    vibrato_rate: flags.vibratoRate,
    vibrato_delay: flags.vibratoDelay,
    preparation: flags.preparation,
    overshoot: flags.overshoot,
    jitter: flags.jitter,
    breaths: flags.breaths,
    transpose: flags.transpose,
    lead_in: flags.leadIn,
    energy: flags.energy,
    click: flags.click,
    accompaniment: accompaniment && `data:audio/wav;base64,${accompaniment}`,
    accompaniment_gain: flags.accompanimentGain,
    loudness: flags.loudness,
    seed: flags.seed,
  });
  const outFormat = flags.format ?? (flags.out === '-' ? 'wav' : formatOf(flags.out));
  const started = performance.now();
  const { engine, singing } = createNodeEngines({
    folder: flags.shards,
    models: [flags.model],
    threads: flags.threads,
  });
  const model = await engine.model(flags.model, abort.signal);
  const request = await singingRequest(model, body, score, { signal: abort.signal });
  const sung = await singing.sing(request, abort.signal);
  if (!flags.quiet) for (const notice of sung.notices) process.stderr.write(`${withFlags(notice)}\n`);
  const first = await write(sung, outFormat, flags);
  const captions = { title: score.title, syllables: sung.syllables, totalSamples: sung.totalSamples };
  if (flags.lrc) await writeFile(flags.lrc, lrc(captions, false));
  if (flags.enhancedLrc) await writeFile(flags.enhancedLrc, lrc(captions, true));
  if (flags.timestamps) {
    const times = {
      lead_in: sung.leadIn,
      transposed: sung.transposed,
      ...singingTimestamps(sung, ['note', 'syllable']),
    };
    await writeFile(flags.timestamps, `${JSON.stringify(times, null, 1)}\n`);
  }
  if (!flags.quiet) {
    const total = performance.now() - started;
    report(flags.out, { samples: sung.totalSamples, total, first: first - started, timings: sung.timings });
  }
}

/** @throws when there is no such file. */
async function readScoreFile(path: string): Promise<Buffer> {
  return await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`there is no file '${path}'.`, { cause: error });
  });
}

/** Names the flag where a message names the field of a request. */
const withFlags = (message: string) =>
  message.replace(/\("transpose": (-?\d+) or "auto"\)/, '(--transpose $1 or auto)');

/** Writes the audio file during synthesis. @returns the time of its first audio. */
async function write(
  { chunks, totalSamples }: Singing,
  outFormat: AudioFormatId,
  flags: Flags,
): Promise<number> {
  const encoder = await createEncoder(outFormat, { totalSamples });
  const sink = await openSink(flags.out);
  const progress = flags.quiet || !process.stderr.isTTY ? () => {} : showProgress;
  let first: number | undefined;
  let done = 0;
  try {
    for await (const chunk of chunks) {
      first ??= performance.now();
      await sink.write(encoder.encode(chunk));
      done += chunk.length;
      progress(done, totalSamples);
    }
    await sink.write(encoder.finish());
    await sink.commit();
  } catch (error) {
    encoder.close();
    await sink.discard();
    throw error;
  }
  return first ?? performance.now();
}

await program
  .action(sing)
  .parseAsync()
  .catch((error: Error) => {
    console.error(`sing: ${withFlags(error.message)}`);
    process.exitCode = 1;
  });
