import autocannon from 'autocannon';
import { announce, median, type Row } from '../table.ts';
import { type Bundle, startWorker } from '../workerd.ts';

const PHRASE = { model: 'sori-2', voice: 'hazel', input: 'Please hold while we connect you.' };
const CONNECTIONS = 64;
const ROUNDS = 5;
const SECONDS = 4;
const AT_ONCE = 200;

/** Delivery of finished audio: bundles of the product's Worker and of the bare one, and a folder with a seeded bucket. */
export async function measureDelivery(product: Bundle, bare: Bundle, persist: string): Promise<Row[]> {
  await using worker = await startWorker(product, persist);
  await using least = await startWorker(bare, persist);
  return [await coalescing(worker.url), await hits(worker.url, least.url)];
}

async function speak(url: string, body: object): Promise<Response> {
  const answer = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** Requests per second of hits, and of the same bytes from a bare route, by turns. */
async function hits(url: string, bareUrl: string): Promise<Row> {
  announce('hits');
  const answer = await speak(url, PHRASE);
  const bytes = await answer.arrayBuffer();
  const path = answer.headers.get('content-location') ?? '';
  await (await fetch(url + path)).arrayBuffer();
  await fetch(bareUrl + path, { method: 'PUT', body: bytes });
  const ours: number[] = [];
  const least: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await requestsPerSecond(url + path));
    least.push(await requestsPerSecond(bareUrl + path));
  }
  const ratio = median(ours.map((value, round) => value / least[round]));
  return {
    what: `hits of GET /audio (${(bytes.byteLength / 1024).toFixed(0)} KiB) ÷ a bare Hono route with the same bytes, requests per second, ${CONNECTIONS} connections (${median(ours).toFixed(0)} ÷ ${median(least).toFixed(0)})`,
    measured: ratio.toFixed(2),
    target: '≥ 0.5',
    met: ratio >= 0.5,
  };
}

async function requestsPerSecond(url: string): Promise<number> {
  const { requests, errors, non2xx } = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} errors and ${non2xx} refusals at ${url}`);
  return requests.average;
}

/** How many syntheses, and how many different bodies, come of many identical requests at once. */
async function coalescing(url: string): Promise<Row> {
  announce('identical misses at once');
  const body = { ...PHRASE, seed: Math.floor(Math.random() * 2 ** 32) };
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const answer = await speak(url, body);
      const cache = answer.headers.get('x-cache') ?? 'none';
      return { cache, body: Buffer.from(await answer.arrayBuffer()).toString('base64') };
    }),
  );
  const counts = new Map<string, number>();
  for (const { cache } of answers) counts.set(cache, (counts.get(cache) ?? 0) + 1);
  const bodies = new Set(answers.map((answer) => answer.body)).size;
  const made = (counts.get('miss') ?? 0) + (counts.get('bypass') ?? 0);
  return {
    what: `${AT_ONCE} identical misses at once (${[...counts].map(([cache, count]) => `${count} ${cache}`).join(', ')})`,
    measured: `${made} synthesis, ${bodies} different body`,
    target: '1, 1',
    met: made === 1 && bodies === 1,
  };
}
