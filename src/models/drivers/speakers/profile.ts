import { z } from 'zod';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { runtime } from '../../graph.ts';

const labels = z.array(z.string().min(1)).min(2);

const settingsSchema = z.object({
  /** The ONNX file. */
  graph: z.string(),
  /** Name of its input: samples `[1, N]`. */
  input: z.string().default('audio'),
  /** Outputs, scores before softmax `[1, labels]`, and what they mean: `{"sex": ["female", "male"]}`. */
  outputs: z.record(z.enum(['sex', 'age_band']), labels),
  /** Share of recordings that each output gets wrong, as its maker has measured it; every answer states it. */
  errorRates: z.record(z.enum(['sex', 'age_band']), z.number().min(0).max(1)),
});

/** Settings of a speaker profile model. */
export type ProfileSettings = z.infer<typeof settingsSchema>;

/** Sex and age band of a speaker, with the error that the model's maker has measured. */
export const profileDriver: ModelDriver<'speaker-profile', ProfileSettings> = {
  name: 'speaker-profile',
  task: 'speaker-profile',
  settings: settingsSchema,

  async open({ settings, open }): Promise<LoadedModel<'speaker-profile'>> {
    const { input, outputs, errorRates } = settings;
    const names = Object.keys(outputs) as (keyof typeof outputs)[];
    const graph = await open(settings.graph);
    graph.expect(settings.graph, {
      inputs: { [input]: { type: 'float32', shape: [1, -1] } },
      outputs: Object.fromEntries(
        names.map((name) => [name, { type: 'float32', shape: [1, outputs[name].length] }]),
      ),
    });
    const ort = await runtime();
    return {
      async *run({ samples }) {
        const made = await graph.run({ [input]: new ort.Tensor('float32', samples, [1, samples.length]) });
        const traits = names.map((name) => {
          const shares = softmax(made[name].data as Float32Array);
          const best = shares.indexOf(Math.max(...shares));
          return { name, value: outputs[name][best], probability: shares[best], errorRate: errorRates[name] };
        });
        yield { traits };
      },
    };
  },

  trials: ({ sampleRate = 16_000 }) => [{ samples: new Float32Array(sampleRate) }],
};

function softmax(scores: Float32Array): number[] {
  const most = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - most));
  const sum = powers.reduce((all, value) => all + value, 0);
  return powers.map((value) => value / sum);
}
