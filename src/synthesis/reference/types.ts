import type { Tensor } from '../../inference/backend.ts';

/** A reference recording as the pipeline takes it; `readReference` (read.ts) makes one of a file. */
export interface ReferenceRecording {
  /** Mono, 24 kHz. */
  readonly samples: Float32Array;
  /** Share of samples at full scale, 0 to 1, in the recording as it came; measured on `samples` when not given. */
  readonly clipped?: number;
}

/** Dimensions of the style vector that are measured and not learned. Pitch in natural logarithms. */
export interface StyleStatistics {
  /** Mean of ln F0 - ln 160 Hz over voiced frames. */
  readonly pitch: number;
  /** Standard deviation of ln F0. */
  readonly pitchRange: number;
  /** Slope of ln F0 per second within a phrase. */
  readonly slope: number;
  /** Standard deviation of the normalised log energy. */
  readonly energyRange: number;
  /** Spectral tilt of voiced frames. */
  readonly tilt: number;
}

/** Measurements of the checks, which also appear in the error message of a refusal. */
export interface ReferenceQuality {
  /** Seconds of the recording. */
  readonly seconds: number;
  /** Seconds of it that hold speech. */
  readonly speechSeconds: number;
  /** Share of samples at full scale. */
  readonly clipped: number;
  /** dB between the loud and the quiet frames. */
  readonly snr: number;
  /** Share of the sounding frames that have a pitch. */
  readonly voiced: number;
}

/** A reference that passed the checks (`analyseReference`, reference.ts), ready for the style encoder. */
export interface ReferenceAnalysis {
  /** [1, T, 100] log-mel of the trimmed recording at the loudness of the training data. */
  readonly mel: Tensor;
  /** Measured dimensions of the style; `withStatistics` (reference.ts) writes them over the encoder's. */
  readonly statistics: StyleStatistics;
  readonly quality: ReferenceQuality;
}
