import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIO_FORMATS } from '../../../src/audio/format.ts';
import { announce, type Row } from '../table.ts';
import { type Bundle, startWorker } from '../workerd.ts';
import { ask, insist } from './ask.ts';
import { type IsolateMemory, openIsolate } from './isolate-memory.ts';

/** Milliseconds between two looks at the memory. */
const SAMPLE_MS = 25;
/** Requests under way at once. */
const CLIENTS = 4;
/** After this many requests a first peak is reported, to see whether memory grows later; and progress after each so many. */
const EARLY = 50;
const TARGETS = { peak: 128e6, live: 96e6 } as const;

const PHRASES = [
  'Your table is ready.',
  'Order # ships on March 3 for $12.50.',
  'Please hold while we connect you to the next available agent; your call matters to us.',
  'The #th train leaves from platform 9 at 4:45 p.m.',
  'When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow.',
];

/** A text of one to four sentences, or sometimes of 1,000 characters. The same texts in every run. */
function variedText(index: number): string {
  const sentences = index % 50 === 49 ? 14 : index % 5 === 4 ? 1 + (index % 4) : 1;
  const parts = Array.from({ length: sentences }, (_, i) => PHRASES[(index + i) % PHRASES.length]);
  return parts.join(' ').replaceAll('#', String(1000 + index));
}

/** A request of the soak: most are speech in all formats, a tenth captions, some JSON with timestamps. */
function variedRequest(index: number): { path: string; body: Readonly<Record<string, unknown>> } {
  const body = {
    input: variedText(index),
    voice: index % 2 ? 'hazel' : 'clara',
    speed: [1, 0.8, 1.5][index % 3],
    response_format: AUDIO_FORMATS[index % AUDIO_FORMATS.length],
  };
  if (index % 10 === 9) {
    const { response_format: _, ...spoken } = body;
    return { path: '/v1/audio/speech.srt', body: spoken };
  }
  if (index % 20 === 7) {
    const json = { ...body, response_format: 'json', audio_format: 'mp3', timestamps: ['word'] };
    return { path: '/v1/audio/speech', body: json };
  }
  return { path: '/v1/audio/speech', body };
}

/** Runs mixed requests, and measures what the isolate holds during them: JavaScript heap, ArrayBuffers and WASM. */
export async function measureSoak(bench: Bundle, persist: string, requests: number): Promise<Row[]> {
  await using worker = await startWorker(bench, persist);
  await using isolate = await openIsolate(worker);
  const samples: IsolateMemory[] = [];
  let early: IsolateMemory | undefined;
  let soaking = true;
  const sampling = (async () => {
    while (soaking) {
      samples.push(await isolate.memory());
      if (samples.length > 1) samples[0] = greater(samples[0], samples.pop() as IsolateMemory);
      await sleep(SAMPLE_MS);
    }
  })();
  const started = performance.now();
  const progress = (done: number) => {
    const seconds = (performance.now() - started) / 1000;
    const rest = done > 0 ? `, ${Math.ceil((seconds / done) * (requests - done))} s left` : '';
    const most = samples[0] ? `; at most ${mb(samples[0].total)} MB` : '';
    return `soak: request ${done} of ${requests} after ${seconds.toFixed(0)} s${rest}${most}`;
  };
  let next = 0;
  const client = async () => {
    while (next < requests) {
      const index = next++;
      if (index % EARLY === 0) announce(progress(index));
      if (index === EARLY) early = samples[0];
      const { path, body } = variedRequest(index);
      const answer = await insist(() => ask(worker.url, body, {}, path));
      await answer.arrayBuffer();
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
  } finally {
    soaking = false;
    await sampling;
  }
  const seconds = (performance.now() - started) / 1000;
  const cost = ((await worker.processorMs()) ?? Number.NaN) / 1000;
  const [peak] = samples;
  await isolate.collect();
  const live = await isolate.memory();
  return [
    {
      what: `peak memory over ${requests} mixed requests, ${CLIENTS} at once, all formats, captions, JSON, in ${seconds.toFixed(0)} s (${cost.toFixed(0)} s of workerd's processor time)${early ? ` (in the first ${EARLY}: ${mb(early.total)} MB)` : ''}`,
      before: '161 MB mean, 237 MB peak',
      measured: `${mb(peak.total)} MB: ${parts(peak)}`,
      target: '≤ 128 MB',
      met: peak.total <= TARGETS.peak,
    },
    {
      what: 'live memory, which is what is left after a garbage collection at the end',
      before: '161 MB',
      measured: `${mb(live.total)} MB: ${parts(live)}`,
      target: '≤ 96 MB',
      met: live.total <= TARGETS.live,
    },
  ];
}

const greater = (one: IsolateMemory, other: IsolateMemory) => (other.total > one.total ? other : one);
const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
const parts = ({ heap, buffers, wasm }: IsolateMemory) =>
  `heap ${mb(heap)}, ArrayBuffers ${mb(buffers)}, WASM ${mb(wasm)}`;
