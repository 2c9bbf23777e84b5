import { gainOf } from './decibels.ts';
import { TruePeakLimiter } from './limiter.ts';
import { loudnessInTurns } from './loudness.ts';
import { pieces } from './pieces.ts';
import { groupsOf, truePeaks } from './true-peak.ts';

/** -1 dBTP, the headroom that EBU R128 leaves for codecs. */
const CEILING = 0.8912509381337456;
/** Tolerance of the loudness, in hundredths of an LU. */
const TOLERANCE = 5;
/** Maximum number of passes. */
const ROUNDS = 4;
/** Maximum extra gain that compensates for the limiter, in hundredths of a decibel. */
const MOST_MAKE_UP = 300;

/**
 * Brings a recording to an integrated loudness (EBU R128) with one constant gain, a whole number of hundredths of a decibel. A limiter
 * keeps true peaks at -1 dBTP; it changes the signal only around peaks that would pass. Up to 3 dB of extra gain compensate for the
 * loudness that the limiter removes; a target that needs more is not quite reached. A recording that is too quiet to measure (-70 LUFS) is
 * returned unchanged. Works piece by piece and yields to the event loop in between. In addition to the result it needs 4 MiB for five minutes at 24
 * kHz.
 * @param samples not changed.
 * @param target LUFS.
 * @returns samples of its own, or `samples` where there was nothing to measure. The same on every engine.
 * @throws {RangeError} when the target is not within -70 and 0.
 */
export async function level(samples: Int16Array, sampleRate: number, target: number): Promise<Int16Array> {
  if (!(target >= -70 && target <= 0)) {
    throw new RangeError(`a loudness target lies within -70 and 0 LUFS, not at ${target}`);
  }
  const missing = async (signal: Int16Array) =>
    Math.round(100 * (target - (await loudnessInTurns(signal, sampleRate))));
  const needed = await missing(samples);
  if (!Number.isFinite(needed)) return samples;
  const peaks = await peaksAbove(samples, (CEILING * 32_767) / gainOf(needed + MOST_MAKE_UP));
  const limiter = new TruePeakLimiter(samples, { sampleRate, ceiling: CEILING, peaks });
  const output = new Int16Array(samples.length);
  let makeUp = 0;
  for (let round = 1; ; round++) {
    const gain = gainOf(needed + makeUp);
    for await (const piece of pieces(samples.length)) limiter.amplify(gain, piece, output);
    if (round === ROUNDS) return output;
    // Even without the limiter this may not be 0: blocks below the gate of -70 LUFS may pass it after amplification.
    const rest = await missing(output);
    const next = Math.min(makeUp + rest, MOST_MAKE_UP);
    if (Math.abs(rest) <= TOLERANCE || next === makeUp) return output;
    makeUp = next;
  }
}

async function peaksAbove(samples: Int16Array, floor: number): Promise<Float32Array> {
  const peaks = new Float32Array(groupsOf(samples.length));
  for await (const piece of pieces(peaks.length, 2 ** 12)) truePeaks(samples, floor, piece, peaks);
  return peaks;
}
