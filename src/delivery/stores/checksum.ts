/** Hex SHA-256. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The time without its milliseconds, which HTTP dates lack. */
export function toSecond(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}
