import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav } from '../../../src/audio/transcode.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import { sha256, speechLike } from './audio-signal.ts';

/** What every engine must make of the reference signal: SHA-256 as a WAV file. */
export const MARKED_SHA256 = '31e941979d435badfc3a968cf38580fd3eb41ccbf6728285dfe0d51cc950cdc9';

/** SHA-256 of the reference signal with a watermark. */
export function markedSha256(): Promise<string> {
  const samples = toInt16Array(speechLike(60_001));
  return sha256(masterWav(embedWatermark(samples, Uint8Array.of(1, 2, 4, 8, 16, 32, 64, 128))));
}
