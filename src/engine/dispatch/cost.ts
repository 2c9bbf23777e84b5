/** Work as far as its cost depends on it. */
export interface Work {
  /** Characters that are spoken, markup not counted. */
  readonly characters: number;
  readonly speed: number;
  /** Steps of the mel refiner. */
  readonly refineSteps: number;
  /** Steps of the style sampler, for each sentence. */
  readonly diffusionSteps: number;
  /** Answers of the style denoiser that a step mixes: one for each emotion, and one more with classifier-free guidance. */
  readonly answersPerStep: number;
  /** Seconds of recordings that a style is to be made of. */
  readonly referenceSeconds: number;
  /** Must all of it be in memory before the first byte is sent? */
  readonly whole: boolean;
}

/** What work takes at the edge. */
export interface Cost {
  /** Frames of 12.5 ms. */
  readonly frames: number;
  /** Milliseconds of the one thread that an isolate has. */
  readonly cpuMs: number;
  /** Bytes on top of a model that has its sessions open. */
  readonly bytes: number;
}

/** Frames per second of speech. */
const FRAME_RATE = 80;
/** Read aloud at speed 1, a character takes a fifteenth of a second. */
const CHARACTERS_PER_SECOND = 15;
/** A sentence of usual length; the style sampler runs once for each. */
const CHARACTERS_PER_SENTENCE = 80;

/**
 * Milliseconds of each stage in workerd on the machine of the README's figures: real-time factor 0.049 without the refiner, 0.075 with
 * 4 steps, 15 ms for 5 steps of the style sampler.
 */
const COST = {
  /** Text encoder, prosody, mel decoder, vocoder and waveform. */
  perFrame: (0.049 * 1000) / FRAME_RATE,
  perFrameAndRefineStep: ((0.075 - 0.049) * 1000) / FRAME_RATE / 4,
  perSampledStyleStep: 3,
  /** Style encoder, and the measurements beside it. */
  perReferenceSecond: 60,
} as const;

/** 24,000 samples: 16 bits each, and as floating point while they are levelled. */
const BYTES_PER_SECOND_WHOLE = 24_000 * (2 + 4);
/** What the library holds for those who join: samples, and once more encoded. */
const BYTES_PER_SECOND_STREAMED = 24_000 * 2 * 1.5;
/** Samples of a recording and the mel spectrum of it. */
const BYTES_PER_REFERENCE_SECOND = 24_000 * 4 * 2;
/** Beyond this much the library lets audio through without holding it: the bound of `Flights`. */
const MOST_STREAMED_BYTES = 24 * 1024 * 1024;

/** Estimates what work takes, before anything of the model is asked. */
export function estimateCost(work: Work): Cost {
  const { characters, speed, refineSteps, diffusionSteps, answersPerStep, referenceSeconds, whole } = work;
  const seconds = characters / CHARACTERS_PER_SECOND / speed;
  const frames = Math.ceil(seconds * FRAME_RATE);
  const sentences = Math.max(1, Math.ceil(characters / CHARACTERS_PER_SENTENCE));
  const cpuMs =
    frames * (COST.perFrame + refineSteps * COST.perFrameAndRefineStep) +
    sentences * diffusionSteps * answersPerStep * COST.perSampledStyleStep +
    referenceSeconds * COST.perReferenceSecond;
  const audioBytes = whole
    ? seconds * BYTES_PER_SECOND_WHOLE
    : Math.min(seconds * BYTES_PER_SECOND_STREAMED, MOST_STREAMED_BYTES);
  return { frames, cpuMs, bytes: audioBytes + referenceSeconds * BYTES_PER_REFERENCE_SECOND };
}
