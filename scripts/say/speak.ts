import { readFile, writeFile } from 'node:fs/promises';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { type AudioFormatId, WAV_FORMATS } from '../../src/audio/format.ts';
import type { ModelInfo, Speech, SpeechEngine } from '../../src/engine/engine.ts';
import { subRip, webVtt } from '../../src/features/speech/answer/captions.ts';
import { lengthOf } from '../../src/features/speech/make-speech.ts';
import { speechRequest } from '../../src/features/speech/request.ts';
import type { SpeechBody } from '../../src/features/speech/schema.ts';
import { styleOf } from '../../src/features/speech/voices/references.ts';
import { speakLong } from '../../src/sdk/long-speech.ts';
import { cuesOf } from '../../src/synthesis/alignment.ts';
import { encodeStyleId } from '../../src/synthesis/reference/style-id.ts';
import type { SpeechFrames } from '../../src/synthesis/synthesize.ts';
import { createNodeEngine } from '../lib/node-engine.ts';
import { userPath } from '../lib/user-path.ts';
import { UsageError } from '../sori/failures.ts';
import { explain } from './explain.ts';
import { formatOf } from './flags.ts';
import type { SayFlags } from './options.ts';
import { listCues, openSink, report, type Sink, showProgress } from './output.ts';
import { openPlayer, type Playback } from './play.ts';
import { plot } from './plot.ts';
import { readingLines } from './reading.ts';
import { joinFrames, wordsOf } from './recording.ts';
import { readRequest } from './request.ts';

/**
 * Speaks a text to a file or aloud, or prints its phonemes.
 * @throws {SoriError} as the server would; Node's errors for files; {CommandError} without a player for `--play`.
 */
export async function speak(text: string | undefined, flags: SayFlags): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('interrupted')));
  const parts: SpeechFrames[] = [];
  const looked = flags.explain === true || flags.plot !== undefined;
  const engine = createNodeEngine({
    folder: userPath(flags.shards),
    models: [flags.model],
    threads: flags.threads,
    onFrames: looked ? (frames) => parts.push(frames) : undefined,
  });
  const model = await engine.model(flags.model, abort.signal);
  if (flags.listVoices) return listVoices(model);
  const { body, long } = await readRequest(text, flags);
  if (flags.phonemes) return await printReading(engine, model, body);
  if (long && looked) throw new UsageError('--explain and --plot take texts of up to 4096 characters.');

  const { out } = flags;
  const started = performance.now();
  const outFormat = flags.format ?? (out === undefined || out === '-' ? 'wav' : formatOf(out));
  await using output = await openOutputs(flags);
  const request = await speechRequest(model, body, {
    exactLength: out !== undefined && WAV_FORMATS.includes(outFormat),
    encodeReference: () => readReference(engine, model, flags.reference ?? ''),
  });
  const speech = long
    ? await speakLong(engine, request, abort.signal)
    : await engine.speak(request, abort.signal);
  const { samples, firstAudio } = await write(speech, outFormat, output, flags);
  const total = performance.now() - started;
  await show(body.input, speech, samples, parts, flags);
  await output.played();
  if (flags.quiet) return;
  for (const { message, position } of speech.warnings) {
    const place = position ? ` (line ${position.line}, column ${position.column})` : '';
    process.stderr.write(`warning: ${message}${place}\n`);
  }
  const { length } = samples;
  report(out ?? 'played', { samples: length, total, first: firstAudio - started, timings: speech.timings });
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

/** Makes a style of a recording and prints its id. */
async function readReference(engine: SpeechEngine, model: ModelInfo, path: string): Promise<Float32Array> {
  const bytes = await readFile(userPath(path));
  const { style } = await styleOf(engine, model.id, { bytes, param: 'reference' });
  process.stderr.write(`${path}: ${encodeStyleId(style, model.styleSpace)}\n`);
  return style;
}

/** Where the audio goes. Disposing of it before `commit` removes the file and stops the player. */
interface Outputs extends AsyncDisposable {
  readonly file?: Sink;
  readonly player?: Playback;
  /** Waits until the player has played everything. */
  played(): Promise<void>;
}

/** Opens the file and the player before any work, so that a wrong path costs no time. */
async function openOutputs({ out, play }: SayFlags): Promise<Outputs> {
  const player = play ? await openPlayer() : undefined;
  try {
    const file = out === undefined ? undefined : await openSink(out === '-' ? out : userPath(out));
    return {
      file,
      player,
      played: async () => void (await player?.finish()),
      async [Symbol.asyncDispose]() {
        await file?.discard();
        await player?.stop();
      },
    };
  } catch (error) {
    await player?.stop();
    throw error;
  }
}

/** Writes the audio file, and plays it, while it is made. */
async function write(speech: Speech, format: AudioFormatId, { file, player }: Outputs, flags: SayFlags) {
  const encoder = file && (await createEncoder(format, lengthOf(format, speech)));
  const progress = flags.quiet || !process.stderr.isTTY ? () => {} : showProgress;
  const kept: Float32Array[] = [];
  let firstAudio: number | undefined;
  let length = 0;
  try {
    for await (const chunk of speech.chunks) {
      firstAudio ??= performance.now();
      if (encoder) await file.write(encoder.encode(chunk));
      await player?.write(chunk);
      // Only the plot needs the samples.
      if (flags.plot !== undefined) kept.push(chunk);
      length += chunk.length;
      progress(length, speech.totalSamples);
    }
    if (encoder) await file.write(encoder.finish());
    await file?.commit();
  } finally {
    encoder?.close();
  }
  return { samples: { kept, length }, firstAudio: firstAudio ?? performance.now() };
}

/** Prints, draws and writes the other requested outputs. */
async function show(
  input: string,
  { alignment }: Speech,
  samples: { readonly kept: readonly Float32Array[]; readonly length: number },
  parts: readonly SpeechFrames[],
  flags: SayFlags,
): Promise<void> {
  // Standard output may be the audio.
  const print = (lines: string) => (flags.out === '-' ? process.stderr : process.stdout).write(lines);
  const [unit = 'sentence'] = flags.timestamps ?? [];
  const captions = () => [cuesOf(alignment, input, unit), samples.length / 24] as const;
  if (flags.timestamps) print(listCues(alignment, input, flags.timestamps));
  if (flags.vtt) await writeFile(userPath(flags.vtt), webVtt(...captions()));
  if (flags.srt) await writeFile(userPath(flags.srt), subRip(...captions()));
  if (parts.length === 0) return;
  const recording = {
    text: input,
    samples: joined(samples),
    ...joinFrames(parts, Math.ceil(samples.length / 300)),
    phonemes: alignment.phonemes,
    words: wordsOf(alignment, input),
  };
  if (flags.explain) print(explain(recording));
  if (flags.plot) await writeFile(userPath(flags.plot), plot(recording));
}

function joined({ kept, length }: { readonly kept: readonly Float32Array[]; readonly length: number }) {
  const whole = new Float32Array(length);
  let at = 0;
  for (const chunk of kept) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
