import type { Context } from 'hono';
import type { AppEnv } from '../../http/context.ts';
import type { Release } from '../../http/slots.ts';

/**
 * Runs work until `end` is called or it fails, then releases its resources. A disconnect of the client aborts it.
 * @throws what `run` throws.
 */
export async function underWay(
  c: Context<AppEnv>,
  run: (work: AbortController, hold: (release: Release) => void, end: () => void) => Promise<Response>,
): Promise<Response> {
  const client = c.req.raw.signal;
  const work = new AbortController();
  const abort = () => work.abort(client.reason);
  const held: Release[] = [];
  const end = () => {
    client.removeEventListener('abort', abort);
    for (const release of held) release();
  };
  try {
    if (client.aborted) abort();
    else client.addEventListener('abort', abort);
    return await run(work, (release) => held.push(release), end);
  } catch (error) {
    end();
    throw error;
  }
}

/** Whether the client forbids storing the audio (RFC 9111, section 5.2.1.5). */
export function wantsNoStore(c: Context<AppEnv>): boolean {
  return /(?:^|,)\s*no-store\s*(?:,|$)/i.test(c.req.header('cache-control') ?? '');
}
