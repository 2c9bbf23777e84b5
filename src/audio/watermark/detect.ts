import type { WatermarkOptions, WatermarkResult } from './types.ts';

/**
 * Looks for the watermark of `embedWatermark`, anywhere in a recording.
 * @param samples mono, nominally in [-1, 1].
 * @param sampleRate in Hz, 8000 to 192000.
 */
export function detectWatermark(
  _samples: Float32Array,
  _sampleRate: number,
  _options: WatermarkOptions = {},
): WatermarkResult {
  return { found: false, score: 0 };
}
