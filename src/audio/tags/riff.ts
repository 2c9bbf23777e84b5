import { ascii, concatBytes } from '../../base/bytes.ts';
import { fieldsOf } from './fields.ts';
import type { AudioTags } from './types.ts';

/** Chunks of the list `INFO` (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0"): software, product, artist, date. */
const CHUNKS: Readonly<Record<keyof AudioTags, string>> = {
  generator: 'ISFT',
  model: 'IPRD',
  voice: 'IART',
  time: 'ICRD',
};

/** The chunk `LIST` of a WAV file; nothing for no tags. */
export function infoChunk(tags: AudioTags | undefined): Uint8Array {
  if (!tags) return new Uint8Array(0);
  // Texts end with a zero.
  const entries = fieldsOf(tags).map(([name, text]) =>
    chunk(CHUNKS[name], concatBytes([text, Uint8Array.of(0)])),
  );
  return chunk('LIST', concatBytes([ascii('INFO'), ...entries]));
}

/** Reads the list `INFO` of a WAV file, at any position. */
export function readInfo(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, body } of chunksOf(bytes.subarray(12))) {
    if (id !== 'LIST' || nameAt(body, 0) !== 'INFO') continue;
    for (const entry of chunksOf(body.subarray(4))) {
      const [name] = Object.entries(CHUNKS).find(([, value]) => value === entry.id) ?? [];
      if (name) found.set(name, new TextDecoder().decode(entry.body).split('\0')[0]);
    }
  }
  return found;
}

function* chunksOf(bytes: Uint8Array): Generator<{ id: string; body: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    yield { id: nameAt(bytes, at), body: bytes.subarray(at + 8, at + 8 + length) };
    at += 8 + length + (length % 2);
  }
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Chunks start at even offsets. */
function chunk(id: string, body: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length, true);
  return concatBytes([ascii(id), length, body, new Uint8Array(body.length % 2)]);
}
