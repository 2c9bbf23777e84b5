import { z } from 'zod';
import type { Resolver } from './target.ts';

/** Cloudflare's resolver, which answers in `application/dns-json`. */
const ENDPOINT = 'https://cloudflare-dns.com/dns-query';
const TIMEOUT_MS = 5000;

/** Record types and their numbers. */
const RECORDS = { A: 1, AAAA: 28 } as const;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

const answerSchema = z.object({
  Status: z.number(),
  Answer: z.array(z.object({ type: z.number(), data: z.string() })).default([]),
});

/** A {@link Resolver} by DNS over HTTPS, for platforms without name lookup. Throws when the service fails. */
export function httpsResolver(fetchLike: typeof fetch): Resolver {
  const ask = async (host: string, type: keyof typeof RECORDS): Promise<string[]> => {
    const query = new URLSearchParams({ name: host, type });
    const response = await fetchLike(`${ENDPOINT}?${query}`, {
      headers: { Accept: 'application/dns-json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`The resolver answered ${response.status}.`);
    const { Status: status, Answer: answers } = answerSchema.parse(await response.json());
    if (status !== NO_ERROR && status !== NO_SUCH_NAME)
      throw new Error(`The resolver failed with ${status}.`);
    // Answers also contain records of other types, such as aliases.
    return answers.filter((answer) => answer.type === RECORDS[type]).map(({ data }) => data);
  };
  return async (host) => (await Promise.all([ask(host, 'A'), ask(host, 'AAAA')])).flat();
}
