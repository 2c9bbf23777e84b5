/** `Uint8Array.prototype.toBase64` of ES2026. Node 24 has none. */
type Base64Bytes = Uint8Array & { toBase64?(): string };

/** Bytes that become one string at once: a function takes so many arguments on every runtime. A multiple of three. */
const AT_ONCE = 0x3000;

/** Base64 of bytes: by the runtime itself where it can, and else without a string for each byte, which would be garbage of many times their size. */
export function base64(bytes: Base64Bytes): string {
  return bytes.toBase64?.() ?? inPieces(bytes);
}

/** {@link base64} for runtimes without a function for it. */
export function inPieces(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + AT_ONCE)));
  }
  return text;
}
