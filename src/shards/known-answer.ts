import type { Tensor, Tensors } from '../inference/backend.ts';
import type { StageName } from './stages.ts';

/** A stage's inputs and what its graph must answer. */
export interface KnownAnswer {
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** Known answers by stage. */
export type KnownAnswers = Readonly<Partial<Record<StageName, KnownAnswer>>>;

interface Entry {
  dtype: 'F32' | 'I64';
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Writes known answers as a safetensors file (https://github.com/huggingface/safetensors: 8 bytes little-endian header
 * length, a JSON header padded to 8 bytes, then the tensors). Tensors are named `<stage>/inputs/<name>` and
 * `<stage>/outputs/<name>`.
 */
export function encodeKnownAnswers(answers: KnownAnswers): Uint8Array {
  const header: Record<string, Entry> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [stage, answer] of Object.entries(answers)) {
    if (!answer) continue;
    for (const side of ['inputs', 'outputs'] as const) {
      for (const [name, tensor] of Object.entries(answer[side])) {
        const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
        const place: [number, number] = [end, end + bytes.byteLength];
        const dtype = tensor.type === 'int64' ? 'I64' : 'F32';
        header[`${stage}/${side}/${name}`] = { dtype, shape: [...tensor.dims], data_offsets: place };
        parts.push(bytes);
        end = place[1];
      }
    }
  }
  let json = JSON.stringify(header);
  json = json.padEnd(Math.ceil(json.length / 8) * 8);
  const out = new Uint8Array(8 + json.length + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(new TextEncoder().encode(json), 8);
  let offset = 8 + json.length;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.byteLength;
  }
  return out;
}

/**
 * Reads what {@link encodeKnownAnswers} wrote.
 * @throws when the header or a tensor's place is not valid.
 */
export function decodeKnownAnswers(file: Uint8Array): KnownAnswers {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Record<string, Entry>;
  const answers: Record<string, { inputs: Record<string, Tensor>; outputs: Record<string, Tensor> }> = {};
  for (const [key, entry] of Object.entries(header)) {
    const [stage, side, name] = key.split('/');
    if (side !== 'inputs' && side !== 'outputs') throw new Error(`known answers: unexpected entry ${key}`);
    answers[stage] ??= { inputs: {}, outputs: {} };
    answers[stage][side][name] = tensorAt(file, start, entry);
  }
  return answers as KnownAnswers;
}

function tensorAt(file: Uint8Array, start: number, entry: Entry): Tensor {
  const [from, to] = entry.data_offsets;
  if (start + to > file.byteLength) throw new Error('known answers: the file ends early');
  // A copy, for alignment; not slice(), which shares memory when the file is a Buffer of Node's.
  const { buffer } = new Uint8Array(file.subarray(start + from, start + to));
  const dims = entry.shape;
  return entry.dtype === 'I64'
    ? { type: 'int64', data: new BigInt64Array(buffer), dims }
    : { type: 'float32', data: new Float32Array(buffer), dims };
}
