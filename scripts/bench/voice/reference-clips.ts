import { concatFloats } from '../../../src/base/bytes.ts';
import { framePower } from '../../../src/synthesis/reference/energy.ts';
import { measureLevels } from '../../../src/synthesis/reference/levels.ts';
import { decode, type Recording } from './texts.ts';

const RATE = 24_000;
const HOP = 300;

/** Seconds of speech in a recording: what is not silence. */
export function spokenSeconds(samples: Float32Array): number {
  return samples.length ? (measureLevels(framePower(samples)).spoken * HOP) / RATE : 0;
}

/** The shortest beginning with so many seconds of speech, to a twentieth of a second. */
export function cutTo(samples: Float32Array, seconds: number): Float32Array {
  let end = Math.round(seconds * RATE);
  while (end < samples.length && spokenSeconds(samples.subarray(0, end)) < seconds + 0.02) end += RATE / 20;
  return samples.slice(0, end);
}

/** The beginning of a person's recordings, with this many seconds of speech. */
export async function readReference(
  recordings: readonly Recording[],
  seconds: number,
): Promise<Float32Array> {
  let samples: Float32Array = new Float32Array(0);
  for (const { path } of recordings) {
    if (spokenSeconds(samples) >= seconds) break;
    samples = concatFloats([samples, await decode(path)]);
  }
  return cutTo(samples, seconds);
}
