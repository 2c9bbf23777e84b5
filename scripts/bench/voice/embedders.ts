import { readFile } from 'node:fs/promises';
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

/** Says who is speaking, as a vector whose direction counts. */
export interface Embedder {
  readonly name: string;
  /** @param samples mono, 24 kHz. */
  embed(samples: Float32Array): Promise<Float32Array>;
}

/** The model's style encoder and, where its file is given, a speaker net that was trained apart from it. */
export async function createEmbedders(speakerNet?: string): Promise<Embedder[]> {
  const own = await styleEncoder();
  return speakerNet ? [own, await netOf(speakerNet)] : [own];
}

/** Styles are compared in standard deviations from their mean, so that no dimension outweighs the others. */
async function styleEncoder(): Promise<Embedder> {
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

async function netOf(path: string): Promise<Embedder> {
  const { InferenceSession, Tensor: OrtTensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(await readFile(path), { intraOpNumThreads: 1 });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  return {
    name: 'speaker net',
    async embed(samples) {
      const { data, dims } = melOf(samples);
      const mel = new OrtTensor('float32', data as Float32Array, dims as number[]);
      return (await session.run({ [input]: mel }))[output].data as Float32Array;
    },
  };
}

/** As for a reference, but without its checks. */
function melOf(samples: Float32Array): Tensor {
  const { start, end } = measureLevels(framePower(samples));
  const trimmed = atTrainingLoudness(samples.slice(start * HOP, end * HOP));
  return { type: 'float32', data: logMel(trimmed), dims: [1, framesOf(trimmed), MELS] };
}
