import type { EdgeCosts } from '../shards/manifest.ts';

/** What the manifest of a model tells of its cost. */
export interface ModelCosts {
  readonly edgeCosts?: EdgeCosts;
  /** Bytes of the graphs and weights that ordinary speech needs. */
  readonly stageBytes: number;
}

/** Work as far as its cost depends on it. */
export interface Work {
  /** Of the model that is to do it; one like `sori-1` when not known yet. */
  readonly model?: ModelCosts;
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

/** Of a model whose manifest tells none: those of `sori-1` (scripts/train/export.py has their source). */
const USUAL_COSTS: EdgeCosts = {
  frameMs: 0.6125,
  refineStepMs: 0.08125,
  styleStepMs: 3,
  referenceSecondMs: 60,
};
/** Bytes of stages that the policy's bounds of memory make room for: all that the edge's packing budget allows. */
const USUAL_STAGE_BYTES = 12 * 1024 * 1024;
/** What a byte more of weights takes: as it was read, and in the runtime. */
const BYTES_PER_STAGE_BYTE = 2;

/** 24,000 samples: 16 bits each, and as floating point while they are levelled. */
const BYTES_PER_SECOND_WHOLE = 24_000 * (2 + 4);
/** What the library holds for those who join: samples, and once more encoded. */
const BYTES_PER_SECOND_STREAMED = 24_000 * 2 * 1.5;
/** Samples of a recording and the mel spectrum of it. */
const BYTES_PER_REFERENCE_SECOND = 24_000 * 4 * 2;
/** Beyond this much the library lets audio through without holding it: the bound of `Flights`. */
const MOST_STREAMED_BYTES = 24 * 1024 * 1024;

/** Estimates what work takes, before any of it is done. */
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
