import { type CanonicalValue, canonicalJson } from '../base/canonical-json.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Manifest } from './manifest.ts';

const known = new WeakMap<Manifest, string>();

/**
 * Hex SHA-256 of a manifest's content. The manifest holds the hashes of all weights and every voice, so models of one fingerprint speak alike.
 */
export async function manifestFingerprint(manifest: Manifest): Promise<string> {
  let fingerprint = known.get(manifest);
  if (fingerprint === undefined) {
    const text = canonicalJson(manifest as unknown as CanonicalValue);
    fingerprint = await sha256Hex(new TextEncoder().encode(text));
    known.set(manifest, fingerprint);
  }
  return fingerprint;
}
