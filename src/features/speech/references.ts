import { SoriError } from '../../base/errors.ts';
import type { SpeechEngine } from '../../engine/engine.ts';
import { readReference } from '../../synthesis/reference/read.ts';

const ABOUT_RECORDINGS: ReadonlySet<string> = new Set(['invalid_reference', 'unusable_reference']);

/** What stands before the base64 of a recording in a `style` field. */
const DATA_URL = /^data:audio\/(?:wav|wave|x-wav|vnd\.wave);base64,/i;

/**
 * Refuses recordings where the operator has not turned them on: a style made of one speaks with its owner's voice.
 * @throws {SoriError} `reference_styles_disabled`.
 */
export function requireReferences(allowed: boolean | undefined): void {
  if (allowed) return;
  throw new SoriError(
    'reference_styles_disabled',
    'This server makes no styles of recordings: REFERENCE_STYLES is not "on" here, since a voice is spoken with only by consent of its owner.',
    { param: 'style' },
  );
}

/** A recording that someone has sent. */
export interface SentReference {
  /** The bytes of a WAV file. */
  readonly wav: Uint8Array;
  /** The field that it came in, for errors. */
  readonly param: string;
}

/**
 * Makes a style vector of a recording.
 * @returns the raw vector [S], and the recording's length in seconds.
 * @throws {SoriError} `invalid_reference`, `unusable_reference`, and what the engine throws.
 */
export async function styleOf(
  engine: SpeechEngine,
  model: string,
  { wav, param }: SentReference,
  signal?: AbortSignal,
) {
  try {
    const recording = readReference(wav);
    const style = await engine.encodeStyle(model, recording, signal);
    return { style, seconds: recording.samples.length / 24_000 };
  } catch (error) {
    // What is below doesn't know how requests name a recording.
    if (!(error instanceof SoriError) || !ABOUT_RECORDINGS.has(error.code)) throw error;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
}

/**
 * Reads the bytes of a recording that a `style` field holds itself.
 * @throws {SoriError} `invalid_style`.
 */
export function bytesOfDataUrl(url: string): Uint8Array {
  const prefix = DATA_URL.exec(url)?.[0];
  if (prefix === undefined) {
    throw invalid('style must be a style id (sty_…) or a recording as data:audio/wav;base64,….');
  }
  try {
    return Uint8Array.from(atob(url.slice(prefix.length)), (character) => character.charCodeAt(0));
  } catch {
    throw invalid('style holds a recording that is not base64.');
  }
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_style', message, { param: 'style' });
}
