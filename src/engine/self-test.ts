import { SoriError } from '../base/errors.ts';
import { InferenceError, type Tensor, type Tensors } from '../inference/backend.ts';
import { checkKnownAnswer } from '../inference/known-answer.ts';
import type { KnownAnswers } from '../shards/known-answer.ts';
import { splitRows, stackRows } from './batching/stack.ts';
import type { StageGraph } from './stage-graph.ts';

/**
 * Checks a graph's known answer. A batched graph must also give it in a batch with an utterance of twice the length, where half of its row
 * is padding.
 * @param run runs the graph.
 * @returns the answer, which may differ in its last bits on another machine.
 * @throws {SoriError} `model_unavailable` on a wrong answer.
 */
export async function selfTest(
  model: string,
  { stage, timed }: Pick<StageGraph, 'stage' | 'timed'>,
  answers: KnownAnswers,
  run: (inputs: Tensors) => Promise<Tensors>,
): Promise<Tensors> {
  const fails = (why: string, cause?: unknown) =>
    new SoriError('model_unavailable', `Model '${model}' fails its self-test at stage ${stage}: ${why}.`, {
      cause,
    });
  const answer = answers[stage];
  if (!answer) throw fails('there is no known answer');
  const { inputs, outputs } = answer;
  try {
    const given = await (timed ? besideAnother(inputs, timed, run) : run(inputs));
    checkKnownAnswer(given, outputs);
    return given;
  } catch (cause) {
    if (!(cause instanceof InferenceError)) throw cause;
    throw fails(cause.message, cause);
  }
}

async function besideAnother(
  inputs: Tensors,
  timed: readonly string[],
  run: (stacked: Tensors) => Promise<Tensors>,
): Promise<Tensors> {
  const length = inputs[timed[0]].dims[1];
  const [own] = splitRows(await run(stackRows([inputs, twice(inputs, timed)], timed)), [length]);
  return own;
}

/** The inputs of one row, duplicated. */
function twice(inputs: Tensors, timed: readonly string[]): Tensors {
  const entries = Object.entries(inputs).map(([name, tensor]): [string, Tensor] => {
    if (!timed.includes(name)) return [name, tensor];
    const [one, length, ...rest] = tensor.dims;
    const dims = [one, 2 * length, ...rest];
    return tensor.type === 'int64'
      ? [name, { type: 'int64', data: BigInt64Array.from([...tensor.data, ...tensor.data]), dims }]
      : [name, { type: 'float32', data: Float32Array.from([...tensor.data, ...tensor.data]), dims }];
  });
  return Object.fromEntries(entries);
}
