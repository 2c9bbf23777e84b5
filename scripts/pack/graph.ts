/** Looking around in a graph, and putting changed nodes back. */
import {
  type Attribute,
  DataType,
  dimsOf,
  floatsOf,
  type OnnxModel,
  type OnnxNode,
  type TensorProto,
  toNumber,
} from './onnx.ts';

/** A copy of the model with every Constant node's tensor as an initializer: one place to look for weights. */
export function hoistConstants(model: OnnxModel): OnnxModel {
  const initializer = [...model.graph.initializer];
  const node = model.graph.node.filter((n) => {
    const tensor = n.opType === 'Constant' ? attributeOf(n, 'value')?.t : undefined;
    if (!tensor) return true;
    initializer.push({ ...tensor, name: n.output[0] });
    return false;
  });
  return { ...model, graph: { ...model.graph, node, initializer } };
}

/** Elements of all float initializers: what is called the number of parameters. */
export function countParameters(model: OnnxModel): number {
  return hoistConstants(model)
    .graph.initializer.filter((t) => t.dataType === DataType.float)
    .reduce((sum, t) => sum + dimsOf(t).reduce((a, b) => a * b, 1), 0);
}

/** The model with new nodes and more initializers; of all initializers only those stay that some node reads. */
export function withNodes(model: OnnxModel, node: OnnxNode[], added: readonly TensorProto[] = []): OnnxModel {
  const read = new Set([...node.flatMap((n) => n.input), ...model.graph.output.map(({ name }) => name)]);
  const initializer = [...model.graph.initializer, ...added].filter((t) => read.has(t.name));
  return { ...model, graph: { ...model.graph, node, initializer } };
}

/** A node's attribute by name. */
export function attributeOf(node: OnnxNode, name: string): Attribute | undefined {
  return node.attribute?.find((a) => a.name === name);
}

/** A node's integer attribute by name. */
export function intAttribute(node: OnnxNode, name: string, otherwise: number): number {
  const value = attributeOf(node, name)?.i;
  return value === undefined ? otherwise : toNumber(value);
}

/** Producer and consumers of each value. */
export class GraphIndex {
  readonly #makers = new Map<string, OnnxNode>();
  readonly #readers = new Map<string, OnnxNode[]>();
  readonly #constants: Map<string, TensorProto>;
  readonly #outputs: Set<string>;

  /** @param model with its constants hoisted. */
  constructor({ graph }: OnnxModel) {
    this.#constants = new Map(graph.initializer.map((t) => [t.name, t]));
    this.#outputs = new Set(graph.output.map(({ name }) => name));
    for (const node of graph.node) {
      for (const name of node.output) this.#makers.set(name, node);
      for (const name of node.input) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
    }
  }

  /** The float constant of that name. */
  floats(name: string): { readonly tensor: TensorProto; readonly dims: readonly number[] } | undefined {
    const tensor = this.#constants.get(name);
    return tensor?.dataType === DataType.float ? { tensor, dims: dimsOf(tensor) } : undefined;
  }

  /** The only value of a constant of one element. */
  scalar(name: string): number | undefined {
    const constant = this.floats(name);
    if (constant?.dims.reduce((a, b) => a * b, 1) !== 1) return undefined;
    return floatsOf(constant.tensor)[0];
  }

  /** The node that makes a value, if it is of that type. */
  maker(name: string, opType: string): OnnxNode | undefined {
    const node = this.#makers.get(name);
    return node?.opType === opType ? node : undefined;
  }

  /** The only node that reads a value, if it is of that type; none when the value is an output of the graph. */
  onlyReader(name: string, opType: string): OnnxNode | undefined {
    const readers = this.#readers.get(name);
    if (readers?.length !== 1 || this.#outputs.has(name)) return undefined;
    return readers[0].opType === opType ? readers[0] : undefined;
  }

  /** Of a node with two inputs, the one that is not `name`. */
  other(node: OnnxNode, name: string): string {
    return node.input[0] === name ? node.input[1] : node.input[0];
  }
}
