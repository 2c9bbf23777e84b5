/** Moves weights out of a graph into content-addressed shards. */
import { sha256Hex } from '../../src/base/sha256.ts';
import type { FileRef } from '../../src/shards/manifest.ts';
import { bytesOf, encodeModel, type OnnxModel, type TensorProto } from './onnx.ts';

/** Tensors up to this many bytes stay in the graph: runtimes need shapes and axes there, and a shard gains nothing. */
const INLINE_BYTES = 1024;
/** A tensor's place in a shard: a multiple of a cache line, so that a runtime may use it without copying. */
const ALIGNMENT = 64;

/** Bytes with the name that they are stored under: their SHA-256. */
export interface NamedFile extends FileRef {
  readonly data: Uint8Array;
}

/** Names a file by its contents. */
export async function nameByContent(data: Uint8Array, extension: 'onnx' | 'bin'): Promise<NamedFile> {
  const sha256 = await sha256Hex(data);
  return { file: `${sha256}.${extension}`, bytes: data.byteLength, sha256, data };
}

/** A stage as files. */
export interface StageFiles {
  readonly graph: NamedFile;
  readonly shards: readonly NamedFile[];
}

/**
 * Cuts a model into a graph and shards. Tensors stay whole and in their order; a shard is closed before it would exceed
 * `shardSize`, so only a single larger tensor makes a larger shard.
 */
export async function externalize(model: OnnxModel, shardSize: number): Promise<StageFiles> {
  const groups: TensorProto[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const tensor of model.graph.initializer) {
    const size = bytesOf(tensor).byteLength;
    if (size <= INLINE_BYTES) continue;
    if (aligned(filled) + size > shardSize) {
      groups.push([]);
      filled = 0;
    }
    groups[groups.length - 1].push(tensor);
    filled = aligned(filled) + size;
  }

  const moved = new Map<TensorProto, TensorProto>();
  const shards: NamedFile[] = [];
  for (const group of groups) {
    const places: { tensor: TensorProto; bytes: Uint8Array; offset: number }[] = [];
    let end = 0;
    for (const tensor of group) {
      const bytes = bytesOf(tensor);
      const offset = aligned(end);
      places.push({ tensor, bytes, offset });
      end = offset + bytes.byteLength;
    }
    const data = new Uint8Array(end);
    for (const { bytes, offset } of places) data.set(bytes, offset);
    const shard = await nameByContent(data, 'bin');
    shards.push(shard);
    for (const { tensor, bytes, offset } of places)
      moved.set(tensor, external(tensor, shard.file, offset, bytes));
  }

  const initializer = model.graph.initializer.map((tensor) => moved.get(tensor) ?? tensor);
  const graph = encodeModel({ ...model, graph: { ...model.graph, initializer } });
  return { graph: await nameByContent(graph, 'onnx'), shards };
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function external(tensor: TensorProto, file: string, offset: number, bytes: Uint8Array): TensorProto {
  return {
    name: tensor.name,
    dims: tensor.dims,
    dataType: tensor.dataType,
    externalData: [
      { key: 'location', value: file },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(bytes.byteLength) },
    ],
    dataLocation: 1,
  };
}
