/** `npm run say`: the same pipeline as the Worker's, in this process, from a phrase to an audio file. */
import { readFile, writeFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { createEncoder } from '../src/audio/encoders/encoder.ts';
import type { AudioFormatId } from '../src/audio/format.ts';
import type { ModelInfo, Speech, SpeechEngine } from '../src/engine/engine.ts';
import { subRip, webVtt } from '../src/features/speech/captions.ts';
import { checkSpeech } from '../src/features/speech/conflicts.ts';
import { parseSpeech } from '../src/features/speech/parse.ts';
import { styleOf } from '../src/features/speech/references.ts';
import { speechRequest } from '../src/features/speech/request.ts';
import type { SpeechBody } from '../src/features/speech/schema.ts';
import { type CueUnit, cuesOf } from '../src/synthesis/alignment.ts';
import { encodeStyleId } from '../src/synthesis/reference/style-id.ts';
import type { SpeechFrames } from '../src/synthesis/synthesize.ts';
import { createNodeEngine, MODELS_FOLDER } from './lib/node-engine.ts';
import { explain } from './say/explain.ts';
import { emotion, field, format, formatOf, fromTo, number, pronunciation, units } from './say/flags.ts';
import { listCues, openSink, report, showProgress } from './say/output.ts';
import { plot } from './say/plot.ts';
import { readingLines } from './say/reading.ts';
import { joinFrames, wordsOf } from './say/recording.ts';

interface Flags {
  out: string;
  ssml?: string;
  voice?: string;
  model: string;
  language?: string;
  format?: AudioFormatId;
  speed?: number;
  pitch?: number;
  pitchRange?: number;
  energy?: number;
  pauses?: number;
  emotion?: string | Record<string, number>;
  style?: string;
  reference?: string;
  alpha?: number;
  beta?: number;
  diffusionSteps?: number;
  embeddingScale?: number;
  seed?: number;
  refineSteps?: number;
  pronounce: Record<string, string>;
  timestamps?: CueUnit[];
  vtt?: string;
  srt?: string;
  explain?: boolean;
  phonemes?: boolean;
  inputType?: 'text' | 'phonemes';
  plot?: string;
  shards: string;
  threads: number;
  listVoices?: boolean;
  quiet?: boolean;
}

const DEFAULT_VOICE = 'hazel';

const program = new Command('say')
  .description('Speak a phrase into an audio file, with the model in shards/.')
  .argument('[text]', "text to speak, plain or SSML; '-' or no text reads standard input")
  .option('-o, --out <file>', "audio file; '-' writes to standard output", 'speech.wav')
  .option(
    '-f, --format <format>',
    'mp3, opus, flac, wav, pcm, mulaw, alaw (default: by the file name)',
    format,
  )
  .option('-m, --model <name>', 'model', 'sori-2')
  .option('-l, --language <tag>', "language of the text (default: the voice's)")
  .option('-p, --pronounce <word=ipa>', 'pronunciation of a word; may be repeated', pronunciation, {})
  .option('--ssml <file>', 'read the text from an SSML file')
  .addOption(
    new Option('--input-type <type>', 'kind of the input; phonemes are IPA').choices(['text', 'phonemes']),
  )
  .optionsGroup('Voice:')
  .option('-v, --voice <voice>', `voice, or a mix: "hazel(2)+clara(1)" (default: ${DEFAULT_VOICE})`)
  .option('--style <id>', 'style id in place of a voice')
  .option('--reference <file.wav>', 'speak like this recording, and print its style id')
  .option('--emotion <weights>', 'happy, or happy=0.6,sad=0.4', emotion)
  .option('--alpha <share>', `sampled timbre, ${fromTo('alpha')}`, field('alpha'))
  .option('--beta <share>', `sampled prosody, ${fromTo('beta')}`, field('beta'))
  .option(
    '--diffusion-steps <count>',
    `of the style, ${fromTo('diffusion_steps')}`,
    field('diffusion_steps', true),
  )
  .option('--embedding-scale <weight>', `guidance, ${fromTo('embedding_scale')}`, field('embedding_scale'))
  .option('--seed <number>', 'seed of all noise', field('seed', true))
  .option(
    '--refine-steps <count>',
    `of the mel refiner, ${fromTo('refine_steps')}`,
    field('refine_steps', true),
  )
  .optionsGroup('Delivery:')
  .option('-s, --speed <factor>', fromTo('speed'), field('speed'))
  .option('--pitch <semitones>', fromTo('pitch'), field('pitch'))
  .option('--pitch-range <factor>', fromTo('pitch_range'), field('pitch_range'))
  .option('--energy <dB>', fromTo('energy'), field('energy'))
  .option('--pauses <factor>', fromTo('pauses'), field('pauses'))
  .optionsGroup('Look at it:')
  .option('--phonemes', 'print how each word is read, without synthesis')
  .option('--explain', 'print phonemes with duration, F0 and energy')
  .option('--plot <file.png>', 'draw waveform, mel, F0 and phonemes')
  .option('--timestamps <units>', 'print timestamps of: word,phoneme,sentence,mark', units)
  .option('--vtt <file>', 'write WebVTT captions, by the first unit of --timestamps (default: sentence)')
  .option('--srt <file>', 'the same as SubRip')
  .optionsGroup('Other:')
  .option('--list-voices', 'print voices and emotions and stop')
  .option('--shards <folder>', 'folder with the models', MODELS_FOLDER)
  .option('--threads <count>', 'threads of the inference runtime', number(1, 64, true), 1)
  .option('-q, --quiet', 'no progress and no timing')
  .addHelpText(
    'after',
    `
Examples:
  npm run say -- "Your table is ready." --out hello.wav
  npm run say -- "We won!" --voice "hazel(2)+clara(1)" --emotion happy=0.8 --pitch 1
  npm run say -- "Press one for sales." --out menu.ulaw --explain --plot menu.png
  npm run say -- --ssml letter.xml --out letter.mp3 --vtt letter.vtt
  echo "Good morning." | npm run say -- --out - --format mp3 | ffplay -nodisp -`,
  );

/** The request that the Worker would get. */
async function bodyOf(text: string | undefined, flags: Flags): Promise<SpeechBody> {
  if (flags.ssml !== undefined && text !== undefined) throw new Error('give a text or --ssml, not both.');
  if (flags.reference !== undefined && flags.style !== undefined)
    throw new Error('give --style or --reference, not both.');
  const piped = text === undefined || text === '-';
  const input = flags.ssml ? await readFile(flags.ssml, 'utf8') : piped ? await readAll(process.stdin) : text;
  const body = parseSpeech({
    model: flags.model,
    input,
    voice: flags.voice ?? (flags.style || flags.reference ? undefined : DEFAULT_VOICE),
    language: flags.language,
    input_type: flags.inputType,
    pronunciations: flags.pronounce,
    style: flags.reference === undefined ? flags.style : 'data:',
    emotion: flags.emotion,
    alpha: flags.alpha,
    beta: flags.beta,
    diffusion_steps: flags.diffusionSteps,
    embedding_scale: flags.embeddingScale,
    seed: flags.seed,
    refine_steps: flags.refineSteps,
    speed: flags.speed,
    pitch: flags.pitch,
    pitch_range: flags.pitchRange,
    energy: flags.energy,
    pauses: flags.pauses,
    timestamps: flags.timestamps,
  });
  checkSpeech(body);
  return body;
}

async function speak(text: string | undefined, flags: Flags): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('interrupted')));
  const parts: SpeechFrames[] = [];
  const looked = flags.explain === true || flags.plot !== undefined;
  const engine = createNodeEngine({
    folder: flags.shards,
    models: [flags.model],
    threads: flags.threads,
    onFrames: looked ? (frames) => parts.push(frames) : undefined,
  });
  const model = await engine.model(flags.model, abort.signal);
  if (flags.listVoices) return listVoices(model);
  if (flags.phonemes) return await printReading(engine, model, await bodyOf(text, flags));

  const outFormat = flags.format ?? (flags.out === '-' ? 'wav' : formatOf(flags.out));
  const body = await bodyOf(text, flags);
  const started = performance.now();
  const request = await speechRequest(model, body, {
    exactLength: outFormat === 'wav',
    encodeReference: () => hear(engine, model, flags.reference ?? ''),
  });
  const speech = await engine.speak(request, abort.signal);
  const { samples, firstAudio } = await write(speech, outFormat, flags);
  const total = performance.now() - started;
  await show(body.input, speech, samples, parts, flags);
  if (!flags.quiet) {
    for (const { message, position } of speech.warnings) {
      const place = position ? ` (line ${position.line}, column ${position.column})` : '';
      process.stderr.write(`warning: ${message}${place}\n`);
    }
    const length = samples.reduce((sum, chunk) => sum + chunk.length, 0);
    report(flags.out, { samples: length, total, first: firstAudio - started, timings: speech.timings });
  }
}

async function printReading(engine: SpeechEngine, model: ModelInfo, body: SpeechBody): Promise<void> {
  const { input, pronunciations } = body;
  const language = body.language ?? model.languages[0];
  const read = await engine.read({ model: model.id, input, language, pronunciations, strict: false });
  process.stdout.write(readingLines(read));
}

function listVoices(model: ModelInfo): void {
  const column = Math.max(...model.voices.map(({ id }) => id.length)) + 2;
  for (const { id, language, sex, description } of model.voices)
    console.log(`${id.padEnd(column)}${language}  ${sex.padEnd(8)}${description}`);
  if (model.emotions.length > 0) console.log(`emotions: ${model.emotions.join(', ')}`);
}

/** Makes a style of a recording and tells its id. */
async function hear(engine: SpeechEngine, model: ModelInfo, path: string): Promise<Float32Array> {
  const { style } = await styleOf(engine, model.id, { wav: await readFile(path), param: 'reference' });
  process.stderr.write(`${path}: ${encodeStyleId(style, model.styleSpace)}\n`);
  return style;
}

/** Writes the audio file as it is made. */
async function write(speech: Speech, outFormat: AudioFormatId, flags: Flags) {
  const encoder = await createEncoder(outFormat, { totalSamples: speech.totalSamples });
  const sink = openSink(flags.out);
  const progress = flags.quiet || !process.stderr.isTTY ? () => {} : showProgress;
  const samples: Float32Array[] = [];
  let firstAudio: number | undefined;
  let done = 0;
  try {
    for await (const chunk of speech.chunks) {
      firstAudio ??= performance.now();
      await sink.write(encoder.encode(chunk));
      samples.push(chunk);
      done += chunk.length;
      progress(done, speech.totalSamples);
    }
    await sink.write(encoder.finish());
    await sink.commit();
  } catch (error) {
    encoder.close();
    await sink.discard();
    throw error;
  }
  return { samples, firstAudio: firstAudio ?? performance.now() };
}

/** Prints, draws and writes what was asked for besides the audio. */
async function show(
  input: string,
  { alignment }: Speech,
  chunks: readonly Float32Array[],
  parts: readonly SpeechFrames[],
  flags: Flags,
): Promise<void> {
  // Standard output may be the audio.
  const print = (lines: string) => (flags.out === '-' ? process.stderr : process.stdout).write(lines);
  const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  chunks.reduce((at, chunk) => {
    samples.set(chunk, at);
    return at + chunk.length;
  }, 0);
  const [unit = 'sentence'] = flags.timestamps ?? [];
  const captions = () => [cuesOf(alignment, input, unit), samples.length / 24] as const;
  if (flags.timestamps) print(listCues(alignment, input, flags.timestamps));
  if (flags.vtt) await writeFile(flags.vtt, webVtt(...captions()));
  if (flags.srt) await writeFile(flags.srt, subRip(...captions()));
  if (parts.length === 0) return;
  const recording = {
    text: input,
    samples,
    ...joinFrames(parts, Math.ceil(samples.length / 300)),
    phonemes: alignment.phonemes,
    words: wordsOf(alignment, input),
  };
  if (flags.explain) print(explain(recording));
  if (flags.plot) await writeFile(flags.plot, plot(recording));
}

await program
  .action(speak)
  .parseAsync()
  .catch((error: Error) => {
    console.error(`say: ${error.message}`);
    process.exitCode = 1;
  });
