/** Graph rewriting: weights to uint8, matrix products to integer arithmetic. */
import { attributeOf, intAttribute, withNodes } from './graph.ts';
import {
  DataType,
  dimsOf,
  floatsOf,
  nodeOf,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type TensorProto,
  tensorOf,
} from './onnx.ts';

/** A weight smaller than this stays fp32: nothing to gain, and it is often the last projection to one number. */
const SMALLEST_QUANTIZED = 512;

/** A matrix [K, N] in uint8, column by column: `value = (q - zeroPoint[n]) * scale[n]`. */
export interface QuantizedMatrix {
  readonly values: Uint8Array;
  readonly scales: Float32Array;
  readonly zeroPoints: Uint8Array;
}

/**
 * Quantizes a matrix [rows, columns] per column, asymmetrically: each column's own range, widened to hold 0, in 255 steps.
 * The weights are unsigned because mixed-sign products saturate in 16 bits on AVX2 without VNNI.
 */
export function quantizeColumns(weights: Float32Array, rows: number, columns: number): QuantizedMatrix {
  const values = new Uint8Array(rows * columns);
  const scales = new Float32Array(columns);
  const zeroPoints = new Uint8Array(columns);
  for (let n = 0; n < columns; n++) {
    let low = 0;
    let high = 0;
    for (let k = 0; k < rows; k++) {
      const w = weights[k * columns + n];
      if (w < low) low = w;
      if (w > high) high = w;
    }
    const scale = Math.fround((high - low) / 255) || 1;
    const zero = Math.round(-low / scale);
    scales[n] = scale;
    zeroPoints[n] = zero;
    for (let k = 0; k < rows; k++) {
      const q = Math.round(weights[k * columns + n] / scale) + zero;
      values[k * columns + n] = q < 0 ? 0 : q > 255 ? 255 : q;
    }
  }
  return { values, scales, zeroPoints };
}

/** What {@link findProducts} found: one matrix product with a constant matrix. */
interface Product {
  readonly node: OnnxNode;
  readonly weight: TensorProto;
  /** [K, N], row-major. */
  readonly matrix: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Gemm's third input. */
  readonly bias: string | undefined;
}

function findProducts(graph: OnnxGraph): Map<OnnxNode, Product> {
  const constants = new Map(graph.initializer.map((t) => [t.name, t]));
  const found = new Map<OnnxNode, Product>();
  for (const node of graph.node) {
    if (node.opType !== 'MatMul' && node.opType !== 'Gemm') continue;
    const weight = constants.get(node.input[1]);
    if (weight?.dataType !== DataType.float || weight.dims.length !== 2) continue;
    const [a, b] = dimsOf(weight);
    if (a * b < SMALLEST_QUANTIZED) continue;
    if (node.opType === 'Gemm' && !isPlainGemm(node)) continue;
    const turned = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 1;
    const matrix = turned ? transpose(floatsOf(weight), a, b) : floatsOf(weight);
    const [rows, columns] = turned ? [b, a] : [a, b];
    found.set(node, { node, weight, matrix, rows, columns, bias: node.input[2] || undefined });
  }
  return found;
}

/**
 * Rewrites every product with a constant matrix as
 * DynamicQuantizeLinear → MatMulInteger → Cast → Mul(scales) → Add(bias), a chain that ONNX Runtime fuses to one kernel.
 * The activation's range is taken anew from each input; weights are uint8 per output channel.
 * @param model with its constants hoisted.
 */
export function quantizeDynamic(model: OnnxModel): OnnxModel {
  const products = findProducts(model.graph);
  const added: TensorProto[] = [];
  const activations = new Map<string, string>();
  const weights = new Map<string, string>();

  const node = model.graph.node.flatMap((original): OnnxNode[] => {
    const product = products.get(original);
    if (!product) return [original];
    const out: OnnxNode[] = [];
    const input = original.input[0];
    let x = activations.get(input);
    if (!x) {
      x = `${input}.quantized`;
      activations.set(input, x);
      out.push(nodeOf('DynamicQuantizeLinear', [input], [x, `${x}.scale`, `${x}.zero`]));
    }
    const key = `${product.weight.name}:${original.opType === 'Gemm' && intAttribute(original, 'transB', 0)}`;
    let w = weights.get(key);
    if (!w) {
      w = `${product.weight.name}.${weights.size}`;
      weights.set(key, w);
      const q = quantizeColumns(product.matrix, product.rows, product.columns);
      added.push(tensorOf(w, [product.rows, product.columns], q.values));
      added.push(tensorOf(`${w}.scale`, [product.columns], q.scales));
      added.push(tensorOf(`${w}.zero`, [product.columns], q.zeroPoints));
    }
    const y = original.output[0];
    out.push(nodeOf('MatMulInteger', [x, w, `${x}.zero`, `${w}.zero`], [`${y}.int`]));
    out.push(nodeOf('Cast', [`${y}.int`], [`${y}.float`], { to: DataType.float }));
    out.push(nodeOf('Mul', [`${x}.scale`, `${w}.scale`], [`${y}.scale`]));
    const scaled = product.bias ? `${y}.scaled` : y;
    out.push(nodeOf('Mul', [`${y}.float`, `${y}.scale`], [scaled]));
    if (product.bias) out.push(nodeOf('Add', [scaled, product.bias], [y]));
    return out;
  });
  return withNodes(model, node, added);
}

function isPlainGemm(node: OnnxNode): boolean {
  const real = (name: string) => attributeOf(node, name)?.f ?? 1;
  return intAttribute(node, 'transA', 0) === 0 && real('alpha') === 1 && real('beta') === 1;
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c];
  return out;
}
