import { z } from 'zod';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { runtime } from '../../graph.ts';
import { ModelFault } from '../../manifest.ts';

const settingsSchema = z.object({
  /** The ONNX file. */
  graph: z.string(),
  /** Names of its input, samples `[1, 1, N]`, and its output, `[1, frames, classes]`. */
  input: z.string().default('input_values'),
  output: z.string().default('logits'),
  /** The speakers of each class: `[[], [0], [1], [2], [0, 1], [0, 2], [1, 2]]` for pyannote's segmentation 3.0. */
  classes: z.array(z.array(z.number().int().nonnegative())).min(2),
  /** Seconds of a window. */
  windowSeconds: z.number().positive().max(60).default(10),
});

/** Settings of a segmentation model. */
export type SegmentationSettings = z.infer<typeof settingsSchema>;

/** The speakers in each frame of a window: pyannote's segmentation and similar models, whose classes are sets of speakers. */
export const segmentationDriver: ModelDriver<'segmentation', SegmentationSettings> = {
  name: 'speaker-segmentation',
  task: 'segmentation',
  settings: settingsSchema,

  async open({ manifest, settings, open }): Promise<LoadedModel<'segmentation'>> {
    const { input, output, classes, windowSeconds } = settings;
    const graph = await open(settings.graph);
    graph.expect(settings.graph, {
      inputs: { [input]: { type: 'float32', shape: [-1, 1, -1] } },
      outputs: { [output]: { type: 'float32', shape: [-1, -1, classes.length] } },
    });
    const ort = await runtime();
    const rate = manifest.sampleRate ?? 16_000;
    const window = Math.round(windowSeconds * rate);
    const speakers = Math.max(...classes.flat()) + 1;
    return {
      async *run({ samples }, signal) {
        for (let at = 0; at < samples.length; at += window) {
          signal.throwIfAborted();
          const part = new Float32Array(window);
          part.set(samples.subarray(at, at + window));
          const made = await graph.run({ [input]: new ort.Tensor('float32', part, [1, 1, window]) }, [
            output,
          ]);
          const frames = made[output].dims[1];
          if (frames === 0) throw new ModelFault('the model returned no frames');
          const scores = made[output].data as Float32Array;
          const active = new Uint8Array(frames * speakers);
          for (let f = 0; f < frames; f++) {
            const row = scores.subarray(f * classes.length, (f + 1) * classes.length);
            for (const speaker of classes[row.indexOf(Math.max(...row))] ?? [])
              active[f * speakers + speaker] = 1;
          }
          yield { start: at / rate, frameSeconds: windowSeconds / frames, speakers, active };
        }
      },
    };
  },

  trials: ({ sampleRate = 16_000 }) => [{ samples: new Float32Array(sampleRate) }],
};
