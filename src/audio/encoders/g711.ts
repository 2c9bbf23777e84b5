/** The two companding laws of ITU-T G.711. */
export type CompandingLaw = 'mulaw' | 'alaw';

/** Coded bytes by 16-bit sample + 32768: a table look-up per sample, made on the law's first use. */
const tables: Partial<Record<CompandingLaw, Uint8Array>> = {};

/**
 * Compands 16-bit samples.
 * @returns one byte per sample, complemented as G.711 sends them (all bits in mu-law, the even bits in A-law).
 */
export function compand(samples: Int16Array, law: CompandingLaw): Uint8Array {
  tables[law] ??= tableOf(law === 'mulaw' ? toMulaw : toAlaw);
  const table = tables[law];
  const coded = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) coded[i] = table[samples[i] + 32768];
  return coded;
}

/**
 * One 16-bit sample in mu-law: the top 14 bits as sign and magnitude, biased by 33 so that segments are powers of two,
 * 3 bits of segment and 4 of mantissa (ITU-T G.711 table 2a; as in the reference code of G.191, `ulaw_compress`).
 */
export function toMulaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // One's complement for negative samples, as in G.191, so that -1 and 0 have different codes.
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  const segment = 26 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (segment + 1)) & 0x0f;
  return sign | (~((segment << 4) | mantissa) & 0x7f);
}

/**
 * One 16-bit sample in A-law: the top 13 bits as sign and magnitude, 3 bits of segment and 4 of mantissa, even bits
 * inverted (ITU-T G.711 table 1a; as in G.191, `alaw_compress`).
 */
export function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  // Segment 0 has no leading one to leave out, and the same step as segment 1.
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const mantissa = segment === 0 ? magnitude : ((magnitude >> (segment - 1)) & 0x0f) | (segment << 4);
  return (sign | mantissa) ^ 0x55;
}

function tableOf(encode: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, i) => encode(i - 32_768));
}
