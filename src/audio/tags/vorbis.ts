import { ascii, concatBytes } from '../../base/bytes.ts';
import { fieldsOf } from './fields.ts';
import type { AudioTags } from './types.ts';

/** Field names, in any case (xiph.org, "Ogg Vorbis I format specification: comment field"). */
const NAMES: Readonly<Record<keyof AudioTags, string>> = {
  generator: 'ENCODER',
  model: 'MODEL',
  voice: 'VOICE',
  time: 'DATE',
};

/** Vorbis comments as Opus and FLAC carry them (RFC 7845, section 5.2; RFC 9639, section 8.6), without a framing bit. */
export function vorbisComments(vendor: string, tags: AudioTags | undefined): Uint8Array {
  const comments = tags
    ? fieldsOf(tags).map(([name, text]) => counted(concatBytes([ascii(`${NAMES[name]}=`), text])))
    : [];
  return concatBytes([counted(ascii(vendor)), count(comments.length), ...comments]);
}

/** Reads Vorbis comments. Truncated comments end the list. */
export function readVorbisComments(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (): string | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at, true);
    at += 4 + length;
    return at <= bytes.length ? new TextDecoder().decode(bytes.subarray(at - length, at)) : undefined;
  };
  if (next() === undefined || at + 4 > bytes.length) return found;
  const comments = view.getUint32(at, true);
  at += 4;
  for (let i = 0; i < comments; i++) {
    const comment = next();
    if (comment === undefined) break;
    const equals = comment.indexOf('=');
    const written = comment.slice(0, equals).toUpperCase();
    const [name] = Object.entries(NAMES).find(([, value]) => value === written) ?? [];
    if (name) found.set(name, comment.slice(equals + 1));
  }
  return found;
}

function counted(bytes: Uint8Array): Uint8Array {
  return concatBytes([count(bytes.length), bytes]);
}

function count(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
