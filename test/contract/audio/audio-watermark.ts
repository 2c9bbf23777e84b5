import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav } from '../../../src/audio/transcode.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import { sha256, speechLike } from './audio-signal.ts';

/** What every engine must make of the reference signal: SHA-256 as a WAV file. */
export const MARKED_SHA256 = '6ee20b1e39d059ed3323a214a0e76ab77f8c4fe2df1da055dbd9b435395a2a67';

/** SHA-256 of the reference signal with a watermark. */
export function markedSha256(): Promise<string> {
  const samples = toInt16Array(speechLike(60_001));
  return sha256(masterWav(embedWatermark(samples, Uint8Array.of(1, 2, 4, 8, 16, 32, 64, 128))));
}
