import { ascii, concatBytes } from '../../base/bytes.ts';
import { msbFirstCrc } from '../../base/crc.ts';

/** A page's segment table has 255 entries at most. */
const MAX_SEGMENTS = 255;
const HEADER_LENGTH = 27;
const crc32 = msbFirstCrc(32, 0x04c1_1db7);

/** How {@link OggWriter.flush} marks a page. */
export interface OggPage {
  /** Granule position after the last packet that ends on the page; for Opus, samples at 48 kHz. */
  readonly granule: number;
  /** The stream's last page. */
  readonly last?: boolean;
}

/** Cuts one logical stream of packets into Ogg pages (RFC 3533). */
export class OggWriter {
  readonly #serial: number;
  #sequence: number;
  #packets: Uint8Array[] = [];
  #segments: number[] = [];

  /**
   * @param serial the logical stream's number, 32 bits.
   * @param sequence pages of the stream that are written already.
   */
  constructor(serial: number, sequence = 0) {
    this.#serial = serial;
    this.#sequence = sequence;
  }

  /** Whether a packet of this length fits on the page. Packets never span pages here. */
  fits(length: number): boolean {
    return this.#segments.length + Math.floor(length / 255) + 1 <= MAX_SEGMENTS;
  }

  /**
   * Adds a packet to the current page. The packet is not copied.
   * @throws {RangeError} when {@link fits} is false.
   */
  add(packet: Uint8Array): void {
    if (!this.fits(packet.length))
      throw new RangeError(`no room for ${packet.length} bytes on this Ogg page`);
    this.#packets.push(packet);
    // A packet ends with the first segment below 255, which is an empty one after a multiple of 255.
    let left = packet.length;
    for (; left >= 255; left -= 255) this.#segments.push(255);
    this.#segments.push(left);
  }

  /**
   * Ends the page under way.
   * @returns its bytes.
   */
  flush({ granule, last = false }: OggPage): Uint8Array {
    const header = new Uint8Array(HEADER_LENGTH + this.#segments.length);
    const view = new DataView(header.buffer);
    header.set(ascii('OggS'));
    header[5] = (this.#sequence === 0 ? 2 : 0) | (last ? 4 : 0);
    view.setUint32(6, granule % 2 ** 32, true);
    view.setUint32(10, Math.floor(granule / 2 ** 32), true);
    view.setUint32(14, this.#serial, true);
    view.setUint32(18, this.#sequence++, true);
    header[26] = this.#segments.length;
    header.set(this.#segments, HEADER_LENGTH);
    const page = concatBytes([header, ...this.#packets]);
    // The checksum counts its own field as zero.
    new DataView(page.buffer).setUint32(22, crc32(page), true);
    this.#packets = [];
    this.#segments = [];
    return page;
  }
}
