/** ONNX graphs of a few nodes, and the model folders that hold them. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  DataType,
  encodeModel,
  nodeOf,
  type OnnxNode,
  type TensorProto,
  tensorOf,
  valueInfo,
} from '../../../scripts/pack/onnx.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';

/** Inputs that hold whole numbers. */
const INTEGERS: ReadonlySet<string> = new Set([
  'tokens',
  'phonemes',
  'input_ids',
  'attention_mask',
  'encoder_attention_mask',
  'audio_codes',
]);

type Shape = readonly (number | string)[];

/** Collects nodes and constants; every method returns the name of the value it makes. */
export class Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: TensorProto[] = [];

  node(op: string, inputs: string[], attributes: Record<string, number | number[]> = {}): string {
    const output = `value_${this.#nodes.length}`;
    this.#nodes.push(nodeOf(op, inputs, [output], attributes));
    return output;
  }

  floats(values: readonly number[], dims: number[] = [values.length]): string {
    return this.#constant(dims, Float32Array.from(values));
  }

  ints(values: readonly number[], dims: number[] = [values.length]): string {
    return this.#constant(dims, BigInt64Array.from(values, BigInt));
  }

  #constant(dims: number[], data: Float32Array | BigInt64Array): string {
    const name = `constant_${this.#constants.length}`;
    this.#constants.push(tensorOf(name, dims, data));
    return name;
  }

  /** @param outputs name, and the value with its shape. */
  build(inputs: Record<string, Shape>, outputs: Record<string, readonly [string, Shape]>): Uint8Array {
    const renamed = Object.entries(outputs).map(([name, [value]]) => nodeOf('Identity', [value], [name]));
    return encodeModel({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'tiny',
        node: [...this.#nodes, ...renamed],
        initializer: this.#constants,
        input: Object.entries(inputs).map(([name, shape]) =>
          valueInfo(name, INTEGERS.has(name) ? DataType.int64 : DataType.float, shape),
        ),
        output: Object.entries(outputs).map(([name, [, shape]]) => valueInfo(name, DataType.float, shape)),
      },
    });
  }
}

/** Writes a model folder: its files and `model.json`. */
export async function writeModel(
  folder: string,
  about: Omit<ModelManifest, 'files'>,
  contents: Record<string, Uint8Array>,
): Promise<ModelManifest> {
  const files = [];
  for (const [path, bytes] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ path, bytes: bytes.length, sha256 });
  }
  const manifest = { ...about, files };
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
