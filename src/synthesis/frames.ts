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
