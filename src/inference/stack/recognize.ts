import type { Constant, Graph, GraphNode } from './graph.ts';

/** A product of the activations with a constant matrix, and its bias. */
export interface Product {
  /** [K, N]; or [N, K] if `turned`. */
  readonly weight: Constant;
  /** Of a weight of 8 bits: for each column. */
  readonly scales?: Constant;
  readonly zeros?: Constant;
  readonly bias: Constant;
  readonly turned: boolean;
  /** Name of the sum. */
  readonly output: string;
}

/** A layer norm. */
export interface NormWeights {
  readonly gain: Constant;
  readonly bias: Constant;
  /** From the style to [gain, bias] of an adaptive norm. */
  readonly affine?: Product;
}

/** One ConvNeXt block. */
export interface BlockWeights {
  /** [C, 1, taps]. */
  readonly mix: Constant;
  readonly mixBias: Constant;
  readonly dilation: number;
  readonly norm: NormWeights;
  readonly up: Product;
  readonly down: Product;
  /** Factors of the block's channels before they are added; where there are none, they are part of `down`. */
  readonly scale?: Constant;
}

/** One self-attention whose scores fall with the distance. */
export interface AttentionWeights {
  readonly norm: NormWeights;
  readonly qkv: Product;
  readonly out: Product;
  /** For each head: how much a score falls by a place towards the end, and towards the beginning. */
  readonly falls: readonly [after: Constant, before: Constant];
}

/** Thrown when a graph is not one that the stack kernel computes; the caller then uses another runtime. */
export class NotAStack extends Error {}

/** Finds things in a graph by what reads them and by PyTorch's names. */
export class Finder {
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** @throws {NotAStack} unless the graph has this many of each listed operation; others may occur any number of times. */
  expectCounts(counts: Readonly<Record<string, number>>): void {
    for (const [op, count] of Object.entries(counts)) {
      const ops = op.split('|');
      if (this.#graph.nodes.filter((node) => ops.includes(node.op)).length !== count) throw new NotAStack(op);
    }
  }

  /** The operation of a kind that reads a value. */
  reader(value: string, op: string): GraphNode {
    return required(this.#graph.nodes.find((node) => node.op === op && node.inputs.includes(value)));
  }

  constant(name: string): Constant {
    return required(this.#graph.constants.get(name));
  }

  /** The constant that is an operation's second input. */
  beside(node: GraphNode, value: string): Constant {
    return this.constant(required(node.inputs.find((input) => input !== value)));
  }

  /** The value of a constant of one float. */
  scalar(node: GraphNode, value: string): number {
    const [number, ...more] = floatsOf(this.beside(node, value));
    if (number === undefined || more.length > 0) throw new NotAStack(value);
    return number;
  }

  /** @param name of the value that the product makes. */
  product(name: string): Product {
    const node = required(
      this.#graph.nodes.find(({ outputs }) => outputs[0] === name || outputs[0] === `${name}.int`),
    );
    if (node.op === 'MatMulInteger') {
      const [, weight, , zeros] = node.inputs;
      const sum = this.#sum([`${name}.scaled`, name]);
      return {
        weight: this.constant(weight),
        scales: this.constant(`${weight}.scale`),
        zeros: this.constant(zeros),
        turned: false,
        ...sum,
      };
    }
    const weight = this.#weightOf(node);
    if (node.op === 'MatMul') return { weight, turned: false, ...this.#sum([name]) };
    if (node.op !== 'Gemm' || !node.inputs[2]) throw new NotAStack(node.op);
    return { weight, turned: true, bias: this.constant(node.inputs[2]), output: name };
  }

  /** The constant that a product of floats takes; one of 16 bits is cast first. */
  #weightOf({ inputs: [, name] }: GraphNode): Constant {
    const cast = this.#graph.nodes.find(({ op, outputs }) => op === 'Cast' && outputs[0] === name);
    return this.constant(cast ? cast.inputs[0] : name);
  }

  #sum(values: readonly string[]): Pick<Product, 'bias' | 'output'> {
    for (const value of values) {
      const sum = this.#graph.nodes.find((node) => node.op === 'Add' && node.inputs.includes(value));
      if (sum) return { bias: this.beside(sum, value), output: sum.outputs[0] };
    }
    throw new NotAStack(values[0]);
  }

  /**
   * The blocks in their order.
   * @param name of the list of blocks.
   * @param prefix precedes the name in the names of their weights.
   */
  blocks(count: number, prefix = '', name = 'blocks'): BlockWeights[] {
    return Array.from({ length: count }, (_, n) => {
      const own = `${prefix}${name}.${n}`;
      const conv = this.#byWeight('Conv', `${own}.mix.weight`);
      return {
        mix: this.constant(conv.inputs[1]),
        mixBias: this.constant(conv.inputs[2]),
        dilation: conv.ints.dilations?.[0] ?? 1,
        norm: this.norm(`${own}.norm`, `/${name}.${n}/norm`),
        up: this.product(`/${name}.${n}/up/MatMul_output_0`),
        down: this.product(`/${name}.${n}/down/MatMul_output_0`),
        scale: this.#graph.constants.get(`${own}.scale`),
      };
    });
  }

  /**
   * @param name before the names of its weights.
   * @param path before the names of its operations.
   */
  norm(name: string, path: string): NormWeights {
    const adaptive = this.#graph.constants.has(`${name}.norm.weight`);
    const norm = this.#byWeight('LayerNormalization', `${name}.${adaptive ? 'norm.' : ''}weight`);
    return {
      gain: this.constant(norm.inputs[1]),
      bias: this.constant(norm.inputs[2]),
      affine: adaptive ? this.product(`${path}/affine/Gemm_output_0`) : undefined,
    };
  }

  /** The self-attentions of a list, in their order. */
  attentions(count: number, name: string): AttentionWeights[] {
    return Array.from({ length: count }, (_, n) => {
      const path = `/${name}.${n}`;
      const slope = (relu: string) =>
        this.beside(this.reader(`${path}/${relu}_output_0`, 'Mul'), `${path}/${relu}_output_0`);
      return {
        norm: this.norm(`${name}.${n}.norm`, `${path}/norm`),
        qkv: this.product(`${path}/qkv/MatMul_output_0`),
        out: this.product(`${path}/out/MatMul_output_0`),
        falls: [slope('Relu'), slope('Relu_1')],
      };
    });
  }

  /** The whole number that is an operation's second input. */
  integer(node: GraphNode, value: string): number {
    const { type, bytes } = this.beside(node, value);
    if (type !== 7 || bytes.length !== 8) throw new NotAStack(value);
    return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
  }

  /** The operation of a kind that makes one of the values. */
  maker(values: readonly string[], op: string): GraphNode {
    return required(
      this.#graph.nodes.find(
        (node) => node.op === op && values.some((value) => node.outputs.includes(value)),
      ),
    );
  }

  /** Place in the style of the number that an operation takes from it, among its inputs. */
  placeInStyle(inputs: readonly string[]): number {
    const column = this.maker(inputs, 'Unsqueeze');
    return this.integer(this.maker(column.inputs, 'Gather'), 'style');
  }

  #byWeight(op: string, weight: string): GraphNode {
    return required(this.#graph.nodes.find((node) => node.op === op && node.inputs[1] === weight));
  }
}

/** @throws {NotAStack} when a constant is not of floats. */
export function floatsOf({ type, bytes }: Constant): Float32Array {
  if (type !== 1) throw new NotAStack('not float');
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new NotAStack('something is not where it was');
  return value;
}
