import fc from 'fast-check';

/** A damaged file: changed bytes, a piece removed or doubled, or a truncated end. */
export const damagedFile = (file: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc
      .array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const damaged = file.slice();
        for (const [at, value] of changes) damaged[at] = value;
        return damaged;
      }),
    fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 64 })).map(([at, length]) => {
      return Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + length)]);
    }),
    fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 64 })).map(([at, length]) => {
      return Uint8Array.from([...file.subarray(0, at + length), ...file.subarray(at)]);
    }),
    fc.nat(file.length - 1).map((length) => file.slice(0, length)),
  );
