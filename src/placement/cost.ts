import type { EdgeCosts } from '../shards/manifest.ts';

/** The costs that a model's manifest states. */
export interface ModelCosts {
  readonly edgeCosts?: EdgeCosts;
  /** Bytes of the graphs and weights that ordinary speech needs. */
  readonly stageBytes: number;
}

/** The properties of a request that its cost depends on. */
export interface Work {
  /** Costs of the model; those of `sori-2` while the model is not known. */
  readonly model?: ModelCosts;
  /** Characters that are spoken, markup not counted. */
  readonly characters: number;
  readonly speed: number;
  /** Steps of the mel refiner. */
  readonly refineSteps: number;
  /** Steps of the style sampler, for each sentence. */
  readonly diffusionSteps: number;
  /** Styles that the denoiser computes together: two with classifier-free guidance, otherwise one. */
  readonly answersPerStep: number;
  /** Seconds of recordings that a style is made from. */
  readonly referenceSeconds: number;
  /** Whether all of the audio must be in memory before the first byte is sent. */
  readonly whole: boolean;
}

/** The estimated cost of work at the edge. */
export interface Cost {
  /** Frames of 12.5 ms. */
  readonly frames: number;
  /** Milliseconds of processor time; an isolate has one thread. */
  readonly cpuMs: number;
  /** Bytes on top of a model that has its sessions open. */
  readonly bytes: number;
}

/** Frames per second of speech. */
const FRAME_RATE = 80;
/** Seconds per character at speed 1. */
const CHARACTERS_PER_SECOND = 15;
/** Characters of a sentence of usual length; the style sampler runs once per sentence. */
const CHARACTERS_PER_SENTENCE = 80;

/** Costs of a model whose manifest states none: those of `sori-2` (`edgeCosts` in scripts/train/sori2/release/export.py). */
const USUAL_COSTS: EdgeCosts = {
  frameMs: 0.3,
  refineStepMs: 0.08125,
  styleStepMs: 3,
  referenceSecondMs: 60,
};
/** Bytes of stages that the memory limits of the policy include: the edge's packing budget. */
const USUAL_STAGE_BYTES = 12 * 1024 * 1024;
/** Bytes of memory per byte of weights: once as read, once in the runtime. */
const BYTES_PER_STAGE_BYTE = 2;

/** Bytes per second of audio: 24,000 samples of 16 bits, and as floating point while their level is adjusted. */
const BYTES_PER_SECOND_WHOLE = 24_000 * (2 + 4);
/** Bytes per second that the library holds for requests that join a synthesis: samples and encoded audio. */
const BYTES_PER_SECOND_STREAMED = 24_000 * 2 * 1.5;
/** Bytes per second of a recording: its samples and its mel spectrum. */
const BYTES_PER_REFERENCE_SECOND = 24_000 * 4 * 2;
/** The limit of `Flights`: longer audio passes through the library without being held. */
const MOST_STREAMED_BYTES = 24 * 1024 * 1024;

/** Estimates the cost of work before it starts. */
export function estimateCost(work: Work): Cost {
  const { characters, speed, refineSteps, diffusionSteps, answersPerStep, referenceSeconds, whole } = work;
  const costs = work.model?.edgeCosts ?? USUAL_COSTS;
  const seconds = characters / CHARACTERS_PER_SECOND / speed;
  const frames = Math.ceil(seconds * FRAME_RATE);
  const sentences = Math.max(1, Math.ceil(characters / CHARACTERS_PER_SENTENCE));
  const cpuMs =
    frames * (costs.frameMs + refineSteps * costs.refineStepMs) +
    sentences * diffusionSteps * answersPerStep * costs.styleStepMs +
    referenceSeconds * costs.referenceSecondMs;
  const larger = Math.max(0, (work.model?.stageBytes ?? 0) - USUAL_STAGE_BYTES);
  const audioBytes = whole
    ? seconds * BYTES_PER_SECOND_WHOLE
    : Math.min(seconds * BYTES_PER_SECOND_STREAMED, MOST_STREAMED_BYTES);
  const bytes = audioBytes + referenceSeconds * BYTES_PER_REFERENCE_SECOND + larger * BYTES_PER_STAGE_BYTE;
  return { frames, cpuMs, bytes };
}
