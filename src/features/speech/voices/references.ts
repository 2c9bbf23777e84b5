import { SoriError } from '../../../base/errors.ts';
import type { SpeechEngine } from '../../../engine/engine.ts';
import { readReference } from '../../../synthesis/reference/read.ts';

const ABOUT_RECORDINGS: ReadonlySet<string> = new Set(['invalid_reference', 'unusable_reference']);

/** Prefix of a base64 recording in a `style` field. */
const DATA_URL = /^data:(?:audio|video)\/[\w.+-]+(?:;codecs=[\w.,+"-]+)?;base64,/i;

/**
 * Rejects recordings unless the operator has enabled them, because a style imitates its speaker's voice.
 * @throws {SoriError} `reference_styles_disabled`.
 */
export function requireReferences(allowed: boolean | undefined): void {
  if (allowed) return;
  throw new SoriError(
    'reference_styles_disabled',
    'This server makes no styles from recordings: REFERENCE_STYLES is not "on". Imitating a voice needs its speaker’s consent.',
    { param: 'style' },
  );
}

/** An uploaded recording. */
export interface SentReference {
  /** The file: any format of `decodeRecording`. */
  readonly bytes: Uint8Array;
  /** The field of the recording, for errors. */
  readonly param: string;
}

/**
 * Makes a style vector from a recording.
 * @returns the style vector [S] and the recording's length in seconds.
 * @throws {SoriError} `invalid_reference`, `unusable_reference`, and what the engine throws.
 */
export async function styleOf(
  engine: SpeechEngine,
  model: string,
  { bytes, param }: SentReference,
  signal?: AbortSignal,
) {
  try {
    const recording = await readReference(bytes, signal);
    const style = await engine.encodeStyle(model, recording, signal);
    return { style, seconds: recording.samples.length / 24_000 };
  } catch (error) {
    // Lower layers get the recording without the name of its field.
    if (!(error instanceof SoriError) || !ABOUT_RECORDINGS.has(error.code)) throw error;
    throw new SoriError(error.code, error.message, { param, cause: error });
  }
}

/**
 * Decodes the recording in a `style` field.
 * @throws {SoriError} `invalid_style`.
 */
export function bytesOfDataUrl(url: string): Uint8Array {
  const prefix = DATA_URL.exec(url)?.[0];
  if (prefix === undefined) {
    throw invalid('style must be a style id (sty_…) or a recording as data:audio/…;base64,….');
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
