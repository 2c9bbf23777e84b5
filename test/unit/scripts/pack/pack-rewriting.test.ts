import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNodeWasmBackend } from '../../../../scripts/lib/wasm-backend.ts';
import { externalize } from '../../../../scripts/pack/external-data.ts';
import { foldConstants } from '../../../../scripts/pack/fold-constants.ts';
import { formatBytes } from '../../../../scripts/pack/format.ts';
import { countParameters, hoistConstants } from '../../../../scripts/pack/graph.ts';
import { compareOutputs, runOnce } from '../../../../scripts/pack/measure.ts';
import {
  AttributeType,
  DataType,
  decodeModel,
  encodeModel,
  floatsOf,
  nodeOf,
  type OnnxModel,
  type OnnxNode,
  type TensorProto,
  tensorOf,
  valueInfo,
} from '../../../../scripts/pack/onnx.ts';
import { quantize } from '../../../../scripts/pack/precision.ts';
import { productsOf, quantizeColumns, quantizeDynamic } from '../../../../scripts/pack/quantize.ts';
import { foldGains, useTanhGelu } from '../../../../scripts/pack/simplify.ts';
import type { Tensors } from '../../../../src/inference/backend.ts';
import { uniform } from '../../../fixtures/uniform.ts';

const next = uniform(3);
const random = (size: number, scale = 1) => Float32Array.from({ length: size }, () => scale * next());
const scalar = (name: string, value: number) => tensorOf(name, [], Float32Array.of(value));

/** A graph from x [1, T, channels] to y. */
function graphOf(channels: number, node: OnnxNode[], initializer: TensorProto[]): OnnxModel {
  return {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'test',
      node,
      initializer,
      input: [valueInfo('x', DataType.float, [1, 'T', channels])],
      output: [valueInfo('y', DataType.float, [1, 'T', 'N'])],
    },
  };
}

const backend = createNodeWasmBackend();
const opTypes = (model: OnnxModel) => model.graph.node.map(({ opType }) => opType);

async function errorOf(changed: OnnxModel, original: OnnxModel, channels: number) {
  const inputs: Tensors = {
    x: { type: 'float32', data: random(20 * channels, 3), dims: [1, 20, channels] },
  };
  const outputs = [await runOnce(backend, changed, inputs), await runOnce(backend, original, inputs)];
  return compareOutputs(outputs[0], outputs[1]).y;
}

describe('quantizeColumns', () => {
  it('stays within half a step of every weight and keeps zero exact, column by column', () => {
    const column = fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 5 }), (columns) => {
        const n = columns.length;
        const weights = new Float32Array(5 * n);
        for (let k = 0; k < 4; k++) for (let c = 0; c < n; c++) weights[k * n + c] = columns[c][k];
        const { values, scales, zeroPoints } = quantizeColumns(weights, 5, n);
        for (let k = 0; k < 5; k++) {
          for (let c = 0; c < n; c++) {
            const value = (values[k * n + c] - zeroPoints[c]) * scales[c];
            const error = Math.abs(value - weights[k * n + c]);
            expect(error).toBeLessThanOrEqual(k === 4 ? 0 : scales[c] * 0.501 + 1e-30);
          }
        }
      }),
    );
  });

  it('uses the whole range of each column', () => {
    const { values, scales } = quantizeColumns(Float32Array.of(-1, 0, 3, 500), 2, 2);
    expect([...values]).toEqual([0, 0, 255, 255]);
    expect(scales[0]).toBeCloseTo(4 / 255);
    expect(scales[1]).toBeCloseTo(500 / 255);
  });
});

describe('quantizeDynamic', () => {
  const weight = random(32 * 48);
  const bias = tensorOf('b', [48], random(48));

  it('converts MatMul and Gemm, also transposed, to integer products with unsigned weights', async () => {
    const turned = new Float32Array(weight.length);
    for (let k = 0; k < 32; k++) for (let n = 0; n < 48; n++) turned[n * 32 + k] = weight[k * 48 + n];
    const shape = tensorOf('rows', [2], BigInt64Array.of(-1n, 32n));
    const reshape = nodeOf('Reshape', ['x', 'rows'], ['flat']);
    const unflatten = nodeOf('Unsqueeze', ['g', 'zero'], ['y']);
    const zero = tensorOf('zero', [1], BigInt64Array.of(0n));
    const models = [
      graphOf(
        32,
        [nodeOf('MatMul', ['x', 'w'], ['m']), nodeOf('Add', ['m', 'b'], ['y'])],
        [tensorOf('w', [32, 48], weight), bias],
      ),
      graphOf(
        32,
        [reshape, nodeOf('Gemm', ['flat', 'w', 'b'], ['g'], { transB: 1 }), unflatten],
        [tensorOf('w', [48, 32], turned), ...[bias, shape, zero]],
      ),
      graphOf(
        32,
        [reshape, nodeOf('Gemm', ['flat', 'w', 'b'], ['g']), unflatten],
        [tensorOf('w', [32, 48], weight), ...[bias, shape, zero]],
      ),
    ];
    for (const model of models) {
      const quantized = quantizeDynamic(model);
      expect(opTypes(quantized)).toContain('MatMulInteger');
      expect(quantized.graph.initializer.map(({ name }) => name)).not.toContain('w');
      const integers = quantized.graph.initializer.filter(({ dims }) => dims.length === 2);
      expect(integers.map(({ dataType }) => dataType)).toEqual([DataType.uint8]);
      const { relativeRms } = await errorOf(quantized, model, 32);
      expect(relativeRms).toBeGreaterThan(0);
      expect(relativeRms).toBeLessThan(0.012);
    }
  });

  it('quantizes an activation once when two products read it', () => {
    const model = graphOf(
      32,
      [
        nodeOf('MatMul', ['x', 'w'], ['a']),
        nodeOf('MatMul', ['x', 'v'], ['c']),
        nodeOf('Add', ['a', 'c'], ['y']),
      ],
      [tensorOf('w', [32, 48], weight), tensorOf('v', [32, 48], weight)],
    );
    const types = opTypes(quantizeDynamic(model));
    expect(types.filter((type) => type === 'DynamicQuantizeLinear').length).toBe(1);
    expect(types.filter((type) => type === 'MatMulInteger').length).toBe(2);
  });

  it('leaves small weights, scaled Gemms and products of two activations in float', () => {
    const small = [nodeOf('MatMul', ['x', 's'], ['y'])];
    const gemm = [nodeOf('Gemm', ['x', 'w'], ['y'], { alpha: 0.5 })];
    const square = [nodeOf('MatMul', ['x', 'x'], ['y'])];
    for (const node of [small, gemm, square]) {
      const model = graphOf(32, node, [tensorOf('s', [32, 1], random(32)), tensorOf('w', [32, 48], weight)]);
      expect(quantizeDynamic(model).graph.node).toEqual(node);
    }
  });
});

describe('quantize', () => {
  it('leaves the product in float that causes most of the error, its weights in half precision', async () => {
    const matrix = (name: string, rows: number, columns: number) =>
      tensorOf(name, [rows, columns], random(rows * columns, 0.1));
    const branch = [
      nodeOf('MatMul', ['h', 'up'], ['u']),
      nodeOf('MatMul', ['u', 'down'], ['d']),
      nodeOf('Mul', ['d', 'gain'], ['s']),
    ];
    const model = graphOf(
      32,
      [nodeOf('MatMul', ['x', 'in'], ['h']), ...branch, nodeOf('Add', ['h', 's'], ['y'])],
      [matrix('in', 32, 32), matrix('up', 32, 320), matrix('down', 320, 32), scalar('gain', 0.1)],
    );
    expect(productsOf(model)).toEqual([
      { name: 'h', weights: 32 * 32 },
      { name: 'u', weights: 32 * 320 },
      { name: 'd', weights: 320 * 32 },
    ]);
    const inputs: Tensors = { x: { type: 'float32', data: random(20 * 32, 3), dims: [1, 20, 32] } };
    const reference = await runOnce(backend, model, inputs);
    const quantized = await quantize(backend, model, { inputs, outputs: reference });
    expect(
      quantized.graph.node.filter(({ opType }) => opType === 'MatMul').map(({ output }) => output),
    ).toEqual([['h']]);
    expect(opTypes(quantized).filter((type) => type === 'MatMulInteger').length).toBe(2);
    const half = quantized.graph.initializer.find(({ name }) => name === 'in.half')!;
    expect(half.dataType).toBe(DataType.float16);
    expect(half.rawData!.byteLength).toBe(2048);
    const all = await runOnce(backend, quantizeDynamic(model), inputs);
    const kept = await runOnce(backend, quantized, inputs);
    const [worse, better] = [all, kept].map((outputs) => compareOutputs(outputs, reference).y.relativeRms);
    expect(better).toBeLessThan(worse / 4);
  });

  it('stores a matrix once that two products in float share', () => {
    const model = graphOf(
      32,
      [nodeOf('MatMul', ['x', 'w'], ['a']), nodeOf('MatMul', ['a', 'w'], ['y'])],
      [tensorOf('w', [32, 32], random(1024))],
    );
    const types = opTypes(quantizeDynamic(model, new Set(['a', 'y'])));
    expect(types).toEqual(['Cast', 'MatMul', 'MatMul']);
  });
});

describe('foldConstants', () => {
  it('computes constants ahead, and changes no result', async () => {
    const half = tensorOf('two', [1], BigInt64Array.of(2n));
    const model = graphOf(
      8,
      [
        nodeOf('Shape', ['a'], ['size']),
        nodeOf('Div', ['size', 'two'], ['middle']),
        nodeOf('Slice', ['a', 'zero', 'middle', 'zero'], ['cut']),
        nodeOf('Mul', ['x', 'cut'], ['y']),
      ],
      [tensorOf('a', [16], random(16)), half, tensorOf('zero', [1], BigInt64Array.of(0n))],
    );
    const folded = await foldConstants(model);
    expect(opTypes(folded)).toEqual(['Mul']);
    expect(folded.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    expect((await errorOf(folded, model, 8)).maxAbs).toBe(0);
  });
});

describe('useTanhGelu', () => {
  const constants = [scalar('root', Math.SQRT2), scalar('one', 1), scalar('half', 0.5)];
  const gelu = [
    nodeOf('Div', ['x', 'root'], ['d']),
    nodeOf('Erf', ['d'], ['e']),
    nodeOf('Add', ['e', 'one'], ['f']),
    nodeOf('Mul', ['x', 'f'], ['g']),
    nodeOf('Mul', ['g', 'half'], ['y']),
  ];

  it('replaces the five nodes by one that differs by less than 5e-4', async () => {
    const model = graphOf(8, gelu, constants);
    const changed = useTanhGelu(model);
    expect(opTypes(changed)).toEqual(['FastGelu']);
    expect(changed.graph.initializer).toEqual([]);
    const { maxAbs } = await errorOf(changed, model, 8);
    expect(maxAbs).toBeGreaterThan(1e-5);
    expect(maxAbs).toBeLessThan(5e-4);
  });

  it('keeps chains that only look similar', () => {
    const other = graphOf(8, gelu, [constants[0], constants[1], scalar('half', 0.6)]);
    expect(useTanhGelu(other)).toBe(other);
    const shared = graphOf(
      8,
      [...gelu.slice(0, 4), nodeOf('Mul', ['g', 'half'], ['h']), nodeOf('Add', ['h', 'f'], ['y'])],
      constants,
    );
    expect(useTanhGelu(shared)).toBe(shared);
  });
});

describe('foldGains', () => {
  const initializer = [
    tensorOf('w', [8, 6], random(48)),
    tensorOf('b', [6], random(6)),
    tensorOf('s', [6], random(6)),
  ];

  it('moves a gain into the layer before it, without a change of the result', async () => {
    const model = graphOf(
      8,
      [
        nodeOf('MatMul', ['x', 'w'], ['m']),
        nodeOf('Add', ['b', 'm'], ['a']),
        nodeOf('Mul', ['a', 's'], ['y']),
      ],
      initializer,
    );
    const changed = foldGains(model);
    expect(opTypes(changed)).toEqual(['MatMul', 'Add']);
    expect((await errorOf(changed, model, 8)).relativeRms).toBeLessThan(1e-6);
  });

  it('does nothing when the sum is used elsewhere too', () => {
    const nodes = [
      nodeOf('MatMul', ['x', 'w'], ['m']),
      nodeOf('Add', ['b', 'm'], ['a']),
      nodeOf('Mul', ['a', 's'], ['t']),
      nodeOf('Add', ['t', 'a'], ['y']),
    ];
    const model = graphOf(8, nodes, initializer);
    expect(foldGains(model)).toBe(model);
  });
});

describe('ONNX files', () => {
  it('are the same byte for byte after reading and writing', () => {
    const model = graphOf(
      8,
      [nodeOf('Concat', ['x', 'w'], ['y'], { axis: -1 }), nodeOf('LeakyRelu', ['y'], ['z'], { alpha: 0.1 })],
      [tensorOf('w', [1, 2, 3], random(6)), tensorOf('i', [2], BigInt64Array.of(-1n, 2n ** 62n))],
    );
    const bytes = encodeModel(model);
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(Number(read.graph.node[0].attribute![0].i)).toBe(-1);
    expect(floatsOf(read.graph.initializer[0])).toEqual(floatsOf(model.graph.initializer[0]));
  });

  it('keep weights of Constant nodes, which count as parameters', () => {
    const t = { ...tensorOf('', [3], random(3)), name: '' };
    const constant: OnnxNode = {
      ...nodeOf('Constant', [], ['c']),
      attribute: [{ name: 'value', type: AttributeType.tensor, t }],
    };
    const model = decodeModel(encodeModel(graphOf(3, [constant, nodeOf('Add', ['x', 'c'], ['y'])], [])));
    const hoisted = hoistConstants(model);
    expect(opTypes(hoisted)).toEqual(['Add']);
    expect(hoisted.graph.initializer.map(({ name }) => name)).toEqual(['c']);
    expect(countParameters(model)).toBe(3);
  });

  it('are refused when they are not ONNX', () => {
    expect(() => decodeModel(new TextEncoder().encode('not a protobuf'))).toThrow();
    expect(() => decodeModel(Uint8Array.of(8, 8))).toThrow('it holds no graph');
  });
});

describe('externalize', () => {
  it('splits weights into aligned, disjoint ranges that contain every byte', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 2000, max: 20_000 }), async (lengths, shardSize) => {
        const tensors = lengths.map((length, i) => tensorOf(`t${i}`, [length], random(length)));
        const { graph, shards } = await externalize(graphOf(1, [], tensors), shardSize);
        const files = new Map(shards.map((shard) => [shard.file, shard.data]));
        let end = { file: '', at: 0 };
        for (const [i, tensor] of decodeModel(graph.data).graph.initializer.entries()) {
          if (tensor.dataLocation !== 1) {
            expect(lengths[i] * 4).toBeLessThanOrEqual(1024);
            continue;
          }
          const at = Object.fromEntries(tensor.externalData!.map(({ key, value }) => [key, value]));
          const [offset, length] = [Number(at.offset), Number(at.length)];
          expect(offset % 64).toBe(0);
          if (at.location === end.file) expect(offset).toBeGreaterThanOrEqual(end.at);
          end = { file: at.location, at: offset + length };
          const bytes = files.get(at.location)!.subarray(offset, offset + length);
          expect(Buffer.compare(bytes, tensors[i].rawData!)).toBe(0);
        }
        for (const { bytes } of shards) expect(bytes).toBeLessThanOrEqual(Math.max(shardSize, 8000));
      }),
      { numRuns: 30 },
    );
  });
});

it('writes sizes in readable units', () => {
  expect([12, 2048, 3.5 * 1024 * 1024].map(formatBytes)).toEqual(['12 B', '2.0 KiB', '3.50 MiB']);
});
