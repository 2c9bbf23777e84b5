import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '../../../src/placement/signatures/origin-signature.ts';
import { startDevServer } from '../../lib/dev-server.ts';
import { seedLocalBucket } from '../../lib/local-bucket.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';
import { announce, median, type Row } from '../table.ts';
import { startOrigin } from './origin-server.ts';

const KEYS = new Map([['k1', 'the-bench-shares-this-with-nobody-else']]);
const ORIGIN_SECRETS = [...KEYS].map((key) => key.join(':')).join(',');
/** A text that the policy sends to the origin by itself. */
const TEXT = 'The table by the window is ready, and the kitchen is open until ten. '.repeat(20);

/** Milliseconds to the last byte. */
async function timed(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  const placed = response.headers.get('x-sori-placed') ?? '';
  if (!placed.startsWith('origin')) throw new Error(`It was made elsewhere: ${placed}.`);
  return performance.now() - started;
}

/**
 * Cost of an edge in front of an origin: both ÷ origin alone, p50 to the last byte. Both run as they are deployed, the edge in workerd,
 * the origin in a process of its own; each request is asked of both, by turns, and nothing of it is kept.
 */
export async function measurePassThrough(rounds: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-bench-'));
  try {
    await using origin = await startOrigin(join(folder, 'origin'), { ORIGIN_SECRETS });
    const persistTo = join(folder, 'edge');
    await seedLocalBucket({ persistTo, folder: join(MODELS_FOLDER, 'sori-2') });
    const vars = { ORIGINS: origin.url, ORIGIN_SECRETS, AUTH: 'off' };
    await using edge = await startDevServer({ port: 0, persistTo, vars, logLevel: 'error' });
    const target = '/v1/audio/speech';
    const times = { edge: [] as number[], alone: [] as number[] };
    for (let round = -2; round < rounds; round++) {
      announce(`pass-through ${round}`);
      const fields = { model: 'sori-2', voice: 'hazel', input: TEXT, seed: round + 2 };
      const body = JSON.stringify(fields);
      const now = Date.now();
      const bytes = new TextEncoder().encode(body);
      const proof = await signRequest(KEYS, { method: 'POST', target, caller: 'bench', body: bytes, now });
      const ask = {
        alone: () => timed(origin.url + target, body, proof),
        edge: () => timed(new URL(target, edge.url).href, body, {}),
      };
      // Neither always goes first: a machine that others use gets slower and quicker.
      const order = round % 2 === 0 ? (['alone', 'edge'] as const) : (['edge', 'alone'] as const);
      for (const side of order) {
        const ms = await ask[side]();
        // The first ones load the model.
        if (round >= 0) times[side].push(ms);
      }
    }
    const ratio = median(times.edge) / median(times.alone);
    return {
      what: `edge in front of origin ÷ origin alone, ${TEXT.length} characters as mp3, p50 to the last byte (${median(times.edge).toFixed(0)} ms ÷ ${median(times.alone).toFixed(0)} ms)`,
      measured: ratio.toFixed(2),
      target: '≤ 1.15',
      met: ratio <= 1.15,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
