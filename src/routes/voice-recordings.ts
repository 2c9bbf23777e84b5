import { readPlain } from '../audio/decoders/kinds.ts';
import { resample } from '../audio/resample.ts';
import type { ModelInfo } from '../engine/engine.ts';
import { SoriError } from '../errors.ts';
import { MAX_SECONDS } from '../pipeline/reference/checks.ts';
import { clippedShare } from '../pipeline/reference/clipping.ts';
import { halvesOf, meanStyle, ONE_VOICE, voiceLikeness } from '../pipeline/reference/same-voice.ts';
import { sha256Hex } from '../shards/integrity.ts';
import type { AppDependencies, DecodedRecording } from './context.ts';

/** Bytes of one recording at most: a minute of mono 16-bit WAV at 48 kHz, and room for its notes. */
export const MAX_RECORDING_BYTES = 6 * 1024 * 1024;

const RATE = 24_000;

/** A recording that was found good, and its style. */
export interface HeardRecording {
  /** Hex SHA-256 of the file. */
  readonly sha256: string;
  readonly seconds: number;
  /** Mono, 24 kHz. */
  readonly samples: Float32Array;
  /** Raw [S]. */
  readonly style: Float32Array;
}

/**
 * Reads a recording, checks it and makes its style.
 * @param param the field that it came in, for errors.
 * @throws {SoriError} `invalid_reference`, `unusable_reference`: the message says what was measured and what is needed;
 *   `body_too_large`; what the engine throws.
 */
export async function hearRecording(
  deps: AppDependencies,
  model: ModelInfo,
  file: Blob,
  param: string,
  signal: AbortSignal,
): Promise<HeardRecording> {
  if (file.size > MAX_RECORDING_BYTES) {
    const size = `${(file.size / 1024 / 1024).toFixed(1)} MiB`;
    const message = `A recording may have ${MAX_RECORDING_BYTES / 1024 / 1024} MiB; this one has ${size}.`;
    throw new SoriError('body_too_large', message, { param });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  return await aboutField(param, async () => {
    const decoded = await decode(deps, bytes);
    // What was clipped shows before it is resampled.
    const clipped = clippedShare(decoded.samples);
    const samples = resample(decoded.samples, decoded.sampleRate, RATE);
    const style = await deps.engine.encodeStyle(model.id, { samples, clipped }, signal);
    return { sha256: await sha256Hex(bytes), seconds: samples.length / RATE, samples, style };
  });
}

/**
 * Refuses recordings in which more than one person seems to speak: the two halves of each are compared, where they hold speech enough,
 * and each recording with the others. Two who take turns all the time are not found out.
 * @throws {SoriError} `unusable_reference`; the message says what was measured and what is needed.
 */
export async function checkOneSpeaker(
  { engine }: AppDependencies,
  model: ModelInfo,
  recordings: readonly HeardRecording[],
  signal: AbortSignal,
): Promise<void> {
  const likeness = (a: Float32Array, b: Float32Array) =>
    voiceLikeness(a, b, model.styleSpace, model.statistics);
  for (const [i, { samples, style }] of recordings.entries()) {
    const halves = halvesOf(samples);
    if (halves) {
      const [first, second] = [
        await styleOfHalf(halves[0], engine, model, signal),
        await styleOfHalf(halves[1], engine, model, signal),
      ];
      if (first && second) mustBeAlike(likeness(first, second), 'its two halves', i);
    }
    const others = recordings.filter((_, j) => j !== i).map((other) => other.style);
    if (others.length > 0) mustBeAlike(likeness(style, meanStyle(others)), 'it and the other recordings', i);
  }
}

function mustBeAlike(score: number, what: string, index: number): void {
  if (score >= ONE_VOICE) return;
  const message = `The recording seems to hold more than one speaker: ${what} are alike by ${score.toFixed(2)}; ${ONE_VOICE} is needed. Recordings of one person, alone, are needed.`;
  throw new SoriError('unusable_reference', message, { param: `files[${index}]` });
}

/** A half that is no good by itself tells nothing: the whole was good. */
async function styleOfHalf(
  samples: Float32Array,
  engine: AppDependencies['engine'],
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

async function decode({ decodeRecording }: AppDependencies, bytes: Uint8Array): Promise<DecodedRecording> {
  if (decodeRecording) return await decodeRecording(bytes, MAX_SECONDS);
  return readPlain(bytes, { maxSeconds: MAX_SECONDS });
}

async function aboutField<T>(param: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What is below doesn't know how requests name a recording.
    if (!(error instanceof SoriError) || error.param !== 'reference') throw error;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
}
