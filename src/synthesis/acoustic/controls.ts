import type { Phoneme, SpeechControls } from '../../text/types.ts';
import { type ContourShares, contourAt, contourKey } from './contour.ts';

/** Controls of a request that apply to all of its speech. */
export interface RequestControls {
  /** Semitones. */
  readonly pitch: number;
  /** Factor on the deviation of ln F0 from the utterance's mean. */
  readonly pitchRange: number;
  /** dB. */
  readonly energy: number;
  /** Factor on the length of pauses. */
  readonly pauses: number;
}

/** Controls frame by frame, steps smoothed over three frames. */
export interface FrameControls {
  /** Shift of ln F0 in semitones [T]. */
  readonly semitones: Float32Array;
  /** Factor on the deviation of ln F0 from the mean [T]. */
  readonly range: Float32Array;
  /** Hz that the mean of F0 is to have there [T]; 0 = the voice's own. Not smoothed. */
  readonly hz: Float32Array;
  /** Factor on the amplitude [T]; 0 is silence. */
  readonly gain: Float32Array;
}

/**
 * Spreads the request's controls and those of the phonemes over the frames. Loudness is a gain on the waveform, not a shift of the
 * decoder's energy input. So it is exact and does not change the timbre; the decoder would choose its own level.
 * @param phonemes [P].
 * @param durations frames in which each phoneme is audible [P].
 */
export function spreadControls(
  phonemes: readonly Phoneme[],
  durations: readonly number[],
  request: RequestControls,
  shares: ContourShares,
): FrameControls {
  const total = durations.reduce((sum, frames) => sum + frames, 0);
  const [semitones, range, hz, gain] = Array.from({ length: 4 }, () => new Float32Array(total));
  const contour = contourPlaces(phonemes, durations, shares);
  let frame = 0;
  for (const [p, { controls }] of phonemes.entries()) {
    const amplitude = decibels(request.energy + (controls?.volume ?? 0));
    const absolute = controls?.pitchHz !== undefined;
    // A stated pitch takes the place of the voice's and the request's own.
    const shift = (absolute ? 0 : request.pitch) + (controls?.pitch ?? 0);
    for (const end = frame + durations[p]; frame < end; frame++) {
      semitones[frame] =
        shift + (controls?.contour ? contourAt(controls.contour, contour(controls, frame)) : 0);
      range[frame] = request.pitchRange * (controls?.pitchRange ?? 1);
      hz[frame] = controls?.pitchHz ?? 0;
      gain[frame] = amplitude;
    }
  }
  return { semitones: smooth(semitones), range: smooth(range), hz, gain: smooth(gain) };
}

/** Amplitude of a level in dB; -Infinity is 0. */
export function decibels(level: number): number {
  return 10 ** (level / 20);
}

/** Position of a frame in its element, 0 to 1. */
function contourPlaces(
  phonemes: readonly Phoneme[],
  durations: readonly number[],
  shares: ContourShares,
): (controls: SpeechControls, frame: number) => number {
  const bounds = new Map<string, { first: number; end: number }>();
  let frame = 0;
  for (const [p, { controls }] of phonemes.entries()) {
    const key = contourKey(controls);
    const end = frame + durations[p];
    if (key !== undefined && durations[p] > 0) {
      bounds.set(key, { first: bounds.get(key)?.first ?? frame, end });
    }
    frame = end;
  }
  return (controls, at) => {
    const key = contourKey(controls) ?? '';
    const { first, end } = bounds.get(key) ?? { first: 0, end: frame };
    const { from, to } = shares.get(key) ?? { from: 0, to: 1 };
    return from + ((to - from) * (at - first + 0.5)) / (end - first);
  };
}

/** Mean of each value and its two neighbours; the ends are their own. A curve without steps stays exactly as it is. */
function smooth(curve: Float32Array): Float32Array {
  const last = curve.length - 1;
  return curve.map((value, t) => {
    const before = curve[Math.max(0, t - 1)];
    const after = curve[Math.min(last, t + 1)];
    return before === value && after === value ? value : (before + value + after) / 3;
  });
}
