import { z } from 'zod';
import { SoriError } from '../../../base/errors.ts';
import { shiftBounds } from '../../../base/shift-bounds.ts';
import type { LoadedModel, ManifestDraft, ModelDriver } from '../../driver.ts';
import { type Graph, runtime, type ValueShape } from '../../graph.ts';
import { ModelFault } from '../../manifest.ts';
import { toKokoro } from './alphabet.ts';
import { mixStyle, packPaths, readVoicePack, STYLE_SIZE, voiceOf } from './voices.ts';

/** Most tokens of a run, both ends included. */
const MOST_TOKENS = 512;
/** Samples of a frame of durations, at 24 kHz. */
const FRAME = 600;
/** Samples by which sounds come before the frames of their tokens: 50 ms, the best fit of voicing to phonemes on 577 recorded lines. */
const SOUND_LEAD = 1200;

/** Names that exports give to the tokens and the durations. */
const TOKEN_NAMES = ['tokens', 'input_ids'];
const DURATION_NAMES = ['durations', 'duration', 'pred_dur', '/encoder/Round_output_0'];

const settingsSchema = z.object({
  /** The ONNX file. */
  graph: z.string(),
  /** Folder of the voice packs, `<voice>.bin`. */
  voices: z.string().default('voices'),
});

/** Settings of a Kokoro model. */
export type KokoroSettings = z.infer<typeof settingsSchema>;

/**
 * Kokoro-82M (hexgrad, Apache-2.0), a StyleTTS 2 without style diffusion, as the exports of onnx-community and kokoro-onnx have it: token ids, a
 * style and a speed in; a waveform at 24 kHz out, and durations where the export has them. Phonemes come from Sori's own front end.
 */
export const kokoroDriver: ModelDriver<'speech', KokoroSettings> = {
  name: 'kokoro',
  task: 'speech',
  settings: settingsSchema,

  async open({ manifest, settings, open, read }): Promise<LoadedModel<'speech'>> {
    if (manifest.sampleRate !== 24_000) throw new ModelFault('model.json: sampleRate must be 24000');
    if (manifest.voices.length === 0) throw new ModelFault('model.json lists no voices');
    const packs = new Map<string, Float32Array>();
    for (const [id, path] of packPaths(manifest, settings.voices)) {
      packs.set(id, readVoicePack(await read(path), path));
    }
    const graph = await open(settings.graph);
    const names = namesOf(graph, settings.graph);
    const ort = await runtime();
    return {
      async *run({ phonemes, language, voice, speed }) {
        const { ids, owners } = toKokoro(phonemes, language);
        if (ids.length > MOST_TOKENS) {
          const message = `This sentence is too long for '${manifest.id}': ${ids.length} tokens, at most ${MOST_TOKENS}.`;
          throw new SoriError('string_above_max_length', message, { param: 'input' });
        }
        const style = mixStyle(packs, voice, ids.length - 2);
        const inputs = {
          [names.tokens]: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
          style: new ort.Tensor('float32', style, [1, STYLE_SIZE]),
          speed: new ort.Tensor('float32', Float32Array.of(speed), [1]),
        };
        const wanted = names.durations === undefined ? [names.audio] : [names.audio, names.durations];
        const made = await graph.run(inputs, wanted);
        const samples = Float32Array.from(made[names.audio].data as Float32Array);
        if (names.durations === undefined) {
          yield { samples };
          return;
        }
        const durations = made[names.durations].data as ArrayLike<number | bigint>;
        const lengths = new Array<number>(phonemes.length).fill(0);
        // A token lasts one frame at least; the graph itself applies this after the output is taken.
        for (const [token, owner] of owners.entries()) {
          lengths[owner] += Math.max(1, Math.round(Number(durations[token]))) * FRAME;
        }
        const total = lengths.reduce((sum, length) => sum + length, 0);
        if (total !== samples.length) {
          throw new ModelFault(
            `the durations add up to ${total} samples, but the waveform has ${samples.length}`,
          );
        }
        yield { samples, lengths: shiftBounds(lengths, SOUND_LEAD) };
      },
    };
  },

  trials: ({ voices, languages }) => [
    {
      text: 'Hello.',
      phonemes: ['^', 'h', 'ə', 'l', 'ˈoʊ', '.', '$'],
      language: languages[0] ?? 'en',
      voice: { [voices[0].id]: 1 },
      speed: 1,
    },
  ],

  recognize(paths): ManifestDraft | undefined {
    const packs = paths.filter((path) => /^voices\/[a-z]{2}_[a-z0-9]+\.bin$/.test(path));
    const graphs = paths.filter((path) => path.endsWith('.onnx'));
    const voices = packs.flatMap((path) => voiceOf(path.slice('voices/'.length, -'.bin'.length)) ?? []);
    if (voices.length === 0 || graphs.length === 0) return undefined;
    // Of several precisions the full one, which has the shortest name: `onnx/model.onnx`, `onnx/model_q8f16.onnx`.
    const graph = graphs.sort((a, b) => a.length - b.length)[0];
    const spoken = voices.filter(({ language }) => language.startsWith('en'));
    return {
      id: 'kokoro',
      version: '1.0',
      task: 'speech',
      driver: 'kokoro',
      licence: 'Apache-2.0',
      attributions: ['Kokoro-82M, hexgrad (Apache-2.0).'],
      languages: ['en', 'en-GB', 'ko'],
      sampleRate: 24_000,
      voices: spoken,
      settings: { graph, voices: 'voices' },
      paths: [graph, ...spoken.map(({ id }) => `voices/${id}.bin`)],
    };
  },
};

interface GraphNames {
  readonly tokens: string;
  readonly audio: string;
  /** Absent where the export has none; then word times are not known. */
  readonly durations: string | undefined;
}

function namesOf(graph: Graph, file: string): GraphNames {
  const tokens = TOKEN_NAMES.find((name) => graph.inputs.includes(name)) ?? TOKEN_NAMES[0];
  const audio = graph.outputs.includes('waveform') ? 'waveform' : 'audio';
  const durations = DURATION_NAMES.find((name) => graph.outputs.includes(name));
  const row: ValueShape = { type: 'float32', shape: [1, STYLE_SIZE] };
  const wave = graph.outputs.includes('waveform') ? [-1, -1] : [-1];
  graph.expect(file, {
    inputs: {
      [tokens]: { type: 'int64', shape: [1, -1] },
      style: row,
      speed: { type: 'float32', shape: [1] },
    },
    outputs: { [audio]: { type: 'float32', shape: wave } },
  });
  return { tokens, audio, durations };
}
