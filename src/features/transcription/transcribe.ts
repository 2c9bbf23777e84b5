import { decodeRecording } from '../../audio/decoders/recording.ts';
import { resample } from '../../audio/resample.ts';
import { speechWindows } from '../../audio/voice-activity.ts';
import type { WavAudio } from '../../audio/wav-reader.ts';
import { SoriError } from '../../base/errors.ts';
import type { TranscriptionInput, TranscriptionSegment } from '../../models/tasks.ts';
import type { TranscriptionDependencies } from './dependencies.ts';
import { MAX_SECONDS } from './schema.ts';

/** Hz that recognizers take. */
export const RATE = 16_000;
/** Seconds of a window. */
const WINDOW_SECONDS = 30;
/** Seconds that are resampled before other work may run; and the seconds around them, so that there is no audible seam. */
const PIECE_SECONDS = 5;
const CONTEXT_SECONDS = 0.1;

/** OpenAI's names of recognizers; each means the first one that is installed. */
export const OPENAI_RECOGNISERS: readonly string[] = [
  'whisper-1',
  'gpt-4o-transcribe',
  'gpt-4o-mini-transcribe',
  'gpt-4o-mini-transcribe-2025-12-15',
];

/** Options of a transcription. */
export interface TranscribeOptions
  extends Pick<TranscriptionInput, 'language' | 'into' | 'prompt' | 'temperature' | 'words'> {
  /** Seconds of a window at most: shorter ones are there sooner, longer ones are understood better. Default 30. */
  readonly windowSeconds?: number;
}

/** The transcript of one window. */
export interface TranscribedPart {
  readonly language: string;
  /** Times are seconds from the beginning of the recording. */
  readonly segments: readonly TranscriptionSegment[];
}

/**
 * The recognizer of a name.
 * @throws {SoriError} `model_unavailable` when none is installed; `unknown_model`.
 */
export async function recognizerOf({ hosted }: TranscriptionDependencies, name?: string): Promise<string> {
  await hosted?.refresh();
  const [first, ...more] = hosted?.list('transcription') ?? [];
  if (first === undefined) {
    const message =
      'No transcription model is installed on this server. Its operator can add one: npm run sori -- models add <folder>.';
    throw new SoriError('model_unavailable', message, { param: 'model' });
  }
  if (name === undefined || OPENAI_RECOGNISERS.includes(name)) return first.id;
  const found = [first, ...more].find(({ id }) => id === name);
  if (found) return found.id;
  const known = [first, ...more].map(({ id }) => id).join(', ');
  throw new SoriError('unknown_model', `There is no such model for transcription. Available: ${known}.`, {
    param: 'model',
  });
}

/**
 * Reads a recording as mono at 16 kHz.
 * @param maxSeconds longer recordings are refused before they are resampled.
 * @throws {SoriError} `invalid_reference` when it is damaged, of another format or too long.
 */
export async function readRecording(
  bytes: Uint8Array,
  param: string,
  maxSeconds = MAX_SECONDS,
): Promise<Float32Array> {
  let decoded: WavAudio;
  try {
    decoded = await decodeRecording(bytes, maxSeconds);
  } catch (error) {
    if (!(error instanceof SoriError)) throw error;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
  return await resampled(decoded);
}

/** Resamples piece by piece, and lets other work in between. */
async function resampled({ samples, sampleRate }: WavAudio): Promise<Float32Array> {
  if (sampleRate === RATE) return samples;
  const made = new Float32Array(Math.floor((samples.length * RATE) / sampleRate));
  const piece = PIECE_SECONDS * sampleRate;
  // Whole pieces and contexts begin on a sample of both rates.
  const context = Math.ceil(CONTEXT_SECONDS * 100) * Math.round(sampleRate / 100);
  const exact = sampleRate % 100 === 0;
  if (!exact) return resample(samples, sampleRate, RATE);
  for (let at = 0; at < samples.length; at += piece) {
    const from = Math.max(0, at - context);
    const part = resample(samples.subarray(from, at + piece + context), sampleRate, RATE);
    const skip = ((at - from) * RATE) / sampleRate;
    const to = (at * RATE) / sampleRate;
    made.set(part.subarray(skip, skip + Math.min(PIECE_SECONDS * RATE, made.length - to)), to);
    await new Promise<void>((resolve) => setTimeout(resolve));
  }
  return made;
}

/**
 * Transcribes a recording, window by window. The text of a window guides the spelling of the next.
 * @param samples mono at 16 kHz.
 * @throws {SoriError} `unsupported_language`, `model_unavailable`, `overloaded`; the signal's reason.
 */
export async function* transcribe(
  { hosted }: TranscriptionDependencies,
  model: string,
  samples: Float32Array,
  { windowSeconds = WINDOW_SECONDS, ...options }: TranscribeOptions,
  signal: AbortSignal,
): AsyncGenerator<TranscribedPart, void> {
  if (hosted === undefined) return;
  const short = samples.length <= windowSeconds * RATE;
  const windows = short ? [{ start: 0, end: samples.length }] : speechWindows(samples, RATE, windowSeconds);
  let { language, prompt } = options;
  for (const [seed, { start, end }] of windows.entries()) {
    const input = { ...options, samples: samples.slice(start, end), language, prompt, seed };
    const offset = start / RATE;
    let said = '';
    for await (const part of hosted.run(model, 'transcription', input, signal)) {
      // The language of a recording is that of its first window.
      language ??= part.language;
      const segments = part.segments.map((segment) => moved(segment, offset));
      said += segments.map(({ text }) => text).join('');
      yield { language: part.language, segments };
    }
    if (said.trim() !== '') prompt = said;
  }
}

function moved(segment: TranscriptionSegment, offset: number): TranscriptionSegment {
  return {
    ...segment,
    start: segment.start + offset,
    end: segment.end + offset,
    words: segment.words?.map((word) => ({ ...word, start: word.start + offset, end: word.end + offset })),
  };
}
