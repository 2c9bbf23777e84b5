import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import { cloningSettings, unitEmbedding } from '../../cloning.ts';
import type { LoadedModel, ModelDriver } from '../../driver.ts';
import { type Graph, runtime } from '../../graph.ts';
import { ModelFault } from '../../manifest.ts';
import type { ClonedSpeechEvent, ClonedSpeechInput, EmbeddingEvent } from '../../tasks.ts';
import { readTokenTable, type TokenTable, tokensOf } from './symbols.ts';

const settingsSchema = cloningSettings.extend({
  /** ONNX file of the speaker encoder: `audio` float32 [1, N] to `embedding` float32 [1, E]. */
  encoder: z.string(),
  /**
   * ONNX file of the synthesizer: `phonemes` int64 [1, P], `embedding` float32 [1, E] and `speed` float32 [1] to `audio` float32 [1, N],
   * and optionally `durations` float32 [1, P] in frames.
   */
  synthesizer: z.string(),
  /** JSON file from each symbol of Sori's phoneme table to the ids of its tokens. */
  symbols: z.string(),
  /** Samples of a frame of `durations`. */
  hop: z.number().int().positive().optional(),
  /** Most tokens of a run. */
  maxTokens: z.number().int().positive().default(512),
});

/** Settings of a zero-shot cloning model. */
export type ZeroShotSettings = z.infer<typeof settingsSchema>;

/** Seconds of a reference at least. */
const LEAST_SECONDS = 0.5;

/**
 * Zero-shot cloning in two graphs, as in YourTTS (Casanova et al. 2022): a speaker encoder makes an embedding of a recording, and a
 * synthesizer makes a waveform of phonemes and an embedding. Phonemes come from Sori's own front end.
 */
export const zeroShotDriver: ModelDriver<'speech-cloning', ZeroShotSettings> = {
  name: 'zero-shot',
  task: 'speech-cloning',
  settings: settingsSchema,

  async open({ manifest, settings, open, read }): Promise<LoadedModel<'speech-cloning'>> {
    const { embeddingSize, hop } = settings;
    const table = readTokenTable(await read(settings.symbols), settings.symbols, manifest.languages);
    const encoder = await open(settings.encoder);
    encoder.expect(settings.encoder, {
      inputs: { audio: { type: 'float32', shape: [1, -1] } },
      outputs: { embedding: { type: 'float32', shape: [1, embeddingSize] } },
    });
    const synthesizer = await open(settings.synthesizer);
    synthesizer.expect(settings.synthesizer, {
      inputs: {
        phonemes: { type: 'int64', shape: [1, -1] },
        embedding: { type: 'float32', shape: [1, embeddingSize] },
        speed: { type: 'float32', shape: [1] },
      },
      outputs: {
        audio: { type: 'float32', shape: [1, -1] },
        durations: { type: 'float32', shape: [1, -1], optional: true },
      },
    });
    if (synthesizer.outputs.includes('durations') && hop === undefined) {
      throw new ModelFault(`${settings.synthesizer} has durations, so model.json must have settings.hop`);
    }
    const voice = { id: manifest.id, synthesizer, table, settings };
    return {
      async *run(input) {
        if (input.kind === 'speech') yield await speak(voice, input);
        else yield await encode(encoder, input.samples, manifest.sampleRate ?? 0);
      },
    };
  },

  trials: ({ settings, sampleRate = 24_000, languages }) => {
    const { embeddingSize } = settingsSchema.parse(settings);
    const tone = Float32Array.from({ length: 2 * sampleRate }, (_, i) => 0.1 * Math.sin(i * 0.05));
    return [
      { kind: 'reference', samples: tone },
      {
        kind: 'speech',
        text: 'Hello.',
        phonemes: ['^', 'h', 'ə', 'l', 'ˈoʊ', '.', '$'],
        language: languages[0] ?? 'en',
        speed: 1,
        embedding: new Float32Array(embeddingSize).fill(1 / Math.sqrt(embeddingSize)),
      },
    ];
  },
};

/** @throws {SoriError} `unusable_reference` for a recording that is too short. */
async function encode(encoder: Graph, samples: Float32Array, rate: number): Promise<EmbeddingEvent> {
  if (samples.length < LEAST_SECONDS * rate) {
    const message = `The recording must last at least ${LEAST_SECONDS} s.`;
    throw new SoriError('unusable_reference', message, { param: 'reference' });
  }
  const ort = await runtime();
  const audio = new ort.Tensor('float32', samples, [1, samples.length]);
  const { embedding } = await encoder.run({ audio }, ['embedding']);
  return { kind: 'embedding', embedding: unitEmbedding(embedding.data as Float32Array) };
}

interface Voice {
  readonly id: string;
  readonly synthesizer: Graph;
  readonly table: TokenTable;
  readonly settings: ZeroShotSettings;
}

/**
 * @throws {SoriError} `string_above_max_length` for a sentence of too many tokens; {@link ModelFault} when the durations do not sum to the
 *   length of the waveform.
 */
async function speak(
  { id, synthesizer, table, settings }: Voice,
  { phonemes, embedding, speed }: ClonedSpeechInput,
): Promise<ClonedSpeechEvent> {
  const { ids, owners } = tokensOf(phonemes, table);
  if (ids.length > settings.maxTokens) {
    const message = `This sentence is too long for '${id}': ${ids.length} tokens, at most ${settings.maxTokens}.`;
    throw new SoriError('string_above_max_length', message, { param: 'input' });
  }
  const ort = await runtime();
  const inputs = {
    phonemes: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
    embedding: new ort.Tensor('float32', embedding, [1, embedding.length]),
    speed: new ort.Tensor('float32', Float32Array.of(speed), [1]),
  };
  const { hop } = settings;
  const timed = hop !== undefined && synthesizer.outputs.includes('durations');
  const made = await synthesizer.run(inputs, timed ? ['audio', 'durations'] : ['audio']);
  const samples = Float32Array.from(made.audio.data as Float32Array);
  if (!samples.every(Number.isFinite)) throw new ModelFault('the waveform has values that are not finite');
  if (!timed) return { kind: 'speech', samples };
  const durations = made.durations.data as Float32Array;
  const lengths = new Array<number>(phonemes.length).fill(0);
  for (const [token, owner] of owners.entries()) lengths[owner] += Math.round(durations[token]) * hop;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== samples.length) {
    throw new ModelFault(`the durations add up to ${total} samples, but the waveform has ${samples.length}`);
  }
  return { kind: 'speech', samples, lengths };
}
