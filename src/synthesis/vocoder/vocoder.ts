import type { Tensor } from '../../inference/backend.ts';
import type { StageRunner } from '../stages.ts';
import { type RendererShape, WaveformRenderer } from './renderer.ts';

/** Frames of the first chunk (0.4 s): small, so that the first audio leaves early. */
const FIRST_CHUNK = 32;

/** Frames of the chunks after it (1.6 s): long enough that the context computed twice at each edge costs little. */
const CHUNK = 128;

/** What the vocoder is given for one utterance. */
export interface VocoderInput {
  /** [1, T, 100] log-mel. */
  readonly mel: Tensor;
  /** Fills in the frames of `mel` before this one. Without it, all are there. */
  readonly ready?: (frame: number) => Promise<void>;
  /** [T] Hz, above 0 everywhere. */
  readonly f0: Float32Array;
  /** [T] Hz that the network is told in place of `f0`. */
  readonly told?: Float32Array;
  /** Changes the noise filters [count, bands] (natural-log magnitudes) of frames from `first` on, in place. */
  readonly shapeNoise?: (noise: Float32Array, first: number) => void;
  /** [T] probability of voicing. */
  readonly voicing: Float32Array;
}

/** Model facts and the request's randomness. */
export interface VocoderOptions {
  readonly shape: RendererShape;
  /** Receptive field of the vocoder network to each side, in frames. */
  readonly contextFrames: number;
  /** Fixes the excitation's noise. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Where the vocoder network is cut: always the same for a given T, so that a streamed answer equals an unstreamed one. */
export function chunkBounds(frames: number): { start: number; end: number }[] {
  const bounds: { start: number; end: number }[] = [];
  for (let start = 0; start < frames; ) {
    const size = start === 0 ? FIRST_CHUNK : CHUNK;
    // A short rest is not worth a run of its own.
    const end = frames - start - size < FIRST_CHUNK ? frames : start + size;
    bounds.push({ start, end });
    start = end;
  }
  return bounds;
}

/**
 * Makes the waveform of one utterance chunk by chunk.
 * @returns mono samples, T * hop in all.
 */
export async function* vocode(
  stages: StageRunner,
  input: VocoderInput,
  options: VocoderOptions,
): AsyncGenerator<Float32Array> {
  const { mel, ready, f0, told = f0, shapeNoise, voicing } = input;
  const { contextFrames, shape, seed, signal } = options;
  const frames = f0.length;
  const bands = mel.dims[2];
  const renderer = await WaveformRenderer.create(f0, shape, seed);
  for (const { start, end } of chunkBounds(frames)) {
    const from = Math.max(0, start - contextFrames);
    const to = Math.min(frames, end + contextFrames);
    await ready?.(to);
    const row = (values: Float32Array): Tensor => ({
      type: 'float32',
      data: values.slice(from, to),
      dims: [1, to - from],
    });
    const { harmonic, noise } = await stages.run(
      'vocoder',
      {
        mel: {
          type: 'float32',
          data: (mel.data as Float32Array).slice(from * bands, to * bands),
          dims: [1, to - from, bands],
        },
        f0: row(told),
        voicing: row(voicing),
      },
      signal,
    );
    const cut = (tensor: Tensor) =>
      (tensor.data as Float32Array).subarray((start - from) * shape.bands, (end - from) * shape.bands);
    const filters = cut(noise);
    shapeNoise?.(filters, start);
    yield renderer.render(cut(harmonic), filters, end - start);
  }
}
