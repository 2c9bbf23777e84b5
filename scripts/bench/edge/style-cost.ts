import { announce, median, type Row } from '../table.ts';
import { type Bundle, startWorker } from '../workerd.ts';

const PHRASE = 'Please hold while we connect you to the next agent.';
/** About 40 phonemes. */
const PHONEMES = 45;
/** About 80 characters. */
const SENTENCE = 'The committee that met on Thursday could not agree upon the wording of the letter.';
const LONG = Array.from({ length: 24 }, () => SENTENCE)
  .join(' ')
  .slice(0, 2000);

interface PhraseTiming {
  readonly total: number;
  readonly seconds: number;
  readonly timings: Readonly<Record<string, number>>;
}

/** Cost of style sampling in workerd, cost of the whole default path, and the time to the first audio of a long text. */
export async function measureStyleCost(
  bench: Bundle,
  product: Bundle,
  persist: string,
  runs: number,
): Promise<Row[]> {
  const { sampling, phrases } = await inside(bench, persist, runs);
  const share = median(phrases.map(({ timings, total }) => (timings.style_denoiser ?? 0) / total));
  const factor = median(phrases.map(({ total, seconds }) => total / 1000 / seconds));
  const first = await firstAudio(product, persist, runs);
  return [
    {
      what: 'style sampling in workerd, 5 steps',
      measured: `${sampling.toFixed(1)} ms`,
      target: '≤ 10 ms',
      met: sampling <= 10,
    },
    {
      what: `real-time factor of the whole default path in workerd, ${phrases[0].seconds.toFixed(1)} s phrase (style sampling ${(100 * share).toFixed(0)} %)`,
      measured: factor.toFixed(3),
      target: '≤ 0.08',
      met: factor <= 0.08,
    },
    {
      what: `first audio of ${LONG.length} characters ÷ of their first sentence alone (${first.long.toFixed(0)} ms ÷ ${first.alone.toFixed(0)} ms)`,
      measured: (first.long / first.alone).toFixed(2),
      target: '≤ 1.3',
      met: first.long / first.alone <= 1.3,
    },
  ];
}

async function inside(
  bench: Bundle,
  persist: string,
  runs: number,
): Promise<{ sampling: number; phrases: PhraseTiming[] }> {
  await using worker = await startWorker(bench, persist);
  announce('style sampling in workerd');
  const styles: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const answer = await fetch(`${worker.url}/style?steps=5&phonemes=${PHONEMES}&runs=10`);
    if (!answer.ok) throw new Error(await answer.text());
    styles.push(((await answer.json()) as { milliseconds: number }).milliseconds);
  }
  announce('the default path in workerd');
  const phrases: PhraseTiming[] = [];
  for (let run = 0; run < runs + 2; run++) {
    const body = JSON.stringify({ input: PHRASE, voice: 'hazel', diffusionSteps: 5 });
    const answer = await fetch(`${worker.url}/phrase`, { method: 'POST', body });
    if (!answer.ok) throw new Error(await answer.text());
    phrases.push((await answer.json()) as PhraseTiming);
  }
  return { sampling: median(styles.slice(1)), phrases: phrases.slice(2) };
}

/** Milliseconds to the first bytes of sound, of a long text and of its first sentence, measured in turns. */
async function firstAudio(product: Bundle, persist: string, runs: number) {
  announce('first audio of a long text');
  await using worker = await startWorker(product, persist);
  const [long, alone]: number[][] = [[], []];
  for (let run = 0; run < runs + 2; run++) {
    alone.push(await firstBytes(worker.url, SENTENCE));
    long.push(await firstBytes(worker.url, LONG));
  }
  return { long: median(long.slice(2)), alone: median(alone.slice(2)) };
}

async function firstBytes(url: string, input: string): Promise<number> {
  const request = { model: 'sori-2', voice: 'hazel', input, response_format: 'mp3' };
  const hangUp = new AbortController();
  const started = performance.now();
  const answer = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // Another seed each time: what was spoken before would be found, not made.
    body: JSON.stringify({ ...request, seed: Math.floor(Math.random() * 2 ** 32) }),
    signal: hangUp.signal,
  });
  if (!answer.ok || !answer.body) throw new Error(await answer.text());
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value.length > 0) break;
  }
  const milliseconds = performance.now() - started;
  // The rest would hold up the next request.
  hangUp.abort();
  await reader.closed.catch(() => undefined);
  return milliseconds;
}
