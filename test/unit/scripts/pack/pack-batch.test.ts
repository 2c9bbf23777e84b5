import { describe, expect, it } from 'vitest';
import { createNodeWasmBackend } from '../../../../scripts/lib/wasm-backend.ts';
import { batched } from '../../../../scripts/pack/batch.ts';
import { hoistConstants } from '../../../../scripts/pack/graph.ts';
import { openSession, runOnce } from '../../../../scripts/pack/measure.ts';
import {
  DataType,
  nodeOf,
  type OnnxModel,
  type OnnxNode,
  type TensorProto,
  tensorOf,
  valueInfo,
} from '../../../../scripts/pack/onnx.ts';
import { quantizeDynamic } from '../../../../scripts/pack/quantize.ts';
import { splitRows, stackRows } from '../../../../src/engine/batching/stack.ts';
import type { Tensors } from '../../../../src/inference/backend.ts';
import { uniform } from '../../../fixtures/uniform.ts';

const C = 32;
const next = uniform(5);
const random = (size: number, scale = 1) => Float32Array.from({ length: size }, () => scale * next());

const graphOf = (
  node: OnnxNode[],
  initializer: TensorProto[],
  y: (string | number)[] = [1, 'T', C],
): OnnxModel => ({
  irVersion: 8,
  opsetImport: [{ domain: '', version: 17 }],
  graph: {
    name: 'test',
    node,
    initializer,
    input: [valueInfo('x', DataType.float, [1, 'T', C])],
    output: [valueInfo('y', DataType.float, y)],
  },
});

/** x → product → convolution over five positions → y. */
const convolution = () =>
  graphOf(
    [
      nodeOf('MatMul', ['x', 'w'], ['product']),
      nodeOf('Transpose', ['product'], ['turned'], { perm: [0, 2, 1] }),
      nodeOf('Conv', ['turned', 'k'], ['mixed'], { group: C, kernel_shape: [5], pads: [2, 2] }),
      nodeOf('Transpose', ['mixed'], ['y'], { perm: [0, 2, 1] }),
    ],
    [tensorOf('w', [C, C], random(C * C)), tensorOf('k', [C, 1, 5], random(C * 5))],
  );

/** Attention of one head: softmax(x W xᵀ / 4) x. */
const attention = () =>
  graphOf(
    [
      nodeOf('MatMul', ['x', 'w'], ['query']),
      nodeOf('Unsqueeze', ['query', 'head'], ['q']),
      nodeOf('Unsqueeze', ['x', 'head'], ['v']),
      nodeOf('Transpose', ['v'], ['k'], { perm: [0, 1, 3, 2] }),
      nodeOf('MatMul', ['q', 'k'], ['product']),
      nodeOf('Mul', ['product', 'quarter'], ['scores']),
      nodeOf('Softmax', ['scores'], ['shares'], { axis: -1 }),
      nodeOf('MatMul', ['shares', 'v'], ['heard']),
      nodeOf('Squeeze', ['heard', 'head'], ['y']),
    ],
    [
      tensorOf('w', [C, C], random(C * C, 0.3)),
      tensorOf('head', [1], BigInt64Array.of(1n)),
      tensorOf('quarter', [], Float32Array.of(0.25)),
    ],
  );

const rowOf = (length: number, scale: number): Tensors => ({
  x: { type: 'float32', data: random(length * C, scale), dims: [1, length, C] },
});
const backend = createNodeWasmBackend();

describe.each([
  ['a convolution', convolution],
  ['attention', attention],
])('batches %s', (_name, make) => {
  const original = hoistConstants(make());
  const { model, timed } = batched(quantizeDynamic(original));

  it('gives each row the same bits as alone, whatever the other rows hold', async () => {
    const lengths = [40, 7, 33, 1];
    const rows = lengths.map((length, i) => rowOf(length, 10 ** (i - 2)));
    const session = await openSession(backend, model);
    const together = splitRows(await session.run(stackRows(rows, timed)), lengths);
    for (const [i, row] of rows.entries()) {
      const [alone] = splitRows(await session.run(stackRows([row], timed)), [lengths[i]]);
      expect(together[i]).toEqual(alone);
    }
    await session.release();
  });

  it('is nearer to the original than the quantized graph of one row', async () => {
    const row = rowOf(40, 1);
    const wanted = (await runOnce(backend, original, row)).y.data;
    const off = (outputs: Tensors) =>
      Math.sqrt(
        Array.from(outputs.y.data, Number).reduce((sum, v, i) => sum + (v - Number(wanted[i])) ** 2, 0),
      );
    const [own] = splitRows(await runOnce(backend, model, stackRows([row], timed)), [40]);
    expect(off(own)).toBeLessThan(off(await runOnce(backend, quantizeDynamic(original), row)));
  });

  it('reads the same weights as the quantized graph', () => {
    const weights = (m: OnnxModel) =>
      m.graph.initializer.filter(({ dataType }) => dataType === DataType.uint8);
    expect(weights(model)).toEqual(weights(quantizeDynamic(original)));
    expect(weights(model).length).toBeGreaterThan(0);
  });
});

it('refuses graphs that mix positions in other ways', () => {
  const softmax = graphOf([nodeOf('Softmax', ['x'], ['y'], { axis: 1 })], []);
  expect(() => batched(softmax)).toThrow("not an attention's softmax");
  const mean = graphOf([nodeOf('ReduceMean', ['x'], ['y'], { axes: [1] })], [], [1, 1, C]);
  expect(() => batched(mean)).toThrow('no time axis');
});
