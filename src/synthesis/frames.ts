/** The curves and the mel of a stretch of speech, for plots and measurements. */
export interface SpeechFrames {
  /** Its first frame's number in the whole, to the nearest frame. */
  readonly firstFrame: number;
  /** [T] Hz, as spoken. */
  readonly f0: Float32Array;
  /** [T] probability. */
  readonly voicing: Float32Array;
  /** [T] normalised log energy. */
  readonly energy: Float32Array;
  /** [T, 100] log-mel. */
  readonly mel: Float32Array;
}

/** Frames of an utterance that runs through every network in one piece (2 s). In pieces it takes a sixth longer, because of their context. */
export const SHORT_FRAMES = 160;
