import { type AudioFormatId, WAV_FORMATS } from '../format.ts';
import { stateFlacLength } from './flac.ts';
import { stateM4aLength } from './m4a.ts';
import { isWavStream } from './wav.ts';

/**
 * Converts streamed bytes to the stored file: the bytes of an encoder that got the length before. MP3 is not changed.
 * @param bytes may be changed in place.
 * @param totalSamples at 24 kHz.
 * @returns `undefined` for a WAV file without its length, which is cheap to encode again.
 */
export function statedLength(
  format: AudioFormatId,
  bytes: Uint8Array,
  totalSamples: number,
): Uint8Array | undefined {
  if (format === 'flac') return stateFlacLength(bytes, totalSamples);
  if (format === 'm4a') return stateM4aLength(bytes, totalSamples);
  return WAV_FORMATS.includes(format) && isWavStream(bytes) ? undefined : bytes;
}
