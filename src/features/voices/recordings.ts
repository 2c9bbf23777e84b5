import { decodeRecording } from '../../audio/decoders/recording.ts';
import { resampleWork } from '../../audio/resample.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { inTurns } from '../../base/turns.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { MAX_SECONDS } from '../../synthesis/reference/checks.ts';
import { clippedShare } from '../../synthesis/reference/clipping.ts';
import { halvesOf, meanStyle, ONE_VOICE, voiceLikeness } from '../../synthesis/reference/same-voice.ts';
import type { VoiceDependencies } from './dependencies.ts';

/** Largest recording in bytes: a minute of mono 16-bit WAV at 48 kHz and its metadata. */
export const MAX_RECORDING_BYTES = 6 * 1024 * 1024;

const RATE = 24_000;

/** A recording that someone has sent. */
export interface SentRecording {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Hex SHA-256 of the file. */
  readonly sha256: string;
  /** The field that it came in, for errors. */
  readonly param: string;
}

/** An accepted recording and its style. */
export interface AnalyzedRecording {
  readonly sha256: string;
  readonly seconds: number;
  /** Raw [S]. */
  readonly style: Float32Array;
  /** Mono samples at 24 kHz; only if requested. */
  readonly samples?: Float32Array;
}

/** Options of the analysis of a recording. */
export interface AnalyzeOptions {
  /** Reject it when it seems to hold more than one speaker. */
  readonly oneSpeaker?: boolean;
  /** Return its samples as well. */
  readonly samples?: boolean;
}

/**
 * Decodes a recording, checks it and computes its style.
 * @throws {SoriError} `invalid_reference`, `unusable_reference`: the message has the measured and the needed value; errors of the engine
 *   and, at an origin, of placement.
 */
export type AnalyzeRecording = (
  recording: SentRecording,
  options?: AnalyzeOptions,
) => Promise<AnalyzedRecording>;

/**
 * Reads an uploaded file.
 * @throws {SoriError} `body_too_large`.
 */
export async function sentRecording(file: Blob, param: string): Promise<SentRecording> {
  if (file.size > MAX_RECORDING_BYTES) {
    const size = `${(file.size / 1024 / 1024).toFixed(1)} MiB`;
    const message = `A recording may have at most ${MAX_RECORDING_BYTES / 1024 / 1024} MiB; this one has ${size}.`;
    throw new SoriError('body_too_large', message, { param });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { bytes, sha256: await sha256Hex(bytes), param };
}

/** Analyzes recordings with this server's engine. */
export function analyzeHere(
  deps: VoiceDependencies,
  model: ModelInfo,
  signal: AbortSignal,
): AnalyzeRecording {
  return ({ bytes, sha256, param }, { oneSpeaker = false, samples: wanted = false } = {}) =>
    aboutField(param, async () => {
      const decoded = await decodeRecording(bytes, MAX_SECONDS, signal);
      // Measure clipping before resampling, which hides it.
      const clipped = clippedShare(decoded.samples);
      const samples = await inTurns(resampleWork(decoded.samples, decoded.sampleRate, RATE), signal);
      const style = await deps.engine.encodeStyle(model.id, { samples, clipped }, signal);
      if (oneSpeaker) await checkHalves(deps, model, samples, signal);
      return { sha256, seconds: samples.length / RATE, style, ...(wanted && { samples }) };
    });
}

/**
 * Rejects recordings of several speakers by comparing each with the others.
 * @throws {SoriError} `unusable_reference`; the message has the measured and the required value.
 */
export function checkOneSpeaker(model: ModelInfo, recordings: readonly AnalyzedRecording[]): void {
  if (recordings.length < 2) return;
  for (const [i, { style }] of recordings.entries()) {
    const others = recordings.filter((_, j) => j !== i).map((other) => other.style);
    const score = voiceLikeness(style, meanStyle(others), model.styleSpace, model.statistics);
    mustBeAlike(model, score, 'it and the other recordings', `files[${i}]`);
  }
}

/** Speakers who alternate throughout the recording are not detected. */
async function checkHalves(
  { engine }: VoiceDependencies,
  model: ModelInfo,
  samples: Float32Array,
  signal: AbortSignal,
): Promise<void> {
  const halves = halvesOf(samples);
  if (!halves) return;
  const first = await styleOfHalf(halves[0], engine, model, signal);
  const second = await styleOfHalf(halves[1], engine, model, signal);
  if (!first || !second) return;
  mustBeAlike(
    model,
    voiceLikeness(first, second, model.styleSpace, model.statistics),
    'its two halves',
    'reference',
  );
}

function mustBeAlike({ voiceThreshold }: ModelInfo, score: number, what: string, param: string): void {
  const least = voiceThreshold ?? ONE_VOICE;
  if (score >= least) return;
  const message = `The recording seems to hold more than one speaker: ${what} have a similarity of ${score.toFixed(2)}; at least ${least} is needed. Send recordings of one person alone.`;
  throw new SoriError('unusable_reference', message, { param });
}

/** A half that fails the checks is ignored, because the whole passed them. */
async function styleOfHalf(
  samples: Float32Array,
  engine: VoiceDependencies['engine'],
  model: ModelInfo,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  try {
    return await engine.encodeStyle(model.id, { samples }, signal);
  } catch (error) {
    if (error instanceof SoriError && error.code === 'unusable_reference') return undefined;
    throw error;
  }
}

async function aboutField<T>(param: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The functions below get the recording without the name of its request field.
    if (!(error instanceof SoriError) || error.param !== 'reference') throw error;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
}
