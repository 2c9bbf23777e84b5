import { setTimeout as sleep } from 'node:timers/promises';
import { announce, median, type Row } from '../table.ts';
import type { RunningWorker } from '../workerd.ts';
import { ask, newPhrase, warmUp } from './ask.ts';
import { watchHealth } from './health.ts';

/** Clients of the curve. */
const CLIENTS = [1, 4, 16, 64, 200] as const;
/** The one that has a target. */
const JUDGED = 16;
const TARGET = 10;

/** Short phrases a second of so many clients, each of which asks again when it has its answer. */
async function load({ url, processorMs }: RunningWorker, clients: number, seconds: number) {
  announce(`short phrases of ${clients} clients`);
  let done = 0;
  let refused = 0;
  const before = await processorMs();
  const started = performance.now();
  const until = started + 1000 * seconds;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        const answer = await ask(url, { input: newPhrase() });
        await answer.arrayBuffer();
        if (answer.ok) done++;
        else if ([429, 503].includes(answer.status)) {
          refused++;
          await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1));
        } else throw new Error(`${answer.status} under load`);
      }
    }),
  );
  const rate = (1000 * done) / (performance.now() - started);
  const after = await processorMs();
  const cost = before === undefined || after === undefined ? undefined : (after - before) / done;
  return { clients, rate, refused, cost };
}

/** The throughput of one isolate by the number of its clients. */
export async function measureThroughput(worker: RunningWorker, seconds: number): Promise<Row[]> {
  await warmUp(worker.url);
  const points: Awaited<ReturnType<typeof load>>[] = [];
  for (const clients of CLIENTS) points.push(await load(worker, clients, seconds));
  // Apart from the curve, which these requests would lower.
  const health = watchHealth(worker);
  await load(worker, JUDGED, seconds / 2);
  const { waits } = await health.end();
  const listed = points.map(
    ({ clients, rate, refused, cost }) =>
      `${clients}: ${rate.toFixed(1)}${cost === undefined ? '' : `, ${cost.toFixed(0)} ms`}${refused > 0 ? `, ${refused} refused` : ''}`,
  );
  const { rate, cost } = points.find(({ clients }) => clients === JUDGED)!;
  const alone =
    cost === undefined ? '' : `; a processor of its own makes ${(1000 / cost).toFixed(1)} with ${JUDGED}`;
  return [
    {
      what: `short phrases a second, one isolate (clients: rate, processor time of workerd for each; ${listed.join('; ')}${alone})`,
      before: '4 to 5',
      measured: `${rate.toFixed(1)} with ${JUDGED} clients`,
      target: `≥ ${TARGET}`,
      met: rate >= TARGET,
    },
    {
      what: `\`/healthz\` beside short phrases of ${JUDGED} clients, longest wait (median ${median(waits).toFixed(0)} ms)`,
      measured: `${Math.max(...waits).toFixed(0)} ms`,
      target: '',
    },
  ];
}
