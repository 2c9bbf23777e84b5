import { ascii, concatBytes } from '../../base/bytes.ts';
import type { Box, Mp4Bytes } from './mp4-boxes.ts';
import { FileFault, type PackedTrack, UnreadFault } from './track.ts';

/** Object types of `esds` (mp4ra.org). */
const AAC = new Set([0x40, 0x67]);
const MP3 = new Set([0x69, 0x6b]);
/** Bytes before the boxes of an audio entry, by QuickTime's version of it. */
const ENTRY_HEADS = [28, 44, 64];

/**
 * Reads a track's codec from its sample description.
 * @throws {UnreadFault} for codecs that are not read; {@link FileFault}.
 */
export function codecOf(file: Mp4Bytes, stsd: Box): Pick<PackedTrack, 'codec' | 'config'> {
  const [entry] = file.boxes(stsd.from + 8, stsd.to);
  if (entry === undefined) throw new FileFault('its audio has no description');
  const inside = { from: entry.from + (ENTRY_HEADS[file.u16(entry.from + 8)] ?? 28), to: entry.to };
  const find = (type: string) => file.find(inside, type) ?? file.find(inside, 'wave', type);
  if (entry.type === 'mp4a') {
    const esds = find('esds');
    if (esds === undefined) throw new FileFault('its AAC has no configuration');
    return elementaryStream(file, esds);
  }
  if (entry.type === '.mp3') return { codec: 'mp3', config: new Uint8Array(0) };
  const box = find(entry.type === 'Opus' ? 'dOps' : 'alac');
  if (box === undefined || (entry.type !== 'Opus' && entry.type !== 'alac')) {
    throw new UnreadFault(`its codec (${entry.type.replaceAll(/[^\x20-\x7e]/g, '?')}) is not supported`);
  }
  if (entry.type === 'alac') return { codec: 'alac', config: file.part(box.from + 4, box.to) };
  return { codec: 'opus', config: opusHead(file.part(box.from, box.to)) };
}

/** The box holds the header of RFC 7845 without its name, and its numbers are big-endian. */
function opusHead(dOps: Uint8Array): Uint8Array {
  if (dOps.length < 11) throw new FileFault('its Opus has no configuration');
  const head = concatBytes([ascii('OpusHead'), dOps]);
  head[8] = 1;
  head.set([dOps[3], dOps[2]], 10);
  return head;
}

/** Descriptors (ISO/IEC 14496-1): the one of the decoder is in that of the stream, its configuration in it. */
function elementaryStream(file: Mp4Bytes, esds: Box): Pick<PackedTrack, 'codec' | 'config'> {
  const stream = descriptor(file, esds.from + 4, 3);
  const flags = file.u8(stream.from + 2);
  let at = stream.from + 3;
  if (flags & 0x80) at += 2;
  if (flags & 0x40) at += 1 + file.u8(at);
  if (flags & 0x20) at += 2;
  const decoder = descriptor(file, at, 4);
  const type = file.u8(decoder.from);
  if (MP3.has(type)) return { codec: 'mp3', config: new Uint8Array(0) };
  if (!AAC.has(type)) throw new UnreadFault('its codec is not supported');
  const { from, to } = descriptor(file, decoder.from + 13, 5);
  return { codec: 'aac', config: file.part(from, to) };
}

function descriptor(file: Mp4Bytes, start: number, tag: number): { from: number; to: number } {
  if (file.u8(start) !== tag) throw new FileFault('its codec is not described');
  let length = 0;
  let at = start + 1;
  for (let more = true; more && at < start + 5; at++) {
    const byte = file.u8(at);
    length = length * 128 + (byte & 127);
    more = byte > 127;
  }
  return { from: at, to: at + length };
}
