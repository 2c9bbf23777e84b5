import { readId3 } from './id3.ts';
import { readIlst } from './ilst.ts';
import { readInfo } from './riff.ts';
import type { AudioTags } from './types.ts';
import { readVorbisComments } from './vorbis.ts';

/**
 * Reads the tags of `EncoderOptions.tags`, also after another program has copied them to another format.
 * @param bytes a WAV, MP3, AAC, M4A, Ogg Opus or FLAC file, or its beginning.
 * @returns the tags; `undefined` when there are none, or the file has another format.
 */
export function readTags(bytes: Uint8Array): Partial<AudioTags> | undefined {
  const { generator, model, voice, time } = Object.fromEntries(fieldsIn(bytes));
  const tags = { generator, model, voice, time };
  return Object.values(tags).some(Boolean) ? tags : undefined;
}

function fieldsIn(bytes: Uint8Array): Map<string, string> {
  const begins = (text: string, at = 0) =>
    [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
  if (begins('ID3')) return readId3(bytes);
  if (begins('RIFF') && begins('WAVE', 8)) return readInfo(bytes);
  if (begins('ftyp', 4)) return readIlst(bytes);
  if (begins('OggS')) return readVorbisComments(secondPacket(bytes).subarray('OpusTags'.length));
  if (begins('fLaC')) return readVorbisComments(commentBlock(bytes));
  return new Map();
}

/** The block 4, VORBIS_COMMENT (RFC 9639, section 8). */
function commentBlock(bytes: Uint8Array): Uint8Array {
  for (let at = 4; at + 4 <= bytes.length; ) {
    const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    if ((bytes[at] & 0x7f) === 4) return bytes.subarray(at + 4, at + 4 + length);
    if (bytes[at] & 0x80) break;
    at += 4 + length;
  }
  return new Uint8Array(0);
}

/** Packets end with a segment of less than 255 bytes (RFC 3533); the first page of a stream of Opus holds the first one alone. */
function secondPacket(bytes: Uint8Array): Uint8Array {
  const pieces: number[] = [];
  let packet = 0;
  for (let page = 0; page + 27 <= bytes.length && packet < 2; ) {
    const segments = bytes.subarray(page + 27, page + 27 + bytes[page + 26]);
    let at = page + 27 + segments.length;
    for (const length of segments) {
      if (packet === 1) pieces.push(...bytes.subarray(at, at + length));
      at += length;
      if (length < 255) packet++;
      if (packet === 2) break;
    }
    page = at;
  }
  return Uint8Array.from(pieces);
}
