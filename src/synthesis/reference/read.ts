import { decodeRecording } from '../../audio/decoders/recording.ts';
import { resampleWork } from '../../audio/resample.ts';
import { SoriError } from '../../base/errors.ts';
import { inTurns } from '../../base/turns.ts';
import { MAX_SECONDS } from './checks.ts';
import { clippedShare } from './clipping.ts';
import { RATE } from './mel.ts';
import type { ReferenceRecording } from './types.ts';

/** Bytes of a reference's file at most: a minute of 24-bit stereo at 48 kHz. */
export const MAX_REFERENCE_BYTES = 17_300_000;

/**
 * Reads the file of a reference recording, brought to 24 kHz mono. Clipping is measured before that.
 * @throws {SoriError} `invalid_reference` when it is no sound that can be read, too large or longer than a minute; the signal's reason.
 */
export async function readReference(bytes: Uint8Array, signal?: AbortSignal): Promise<ReferenceRecording> {
  if (bytes.length > MAX_REFERENCE_BYTES) {
    const size = (bytes.length / 1e6).toFixed(1);
    const message = `The reference recording has ${size} MB; at most ${MAX_REFERENCE_BYTES / 1e6} MB are read. Mono at 24 kHz and 16 bits is enough.`;
    throw new SoriError('invalid_reference', message, { param: 'reference' });
  }
  const { samples, sampleRate } = await decodeRecording(bytes, MAX_SECONDS, signal);
  const clipped = clippedShare(samples);
  return { samples: await inTurns(resampleWork(samples, sampleRate, RATE), signal), clipped };
}
