import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentRange, readRange } from '../../../../src/features/delivery/range.ts';

describe('the examples of RFC 9110, section 14', () => {
  // 14.1.2: of a representation of 10,000 bytes.
  it.each([
    ['bytes=0-499', 'bytes 0-499/10000'],
    ['bytes=500-999', 'bytes 500-999/10000'],
    ['bytes=-500', 'bytes 9500-9999/10000'],
    ['bytes=9500-', 'bytes 9500-9999/10000'],
  ])('%s', (header, answer) => {
    const range = readRange(header, 10_000);
    expect(range).toMatchObject({ length: 500 });
    expect(contentRange(range!, 10_000)).toBe(answer);
  });

  it.each([
    ['bytes=0-0,-1', 'the first and the last byte only'],
    ['bytes= 0-999, 4500-5499, -1000', 'the first, middle and last 1000 bytes'],
    ['bytes=500-600,601-999', 'the second 500 bytes, in two'],
    ['bytes=500-700,601-999', 'the second 500 bytes, overlapping'],
  ])('%s: %s are several ranges, so the whole body is sent', (header) => {
    expect(readRange(header, 10_000)).toBeUndefined();
  });

  // 14.4, and 15.5.17: a representation of 1234 and one of 47022 bytes.
  it.each([
    ['bytes=42-1233', 1234, 'bytes 42-1233/1234'],
    ['bytes=0-499', 1234, 'bytes 0-499/1234'],
    ['bytes=500-999', 1234, 'bytes 500-999/1234'],
    ['bytes=500-', 1234, 'bytes 500-1233/1234'],
    ['bytes=-500', 1234, 'bytes 734-1233/1234'],
    ['bytes=21010-', 47_022, 'bytes 21010-47021/47022'],
    ['bytes=47022-', 47_022, 'bytes */47022'],
  ])('%s of %d bytes: %s', (header, size, answer) => {
    expect(contentRange(readRange(header, size)!, size)).toBe(answer);
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-', 'bytes 0-99/100', 'all of it is a range too: players ask so'],
    ['bytes=0-99', 'bytes 0-99/100', 'exactly all'],
    ['bytes=0-0', 'bytes 0-0/100', 'the first byte'],
    ['bytes=99-99', 'bytes 99-99/100', 'the last byte'],
    ['bytes=99-', 'bytes 99-99/100', 'the last byte, open'],
    ['bytes=-1', 'bytes 99-99/100', 'the last byte, from the end'],
    ['bytes=50-1000', 'bytes 50-99/100', 'past the end is cut'],
    ['bytes=-1000', 'bytes 0-99/100', 'more than there is, from the end'],
    ['bytes=00000000000000000000-00000000000000000007', 'bytes 0-7/100', 'zeros before'],
    ['bytes=0-99999999999999999999999999', 'bytes 0-99/100', 'no number is too large'],
    ['bytes=-99999999999999999999999999', 'bytes 0-99/100', 'nor from the end'],
    ['BYTES=0-1', 'bytes 0-1/100', 'units know no case'],
    ['bytes=0-1,', 'bytes 0-1/100', 'empty elements of a list count for nothing'],
    ['bytes=, ,0-1 ,\t', 'bytes 0-1/100', 'on either side'],
    ['bytes=100-', 'bytes */100', 'begins at the end'],
    ['bytes=100-100', 'bytes */100', 'begins and ends at the end'],
    ['bytes=99999999999999999999999999-', 'bytes */100', 'begins far past the end'],
    ['bytes=-0', 'bytes */100', 'the last no bytes'],
  ])('%s → %s (%s)', (header, answer) => {
    expect(contentRange(readRange(header, 100)!, 100)).toBe(answer);
  });

  it.each([
    null,
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=--1',
    'bytes=1',
    'bytes=5-4',
    'bytes=a-b',
    'bytes=0x0-0x5',
    'bytes=1.0-2',
    'bytes=+1-2',
    'bytes=1-2-3',
    'bytes=1 - 2',
    'bytes = 0-1',
    'bytes 0-1/100',
    'bytes:0-1',
    'bytes=0-1;q=1',
    'bytes=0-1 2-3',
    'bytes=0-1,x',
    'bytes=٠-١',
    '0-1',
    'items=0-1',
    'seconds=0-1',
    'none=0-1',
    'xbytes=0-1',
    'bytes=0-1\nbytes=2-3',
  ])('%j is ignored', (header) => {
    expect(readRange(header, 100)).toBeUndefined();
  });

  it('of an empty file: no byte can be satisfied, and the last bytes are empty', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=1-2', 'bytes=-0']) {
      expect(readRange(header, 0)).toBe('unsatisfiable');
    }
    expect(readRange('bytes=-5', 0)).toBeUndefined();
    expect(contentRange('unsatisfiable', 0)).toBe('bytes */0');
  });

  it('selects the same bytes as slice for any numbers', () => {
    const numbers = fc.oneof(fc.nat(30), fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 30n }));
    fc.assert(
      fc.property(fc.nat(20), numbers, fc.option(numbers), (size, first, last) => {
        const bytes = Array.from({ length: size }, (_, i) => i);
        const header = `bytes=${first}-${last ?? ''}`;
        const range = readRange(header, size);
        const backwards = last !== null && BigInt(last) < BigInt(first);
        const expected = backwards ? [] : bytes.slice(Number(first), last === null ? size : Number(last) + 1);
        if (range === undefined) expect(backwards).toBe(true);
        else if (range === 'unsatisfiable') expect(expected).toEqual([]);
        else expect(bytes.slice(range.offset, range.offset + range.length)).toEqual(expected);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), numbers, (size, count) => {
        const bytes = Array.from({ length: size }, (_, i) => i);
        const range = readRange(`bytes=-${count}`, size);
        if (Number(count) === 0) expect(range).toBe('unsatisfiable');
        if (typeof range !== 'object') return Number(count) === 0;
        expect(bytes.slice(range.offset, range.offset + range.length)).toEqual(bytes.slice(-Number(count)));
        return true;
      }),
    );
  });

  it('lies within the file for any header text, and is parsed quickly', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `bytes=${text}`),
      fc.stringMatching(/^bytes=[\d,\- \t]{0,40}$/),
      fc.constant(`bytes=${', '.repeat(5000)}`),
      fc.constant(`bytes=${' '.repeat(5000)}0`),
    );
    fc.assert(
      fc.property(texts, fc.nat(1000), (text, size) => {
        const range = readRange(text, size);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.length).toBeGreaterThan(0);
        expect(range.offset).toBeGreaterThanOrEqual(0);
        expect(range.offset + range.length).toBeLessThanOrEqual(size);
      }),
    );
  });
});
