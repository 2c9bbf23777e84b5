/** A spoken example: realistic inputs for every stage, made by the fp32 graphs themselves. */
import type { Tensor, Tensors } from '../../src/inference/backend.ts';
import type { StageName } from '../../src/shards/stages.ts';
import { allocateFrames } from '../../src/synthesis/acoustic/durations.ts';
import { expandFrames } from '../../src/synthesis/acoustic/frames.ts';
import { createRandom } from '../../src/synthesis/random.ts';
import type { ModelDescription, ModelDir } from './model-dir.ts';

/** "Your table is ready." */
const PHRASE = ['^', ...'jˈɔɹ', ' ', 't', 'ˈeɪ', ...'bəl', ' ', ...'ɪz', ' ', ...'ɹˈɛdi', '.', '$'];
/** Phoneme ids below this are marks, which may have no frames. */
const FIRST_SOUND = 12;
/** Noise on the denoiser's example, in standard deviations: the middle of the sampler's way. */
const NOISE = 0.5;

/** Inputs and fp32 outputs by stage. */
export type Example = Readonly<
  Partial<Record<StageName, { readonly inputs: Tensors; readonly outputs: Tensors }>>
>;

/**
 * Speaks a phrase with the model's first voice. What a stage gets is what the stage before it gave, as in use; random inputs
 * would mislead, because their channels are all equally strong.
 * @param run runs one stage of the fp32 model.
 */
export async function speakExample(
  run: (stage: StageName, inputs: Tensors) => Promise<Tensors>,
  { description, graphs }: Pick<ModelDir, 'description' | 'graphs'>,
): Promise<Example> {
  const example: Partial<Record<StageName, { inputs: Tensors; outputs: Tensors }>> = {};
  const through = async (stage: StageName, inputs: Tensors) => {
    const outputs = await run(stage, inputs);
    example[stage] = { inputs, outputs };
    return outputs;
  };
  const random = createRandom(1);
  const ids = phonemeIds(description.phonemes);
  const style = floats(Float32Array.from(description.voices[0].style), [1, description.styleSize]);
  const phonemes: Tensor = { type: 'int64', data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] };
  const language: Tensor = { type: 'int64', data: BigInt64Array.of(0n), dims: [1] };
  const voice = standardised(description);
  const reference = floats(voice, style.dims);
  const neutral = floats(
    Float32Array.from(description.emotions, (_, e) => (e === 0 ? 1 : 0)),
    [1, description.emotions.length],
  );
  if (graphs.style_denoiser) {
    await through('style_denoiser', {
      x: floats(
        voice.map((value) => value + NOISE * random.gaussian()),
        style.dims,
      ),
      sigma: floats(Float32Array.of(NOISE), [1]),
      phonemes,
      reference,
      emotion: neutral,
      given: floats(Float32Array.of(1, 1), [1, 2]),
    });
  }
  const { hidden, log_durations } = await through('text_encoder', { phonemes, language, style });
  const wishes = ids.map((id) => ({ pause: id < FIRST_SOUND, factor: 1 }));
  const lengths = allocateFrames(log_durations.data as Float32Array, wishes, description.hop);
  const frames = expandFrames(hidden, lengths.frames);
  const { f0, voicing, energy } = await through('prosody', { frames, style });
  const { mel } = await through('mel_decoder', { frames, f0, voicing, energy, style });
  if (graphs.mel_refiner) {
    const sigma = description.refiner?.sigma ?? 0;
    const noisy = Float32Array.from(mel.data as Float32Array, (value) => value + sigma * random.gaussian());
    const t = floats(Float32Array.of(0.25), [1]);
    await through('mel_refiner', { x: floats(noisy, mel.dims), mel, style, t, emotion: neutral });
  }
  await through('vocoder', { mel, f0, voicing });
  await through('style_encoder', { mel });
  return example;
}

/** Joins the stress marks with their vowels and looks everything up in the model's table. */
function phonemeIds(table: readonly string[]): number[] {
  const symbols: string[] = [];
  for (const symbol of PHRASE) {
    if (symbols.at(-1) === 'ˈ') symbols[symbols.length - 1] += symbol;
    else symbols.push(symbol);
  }
  return symbols.map((symbol) => {
    const id = table.indexOf(symbol);
    if (id < 0) throw new Error(`model.json: the phoneme "${symbol}" is missing`);
    return id;
  });
}

/** The first voice's style as the denoiser's input. */
function standardised({ voices, style: { mean, scale } }: ModelDescription): Float32Array {
  return Float32Array.from(voices[0].style, (value, i) => (value - mean[i]) / scale[i]);
}

function floats(data: Float32Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data, dims };
}
