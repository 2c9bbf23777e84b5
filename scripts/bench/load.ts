import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIO_FORMATS } from '../../src/audio/format.ts';
import { announce, median, type Row } from './table.ts';
import { type Bundle, type RunningWorker, startWorker } from './workerd.ts';

/** Clients of the throughput curve. */
const CLIENTS = [1, 4, 16, 64, 200] as const;
const SIGNING_KEYS = 'bench:a-secret-of-forty-characters-or-so-for-one-run';
const SENTENCE = 'Please hold while we connect you to the next agent; your call, number #, matters to us. ';

/** Texts that no run has asked for before, so that nothing comes from storage. */
let asked = 0;
const phrase = () => `Your table number ${++asked} is ready.`;
const longText = () =>
  SENTENCE.repeat(Math.floor(4000 / SENTENCE.length)).replaceAll('#', () => String(++asked));

type Fields = Readonly<Record<string, unknown>>;

function post(
  url: string,
  fields: Fields,
  init: RequestInit = {},
  path = '/v1/audio/speech',
): Promise<Response> {
  const body = JSON.stringify({ model: 'sori-2', voice: 'hazel', ...fields });
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...init,
  });
}

/** Milliseconds until the first byte of audio; the rest is not heard. */
async function firstByte(ask: (init: RequestInit) => Promise<Response>): Promise<number> {
  const client = new AbortController();
  const started = performance.now();
  const answer = await ask({ signal: client.signal });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.body?.getReader().read();
  const ms = performance.now() - started;
  client.abort();
  return ms;
}

/** What a short phrase and `/healthz` wait while others ask for much. */
async function behind(url: string, count: number, fields: Fields, path?: string) {
  announce(`load: a short phrase behind ${count} × ${path ?? String(fields.response_format)}`);
  const others = new AbortController();
  const under = Array.from({ length: count }, () =>
    post(url, { ...fields, input: longText() }, { signal: others.signal }, path)
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined),
  );
  await sleep(500);
  let healthz = 0;
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const started = performance.now();
      await (await fetch(`${url}/healthz`)).arrayBuffer();
      healthz = Math.max(healthz, performance.now() - started);
      await sleep(20);
    }
  })();
  const phrases: number[] = [];
  for (let run = 0; run < 3; run++)
    phrases.push(await firstByte((init) => post(url, { input: phrase() }, init)));
  watching = false;
  await watch;
  others.abort();
  await Promise.all(under);
  await sleep(500);
  return { phrase: median(phrases), healthz };
}

async function liveness(url: string): Promise<Row[]> {
  const mp3 = await behind(url, 16, { response_format: 'mp3' });
  const wav = await behind(url, 16, { response_format: 'wav' });
  const srt = await behind(url, 32, {}, '/v1/audio/speech.srt');
  const all = [mp3, wav, srt];
  const ms = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(' / ');
  const healthz = Math.max(...all.map((one) => one.healthz));
  return [
    {
      what: 'short phrase, first byte, behind 16 long mp3 / 16 long wav / 32 long srt',
      before: '1,968 ms / 13.6 s / > 27 s',
      measured: `${ms(all.map((one) => one.phrase))} ms`,
      target: '≤ 300 ms each',
      met: all.every((one) => one.phrase <= 300),
    },
    {
      what: '`/healthz` under these, longest wait',
      before: 'up to 27 s',
      measured: `${ms(all.map((one) => one.healthz))} ms`,
      target: '≤ 50 ms',
      met: healthz <= 50,
    },
  ];
}

async function firstBytes(url: string): Promise<Row[]> {
  announce('load: first bytes');
  const inTurn = async (fields: () => Fields) => {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      times.push(await firstByte((init) => post(url, fields(), init)));
      await sleep(300);
    }
    return median(times);
  };
  const short = await inTurn(() => ({ input: phrase() }));
  const formats: [string, number][] = [];
  for (const response_format of AUDIO_FORMATS) {
    formats.push([response_format, await inTurn(() => ({ input: longText(), response_format }))]);
  }
  const signed: number[] = [];
  for (let run = 0; run < 3; run++) {
    const made = await post(url, { input: longText().slice(0, 1900) }, {}, '/v1/audio/speech/sign');
    const { url: address } = (await made.json()) as { url: string };
    signed.push(await firstByte((init) => fetch(address, init)));
    await sleep(300);
  }
  const slowest = Math.max(...formats.map(([, ms]) => ms));
  return [
    {
      what: 'first byte of a short phrase',
      before: '',
      measured: `${short.toFixed(0)} ms`,
      target: '',
    },
    {
      what: `first byte at 4,000 characters (${formats.map(([format, ms]) => `${format} ${ms.toFixed(0)}`).join(', ')})`,
      before: '0.8 to 1.4 s',
      measured: `≤ ${slowest.toFixed(0)} ms`,
      target: '≤ 250 ms',
      met: slowest <= 250,
    },
    {
      what: 'first byte of a signed address on a miss, 1,900 characters',
      before: '> 7 s',
      measured: `${median(signed).toFixed(0)} ms`,
      target: '≤ 250 ms',
      met: median(signed) <= 250,
    },
  ];
}

/** Short phrases a second of so many clients that ask one after another. */
async function throughput(url: string, clients: number, seconds: number) {
  announce(`load: ${clients} clients`);
  const until = performance.now() + 1000 * seconds;
  let done = 0;
  let refused = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        const answer = await post(url, { input: phrase() });
        await answer.arrayBuffer();
        if (answer.ok) done++;
        else if ([429, 503].includes(answer.status)) {
          refused++;
          await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1));
        } else throw new Error(`${answer.status} under load`);
      }
    }),
  );
  return { rate: (1000 * done) / (performance.now() - started), refused };
}

async function curve(url: string, seconds: number): Promise<Row> {
  const points: string[] = [];
  let at16 = 0;
  for (const clients of CLIENTS) {
    const { rate, refused } = await throughput(url, clients, seconds);
    if (clients === 16) at16 = rate;
    points.push(`${clients}: ${rate.toFixed(1)}${refused > 0 ? ` (${refused} refused)` : ''}`);
  }
  return {
    what: `short phrases a second, one isolate (clients: rate; ${points.join(', ')})`,
    before: '4 to 5',
    measured: `${at16.toFixed(1)} with 16 clients`,
    target: '≥ 10',
    met: at16 >= 10,
  };
}

/** Fairness, first bytes and throughput of one isolate under load, beside what they were before. */
export async function measureLoad(product: Bundle, persist: string, quick = false): Promise<Row[]> {
  await using worker: RunningWorker = await startWorker(product, persist, { SIGNING_KEYS });
  const { url } = worker;
  for (let run = 0; run < 3; run++) await (await post(url, { input: phrase() })).arrayBuffer();
  const first = await firstBytes(url);
  const alive = await liveness(url);
  return [...alive, ...first, await curve(url, quick ? 3 : 20)];
}
