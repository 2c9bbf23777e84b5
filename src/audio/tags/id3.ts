import { ascii, concatBytes } from '../../base/bytes.ts';
import { fieldsOf } from './fields.ts';
import type { AudioTags } from './types.ts';

const HEADER = 10;
/** Texts in UTF-8 (ID3v2.4, "4. ID3v2 frame overview"). */
const UTF_8 = 3;
const NUL = Uint8Array.of(0);

/** ID3 frames of the fields; other fields are `TXXX`, named texts. `TSSE` is the encoder, `TDRC` the time. */
const FRAMES: Readonly<Record<keyof AudioTags, string>> = {
  generator: 'TSSE',
  model: 'TXXX',
  voice: 'TXXX',
  time: 'TDRC',
};

/** An ID3v2.4 tag (id3.org), for the start of an MP3. */
export function id3Tag(tags: AudioTags): Uint8Array {
  const frames = concatBytes(
    fieldsOf(tags).map(([name, text]) => {
      const id = FRAMES[name];
      // ID3 timestamps are in UTC without a suffix.
      const value = name === 'time' ? text.subarray(0, 19) : text;
      const body = id === 'TXXX' ? [ascii(name), NUL, value] : [value];
      return section(ascii(id), [0, 0], concatBytes([Uint8Array.of(UTF_8), ...body]));
    }),
  );
  return concatBytes([ascii('ID3'), Uint8Array.of(4, 0, 0), syncsafe(frames.length), frames]);
}

/** Reads the tag that a file begins with, ID3v2.3 or 2.4. */
export function readId3(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const version = bytes[3];
  const end = Math.min(bytes.length, HEADER + unsyncsafe(bytes, 6));
  for (let at = HEADER; at + HEADER <= end && bytes[at] !== 0; ) {
    const id = new TextDecoder('latin1').decode(bytes.subarray(at, at + 4));
    const size = version === 4 ? unsyncsafe(bytes, at + 4) : bigEndian(bytes, at + 4);
    const body = bytes.subarray(at + HEADER, Math.min(end, at + HEADER + size));
    if (id.startsWith('T') && body.length > 0) {
      const [first, second] = textOf(body).split('\0');
      if (id === 'TXXX') found.set(first.toLowerCase(), second ?? '');
      else if (id === 'TSSE') found.set('generator', first);
      else if (id === 'TDRC') found.set('time', first.length === 19 ? `${first}Z` : first);
    }
    at += HEADER + size;
  }
  return found;
}

function section(id: Uint8Array, flags: readonly number[], body: Uint8Array): Uint8Array {
  return concatBytes([id, syncsafe(body.length), Uint8Array.from(flags), body]);
}

function textOf(body: Uint8Array): string {
  const encoding = ['latin1', 'utf-16', 'utf-16be', 'utf-8'][body[0]] ?? 'latin1';
  return new TextDecoder(encoding).decode(body.subarray(1));
}

/** Seven bits in each byte, so that decoders don't mistake it for an MP3 frame. */
function syncsafe(value: number): Uint8Array {
  return Uint8Array.from([21, 14, 7, 0], (shift) => (value >> shift) & 0x7f);
}

function unsyncsafe(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((value, i) => (value << 7) | (bytes[at + i] & 0x7f), 0);
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
