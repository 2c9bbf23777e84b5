import type { GraphSource } from '../backend.ts';

/** A constant of a graph. */
export interface Constant {
  readonly dims: readonly number[];
  /** ONNX's number of its type: 1 float, 2 uint8, 10 float16; others are not read. */
  readonly type: number;
  /** Little-endian, row-major. Empty after {@link dropConstants}. */
  bytes: Uint8Array;
}

/** One operation of a graph. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints: Readonly<Record<string, readonly number[]>>;
}

/** The parts of an ONNX graph that are read. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Reads the parts of an ONNX file that describe its computation. It is a protobuf; other fields are skipped.
 * @throws {RangeError} when the bytes end within a field, or a weight's file is not among the external data.
 */
export function readGraph({ graph, externalData }: GraphSource): Graph {
  const files = new Map(externalData.map(({ path, data }) => [path, data]));
  const body = fields(graph).find(({ number }) => number === 7)?.bytes ?? new Uint8Array();
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Constant>();
  const names: Record<'inputs' | 'outputs', string[]> = { inputs: [], outputs: [] };
  for (const { number, bytes } of fields(body)) {
    if (number === 1) nodes.push(readNode(bytes));
    if (number === 5) {
      const { name, constant } = readConstant(bytes, files);
      constants.set(name, constant);
    }
    if (number === 11 || number === 12) {
      const named = fields(bytes).find((field) => field.number === 1);
      names[number === 11 ? 'inputs' : 'outputs'].push(named ? text(named.bytes) : '');
    }
  }
  return { nodes, constants, ...names };
}

/**
 * Drops the bytes of all constants. The functions of a stage share the scope in which they were made, and with it the graph, so its weights
 * would stay in memory beside the kernel's copy.
 */
export function dropConstants({ constants }: Graph): void {
  for (const constant of constants.values()) constant.bytes = NOTHING;
}

interface Field {
  readonly number: number;
  /** The value of a varint, or four unchanged bytes. */
  readonly value: number;
  /** Of a field with a length. */
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();

function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (at >= bytes.length) throw new RangeError('the graph file is truncated: it ends within a number');
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag & 7) {
      case 0:
        found.push({ number, value: varint(), bytes: NOTHING });
        break;
      case 2: {
        const length = varint();
        if (at + length > bytes.length)
          throw new RangeError('the graph file is truncated: it ends within a field');
        found.push({ number, value: 0, bytes: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        found.push({ number, value: 0, bytes: bytes.subarray(at, at + 4) });
        at += 4;
        break;
      case 1:
        found.push({ number, value: 0, bytes: bytes.subarray(at, at + 8) });
        at += 8;
        break;
      default:
        throw new RangeError('the graph file is not a valid protobuf');
    }
  }
  return found;
}

const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => decoder.decode(bytes);

/** A repeated number: one a field, or all in one field. */
function numbers(all: readonly Field[], wanted: number): number[] {
  return all
    .filter(({ number }) => number === wanted)
    .flatMap((field) => (field.bytes === NOTHING ? [field.value] : packed(field.bytes)));
}

function packed(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte < 128) {
      values.push(value);
      value = 0;
      factor = 1;
    }
  }
  return values;
}

function readNode(bytes: Uint8Array): GraphNode {
  const all = fields(bytes);
  const texts = (wanted: number) => all.filter(({ number }) => number === wanted).map((f) => text(f.bytes));
  const ints: Record<string, number[]> = {};
  for (const { number, bytes } of all) {
    if (number !== 5) continue;
    const attribute = fields(bytes);
    const name = attribute.find((field) => field.number === 1);
    if (name) ints[text(name.bytes)] = numbers(attribute, 8);
  }
  return { op: texts(4)[0], inputs: texts(1), outputs: texts(2), ints };
}

function readConstant(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>) {
  const all = fields(bytes);
  const one = (wanted: number) => all.find(({ number }) => number === wanted);
  const entries = all
    .filter(({ number }) => number === 13)
    .map((field) => {
      const [key, value] = [1, 2].map((wanted) =>
        fields(field.bytes).find(({ number }) => number === wanted),
      );
      return [text(key?.bytes ?? NOTHING), text(value?.bytes ?? NOTHING)] as const;
    });
  const external = Object.fromEntries(entries);
  let data = one(9)?.bytes ?? one(4)?.bytes ?? NOTHING;
  if (external.location !== undefined) {
    const file = files.get(external.location);
    if (!file) throw new RangeError(`the weights in ${external.location} are missing`);
    const offset = Number(external.offset ?? 0);
    data = file.subarray(offset, offset + Number(external.length));
  }
  const constant = { dims: numbers(all, 1), type: one(2)?.value ?? 0, bytes: data };
  return { name: text(one(8)?.bytes ?? NOTHING), constant };
}
