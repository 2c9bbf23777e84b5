/** What workerd's WebCrypto has and others lack. */
interface TimingSafeSubtle {
  timingSafeEqual?(a: Uint8Array, b: Uint8Array): boolean;
}

/** Compares bytes in a time that tells nothing of where they differ. Lengths are no secret. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const subtle = crypto.subtle as TimingSafeSubtle;
  return subtle.timingSafeEqual === undefined ? equalByXor(a, b) : subtle.timingSafeEqual(a, b);
}

/** The same in plain JavaScript: looks at every byte, and decides only then. */
export function equalByXor(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i % b.length];
  return difference === 0;
}
