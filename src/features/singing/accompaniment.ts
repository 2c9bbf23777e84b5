import { decodeRecording } from '../../audio/decoders/recording.ts';
import { resample } from '../../audio/resample.ts';
import { SAMPLE_RATE } from '../../audio/samples.ts';
import { SoriError } from '../../base/errors.ts';
import { nextTurn } from '../../base/turns.ts';
import { SCORE_LIMITS } from './score/limits.ts';

/** Samples around a piece that the resampler's filter looks at, and a piece, at least. */
const MARGIN = 512;
const PIECE = 12_000;

/**
 * Reads sound to mix in, at the service's rate. Works in pieces, so that a long file does not block other requests.
 * @param gain dB.
 * @throws {SoriError} `invalid_value` for what is no sound that can be read, or too long; the signal's reason.
 */
export async function readAccompaniment(
  bytes: Uint8Array,
  gain: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { samples, sampleRate } = await read(bytes, signal);
  const factor = 10 ** (gain / 20);
  const output = new Float32Array(Math.ceil((samples.length * SAMPLE_RATE) / sampleRate));
  // Pieces begin where a sample of one rate falls on one of the other.
  const unit = sampleRate / gcd(sampleRate, SAMPLE_RATE);
  const margin = Math.ceil(MARGIN / unit) * unit;
  const piece = Math.ceil(PIECE / unit) * unit;
  const at = (sample: number) => Math.round((sample * SAMPLE_RATE) / sampleRate);
  for (let start = 0; start < samples.length; start += piece) {
    const from = Math.max(0, start - margin);
    const made = resample(samples.subarray(from, start + piece + margin), sampleRate, SAMPLE_RATE);
    const first = at(start) - at(from);
    const count = Math.min(at(piece), output.length - at(start), made.length - first);
    for (let n = 0; n < count; n++) output[at(start) + n] = factor * made[first + n];
    await nextTurn();
    signal?.throwIfAborted();
  }
  return output;
}

async function read(bytes: Uint8Array, signal?: AbortSignal) {
  try {
    return await decodeRecording(bytes, SCORE_LIMITS.seconds, signal);
  } catch (cause) {
    if (!(cause instanceof SoriError)) throw cause;
    throw new SoriError('invalid_value', cause.message, { param: 'accompaniment', cause });
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
