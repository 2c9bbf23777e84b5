import { concatBytes } from '../../base/bytes.ts';
import { msbFirstCrc } from '../../base/crc.ts';
import { FileFault } from './track.ts';

const crc32 = msbFirstCrc(32, 0x04c1_1db7);
const HEADER = 27;
/** Granule position of a page on which no packet ends. */
const NO_GRANULE = 2 ** 64 - 1;

/** A packet. The last packet that ends on a page has the granule position of that page. */
export interface OggPacket {
  readonly bytes: Uint8Array;
  readonly granule?: number;
}

/**
 * Reads the packets of an Ogg file with one logical stream (RFC 3533): the inverse of `OggWriter`.
 * @throws {FileFault} for damaged and cut pages, and for a second stream.
 */
export function* oggPackets(bytes: Uint8Array): Generator<OggPacket> {
  let begun: Uint8Array[] = [];
  let serial: number | undefined;
  for (let at = 0; at < bytes.length; ) {
    const page = readPage(bytes, at);
    serial ??= page.serial;
    if (page.serial !== serial) throw new FileFault('it contains more than one stream');
    if (page.continued !== begun.length > 0) throw new FileFault('a page is missing');
    const ends = page.segments.findLastIndex((length) => length < 255);
    let from = page.body;
    for (const [i, length] of page.segments.entries()) {
      begun.push(bytes.subarray(from, from + length));
      from += length;
      if (length === 255) continue;
      const granule = i === ends && page.granule !== NO_GRANULE ? page.granule : undefined;
      yield { bytes: concatBytes(begun), ...(granule !== undefined && { granule }) };
      begun = [];
    }
    at = from;
  }
  if (begun.length > 0) throw new FileFault('it is cut');
}

function readPage(bytes: Uint8Array, at: number) {
  const cut = () => new FileFault('it is cut');
  if (at + HEADER > bytes.length) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  if (view.getUint32(0) !== 0x4f67_6753 || view.getUint8(4) !== 0) {
    throw new FileFault('a page does not begin where it should');
  }
  const body = at + HEADER + view.getUint8(26);
  const segments = Array.from(bytes.subarray(at + HEADER, body));
  const end = segments.reduce((sum, length) => sum + length, body);
  if (end > bytes.length) throw cut();
  const page = bytes.slice(at, end);
  page.fill(0, 22, 26);
  if (crc32(page) !== view.getUint32(22, true)) throw new FileFault('the check sum of a page is wrong');
  return {
    continued: (view.getUint8(5) & 1) !== 0,
    granule: view.getUint32(10, true) * 2 ** 32 + view.getUint32(6, true),
    serial: view.getUint32(14, true),
    segments,
    body,
  };
}
