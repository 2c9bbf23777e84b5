/** Shortest predicted length, in frames, at which a word boundary or pause mark becomes silence of its own. */
const AUDIBLE_PAUSE = 1;

/** Longest a phoneme may last, in frames (2 s): a guard against a runaway prediction. */
const MAX_FRAMES = 160;

/**
 * Turns the duration predictor's output into whole frames.
 *
 * Rounding errors are carried on to the next phoneme (as in dithering), so that a phrase keeps its length at any speed instead
 * of gaining or losing half a frame at each phoneme. A phoneme keeps at least one frame; a pause may vanish.
 * @param logDurations [P], ln(1 + frames).
 * @param isPause per phoneme: may it have no frames?
 * @param speed 0.25 to 4; 2 = twice as fast.
 * @returns frames per phoneme [P].
 */
export function allocateFrames(
  logDurations: Float32Array,
  isPause: readonly boolean[],
  speed: number,
): Int32Array {
  const frames = new Int32Array(logDurations.length);
  let carried = 0;
  for (let i = 0; i < frames.length; i++) {
    const predicted = Math.min(Math.max(Math.expm1(logDurations[i]), 0), MAX_FRAMES);
    if (isPause[i] && predicted < AUDIBLE_PAUSE) continue;
    const wanted = predicted / speed + carried;
    frames[i] = Math.max(isPause[i] ? 0 : 1, Math.round(wanted));
    // A forced frame is not paid back by starving the neighbours: the debt is kept within one frame.
    carried = Math.min(1, Math.max(-1, wanted - frames[i]));
  }
  return frames;
}
