/** A method of workerd's WebCrypto that other platforms lack. */
interface TimingSafeSubtle {
  timingSafeEqual?(a: Uint8Array, b: Uint8Array): boolean;
}

/** Compares bytes in constant time. Their lengths may be public. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const subtle = crypto.subtle as TimingSafeSubtle;
  return subtle.timingSafeEqual === undefined ? equalByXor(a, b) : subtle.timingSafeEqual(a, b);
}

/** The same in plain JavaScript: compares every byte before it decides. */
export function equalByXor(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i % b.length];
  return difference === 0;
}
