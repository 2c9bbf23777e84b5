/** The graphs for servers: several utterances at once, over the shards that the stages have anyway. */
import { selfTest } from '../../src/engine/self-test.ts';
import type { InferenceBackend } from '../../src/inference/backend.ts';
import { encodeKnownAnswers, type KnownAnswer, type KnownAnswers } from '../../src/shards/known-answer.ts';
import type { Manifest } from '../../src/shards/manifest.ts';
import type { StageName } from '../../src/shards/stages.ts';
import { batched } from './batch.ts';
import type { Example } from './example.ts';
import { type NamedFile, nameByContent } from './external-data.ts';
import { compareOutputs } from './measure.ts';
import { encodeModel, type OnnxModel } from './onnx.ts';

/** Stages that every utterance passes through, and that see all of it at once. */
const BATCHED_STAGES: readonly StageName[] = [
  'text_encoder',
  'prosody',
  'mel_decoder',
  'mel_refiner',
  'vocoder',
];

/**
 * Makes the batched graph of each stage that has one, with its answers to the known inputs.
 * @throws when the result of a row depends on another row.
 * @param graphs as they were written: quantized, their weights in shards.
 * @param files the shards, among others.
 */
export async function packBatched(
  backend: InferenceBackend,
  graphs: Readonly<Partial<Record<StageName, OnnxModel>>>,
  files: readonly NamedFile[],
  known: KnownAnswers,
  example: Example,
): Promise<{ entry: NonNullable<Manifest['batched']>; files: NamedFile[] }> {
  const shards = files.map(({ file, data }) => ({ path: file, data }));
  const stages: NonNullable<Manifest['batched']>['stages'] = {};
  const answers: Partial<Record<StageName, KnownAnswer>> = {};
  const made: NamedFile[] = [];
  for (const name of BATCHED_STAGES) {
    const single = graphs[name];
    if (!single) continue;
    const { model, timed } = batched(single);
    const graph = await nameByContent(encodeModel(model), 'onnx');
    const read = new Set(
      model.graph.initializer.flatMap(({ externalData = [] }) => externalData.map(({ value }) => value)),
    );
    const externalData = shards.filter(({ path }) => read.has(path));
    const session = await backend.createSession({ graph: graph.data, externalData });
    const alone = async (answer: KnownAnswer) => {
      const outputs = await session.run(unpadded(answer, timed));
      return { inputs: answer.inputs, outputs };
    };
    answers[name] = await alone(known[name]!);
    await selfTest('to be packed', { stage: name, timed }, answers, (inputs) => session.run(inputs));
    const error = compareOutputs((await alone(example[name]!)).outputs, example[name]!.outputs);
    await session.release();
    const { data: _, ...ref } = graph;
    stages[name] = { graph: ref, timed: [...timed], error };
    made.push(graph);
  }
  const knownAnswer = await nameByContent(encodeKnownAnswers(answers), 'bin');
  const { data: _, ...ref } = knownAnswer;
  return { entry: { stages, knownAnswer: ref }, files: [...made, knownAnswer] };
}

/** One row as a batch of its own length. */
function unpadded({ inputs }: KnownAnswer, timed: readonly string[]) {
  const length = inputs[timed[0]].dims[1];
  const mask = { type: 'float32', data: new Float32Array(length).fill(1), dims: [1, length] } as const;
  return { ...inputs, mask };
}
