import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/base/crc.ts';
import { SoriError } from '../../../src/base/errors.ts';
import { decodeStyleId, encodeStyleId, type StyleSpace } from '../../../src/synthesis/reference/style-id.ts';

const SIZE = 128;
const space: StyleSpace = {
  name: 'sori-2',
  styleSize: SIZE,
  style: {
    mean: Array.from({ length: SIZE }, (_, i) => Math.sin(i)),
    scale: Array.from({ length: SIZE }, (_, i) => 0.05 + (i % 7) / 3),
  },
};

/** Styles given as standard deviations from the mean. */
const styles = (reach: number) =>
  fc
    .array(fc.float({ min: -reach, max: reach, noNaN: true }), { minLength: SIZE, maxLength: SIZE })
    .map((deviations) =>
      Float32Array.from(deviations, (z, i) => space.style.mean[i] + space.style.scale[i] * z),
    );

/** Style id of bytes whose check sum is right. */
function idOf(bytes: Uint8Array): string {
  const whole = Buffer.alloc(bytes.length + 4);
  whole.set(bytes);
  whole.writeUInt32LE(zlibCrc32(bytes), bytes.length);
  return `sty_${whole.toString('base64url')}`;
}

const bytesOf = (id: string) => Buffer.from(id.slice(4), 'base64url');

function codeOf(id: string, of: StyleSpace = space): string {
  try {
    decodeStyleId(id, of);
  } catch (error) {
    if (error instanceof SoriError) return error.code;
    throw error;
  }
  return 'none';
}

const middle = Float32Array.from(space.style.mean);

describe('a style id', () => {
  it('restores a style within half a float16 step', () => {
    fc.assert(
      fc.property(styles(15), (style) => {
        const back = decodeStyleId(encodeStyleId(style, space), space);
        style.forEach((value, i) => {
          const z = (value - space.style.mean[i]) / space.style.scale[i];
          const allowed =
            (2 ** -11 * Math.abs(z) + 2 ** -25) * space.style.scale[i] + 2e-7 * (1 + Math.abs(value));
          expect(Math.abs(back[i] - value)).toBeLessThanOrEqual(allowed);
        });
      }),
    );
  });

  it('is base64url of fixed length', () => {
    fc.assert(
      fc.property(styles(3), (style) => {
        expect(encodeStyleId(style, space)).toMatch(/^sty_[A-Za-z0-9_-]{354}$/);
      }),
    );
  });

  it('stores float16 as IEEE 754 defines it', () => {
    fc.assert(
      fc.property(styles(15), (style) => {
        const bytes = bytesOf(encodeStyleId(style, space));
        const z = style.map((value, i) => (value - space.style.mean[i]) / space.style.scale[i]);
        const expected = new Float16Array(
          [...style].map((v, i) => (v - space.style.mean[i]) / space.style.scale[i]),
        );
        const found = new Float16Array(
          bytes.buffer.slice(bytes.byteOffset + 5, bytes.byteOffset + 5 + 2 * SIZE),
        );
        expect(found.length).toBe(z.length);
        found.forEach((value, i) => {
          expect(value + 0).toBe(expected[i] + 0);
        });
      }),
    );
  });

  it('clamps values beyond 16 standard deviations', () => {
    const far = middle.slice();
    far[3] += 100 * space.style.scale[3];
    far[4] -= 100 * space.style.scale[4];
    const back = decodeStyleId(encodeStyleId(far, space), space);
    expect((back[3] - middle[3]) / space.style.scale[3]).toBeCloseTo(16, 4);
    expect((back[4] - middle[4]) / space.style.scale[4]).toBeCloseTo(-16, 4);
  });

  it('is not made for a wrong length or NaN', () => {
    expect(() => encodeStyleId(new Float32Array(SIZE - 1), space)).toThrow(RangeError);
    expect(() => encodeStyleId(middle.with(7, Number.NaN), space)).toThrow(RangeError);
    expect(() => encodeStyleId(middle.with(7, Number.POSITIVE_INFINITY), space)).toThrow(RangeError);
  });
});

describe('a style id is refused', () => {
  it('with a changed character', () => {
    const id = encodeStyleId(middle, space);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      // The last character holds spare bits.
      fc.property(fc.nat(id.length - 6), fc.nat(62), (at, step) => {
        const place = 4 + at;
        const other = alphabet[(alphabet.indexOf(id[place]) + 1 + step) % 64];
        expect(codeOf(id.slice(0, place) + other + id.slice(place + 1))).toBe('invalid_style');
      }),
    );
  });

  it('that is truncated or not a style id', () => {
    const id = encodeStyleId(middle, space);
    for (let length = 0; length < id.length; length++)
      expect(codeOf(id.slice(0, length))).toBe('invalid_style');
    fc.assert(fc.property(fc.string(), (text) => codeOf(text) === 'invalid_style'));
    fc.assert(fc.property(fc.string(), (text) => codeOf(`sty_${text}`) === 'invalid_style'));
  });

  it('of a model with another name or style space', () => {
    const id = encodeStyleId(middle, space);
    expect(codeOf(id, { ...space, name: 'sori-9' })).toBe('style_of_another_model');
    const retrained = { ...space, style: { ...space.style, mean: space.style.mean.with(5, 0.123) } };
    expect(codeOf(id, retrained)).toBe('style_of_another_model');
  });

  it('with a wrong length, version or value, though its checksum is right', () => {
    const bytes = bytesOf(encodeStyleId(middle, space)).subarray(0, -4);
    expect(codeOf(idOf(bytes))).toBe('none');
    expect(codeOf(idOf(bytes.subarray(0, -2)))).toBe('invalid_style');
    expect(codeOf(idOf(Buffer.concat([bytes, bytes.subarray(-2)])))).toBe('invalid_style');
    const changed = (at: number, ...values: number[]) => {
      const copy = Buffer.from(bytes);
      copy.set(values, at);
      return idOf(copy);
    };
    expect(codeOf(changed(0, 2))).toBe('invalid_style');
    expect(codeOf(changed(9, 0x00, 0x7e)), 'NaN').toBe('invalid_style');
    expect(codeOf(changed(9, 0x00, 0x7c)), 'infinity').toBe('invalid_style');
    expect(codeOf(changed(9, 0xff, 0x7b)), '65504').toBe('invalid_style');
    expect(codeOf(changed(9, 0x00, 0x4c)), '16').toBe('none');
  });
});

it('crc32 equals that of zlib', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
});
