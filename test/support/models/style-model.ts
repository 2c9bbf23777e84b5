import type { Tensors } from '../../../src/inference/backend.ts';
import type { Manifest } from '../../../src/shards/manifest.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';

/** Dimensions of {@link styleManifest}'s styles. */
export const SIZE = 16;

const SAMPLING = { steps: 4, alpha: 0.3, beta: 0.7, embeddingScale: 1 };

/** The part of a manifest that styles use: four emotions, two voices, a style space that is not standard. */
export const styleManifest = {
  name: 'test-1',
  styleSize: SIZE,
  emotions: ['neutral', 'happy', 'sad', 'angry'],
  style: {
    mean: Array.from({ length: SIZE }, (_, i) => i / 10),
    scale: Array.from({ length: SIZE }, (_, i) => 0.5 + (i % 3) / 4),
    sampler: {
      sigmaData: 1,
      sigmaMin: 0.01,
      sigmaMax: 10,
      rho: 7,
      continuity: 0.6,
      defaults: SAMPLING,
      emotionDefaults: { ...SAMPLING, steps: 6 },
    },
  },
  voices: [
    { id: 'ann', style: Array.from({ length: SIZE }, (_, i) => Math.sin(i) / 3), pitchRange: 1.2 },
    { id: 'bob', style: Array.from({ length: SIZE }, (_, i) => Math.cos(i) / 3), pitchRange: 0.8 },
  ],
} as unknown as Manifest;

/**
 * A `style_denoiser` that is linear: the ideal one (posterior mean) for unit-variance data whose mean moves with the emotion, the text and
 * the reference. It records copies of its inputs.
 */
export function linearDenoiser() {
  const asked: Tensors[] = [];
  const runner: StageRunner = {
    async run(_stage, inputs) {
      asked.push(structuredClone(inputs));
      const { x, sigma, emotion, given, reference, phonemes } = inputs;
      const [rows, size] = x.dims;
      const emotions = emotion.dims[1];
      const text = Number(phonemes.data[0]);
      const out = new Float32Array(rows * size);
      for (let row = 0; row < rows; row++) {
        const keep = 1 / (1 + Number(sigma.data[row]) ** 2);
        for (let i = 0; i < size; i++) {
          let mean = Number(given.data[row * 2]) * text * Math.sin(i + 1);
          mean += 0.5 * Number(given.data[row * 2 + 1]) * Number(reference.data[row * size + i]);
          for (let e = 0; e < emotions; e++)
            mean += Number(emotion.data[row * emotions + e]) * (e + 1) * Math.cos(e + i);
          out[row * size + i] = mean + keep * (Number(x.data[row * size + i]) - mean);
        }
      }
      return { denoised: { type: 'float32', data: out, dims: x.dims } };
    },
  };
  return { asked, runner };
}
