/** `npm run say`: the same pipeline as the Worker's, in this process, from a phrase to an audio file. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { Command, InvalidArgumentError } from 'commander';
import { createEncoder } from '../src/audio/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId, FORMAT_INFO } from '../src/audio/format.ts';
import type { Timings } from '../src/engine/engine.ts';
import { createNodeEngine, MODELS_FOLDER } from './lib/node-engine.ts';

interface Flags {
  out: string;
  voice: string;
  model: string;
  language: string;
  format?: AudioFormatId;
  speed: number;
  seed: number;
  refineSteps?: number;
  pronounce: Record<string, string>;
  shards: string;
  threads: number;
  listVoices?: boolean;
  quiet?: boolean;
}

const number =
  (low: number, high: number, whole = false) =>
  (value: string): number => {
    const parsed = Number(value);
    if (value.trim() === '' || !(parsed >= low && parsed <= high) || (whole && !Number.isInteger(parsed))) {
      throw new InvalidArgumentError(
        `expected a ${whole ? 'whole number' : 'number'} from ${low} to ${high}.`,
      );
    }
    return parsed;
  };

function format(value: string): AudioFormatId {
  const known = AUDIO_FORMATS.find((id) => id === value);
  if (!known) throw new InvalidArgumentError(`expected one of ${AUDIO_FORMATS.join(', ')}.`);
  return known;
}

function pronunciation(value: string, known: Record<string, string>): Record<string, string> {
  const [word, ipa] = value.split('=');
  if (!word || !ipa) throw new InvalidArgumentError('expected WORD=IPA, as in sori=ˈsɔɹi.');
  return { ...known, [word]: ipa.replaceAll('/', '') };
}

/** Format of a file name: `.ulaw` and `.oga` count too. */
function formatOf(path: string): AudioFormatId {
  const extension = extname(path).slice(1).toLowerCase();
  const aliases: Record<string, AudioFormatId> = { ogg: 'opus', oga: 'opus', raw: 'pcm', mulaw: 'mulaw' };
  const known = AUDIO_FORMATS.find((id) => FORMAT_INFO[id].extension === extension) ?? aliases[extension];
  if (!known)
    throw new Error(`can't tell a format from '${path}'; give --format ${AUDIO_FORMATS.join('|')}.`);
  return known;
}

const program = new Command('say')
  .description('Speak a phrase into an audio file, with the model in shards/.')
  .argument('[text]', "what to say; '-' or nothing reads standard input")
  .option('-o, --out <file>', "audio file; '-' writes to standard output", 'speech.wav')
  .option('-v, --voice <id>', 'voice of the model', 'kathleen')
  .option('-m, --model <name>', 'model', 'sori-1')
  .option('-l, --language <tag>', 'language of the text', 'en')
  .option('-f, --format <format>', `${AUDIO_FORMATS.join(', ')} (from the file name when not given)`, format)
  .option('-s, --speed <factor>', '0.25 to 4', number(0.25, 4), 1)
  .option('--seed <number>', 'seed of all noise', number(0, 2 ** 32 - 1, true), 0)
  .option(
    '--refine-steps <count>',
    "mel refiner steps, 0 to 32 (the model's default when not given)",
    number(0, 32, true),
  )
  .option('-p, --pronounce <word=ipa>', 'pronunciation of a word; may be repeated', pronunciation, {})
  .option('--shards <folder>', 'folder that holds the models', MODELS_FOLDER)
  .option('--threads <count>', 'threads of the inference runtime', number(1, 64, true), 1)
  .option('--list-voices', 'print the voices and stop')
  .option('-q, --quiet', 'no progress and no timing')
  .addHelpText(
    'after',
    `
Examples:
  npm run say -- "Your table is ready." --out hello.wav
  npm run say -- "Press one for sales." --out menu.ulaw --voice linda
  echo "Good morning." | npm run say -- --out - --format mp3 | ffplay -nodisp -`,
  );

async function speak(text: string | undefined, flags: Flags): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('interrupted')));
  const engine = createNodeEngine({ folder: flags.shards, models: [flags.model], threads: flags.threads });
  if (flags.listVoices) {
    const [model] = await engine.models();
    for (const voice of model.voices)
      console.log(`${voice.id.padEnd(12)}${voice.language}  ${voice.description}`);
    return;
  }
  const format = flags.format ?? (flags.out === '-' ? 'wav' : formatOf(flags.out));
  const input = text === undefined || text === '-' ? await readAll(process.stdin) : text;
  const started = performance.now();
  const speech = await engine.speak(
    {
      model: flags.model,
      voice: flags.voice,
      input,
      language: flags.language,
      speed: flags.speed,
      seed: flags.seed,
      refineSteps: flags.refineSteps,
      pronunciations: flags.pronounce,
    },
    abort.signal,
  );
  const encoder = await createEncoder(format, { totalSamples: speech.totalSamples });
  const sink = openSink(flags.out);
  const progress = flags.quiet || !process.stderr.isTTY ? () => {} : showProgress;
  let done = 0;
  let firstAudio: number | undefined;
  try {
    for await (const chunk of speech.chunks) {
      firstAudio ??= performance.now() - started;
      await sink.write(encoder.encode(chunk));
      done += chunk.length;
      progress(done / speech.totalSamples);
    }
    await sink.write(encoder.finish());
    await sink.commit();
  } catch (error) {
    encoder.close();
    await sink.discard();
    throw error;
  }
  if (!flags.quiet) {
    report(
      flags.out,
      speech.totalSamples / 24_000,
      performance.now() - started,
      firstAudio ?? 0,
      speech.timings,
    );
  }
}

/** A file that appears under its name only when it is whole, or standard output. */
function openSink(path: string) {
  const partial = `${path}.partial`;
  const stream = path === '-' ? process.stdout : createWriteStream(partial);
  return {
    write: (bytes: Uint8Array) =>
      new Promise<void>((resolve, reject) =>
        stream.write(bytes, (error) => (error ? reject(error) : resolve())),
      ),
    async commit() {
      if (path === '-') return;
      await new Promise<void>((resolve) => stream.end(resolve));
      await rename(partial, path);
    },
    async discard() {
      if (path === '-') return;
      stream.destroy();
      await rm(partial, { force: true });
    },
  };
}

function showProgress(share: number): void {
  const width = 30;
  const filled = Math.round(share * width);
  process.stderr.write(`\r${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${Math.round(share * 100)} %`);
}

function report(out: string, seconds: number, total: number, first: number, timings: Timings): void {
  const stages = Object.entries(timings)
    .filter(([name]) => name !== 'render')
    .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
    .join(', ');
  const line = `${out}: ${seconds.toFixed(2)} s of speech in ${total.toFixed(0)} ms (first audio ${first.toFixed(0)} ms; ms: ${stages})`;
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`);
}

await program
  .action(speak)
  .parseAsync()
  .catch((error: Error) => {
    console.error(`say: ${error.message}`);
    process.exitCode = 1;
  });
