import { gainOf } from './decibels.ts';
import { type LimiterOptions, limitTruePeak } from './limiter.ts';
import { integratedLoudness } from './loudness.ts';
import { pieces } from './pieces.ts';

/** -1 dBTP: what EBU R128 leaves to codecs that come after. */
const CEILING = 0.8912509381337456;
/** Hundredths of an LU that the limiter may take from the loudness before more gain makes up for it. */
const TOLERANCE = 5;
/** Rounds of amplifying at most. Beyond them a signal is so dense that it can't be as loud as asked under the ceiling. */
const ROUNDS = 4;

/**
 * Brings a recording to an integrated loudness (EBU R128) by one gain throughout, a whole number of hundredths of a decibel, and
 * holds its true peaks at -1 dBTP by a limiter, which is at work only around peaks that would pass. What the limiter takes from the
 * loudness more gain gives back; a target that peaks at -1 dBTP can't reach is not quite reached. A recording too quiet to
 * measure (-70 LUFS) stays as it is. Works piece by piece, and lets others have their turn in between.
 * @param samples not changed.
 * @param target LUFS.
 * @returns samples of its own, or `samples` where there was nothing to measure. The same on every engine.
 * @throws {RangeError} when the target is not within -70 and 0.
 */
export async function level(samples: Int16Array, sampleRate: number, target: number): Promise<Int16Array> {
  if (!(target >= -70 && target <= 0)) {
    throw new RangeError(`a loudness target lies within -70 and 0 LUFS, not at ${target}`);
  }
  const missing = (signal: Int16Array) => Math.round(100 * (target - integratedLoudness(signal, sampleRate)));
  let hundredths = missing(samples);
  if (!Number.isFinite(hundredths)) return samples;
  const output = new Int16Array(samples.length);
  for (let round = 1; ; round++) {
    const options = { sampleRate, gain: gainOf(hundredths), ceiling: CEILING };
    const limited = await amplify(samples, options, output);
    if (!limited || round === ROUNDS) return output;
    const rest = missing(output);
    if (rest <= TOLERANCE) return output;
    hundredths += rest;
  }
}

/** @returns whether the limiter had anything to do. */
async function amplify(samples: Int16Array, options: LimiterOptions, output: Int16Array): Promise<boolean> {
  let limited = false;
  for await (const piece of pieces(samples.length)) {
    limited = limitTruePeak(samples, piece, options, output) || limited;
  }
  return limited;
}
