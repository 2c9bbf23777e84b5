/** Reads the folder that training exports: fp32 graphs, `model.json`, `known-answer.json`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Tensor } from '../../src/inference/backend.ts';
import type { KnownAnswers } from '../../src/shards/known-answer.ts';
import { manifestFields } from '../../src/shards/manifest.ts';
import { checkStyleSpace } from '../../src/shards/manifest-checks.ts';
import { OPTIONAL_STAGES, type OptionalStage, STAGES, type StageName } from '../../src/shards/stages.ts';
import { decodeModel, type OnnxModel } from './onnx.ts';

/** Names of every stage's inputs and outputs: the contract between the training code and the pipeline. */
export const STAGE_INTERFACE: Readonly<
  Record<StageName, { inputs: readonly string[]; outputs: readonly string[] }>
> = {
  text_encoder: { inputs: ['phonemes', 'language', 'style'], outputs: ['hidden', 'log_durations'] },
  style_denoiser: {
    inputs: ['x', 'sigma', 'phonemes', 'reference', 'emotion', 'given'],
    outputs: ['denoised'],
  },
  prosody: { inputs: ['frames', 'style'], outputs: ['f0', 'voicing', 'energy'] },
  mel_decoder: { inputs: ['frames', 'f0', 'voicing', 'energy', 'style'], outputs: ['mel'] },
  mel_refiner: { inputs: ['x', 'mel', 'style', 't', 'emotion'], outputs: ['velocity'] },
  vocoder: {
    inputs: ['mel', 'f0', 'voicing'],
    outputs: ['harmonic', 'noise', 'real', 'imaginary', 'modulation'],
  },
  style_encoder: { inputs: ['mel'], outputs: ['style'] },
};

const modelSchema = manifestFields
  .omit({ schemaVersion: true, created: true, stages: true, lexicons: true, knownAnswer: true })
  .extend({ training: z.looseObject({ date: z.iso.date().optional() }).optional() })
  .superRefine(checkStyleSpace);

/** `model.json`: the manifest's descriptive half. */
export type ModelDescription = z.infer<typeof modelSchema>;

const tensorSchema = z.object({
  type: z.enum(['float32', 'int64']),
  shape: z.array(z.number().int().nonnegative()),
  data: z.array(z.number()),
});
const answersSchema = z.partialRecord(
  z.enum(STAGES),
  z.object({ inputs: z.record(z.string(), tensorSchema), outputs: z.record(z.string(), tensorSchema) }),
);

/** A graph for each stage that a model has. */
export type StageGraphs = Readonly<
  Record<Exclude<StageName, OptionalStage>, OnnxModel> & Partial<Record<OptionalStage, OnnxModel>>
>;

/** A model folder, read and checked. */
export interface ModelDir {
  readonly description: ModelDescription;
  readonly graphs: StageGraphs;
  /** Inputs with the outputs that the training framework computed. */
  readonly knownAnswers: KnownAnswers;
}

/**
 * Reads a model folder.
 * A stage that a model may lack is one of it if it has a known answer.
 * @throws with the file's name when one is missing, malformed or does not keep to {@link STAGE_INTERFACE}.
 */
export async function readModelDir(dir: string): Promise<ModelDir> {
  const description = await readJson(dir, 'model.json', modelSchema);
  const answers = await readJson(dir, 'known-answer.json', answersSchema);
  const graphs: Partial<Record<StageName, OnnxModel>> = {};
  const knownAnswers: Record<string, { inputs: Record<string, Tensor>; outputs: Record<string, Tensor> }> =
    {};
  for (const stage of STAGES) {
    const answer = answers[stage];
    if (!answer && OPTIONAL_STAGES.some((optional) => optional === stage)) continue;
    if (!answer) throw new Error(`known-answer.json: "${stage}" is missing`);
    const bytes = await readOrExplain(dir, `${stage}.onnx`);
    const model = decodeModel(bytes);
    const { inputs, outputs } = STAGE_INTERFACE[stage];
    mustEqual(`${stage}.onnx: inputs`, model.graph.input, inputs);
    mustEqual(`${stage}.onnx: outputs`, model.graph.output, outputs);
    graphs[stage] = model;
    knownAnswers[stage] = {
      inputs: pick(answer.inputs, inputs, `known-answer.json: ${stage}.inputs`),
      outputs: pick(answer.outputs, outputs, `known-answer.json: ${stage}.outputs`),
    };
  }
  return { description, graphs: graphs as StageGraphs, knownAnswers };
}

async function readOrExplain(dir: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(dir, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`${join(dir, file)} is missing`);
    throw error;
  }
}

async function readJson<T>(dir: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const text = new TextDecoder().decode(await readOrExplain(dir, file));
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success) throw new Error(`${join(dir, file)}:\n${z.prettifyError(result.error)}`);
  return result.data;
}

function mustEqual(what: string, actual: readonly { name: string }[], expected: readonly string[]): void {
  const names = actual.map(({ name }) => name);
  if ([...names].sort().join() !== [...expected].sort().join())
    throw new Error(`${what} are ${names.join(', ')}; expected ${expected.join(', ')}`);
}

function pick(
  tensors: Readonly<Record<string, z.infer<typeof tensorSchema>>>,
  names: readonly string[],
  what: string,
): Record<string, Tensor> {
  return Object.fromEntries(
    names.map((name): [string, Tensor] => {
      const tensor = tensors[name];
      if (!tensor) throw new Error(`${what}: "${name}" is missing`);
      const { type, shape, data } = tensor;
      if (shape.reduce((a, b) => a * b, 1) !== data.length)
        throw new Error(`${what}: "${name}" has ${data.length} values for shape [${shape}]`);
      return type === 'int64'
        ? [name, { type, data: BigInt64Array.from(data, BigInt), dims: shape }]
        : [name, { type, data: Float32Array.from(data), dims: shape }];
    }),
  );
}
