import { createModelHost } from '../../../src/engine/model-host.ts';
import type { Tensor } from '../../../src/inference/backend.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { fsSource } from '../../../src/shards/sources/fs.ts';
import { framePower } from '../../../src/synthesis/reference/energy.ts';
import { measureLevels } from '../../../src/synthesis/reference/levels.ts';
import { framesOf, HOP, logMel, MELS } from '../../../src/synthesis/reference/mel.ts';
import { atTrainingLoudness } from '../../../src/synthesis/reference/reference.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';

/** Computes a vector of a recording's speaker; its direction identifies the speaker. */
export interface Embedder {
  readonly name: string;
  /** @param samples mono, 24 kHz. */
  embed(samples: Float32Array): Promise<Float32Array>;
}

/** The model's style encoder. Styles are compared in standard deviations from their mean, so that no dimension outweighs the others. */
export async function createStyleEmbedder(): Promise<Embedder> {
  const loader = createModelLoader({ source: fsSource(MODELS_FOLDER) });
  const host = createModelHost({ loader, backend: createNativeBackend(), keepOnDemand: true });
  const { manifest, runner } = await host.open('sori-2');
  const { mean, scale } = manifest.style;
  return {
    name: 'style encoder',
    async embed(samples) {
      const { style } = await runner.run('style_encoder', { mel: melOf(samples) });
      return (style.data as Float32Array).map((value, i) => (value - mean[i]) / scale[i]);
    },
  };
}

/** Prepares audio like a reference, but without its checks. */
function melOf(samples: Float32Array): Tensor {
  const { start, end } = measureLevels(framePower(samples));
  const trimmed = atTrainingLoudness(samples.slice(start * HOP, end * HOP));
  return { type: 'float32', data: logMel(trimmed), dims: [1, framesOf(trimmed), MELS] };
}
