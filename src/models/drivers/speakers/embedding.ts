import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { runtime } from '../../graph.ts';
import { ModelFault } from '../../manifest.ts';

const settingsSchema = z.object({
  /** The ONNX file. */
  graph: z.string(),
  /** Names of its input, samples `[1, N]`, and its output, a vector `[1, size]`. */
  input: z.string().default('audio'),
  output: z.string().default('embedding'),
});

/** Settings of a speaker embedding. */
export type EmbeddingSettings = z.infer<typeof settingsSchema>;

/** Seconds of a recording at least. */
const LEAST_SECONDS = 0.5;

/** Speaker embeddings that take samples: x-vectors, ECAPA-TDNN, ResNet, exported with their filter bank inside. */
export const embeddingDriver: ModelDriver<'speaker-embedding', EmbeddingSettings> = {
  name: 'speaker-embedding',
  task: 'speaker-embedding',
  settings: settingsSchema,

  async open({ manifest, settings, open }): Promise<LoadedModel<'speaker-embedding'>> {
    const { input, output } = settings;
    const graph = await open(settings.graph);
    graph.expect(settings.graph, {
      inputs: { [input]: { type: 'float32', shape: [1, -1] } },
      outputs: { [output]: { type: 'float32', shape: [1, -1] } },
    });
    const ort = await runtime();
    return {
      async *run({ samples }) {
        if (samples.length < LEAST_SECONDS * (manifest.sampleRate ?? 0)) {
          const message = `The recording must last at least ${LEAST_SECONDS} s.`;
          throw new SoriError('unusable_reference', message, { param: 'file' });
        }
        const tensor = new ort.Tensor('float32', samples, [1, samples.length]);
        const made = await graph.run({ [input]: tensor }, [output]);
        const vector = Float32Array.from(made[output].data as Float32Array);
        const length = Math.hypot(...vector);
        if (!(length > 0))
          throw new ModelFault('the embedding is unusable: all of its values are 0, or one is not finite');
        yield { vector: vector.map((value) => value / length) };
      },
    };
  },

  trials: ({ sampleRate = 16_000 }) => [
    {
      samples: Float32Array.from({ length: sampleRate }, (_, i) => 0.1 * Math.sin(i * 0.05)),
    },
  ],
};
