/** Gain of an origin when phrases are synthesized together: `node scripts/bench/origin/batching.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeechEngine } from '../../../src/engine/engine.ts';
import { createNodeEngine } from '../../lib/node-engine.ts';
import { announce, createTable, median, type Row } from '../table.ts';
import { requestOf } from '../voice/speech.ts';
import { type BenchOrigin, startOrigin } from './origin-server.ts';

/** Phrases under way at once. */
const AT_ONCE = 16;
const PHRASES = [
  'Your table is ready.',
  'Please hold the line.',
  'The train leaves at ten.',
  'Your code is four two one.',
  'Turn left at the light.',
  'We open at nine today.',
  'Your order has shipped.',
  'Thank you for calling.',
];

/** Speaks one phrase. */
type Speak = (input: string, seed: number) => Promise<void>;

/** Phrases a second, `AT_ONCE` under way until `count` are done. */
async function throughput(speak: Speak, count: number, seed: number): Promise<number> {
  let left = count;
  const started = performance.now();
  const client = async () => {
    while (left-- > 0) await speak(PHRASES[left % PHRASES.length], seed + left);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return count / ((performance.now() - started) / 1000);
}

const overHttp =
  ({ url }: BenchOrigin): Speak =>
  async (input, seed) => {
    const response = await fetch(`${url}/v1/audio/speech`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
      body: JSON.stringify({ model: 'sori-2', voice: 'hazel', input, seed, response_format: 'wav' }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The origin answered ${response.status}.`);
  };

const inProcess =
  (engine: SpeechEngine): Speak =>
  async (input, seed) => {
    const speech = await engine.speak(requestOf({ input, seed, exactLength: false }));
    for await (const chunk of speech.chunks) if (chunk.length === 0) throw new Error('An empty chunk.');
  };

/** Throughput of an origin on the CPU at 16 phrases at once: together, each alone, and as the edge does it. */
export async function measureBatching(rounds = 9, phrases = 96): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-bench-'));
  try {
    const environment = { SORI_EP: 'cpu', AUTH: 'off', MAX_REQUESTS: '64' };
    await using batching = await startOrigin(join(folder, 'batching'), environment);
    await using single = await startOrigin(join(folder, 'single'), { ...environment, SORI_BATCH: '1' });
    const sides = {
      batched: overHttp(batching),
      alone: overHttp(single),
      blocking: inProcess(createNodeEngine()),
    };
    const names = Object.keys(sides) as (keyof typeof sides)[];
    const rates = { batched: [] as number[], alone: [] as number[], blocking: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      announce(`${AT_ONCE} phrases at once, round ${round}`);
      // Alternates the order, because the speed of a shared machine changes.
      for (const name of round % 2 ? names : names.toReversed()) {
        const rate = await throughput(sides[name], round < 0 ? AT_ONCE : phrases, round * phrases + phrases);
        if (round >= 0) rates[name].push(rate);
      }
    }
    const ratio = (over: keyof typeof sides) => median(rates.batched.map((rate, i) => rate / rates[over][i]));
    const rateOf = (name: keyof typeof sides) => `${median(rates[name]).toFixed(1)}/s`;
    return [
      {
        what: `${AT_ONCE} phrases at once at an origin (CPU): together ÷ each alone, the same graphs and thread (${rateOf('batched')} ÷ ${rateOf('alone')})`,
        measured: ratio('alone').toFixed(2),
        target: '≥ 1.5',
        met: ratio('alone') >= 1.5,
      },
      {
        what: `the same ÷ one after the other in the event loop's own thread, as an isolate does it, without HTTP (÷ ${rateOf('blocking')})`,
        measured: ratio('blocking').toFixed(2),
        target: '',
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) createTable(false)(await measureBatching());
