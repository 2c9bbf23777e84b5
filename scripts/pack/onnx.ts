/** ONNX models as plain objects: read, changed and written back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** An int64 field: a Long as read; written, a number will do. */
export type Int64 = number | { toNumber(): number };

/** `TensorProto.DataType`, as far as Sori's graphs use it. */
export const DataType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

/** `AttributeProto.AttributeType`, the values that are used here. */
export const AttributeType = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

export interface Entry {
  key: string;
  value: string;
}

export interface TensorProto {
  name: string;
  dims: Int64[];
  dataType: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: Int64[];
  rawData?: Uint8Array;
  externalData?: Entry[];
  /** 1 = the bytes lie in the file that `externalData` names. */
  dataLocation?: number;
}

export interface Attribute {
  name: string;
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  floats?: number[];
  ints?: Int64[];
}

export interface OnnxNode {
  opType: string;
  name?: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute?: Attribute[];
}

export interface ValueInfo {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: Int64; dimParam?: string }[] } } };
}

export interface OnnxGraph {
  name: string;
  node: OnnxNode[];
  initializer: TensorProto[];
  input: ValueInfo[];
  output: ValueInfo[];
}

export interface OnnxModel {
  irVersion: Int64;
  producerName?: string;
  opsetImport: { domain?: string; version: Int64 }[];
  graph: OnnxGraph;
}

const Model = protobuf
  .parse(readFileSync(join(import.meta.dirname, 'onnx.proto'), 'utf8'))
  .root.lookupType('onnx.ModelProto');

/**
 * Reads an ONNX file. Fields that `onnx.proto` leaves out (doc strings, metadata, inferred shapes) are dropped.
 * @throws when the bytes are not a protobuf of that schema, or hold no graph.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = Model.decode(bytes) as unknown as OnnxModel;
  if (!model.graph) throw new Error('not an ONNX model: it holds no graph');
  return model;
}

/** Writes an ONNX file: fields in schema order, so equal models give equal bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return Model.encode(Model.fromObject(model)).finish();
}

/** An int64 field as a number. */
export function toNumber(value: Int64): number {
  return typeof value === 'number' ? value : value.toNumber();
}

/** A tensor's dimensions as numbers. */
export function dimsOf(tensor: TensorProto): number[] {
  return tensor.dims.map(toNumber);
}

/** A tensor's bytes, little-endian and row-major, however the file stores them. */
export function bytesOf(tensor: TensorProto): Uint8Array {
  if (tensor.dataLocation === 1)
    throw new Error(`tensor ${tensor.name}: weights in other files are not read`);
  if (tensor.rawData?.length) return tensor.rawData;
  if (tensor.floatData?.length) return bytesIn(Float32Array.from(tensor.floatData));
  if (tensor.int64Data?.length)
    return bytesIn(BigInt64Array.from(tensor.int64Data, (v) => BigInt(String(v))));
  if (tensor.int32Data?.length) {
    if (tensor.dataType === DataType.int32) return bytesIn(Int32Array.from(tensor.int32Data));
    if (tensor.dataType === DataType.uint8 || tensor.dataType === DataType.bool)
      return Uint8Array.from(tensor.int32Data);
  }
  if (dimsOf(tensor).includes(0)) return new Uint8Array();
  throw new Error(`tensor ${tensor.name}: no data of type ${tensor.dataType} found`);
}

/**
 * A float tensor's values.
 * @throws when it is not of type float.
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  if (tensor.dataType !== DataType.float) throw new Error(`tensor ${tensor.name}: not of type float`);
  const bytes = bytesOf(tensor);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Arrays that become tensors, and the types that they give. */
const TENSOR_TYPES = [
  [Float32Array, DataType.float],
  [Float16Array, DataType.float16],
  [Int32Array, DataType.int32],
  [BigInt64Array, DataType.int64],
  [Uint8Array, DataType.uint8],
] as const;

/** Makes a tensor from a typed array; the array's class decides the type. */
export function tensorOf(
  name: string,
  dims: readonly number[],
  data: Float32Array | Float16Array | Uint8Array | Int32Array | BigInt64Array,
): TensorProto {
  const [, dataType] = TENSOR_TYPES.find(([type]) => data instanceof type)!;
  return { name, dims: [...dims], dataType, rawData: bytesIn(data) };
}

/** A node with attributes given as plain numbers, number lists or strings; whole numbers become ints. */
export function nodeOf(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): OnnxNode {
  const attribute = Object.entries(attributes).map(([name, value]): Attribute => {
    if (typeof value !== 'number') return { name, type: AttributeType.ints, ints: [...value] };
    if (Number.isInteger(value)) return { name, type: AttributeType.int, i: value };
    return { name, type: AttributeType.float, f: value };
  });
  return { opType, name: output[0], input: [...input], output: [...output], attribute };
}

/** A graph input or output; strings are names of dynamic dimensions. */
export function valueInfo(name: string, elemType: number, dims: readonly (number | string)[]): ValueInfo {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function bytesIn(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
