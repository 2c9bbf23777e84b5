import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OggWriter } from '../../../src/audio/encoders/ogg.ts';
import { OggOpusWriter } from '../../../src/audio/encoders/ogg-opus.ts';

interface Page {
  readonly flags: number;
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  readonly packets: Uint8Array[];
}

/** CRC of RFC 3533 bit by bit: polynomial 0x04C11DB7, nothing reflected, nothing inverted. */
function crc(bytes: Uint8Array): number {
  let register = 0n;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = (register >> 31n) ^ BigInt((byte >> bit) & 1);
      register = (register << 1n) & 0xffff_ffffn;
      if (feedback) register ^= 0x04c1_1db7n;
    }
  }
  return Number(register);
}

/** Reads an Ogg file as RFC 3533 describes it; fails on anything that is not. */
function parse(file: Uint8Array): Page[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pages: Page[] = [];
  for (let at = 0; at < file.length; ) {
    expect(String.fromCharCode(...file.subarray(at, at + 4))).toBe('OggS');
    expect(file[at + 4]).toBe(0);
    const segments = file.subarray(at + 27, at + 27 + file[at + 26]);
    const packets: Uint8Array[] = [];
    let end = at + 27 + segments.length;
    let start = end;
    for (const segment of segments) {
      end += segment;
      if (segment === 255) continue;
      packets.push(file.subarray(start, end));
      start = end;
    }
    expect(start, 'a packet runs on to the next page').toBe(end);
    const page = file.slice(at, end);
    page.fill(0, 22, 26);
    expect(view.getUint32(at + 22, true)).toBe(crc(page));
    pages.push({
      flags: file[at + 5],
      granule: view.getBigUint64(at + 6, true),
      serial: view.getUint32(at + 14, true),
      sequence: view.getUint32(at + 18, true),
      packets,
    });
    at = end;
  }
  return pages;
}

const packet = (length: number, fill = 0x55) => new Uint8Array(length).fill(fill);

describe('OggWriter', () => {
  it('writes pages from which the same packets are read', () => {
    const pages = fc.array(
      fc.record({
        granule: fc.maxSafeNat(),
        packets: fc.array(fc.uint8Array({ maxLength: 800 }), { maxLength: 60 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(pages, fc.nat(2 ** 32 - 1), (pages, serial) => {
        const writer = new OggWriter(serial);
        const file = pages.flatMap(({ granule, packets }, i) => {
          for (const packet of packets) writer.add(packet);
          return [...writer.flush({ granule, last: i === pages.length - 1 })];
        });
        const parsed = parse(Uint8Array.from(file));
        expect(parsed).toEqual(
          pages.map(({ granule, packets }, i) => ({
            flags: (i === 0 ? 2 : 0) | (i === pages.length - 1 ? 4 : 0),
            granule: BigInt(granule),
            serial,
            sequence: i,
            packets,
          })),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('ends packets of 255 bytes, and empty packets, with an empty segment', () => {
    const writer = new OggWriter(1);
    for (const length of [0, 254, 255, 256, 510]) writer.add(packet(length));
    const page = writer.flush({ granule: 0 });
    expect([...page.subarray(27, 27 + page[26])]).toEqual([0, 254, 255, 0, 255, 1, 255, 255, 0]);
    expect(parse(page)[0].packets.map(({ length }) => length)).toEqual([0, 254, 255, 256, 510]);
  });

  it('detects a full page', () => {
    const writer = new OggWriter(1);
    for (let i = 0; i < 254; i++) writer.add(packet(10));
    expect([writer.fits(254), writer.fits(255)]).toEqual([true, false]);
    expect(() => writer.add(packet(255))).toThrow(RangeError);
    writer.add(packet(254));
    expect(writer.fits(0)).toBe(false);
    expect(parse(writer.flush({ granule: 0 }))[0].packets).toHaveLength(255);
    expect(writer.fits(255)).toBe(true);
  });
});

describe('OggOpusWriter', () => {
  it('frames speech of any length as RFC 7845 requires, and ends at its last sample', () => {
    const speech = fc.record({
      totalSamples: fc.nat(30_000),
      lookahead: fc.integer({ min: 1, max: 1_000 }),
      length: fc.integer({ min: 1, max: 1_275 }),
    });
    fc.assert(
      fc.property(speech, ({ totalSamples, lookahead, length }) => {
        const writer = new OggOpusWriter(lookahead);
        const count = writer.end(totalSamples);
        const file: number[] = [];
        for (let i = 0; i < count; i++) {
          writer.add(packet(length, i));
          file.push(...writer.take());
        }
        const [head, tags, ...audio] = parse(Uint8Array.from(file));
        const preSkip = 2 * lookahead;
        const view = new DataView(head.packets[0].slice().buffer);
        expect(String.fromCharCode(...head.packets[0].subarray(0, 8))).toBe('OpusHead');
        expect([head.packets.length, view.byteLength, view.getUint8(8), view.getUint8(9)]).toEqual([
          1, 19, 1, 1,
        ]);
        expect(view.getUint16(10, true)).toBe(preSkip);
        expect(view.getUint32(12, true)).toBe(24_000);
        expect([view.getUint16(16, true), view.getUint8(18)]).toEqual([0, 0]);
        expect(String.fromCharCode(...tags.packets[0].subarray(0, 8))).toBe('OpusTags');
        expect([head.granule, tags.granule]).toEqual([0n, 0n]);

        expect(audio.flatMap((page) => page.packets.map(([first]) => first))).toEqual(
          Array.from({ length: count }, (_, i) => i % 256),
        );
        let packets = 0;
        audio.forEach((page, i) => {
          const last = i === audio.length - 1;
          expect(page.flags).toBe(last ? 4 : 0);
          expect(page.sequence).toBe(i + 2);
          expect(page.packets.length).toBeLessThanOrEqual(10);
          const before = BigInt(960 * packets);
          packets += page.packets.length;
          const complete = BigInt(960 * packets);
          expect(page.granule).toBe(last ? BigInt(preSkip + 2 * totalSamples) : complete);
          expect(page.granule > before && page.granule <= complete).toBe(true);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('buffers at most ten packets', () => {
    const writer = new OggOpusWriter(156);
    writer.end(24_000);
    writer.take();
    for (let i = 1; i <= 30; i++) {
      writer.add(packet(80));
      expect(writer.take().length > 0).toBe(i % 10 === 0);
    }
  });
});
