import { z } from 'zod';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { runtime } from '../../graph.ts';
import { ModelFault } from '../../manifest.ts';

const settingsSchema = z.object({
  /** The ONNX file. */
  graph: z.string(),
  /** Names of its input, samples `[1, N]`, and its output, `[1, speakers, N]`. */
  input: z.string().default('mix'),
  output: z.string().default('sources'),
});

/** Settings of a separation model. */
export type SeparationSettings = z.infer<typeof settingsSchema>;

/** Parts the voices of a recording: Conv-TasNet, SepFormer and their like, which map samples to samples. */
export const separationDriver: ModelDriver<'separation', SeparationSettings> = {
  name: 'speaker-separation',
  task: 'separation',
  settings: settingsSchema,

  async open({ settings, open }): Promise<LoadedModel<'separation'>> {
    const { input, output } = settings;
    const graph = await open(settings.graph);
    graph.expect(settings.graph, {
      inputs: { [input]: { type: 'float32', shape: [1, -1] } },
      outputs: { [output]: { type: 'float32', shape: [1, -1, -1] } },
    });
    const ort = await runtime();
    return {
      async *run({ samples }) {
        const { length } = samples;
        const made = await graph.run({ [input]: new ort.Tensor('float32', samples, [1, length]) }, [output]);
        const [, speakers, size] = made[output].dims;
        if (size !== length)
          throw new ModelFault(`the separated voices have ${size} samples, but the recording has ${length}`);
        const data = made[output].data as Float32Array;
        yield {
          sources: Array.from({ length: speakers }, (_, i) => data.slice(i * length, (i + 1) * length)),
        };
      },
    };
  },

  trials: ({ sampleRate = 16_000 }) => [{ samples: new Float32Array(sampleRate) }],
};
