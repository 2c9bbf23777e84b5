/** Computes a CRC over bytes, starting from an earlier value. */
export type Crc = (bytes: Uint8Array, from?: number) => number;

/**
 * Makes a CRC with the most significant bit first, no final inversion: the kind that FLAC and Ogg use.
 * @param width bits, 8 to 32.
 * @param polynomial without its leading term.
 */
export function msbFirstCrc(width: 8 | 16 | 32, polynomial: number): Crc {
  const mask = width === 32 ? 0xffff_ffff : 2 ** width - 1;
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++)
      value = value & (1 << (width - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & mask;
  });
  return (bytes, from = 0) => {
    let value = from;
    for (const byte of bytes) value = ((value << 8) ^ table[((value >>> (width - 8)) ^ byte) & 0xff]) & mask;
    return value >>> 0;
  };
}

/** CRC-16 with the least significant bit first, polynomial 0x8005: the kind that LAME's tag uses. */
export function lsbFirstCrc16(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xa001 : value >>> 1;
  }
  return value;
}

/** CRC-32 of ISO 3309, the kind that zip, PNG and gzip use: least significant bit first, polynomial 0x04C11DB7, inverted. */
export function crc32(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  }
  return ~value >>> 0;
}
