import { createHash } from 'node:crypto';
import type { AudioFormatId } from '../../../src/audio/format.ts';
import type { SoriClient } from '../client.ts';
import { CommandError } from '../failures.ts';

/** Attempts at a file that does not arrive whole. */
const ATTEMPTS = 3;

/**
 * Fetches audio by its key, and compares it with its ETag, which is the start of its SHA-256.
 * @throws {CommandError} when the hash was wrong three times.
 */
export async function download(client: SoriClient, key: string, format: AudioFormatId): Promise<Uint8Array> {
  const path = `/audio/${key}.${format}`;
  for (let attempt = 1; ; attempt++) {
    // Compression on the way would make the ETag a weak one.
    const response = await client.request('GET', path, { headers: { 'Accept-Encoding': 'identity' } });
    const received = await response.arrayBuffer().then(
      (body) => {
        const bytes = new Uint8Array(body);
        return faultOf(bytes, response.headers.get('ETag')) ?? bytes;
      },
      (error: Error) => {
        if (error.name === 'AbortError') throw error;
        return `the connection was lost (${error.message})`;
      },
    );
    if (typeof received !== 'string') return received;
    if (attempt === ATTEMPTS) throw new CommandError(`${path} was not downloaded correctly: ${received}.`);
  }
}

function faultOf(bytes: Uint8Array, etag: string | null): string | undefined {
  const stated = /"([0-9a-f]{32})"/.exec(etag ?? '')?.[1];
  if (stated === undefined) return 'the answer has no ETag to compare it with';
  const digest = createHash('sha256').update(bytes).digest('hex');
  return digest.startsWith(stated) ? undefined : 'its bytes do not match the ETag';
}
