import { setTimeout as sleep } from 'node:timers/promises';
import { announce, median, type Row } from '../table.ts';
import type { RunningWorker } from '../workerd.ts';
import { ask, firstByte, newLongText, newPhrase, warmUp } from './ask.ts';
import { watchHealth } from './health.ts';

/** Work that others ask for while a short phrase comes. */
interface Scenario {
  readonly what: string;
  readonly clients: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly path?: string;
}

const SCENARIOS: readonly Scenario[] = [
  { what: '16 long mp3', clients: 16, fields: { response_format: 'mp3' } },
  { what: '16 long wav', clients: 16, fields: { response_format: 'wav' } },
  { what: '32 long srt', clients: 32, fields: {}, path: '/v1/audio/speech.srt' },
];

/** Phrases of a scenario. */
const RUNS = 5;

/** Waiting time of a short phrase and `/healthz` while other clients send heavy requests. */
async function behind(worker: RunningWorker, { what, clients, fields, path }: Scenario) {
  announce(`a short phrase behind ${what}`);
  const { url } = worker;
  const others = new AbortController();
  const under = Array.from({ length: clients }, () =>
    ask(url, { ...fields, input: newLongText() }, { signal: others.signal }, path)
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined),
  );
  await sleep(500);
  const health = watchHealth(worker);
  const phrases: number[] = [];
  for (let run = 0; run < RUNS; run++)
    phrases.push(await firstByte((init) => ask(url, { input: newPhrase() }, init)));
  const { waits, worked } = await health.end();
  others.abort();
  await Promise.all(under);
  // Cancelled work ends after its current step.
  await sleep(500);
  return {
    phrase: median(phrases),
    healthz: Math.max(...waits),
    usual: median(waits),
    worked: Math.max(...worked),
  };
}

/** First bytes of a short phrase, and the answers of `/healthz`, behind long work of other clients. */
export async function measureFairness(worker: RunningWorker): Promise<Row[]> {
  const { url } = worker;
  await warmUp(url);
  const alone: number[] = [];
  for (let run = 0; run < RUNS; run++)
    alone.push(await firstByte((init) => ask(url, { input: newPhrase() }, init)));
  const results = [];
  for (const scenario of SCENARIOS) results.push(await behind(worker, scenario));
  const ms = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(' / ');
  const names = SCENARIOS.map(({ what }) => what).join(' / ');
  return [
    {
      what: `short phrase, first byte, behind ${names} (with nothing before it: ${median(alone).toFixed(0)} ms)`,
      before: '1,968 ms / 13.6 s / > 27 s',
      measured: `${ms(results.map(({ phrase }) => phrase))} ms`,
      target: '≤ 300 ms each',
      met: results.every(({ phrase }) => phrase <= 300),
    },
    {
      what: `\`/healthz\` under these, longest wait (median ${ms(results.map(({ usual }) => usual))} ms; most processor time of workerd in a wait ${ms(results.map(({ worked }) => worked))} ms)`,
      before: 'up to 27 s',
      measured: `${ms(results.map(({ healthz }) => healthz))} ms`,
      target: '≤ 50 ms',
      met: results.every(({ healthz }) => healthz <= 50),
    },
  ];
}
