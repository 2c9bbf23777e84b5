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

/** A matrix product with a constant matrix that is large enough to be worth quantizing. */
interface Product {
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
    found.set(node, { weight, matrix, rows, columns, bias: node.input[2] || undefined });
  }
  return found;
}

/**
 * Quantizable products in the graph's order: the value that each makes, and the size of its matrix.
 * @param model with its constants hoisted.
 */
export function productsOf(model: OnnxModel): { readonly name: string; readonly weights: number }[] {
  return [...findProducts(model.graph)].map(([{ output }, { matrix }]) => ({
    name: output[0],
    weights: matrix.length,
  }));
}

/**
 * Rewrites products with a constant matrix as
 * DynamicQuantizeLinear → MatMulInteger → Cast → Mul(scales) → Add(bias), a chain that ONNX Runtime fuses to one kernel.
 * The activation's range is computed for each input; weights are uint8 per output channel.
 * @param model with its constants hoisted.
 * @param precise products, as {@link productsOf} names them, to compute in float with weights stored as float16.
 */
export function quantizeDynamic(model: OnnxModel, precise: ReadonlySet<string> = new Set()): OnnxModel {
  const products = findProducts(model.graph);
  const added = new Map<string, TensorProto>();
  const widened = new Set<string>();
  const activations = new Map<string, string>();
  const node = model.graph.node.flatMap((original): OnnxNode[] => {
    const product = products.get(original);
    if (!product) return [original];
    if (precise.has(original.output[0])) return inHalfPrecision(original, product, added, widened);
    const out: OnnxNode[] = [];
    const input = original.input[0];
    const x = activations.get(input) ?? `${input}.quantized`;
    if (!activations.has(input))
      out.push(nodeOf('DynamicQuantizeLinear', [input], [x, `${x}.scale`, `${x}.zero`]));
    activations.set(input, x);
    out.push(...integerProduct(original.output[0], x, product, addQuantized(original, product, added)));
    return out;
  });
  return withNodes(model, node, [...added.values()]);
}

/** Adds a product's quantized matrix, once for all products that share it, and returns its name. */
function addQuantized(node: OnnxNode, product: Product, added: Map<string, TensorProto>): string {
  const { weight, matrix, rows, columns } = product;
  const name = `${weight.name}${node.opType === 'Gemm' && intAttribute(node, 'transB', 0) ? '.turned' : ''}.q`;
  if (added.has(name)) return name;
  const { values, scales, zeroPoints } = quantizeColumns(matrix, rows, columns);
  added.set(name, tensorOf(name, [rows, columns], values));
  added.set(`${name}.scale`, tensorOf(`${name}.scale`, [columns], scales));
  added.set(`${name}.zero`, tensorOf(`${name}.zero`, [columns], zeroPoints));
  return name;
}

/** y = (x - its zero point) (w - its zero points) · scales + bias, the product itself in integers. */
function integerProduct(y: string, x: string, { bias }: Product, w: string): OnnxNode[] {
  const scaled = bias ? `${y}.scaled` : y;
  const nodes = [
    nodeOf('MatMulInteger', [x, w, `${x}.zero`, `${w}.zero`], [`${y}.int`]),
    nodeOf('Cast', [`${y}.int`], [`${y}.float`], { to: DataType.float }),
    nodeOf('Mul', [`${x}.scale`, `${w}.scale`], [`${y}.scale`]),
    nodeOf('Mul', [`${y}.float`, `${y}.scale`], [scaled]),
  ];
  return bias ? [...nodes, nodeOf('Add', [scaled, bias], [y])] : nodes;
}

/** The product unchanged, with its matrix stored as float16. The Cast is folded when a session is created. */
function inHalfPrecision(
  node: OnnxNode,
  { weight }: Product,
  added: Map<string, TensorProto>,
  widened: Set<string>,
): OnnxNode[] {
  const [x, , ...rest] = node.input;
  const half = `${weight.name}.half`;
  const wide = `${weight.name}.wide`;
  const product = { ...node, input: [x, wide, ...rest] };
  if (widened.has(wide)) return [product];
  widened.add(wide);
  added.set(half, tensorOf(half, dimsOf(weight), new Float16Array(floatsOf(weight))));
  return [nodeOf('Cast', [half], [wide], { to: DataType.float }), product];
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
