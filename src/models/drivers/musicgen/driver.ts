import type { Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import { createRandom } from '../../../synthesis/random.ts';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { runtime } from '../../graph.ts';
import { openTokenizer } from '../tokenizer.ts';
import { DelayedCodes } from './delay.ts';
import { drawToken, guided } from './draw.ts';

const settingsSchema = z.object({
  /** ONNX files as optimum exports them: the text encoder, the decoder without a cache, EnCodec's decoder. */
  textEncoder: z.string(),
  decoder: z.string(),
  codec: z.string(),
  /** `tokenizer.json` of the text encoder. */
  tokenizer: z.string(),
  /** Token after the text: T5's `</s>`. */
  end: z.number().int().nonnegative().default(1),
  codebooks: z.number().int().min(1).max(16).default(4),
  /** Codes of a codebook; the number after the last one is the padding. */
  codebookSize: z.number().int().positive().default(2048),
  /** Frames of codes a second. */
  frameRate: z.number().positive().default(50),
  /** Longest sound in seconds. */
  maxSeconds: z.number().positive().max(300).default(30),
});

/** Settings of a MusicGen model. */
export type MusicgenSettings = z.infer<typeof settingsSchema>;

/** Tokens of a prompt at most. */
const MOST_TOKENS = 256;
/** Steps between two reports of progress. */
const REPORT_STEPS = 5;

/**
 * MusicGen and AudioGen (Meta): a text encoder, a decoder of EnCodec's codes with the delay pattern and classifier-free guidance, and
 * EnCodec's decoder. Every step reads all codes so far again: the decoder's cache is not used.
 */
export const musicgenDriver: ModelDriver<'generation', MusicgenSettings> = {
  name: 'musicgen',
  task: 'generation',
  settings: settingsSchema,

  async open({ manifest, settings, open, read }): Promise<LoadedModel<'generation'>> {
    const { codebooks, codebookSize, frameRate, maxSeconds, end } = settings;
    const tokenizer = openTokenizer(await read(settings.tokenizer), settings.tokenizer);
    const textEncoder = await open(settings.textEncoder);
    const decoder = await open(settings.decoder);
    const codec = await open(settings.codec);
    const ids = { type: 'int64', shape: [-1, -1] } as const;
    const hidden = { type: 'float32', shape: [-1, -1, -1] } as const;
    textEncoder.expect(settings.textEncoder, {
      inputs: { input_ids: ids, attention_mask: ids },
      outputs: { last_hidden_state: hidden },
    });
    decoder.expect(settings.decoder, {
      inputs: { input_ids: ids, encoder_hidden_states: hidden, encoder_attention_mask: ids },
      outputs: { logits: { type: 'float32', shape: [-1, -1, codebookSize] } },
    });
    codec.expect(settings.codec, {
      inputs: { audio_codes: { type: 'int64', shape: [1, 1, codebooks, -1] } },
      outputs: { audio_values: { type: 'float32', shape: [1, 1, -1] } },
    });
    const ort = await runtime();
    const integers = (values: readonly number[], dims: readonly number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

    return {
      async *run({ prompt, seconds, seed, guidance, temperature, topK }, signal) {
        if (seconds > maxSeconds) {
          const message = `'${manifest.id}' makes ${maxSeconds} s at most.`;
          throw new SoriError('invalid_value', message, { param: 'seconds' });
        }
        const text = [
          ...tokenizer.encode(prompt, { add_special_tokens: false }).ids.slice(0, MOST_TOKENS),
          end,
        ];
        const mask = integers(new Array<number>(text.length).fill(1), [1, text.length]);
        const given = { input_ids: integers(text, [1, text.length]), attention_mask: mask };
        const { last_hidden_state: states } = await textEncoder.run(given);
        // Without a prompt the decoder reads nothing: zeros.
        const nothing = new ort.Tensor('float32', new Float32Array(states.size), states.dims);
        const unattended = integers(new Array<number>(text.length).fill(0), [1, text.length]);
        const codes = new DelayedCodes(codebooks, Math.max(1, Math.round(seconds * frameRate)), codebookSize);
        const { uniform } = createRandom(seed);
        const score = async (encoder_hidden_states: Tensor, encoder_attention_mask: Tensor) => {
          const length = codes.rows[0].length;
          const input_ids = integers(codes.rows.flat(), [codebooks, length]);
          const made = await decoder.run({ input_ids, encoder_hidden_states, encoder_attention_mask }, [
            'logits',
          ]);
          const data = made.logits.data as Float32Array;
          const last = (k: number) => ((k + 1) * length - 1) * codebookSize;
          return codes.rows.map((_, k) => data.subarray(last(k), last(k) + codebookSize));
        };
        for (let step = 0; step < codes.steps; step++) {
          signal.throwIfAborted();
          const promptScores = await score(states, mask);
          const free = guidance === 1 ? promptScores : await score(nothing, unattended);
          codes.add(
            promptScores.map((scores, k) =>
              drawToken(guided(scores, free[k], guidance), { temperature, topK, random: uniform() }),
            ),
          );
          if (step % REPORT_STEPS === 0) yield { progress: step / codes.steps };
        }
        const aligned = codes.aligned();
        const audio_codes = integers(aligned, [1, 1, codebooks, aligned.length / codebooks]);
        const { audio_values } = await codec.run({ audio_codes });
        yield { progress: 1, samples: Float32Array.from(audio_values.data as Float32Array) };
      },
    };
  },

  trials: () => [{ prompt: 'a calm tune', seconds: 0.1, seed: 0, guidance: 3, temperature: 1, topK: 250 }],
};
