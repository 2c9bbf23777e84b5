/** Bytes that become one string at once: a function takes so many arguments on every runtime. A multiple of three. */
const AT_ONCE = 0x3000;

/** Base64 of bytes. Without a string of a single character for each byte, which would be garbage of many times their size. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + AT_ONCE)));
  }
  return text;
}
