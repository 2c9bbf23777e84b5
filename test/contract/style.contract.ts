import { createModelHost } from '../../src/engine/model-host.ts';
import type { InferenceBackend } from '../../src/inference/backend.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import type { ShardSource } from '../../src/shards/source.ts';
import type { StyleOptions } from '../../src/synthesis/style/options.ts';
import { createStyleSampler } from '../../src/synthesis/style/style.ts';
import { resolveVoice } from '../../src/synthesis/style/voice.ts';

/** Largest difference between backends in any dimension of the raw style vector. */
export const STYLE_TOLERANCE = 1e-4;

/** Requests that together use every part of the sampler. Nothing is mixed with the reference, which would hide a difference. */
const REQUESTS: readonly StyleOptions[] = [
  { diffusionSteps: 1 },
  { diffusionSteps: 5 },
  { diffusionSteps: 5, sampler: 'deterministic', embeddingScale: 2 },
  { diffusionSteps: 8, emotion: { happy: 0.6, sad: 0.3 }, embeddingScale: 1.5 },
  { diffusionSteps: 32, emotion: { angry: 0.5 } },
];

/**
 * Draws a style for each of some requests, the second and later ones in long form. Every backend must draw the same ones.
 * A plain function without a test framework, because it also runs in a browser's page.
 */
export async function drawStyles(
  source: ShardSource,
  model: string,
  backend: InferenceBackend,
): Promise<number[][]> {
  const host = createModelHost({ loader: createModelLoader({ source }), backend });
  const { manifest, runner } = await host.open(model);
  const sampler = createStyleSampler(manifest, runner);
  const voice = resolveVoice(manifest, { [manifest.voices[0].id]: 1 });
  const sounds = manifest.phonemes.length - FIRST_SOUND;
  const inner = Array.from({ length: 40 }, (_, i) => BigInt(FIRST_SOUND + ((i * 7) % sounds)));
  const phonemeIds = BigInt64Array.from([1n, ...inner, 2n]);
  const styles: number[][] = [];
  let previous: Float32Array | undefined;
  for (const [i, request] of REQUESTS.entries()) {
    const options = { alpha: 1, beta: 1, continuity: 0.2, ...request };
    const { style, sampled } = await sampler.style({ voice, phonemeIds, previous, options, seed: 40 + i });
    styles.push([...style]);
    previous = sampled;
  }
  return styles;
}

/** Phoneme ids below this are marks. */
const FIRST_SOUND = 12;

/**
 * Compares drawn styles.
 * @throws when they are farther apart than {@link STYLE_TOLERANCE}, are not numbers, or are all the same.
 */
export function checkSameStyles(actual: readonly number[][], expected: readonly number[][]): void {
  if (actual.length !== expected.length || actual.length !== REQUESTS.length)
    throw new Error(`${actual.length} styles instead of ${REQUESTS.length}`);
  for (const [r, style] of expected.entries()) {
    let farthest = 0;
    for (const [i, value] of style.entries()) farthest = Math.max(farthest, Math.abs(actual[r][i] - value));
    // Negated so that NaN fails too.
    if (!(farthest <= STYLE_TOLERANCE))
      throw new Error(`${JSON.stringify(REQUESTS[r])}: styles differ by ${farthest}`);
    if (r > 0 && style.every((value, i) => value === expected[0][i]))
      throw new Error('all requests draw the same style');
  }
}
