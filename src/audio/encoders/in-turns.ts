import { nextTurn } from '../../base/turns.ts';
import type { AudioEncoder } from '../format.ts';

/** Samples that are encoded in one turn of the event loop: a second, at most 15 ms of work in every format. */
export const ENCODED_AT_ONCE = 24_000;

/**
 * Encodes samples in several turns of the event loop.
 * @param samples as for {@link AudioEncoder.encode}; they may be overwritten when the generator has ended.
 * @returns the bytes of each part, which may be empty, and the number of its samples.
 * @throws {RangeError} on more samples than were announced.
 */
export async function* encodeInTurns(
  encoder: AudioEncoder,
  samples: Float32Array,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly samples: number }, void> {
  for (let from = 0; from < samples.length; from += ENCODED_AT_ONCE) {
    if (from > 0) await nextTurn();
    const part = samples.subarray(from, from + ENCODED_AT_ONCE);
    yield { bytes: encoder.encode(part), samples: part.length };
  }
}

/**
 * Ends an encoder in several turns of the event loop.
 * @returns the last bytes, without empty pieces.
 * @throws {RangeError} when fewer samples came than were announced.
 */
export async function* finishInTurns(encoder: AudioEncoder): AsyncGenerator<Uint8Array, void> {
  for (let held = encoder.encodeHeld?.(); held; held = encoder.encodeHeld?.()) {
    if (held.length > 0) yield held;
    await nextTurn();
  }
  const rest = encoder.finish();
  if (rest.length > 0) yield rest;
}
