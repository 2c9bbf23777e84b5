import { type CanonicalValue, canonicalJson } from '../base/canonical-json.ts';
import { sha256Hex } from '../base/sha256.ts';

/** The pattern of a cache key. */
export const AUDIO_KEY = /^[0-9a-f]{64}$/;

/**
 * Computes the cache key of speech: the hex SHA-256 of the canonical JSON of everything that decides its samples. The format is not part of it: all formats
 * of a key are encoded from one master, and the URL's extension names the format.
 * @param parameters every parameter of the synthesis, including the model's fingerprint and the synthesis revision. `undefined`
 *   counts as absent.
 */
export async function speechKey(parameters: object): Promise<string> {
  const text = canonicalJson(parameters as CanonicalValue);
  return await sha256Hex(new TextEncoder().encode(text));
}

/** Hex SHA-256 of a vector's bits (little-endian float32), which represents it in a cache key. */
export async function vectorHash(vector: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [i, value] of vector.entries()) bytes.setFloat32(i * 4, value, true);
  return await sha256Hex(new Uint8Array(bytes.buffer));
}
