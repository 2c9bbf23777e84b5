/** Graph rewriting: from one utterance at a time to several, each as if it were alone. */
import { attributeOf, GraphIndex } from './graph.ts';
import {
  DataType,
  nodeOf,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  tensorOf,
  toNumber,
  type ValueInfo,
} from './onnx.ts';

/** Input of a batched graph that marks the positions that are not padding: [B, T], 1 or 0. */
export const MASK = 'mask';
/** Added to the attention's score of a position that is not real: its share is then exactly 0. */
const NEVER = -1e9;

/** A batched graph, and how to fill it. */
export interface BatchedModel {
  readonly model: OnnxModel;
  /** Inputs whose second axis is time; rows of other lengths are padded along it. All outputs have it as their second axis too. */
  readonly timed: readonly string[];
}

/**
 * Rewrites a quantized graph of one row so that it takes B, and so that no row's answer depends on the others:
 * - The activations stay in float. Dynamic quantization takes one scale for all rows, so a loud one would coarsen a quiet one. The weights are
 *   the same integers, widened when a session is made, so that both graphs share their shards.
 * - Before each convolution the padding is set to the zeros that a convolution reads beyond a row's end; attention skips it.
 * @param model as `quantizeDynamic` makes it.
 * @throws when the graph has operations that mix positions in other ways.
 */
export function batched(model: OnnxModel): BatchedModel {
  const graph = model.graph;
  const timed = graph.input.filter((input) => isTimed(input)).map(({ name }) => name);
  if (graph.output.some((output) => !isTimed(output)))
    throw new Error('a graph whose outputs have no time axis cannot be batched');
  const widened = widenProducts(model);
  const index = new GraphIndex({ ...model, graph: { ...graph, node: widened } });
  const node = widened.flatMap((n): OnnxNode[] => {
    if (n.opType === 'Conv') return maskedConvolution(n);
    if (n.opType === 'Softmax') return maskedSoftmax(n, index);
    return [n];
  });
  const read = new Set(node.flatMap((n) => n.input));
  const constants = [
    tensorOf(`${MASK}.axis`, [1], BigInt64Array.of(1n)),
    tensorOf(`${MASK}.axes`, [2], BigInt64Array.of(1n, 2n)),
    tensorOf(`${MASK}.one`, [], Float32Array.of(1)),
    tensorOf(`${MASK}.never`, [], Float32Array.of(-NEVER)),
  ];
  const prelude = maskNodes(read);
  const readAll = new Set([...read, ...prelude.flatMap((n) => n.input)]);
  const rewritten: OnnxGraph = {
    ...graph,
    node: [...prelude, ...node],
    initializer: [...graph.initializer, ...constants].filter(({ name }) => readAll.has(name)),
    input: [...graph.input.map(manyRows), maskInput(graph.input)],
    output: graph.output.map(manyRows),
  };
  return { model: { ...model, graph: rewritten }, timed };
}

/** Every integer product as a float product of the same matrix. */
function widenProducts({ graph }: OnnxModel): OnnxNode[] {
  const dropped = new Set<OnnxNode>();
  const made = new Map<OnnxNode, OnnxNode[]>();
  const wide = new Set<string>();
  const readers = (name: string, opType: string) =>
    graph.node.filter((n) => n.opType === opType && n.input.includes(name));
  for (const product of graph.node) {
    if (product.opType !== 'MatMulInteger') continue;
    const [x, w, , zero] = product.input;
    const quantizer = graph.node.find((n) => n.opType === 'DynamicQuantizeLinear' && n.output[0] === x);
    const [cast] = readers(product.output[0], 'Cast');
    const [scaled] = cast ? readers(cast.output[0], 'Mul') : [];
    const scale = graph.node.find((n) => n.opType === 'Mul' && n.output[0] === scaled?.input[1]);
    if (!quantizer || !scaled || !scale)
      throw new Error(`${product.name}: not a product as quantize.ts writes it`);
    for (const n of [quantizer, product, cast, scale]) dropped.add(n);
    const matrix = `${w}.wide`;
    const nodes = wide.has(matrix) ? [] : wideMatrix(w, zero, scale.input[1], matrix);
    wide.add(matrix);
    made.set(scaled, [...nodes, nodeOf('MatMul', [quantizer.input[0], matrix], [scaled.output[0]])]);
  }
  return graph.node.filter((n) => !dropped.has(n)).flatMap((n) => made.get(n) ?? [n]);
}

/** (q - zero) · scale by column, of constants alone: a runtime computes it once, when the session is made. */
function wideMatrix(q: string, zero: string, scale: string, matrix: string): OnnxNode[] {
  return [
    nodeOf('Cast', [q], [`${q}.float`], { to: DataType.float }),
    nodeOf('Cast', [zero], [`${zero}.float`], { to: DataType.float }),
    nodeOf('Sub', [`${q}.float`, `${zero}.float`], [`${q}.centred`]),
    nodeOf('Mul', [`${q}.centred`, scale], [matrix]),
  ];
}

/** Conv of [B, C, T]. */
function maskedConvolution(conv: OnnxNode): OnnxNode[] {
  const [x, ...weights] = conv.input;
  const masked = `${conv.output[0]}.masked`;
  return [nodeOf('Mul', [x, `${MASK}.channels`], [masked]), { ...conv, input: [masked, ...weights] }];
}

/** Softmax over the last axis of scores [B, heads, T, T]. */
function maskedSoftmax(softmax: OnnxNode, index: GraphIndex): OnnxNode[] {
  const axis = attributeOf(softmax, 'axis')?.i;
  // Scores are products that were scaled, less what they fall with the distance.
  const scaled = index.maker(softmax.input[0], 'Mul') ?? index.maker(softmax.input[0], 'Sub');
  if ((axis !== undefined && toNumber(axis) !== -1) || !scaled)
    throw new Error(`${softmax.name}: not an attention's softmax as the training code writes it`);
  const biased = `${softmax.output[0]}.biased`;
  return [nodeOf('Add', [softmax.input[0], `${MASK}.scores`], [biased]), { ...softmax, input: [biased] }];
}

/** The forms of the mask that the graph reads. */
function maskNodes(read: ReadonlySet<string>): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  if (read.has(`${MASK}.channels`))
    nodes.push(nodeOf('Unsqueeze', [MASK, `${MASK}.axis`], [`${MASK}.channels`]));
  if (read.has(`${MASK}.scores`)) {
    nodes.push(
      nodeOf('Sub', [MASK, `${MASK}.one`], [`${MASK}.missing`]),
      nodeOf('Mul', [`${MASK}.missing`, `${MASK}.never`], [`${MASK}.penalty`]),
      nodeOf('Unsqueeze', [`${MASK}.penalty`, `${MASK}.axes`], [`${MASK}.scores`]),
    );
  }
  return nodes;
}

function isTimed({ type }: ValueInfo): boolean {
  return Boolean(type.tensorType.shape.dim[1]?.dimParam);
}

function manyRows(value: ValueInfo): ValueInfo {
  const { elemType, shape } = value.type.tensorType;
  const [, ...rest] = shape.dim;
  return { ...value, type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'B' }, ...rest] } } } };
}

function maskInput(inputs: readonly ValueInfo[]): ValueInfo {
  const time = inputs.find(isTimed)?.type.tensorType.shape.dim[1];
  if (!time) throw new Error('a graph without a time axis cannot be batched');
  const shape = { dim: [{ dimParam: 'B' }, time] };
  return { name: MASK, type: { tensorType: { elemType: DataType.float, shape } } };
}
