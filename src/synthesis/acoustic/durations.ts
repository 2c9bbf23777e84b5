/** Shortest predicted length, in frames, at which a word boundary or pause mark becomes silence of its own. */
const AUDIBLE_PAUSE = 1;

/** Longest a phoneme may be predicted to last, in frames (2 s): a guard against a runaway prediction. */
const MAX_FRAMES = 160;

/** Frames of a pause that the networks shape (1 s); no recording's pause is longer, so what is left is plain silence. */
const MAX_PAUSE_FRAMES = 80;

/** The same for a break of stated length: what comes before and after it keeps its release and onset. */
const MAX_BREAK_FRAMES = 24;

/** Requested duration of a symbol. */
export interface LengthWish {
  /** May it have no frames? */
  readonly pause: boolean;
  /** On the predicted length. */
  readonly factor: number;
  /** Exact length in place of the predicted one, in samples; for pauses. */
  readonly exact?: number;
}

/** Lengths of a phrase's symbols. */
export interface SymbolLengths {
  /** Frames per symbol [P], for the networks. */
  readonly frames: Int32Array;
  /** Samples of silence to put in the middle of the symbol [P]; 0 but for long or exact pauses. */
  readonly silences: Int32Array;
}

/**
 * Turns the duration predictor's output into whole frames.
 *
 * Rounding errors are carried on to the next phoneme (as in dithering), so that a phrase keeps its length at any speed instead
 * of gaining or losing half a frame at each phoneme. A phoneme keeps at least one frame; a pause may vanish. An exact pause
 * is exact to the sample, unless it is shorter than a frame and not zero.
 * @param logDurations [P], ln(1 + frames).
 * @param wishes [P].
 * @param hop samples in a frame.
 */
export function allocateFrames(
  logDurations: Float32Array,
  preferences: readonly LengthWish[],
  hop: number,
): SymbolLengths {
  const frames = new Int32Array(logDurations.length);
  const silences = new Int32Array(logDurations.length);
  let carried = 0;
  for (const [i, { pause, factor, exact }] of preferences.entries()) {
    if (exact !== undefined) {
      if (exact > 0) frames[i] = Math.max(1, Math.min(MAX_BREAK_FRAMES, Math.floor(exact / hop)));
      silences[i] = Math.max(0, Math.round(exact) - frames[i] * hop);
      continue;
    }
    const predicted = Math.min(Math.max(Math.expm1(logDurations[i]), 0), MAX_FRAMES);
    if (pause && predicted < AUDIBLE_PAUSE) continue;
    const wanted = predicted * factor + carried;
    const given = Math.max(pause ? 0 : 1, Math.round(wanted));
    // A forced frame is not paid back by starving the neighbours: the debt is kept within one frame.
    carried = Math.min(1, Math.max(-1, wanted - given));
    frames[i] = pause ? Math.min(given, MAX_PAUSE_FRAMES) : given;
    silences[i] = (given - frames[i]) * hop;
  }
  return { frames, silences };
}
