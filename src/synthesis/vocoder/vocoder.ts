import type { Tensor } from '../../inference/backend.ts';
import type { Manifest } from '../../shards/manifest.ts';
import { type Bounds, equalBounds, longBounds } from '../piece-bounds.ts';
import { StagePieces } from '../stage-pieces.ts';
import type { StageRunner } from '../stages.ts';
import { copyFrames, row } from '../tensors.ts';
import { type Curves, type FrameFilters, type RendererShape, WaveformRenderer } from './renderer.ts';

/** Frames of the first chunk (0.4 s): small, so that the first audio leaves early. */
const FIRST_CHUNK = 32;

/** Most frames of the chunks after it (0.8 s), where the runtime can go on from a chunk: a run takes a hundredth of a second or two. */
const CHUNK = 64;

/**
 * The same where it can't (2.8 s): long enough that the context computed twice at each edge costs little, and so short that one run takes
 * less than 50 ms.
 */
const CHUNK_WITH_CONTEXT = 224;

/**
 * Most additional frames on each side of such a chunk for the network. Its receptive field is wider, but frames farther away change the filters
 * by less than half a percent; rounding to 8 bits changes them by twice as much.
 */
const CONTEXT = 12;

/** Inputs of the vocoder for one utterance. */
export interface VocoderInput extends Curves {
  /** [1, T, 100] natural-log mel magnitude. */
  readonly mel: Tensor;
  /** Fills in the frames of `mel` before this one. Without it, all are there. */
  readonly ready?: (frame: number) => Promise<void>;
  /** [T] Hz: F0 input of the network instead of `f0`. */
  readonly networkF0?: Float32Array;
  /** Changes the filters of frames from `first` on, and the mel that they are matched to, in place. */
  readonly shape?: (filters: FrameFilters, first: number) => void;
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

/** Options for a model. */
export function vocoderOptions(manifest: Manifest, seed: number, signal?: AbortSignal): VocoderOptions {
  const { fft, hop, mels, sampleRate, vocoder } = manifest;
  const { contextFrames, modulationBands, rounds } = vocoder;
  return {
    shape: { sampleRate, hop, fft, bands: mels, modulationBands, rounds },
    contextFrames,
    seed,
    signal,
  };
}

/**
 * Boundaries between runs of the vocoder network. They depend on T and the runtime only, so that a streamed answer equals an unstreamed one.
 * @param streams whether the runtime can go on from a chunk.
 */
export function chunkBounds(frames: number, streams: boolean): Bounds[] {
  return streams
    ? equalBounds(frames, FIRST_CHUNK, CHUNK)
    : longBounds(frames, FIRST_CHUNK, CHUNK_WITH_CONTEXT);
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
  const { mel, ready, f0, networkF0 = f0, voicing } = input;
  const { shape, seed, signal, contextFrames: reach } = options;
  const frames = f0.length;
  const bands = mel.dims[2];
  const mels = mel.data as Float32Array;
  const renderer = await WaveformRenderer.create(input, shape, seed);
  const timed = { mel, f0: row(networkF0), voicing: row(voicing) };
  const pieces = new StagePieces({
    ...{ stages, stage: 'vocoder', total: frames, reach, context: Math.min(reach, CONTEXT), signal },
    async inputs(from, to) {
      await ready?.(to);
      return copyFrames(timed, from, to);
    },
  });
  for (const { end: planned } of chunkBounds(frames, await pieces.streams())) {
    const { start, end, outputs, free } = await pieces.next(planned);
    const data = (name: string) => outputs[name].data as Float32Array;
    const filters: FrameFilters = {
      harmonic: data('harmonic'),
      real: data('real'),
      imaginary: data('imaginary'),
      noise: data('noise'),
      modulation: data('modulation'),
      // A copy where it may be changed, because the next chunk's context comes from the same frames.
      mel: input.shape ? mels.slice(start * bands, end * bands) : mels.subarray(start * bands, end * bands),
    };
    input.shape?.(filters, start);
    const render = () => renderer.render(filters, end - start);
    const samples = await (stages.compute?.('waveform', render) ?? render());
    // The filters of a second of speech take a megabyte.
    free();
    if (samples.length > 0) yield samples;
  }
}
