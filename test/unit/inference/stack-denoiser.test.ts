import { describe, expect, it } from 'vitest';
import { externalize } from '../../../scripts/pack/external-data.ts';
import type { OnnxModel } from '../../../scripts/pack/onnx.ts';
import { halve } from '../../../scripts/pack/precision.ts';
import type { GraphSource, Tensor, Tensors } from '../../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../../src/inference/known-answer.ts';
import { createNativeBackend } from '../../../src/inference/native.ts';
import { logarithm } from '../../../src/inference/stack/functions.ts';
import { openStack } from '../../../src/inference/stack/session.ts';
import { denoiserGraph } from '../../fixtures/denoiser-graph.ts';
import { uniform } from '../../fixtures/uniform.ts';

const STYLE = 128;
const EMOTIONS = 7;
const sizes = { style: STYLE, symbols: 40, emotions: EMOTIONS, channels: 64, layers: 3 };

/** A graph as it is packed: weights of 16 bits in shards. */
async function packed(model: OnnxModel): Promise<GraphSource> {
  const { graph, shards } = await externalize(await halve(model), 1 << 16);
  return {
    graph: graph.data,
    externalData: shards.map(({ file, data }) => ({ path: file, data })),
  };
}

const source = await packed(denoiserGraph(uniform(3), sizes));
const session = (await openStack(source))!;

const floats = (dims: number[], next: () => number): Tensor => ({
  type: 'float32',
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next),
  dims,
});

function inputsOf(rows: number, phonemes: number, seed = 1): Tensors {
  const next = uniform(seed);
  const ids = BigInt64Array.from({ length: phonemes }, (_, i) => BigInt((i * 7 + seed) % sizes.symbols));
  return {
    x: floats([rows, STYLE], () => 3 * next()),
    // From 0.01 to 6, as the sampler has it.
    sigma: floats([rows], () => 0.245 * 24.5 ** next()),
    phonemes: { type: 'int64', data: ids, dims: [1, phonemes] },
    reference: floats([rows, STYLE], next),
    emotion: floats([rows, EMOTIONS], next),
    given: floats([rows, 2], next),
  };
}

/** One row of a batch. */
function rowOf(tensors: Tensors, row: number): Tensors {
  const entries = Object.entries(tensors).map(([name, tensor]): [string, Tensor] => {
    if (tensor.type === 'int64') return [name, tensor];
    const [rows, ...rest] = tensor.dims;
    const size = tensor.data.length / rows;
    const data = (tensor.data as Float32Array).slice(row * size, (row + 1) * size);
    return [name, { type: 'float32', data, dims: [1, ...rest] }];
  });
  return Object.fromEntries(entries);
}

describe('the stack kernel at a style denoiser', async () => {
  const ort = await createNativeBackend().createSession(source);

  it.each([1, 2, 3, 5].flatMap((rows) => [1, 2, 61, 220].map((phonemes) => [rows, phonemes])))(
    'gives what onnxruntime gives for %i rows and %i phonemes',
    async (rows, phonemes) => {
      const inputs = inputsOf(rows, phonemes, rows + phonemes);
      const answer = await session.run(inputs);
      expect(answer.denoised.dims).toEqual([rows, STYLE]);
      checkKnownAnswer(answer, await ort.run(inputs), 1e-5);
    },
  );

  it.each(['x', 'sigma', 'phonemes', 'reference', 'emotion', 'given'])('uses %s', async (name) => {
    const inputs = inputsOf(2, 9);
    const changed = { ...inputs, [name]: inputsOf(2, 9, 2)[name] };
    const { denoised } = await session.run(inputs);
    expect((await session.run(changed)).denoised.data).not.toEqual(denoised.data);
  });

  it('gives a row the same bits in every batch, and the same again', async () => {
    const inputs = inputsOf(5, 33);
    const answer = await session.run(inputs);
    for (let row = 0; row < 5; row++)
      expect(await session.run(rowOf(inputs, row))).toEqual(rowOf(answer, row));
    expect(await session.run(inputs)).toEqual(answer);
  });

  it('returns the acoustic half of the reference unchanged', async () => {
    const inputs = inputsOf(1, 4);
    const { denoised } = await session.run(inputs);
    const half = STYLE / 2;
    expect(denoised.data.slice(0, half)).toEqual(inputs.reference.data.slice(0, half));
  });

  it('names an input of the wrong shape, and a phoneme outside the table', async () => {
    const inputs = inputsOf(2, 4);
    const { sigma, emotion } = inputsOf(3, 4);
    await expect(session.run({ ...inputs, sigma })).rejects.toThrow('"sigma"');
    await expect(session.run({ ...inputs, emotion })).rejects.toThrow('"emotion"');
    const few = floats([2, EMOTIONS - 1], () => 0);
    await expect(session.run({ ...inputs, emotion: few })).rejects.toThrow('"emotion"');
    const phonemes: Tensor = { type: 'int64', data: BigInt64Array.of(40n), dims: [1, 1] };
    await expect(session.run({ ...inputs, phonemes })).rejects.toThrow('no row 40');
  });

  it('refuses a graph with another number of operations', async () => {
    const model = denoiserGraph(uniform(3), sizes);
    const { node } = model.graph;
    const extra = { ...node.find(({ opType }) => opType === 'Sqrt')!, output: ['unused'] };
    const more = { ...model, graph: { ...model.graph, node: [...node, extra] } };
    const { graph, shards } = await externalize(more, 1 << 16);
    const externalData = shards.map(({ file, data }) => ({ path: file, data }));
    expect(await openStack({ graph: graph.data, externalData })).toBeUndefined();
  });
});

it('logarithm is that of Math to the last digits', () => {
  for (let x = 1e-300; x < 1e300; x *= 1.37e3)
    expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThan(2e-16 * Math.max(1, Math.abs(Math.log(x))) * 2);
  for (let x = 0.01; x < 10; x += 0.0137) expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThan(1e-15);
  expect([logarithm(1), logarithm(0), logarithm(Infinity)]).toEqual([0, -Infinity, Infinity]);
  expect(logarithm(-1)).toBeNaN();
});
