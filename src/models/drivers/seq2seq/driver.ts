import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import { primarySubtag } from '../../../text/language.ts';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { type Graph, runtime } from '../../graph.ts';
import { openTokenizer } from '../tokenizer.ts';

const token = z.number().int().nonnegative();

const settingsSchema = z.object({
  /** ONNX files, as optimum exports them: `encoder_model.onnx` and `decoder_model.onnx`, the one without a cache. */
  encoder: z.string(),
  decoder: z.string(),
  /** `tokenizer.json` of Hugging Face's tokenizers. */
  tokenizer: z.string(),
  /** Token that the decoder begins with, and the one that ends a text. */
  start: token,
  end: token,
  /** Tokens that are never taken, such as padding. */
  suppress: z.array(token).default([]),
  /** Tokens of languages by primary subtag: before the source text, and at the beginning of the translation. Absent in models of one pair. */
  source: z.record(z.string(), token).default({}),
  target: z.record(z.string(), token).default({}),
  /** Languages from which and into which it translates, where that is not all of the manifest's: `["en>ko"]`. */
  pairs: z.array(z.string().regex(/^[a-z]{2,3}>[a-z]{2,3}$/, 'must be like en>ko')).default([]),
});

/** Settings of a translation model. */
export type Seq2SeqSettings = z.infer<typeof settingsSchema>;

/** Tokens of a text at most, in and out. */
const MOST_TOKENS = 400;

/**
 * Translation by an encoder and a decoder: Marian (OPUS-MT), M2M-100 and NLLB as optimum exports them to ONNX. Decoding is greedy.
 */
export const seq2seqDriver: ModelDriver<'translation', Seq2SeqSettings> = {
  name: 'seq2seq',
  task: 'translation',
  settings: settingsSchema,

  async open({ manifest, settings, open, read }): Promise<LoadedModel<'translation'>> {
    const tokenizer = openTokenizer(await read(settings.tokenizer), settings.tokenizer);
    const encoder = await open(settings.encoder);
    const decoder = await open(settings.decoder);
    check(encoder, decoder, settings);
    const ort = await runtime();
    const row = (ids: readonly number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    return {
      async *run({ text, from, to }, signal) {
        const [source, target] = [primarySubtag(from), primarySubtag(to)];
        checkPair(manifest, settings, source, target);
        const ids = tokenizer.encode(text, { add_special_tokens: false }).ids.slice(0, MOST_TOKENS);
        const prefix = settings.source[source] === undefined ? [] : [settings.source[source]];
        const given = row([...prefix, ...ids, settings.end]);
        const mask = row(new Array<number>(given.dims[1]).fill(1));
        const { last_hidden_state } = await encoder.run({ input_ids: given, attention_mask: mask });
        const forced = settings.target[target] === undefined ? [] : [settings.target[target]];
        const made: number[] = [settings.start, ...forced];
        const begin = made.length;
        const encoded = { encoder_hidden_states: last_hidden_state, encoder_attention_mask: mask };
        while (made.length - begin < MOST_TOKENS) {
          signal.throwIfAborted();
          const { logits } = await decoder.run({ input_ids: row(made), ...encoded }, ['logits']);
          const width = logits.dims[2];
          const last = (logits.data as Float32Array).subarray((made.length - 1) * width);
          const next = likeliest(last, settings.suppress);
          if (next === settings.end) break;
          made.push(next);
        }
        yield { text: tokenizer.decode(made.slice(begin), { skip_special_tokens: true }).trim() };
      },
    };
  },

  trials: ({ languages }) => [{ text: 'hello', from: languages[0] ?? 'en', to: languages[1] ?? 'en' }],
};

function check(encoder: Graph, decoder: Graph, { encoder: first, decoder: second }: Seq2SeqSettings): void {
  const ids = { type: 'int64', shape: [-1, -1] } as const;
  const hidden = { type: 'float32', shape: [-1, -1, -1] } as const;
  encoder.expect(first, {
    inputs: { input_ids: ids, attention_mask: ids },
    outputs: { last_hidden_state: hidden },
  });
  decoder.expect(second, {
    inputs: { input_ids: ids, encoder_hidden_states: hidden, encoder_attention_mask: ids },
    outputs: { logits: hidden },
  });
}

function checkPair(
  { id, languages }: { readonly id: string; readonly languages: readonly string[] },
  { pairs }: Seq2SeqSettings,
  from: string,
  to: string,
): void {
  const known = languages.map(primarySubtag);
  const fits =
    pairs.length > 0 ? pairs.includes(`${from}>${to}`) : known.includes(from) && known.includes(to);
  if (fits) return;
  const can = pairs.length > 0 ? pairs.join(', ') : known.join(', ');
  throw new SoriError(
    'unsupported_language',
    `'${id}' does not translate ${from} into ${to}. It supports: ${can}.`,
    {
      param: 'to',
    },
  );
}

function likeliest(logits: Float32Array, suppress: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < logits.length; i++) {
    if ((best < 0 || logits[i] > logits[best]) && !suppress.includes(i)) best = i;
  }
  return best;
}
