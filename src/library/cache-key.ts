import { type CanonicalValue, canonicalJson } from '../base/canonical-json.ts';
import { sha256Hex } from '../base/sha256.ts';

/** What a cache key looks like. */
export const AUDIO_KEY = /^[0-9a-f]{64}$/;

/**
 * The cache key of speech: hex SHA-256 of all that decides its samples, canonically written. The format is not part of it: all formats
 * of a key are made of one master, and a URL's extension says which is meant.
 * @param parameters every parameter of the synthesis, the model's fingerprint and the synthesis revision among them. `undefined`
 *   counts as absent.
 */
export async function speechKey(parameters: object): Promise<string> {
  const text = canonicalJson(parameters as CanonicalValue);
  return await sha256Hex(new TextEncoder().encode(text));
}

/** Hex SHA-256 of a vector's bits (little-endian float32), to stand for it in a cache key. */
export async function vectorHash(vector: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [i, value] of vector.entries()) bytes.setFloat32(i * 4, value, true);
  return await sha256Hex(new Uint8Array(bytes.buffer));
}
