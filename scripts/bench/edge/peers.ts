import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeEngine } from '../../lib/node-engine.ts';
import { announce, median, type Row } from '../table.ts';
import { requestOf } from '../voice/speech.ts';
import { type Bundle, startWorker } from '../workerd.ts';
import { timeSpeech } from './speed.ts';

const SENTENCES = [
  'Your table is ready.',
  'Please hold while we connect you to the next agent.',
  'The store closes in fifteen minutes, so please bring your items to the counter.',
  'Thank you for calling; your order has shipped and should arrive on Tuesday.',
];

/** Seconds of audio in a 16-bit mono WAV file, by its length. */
function wavSeconds(path: string): number {
  const bytes = readFileSync(path);
  return (bytes.length - 44) / 2 / bytes.readUInt32LE(24);
}

function peer(command: string, args: (text: string, out: string) => string[], text: string, folder: string) {
  const out = join(folder, 'peer.wav');
  const started = performance.now();
  const { error, status } = spawnSync(command, args(text, out));
  if (error || status !== 0) return undefined;
  return (performance.now() - started) / 1000 / wavSeconds(out);
}

/** Seconds of work per second of speech: ours and two classic engines, sentence by sentence in turns. */
export async function measurePeers(product: Bundle, persist: string, folder: string): Promise<Row[]> {
  announce('peers: espeak-ng, flite');
  const engine = createNodeEngine();
  await using worker = await startWorker(product, persist);
  const rates: Record<string, number[]> = { workerd: [], native: [], 'espeak-ng': [], 'flite slt': [] };
  for (let round = 0; round < 4; round++) {
    for (const text of SENTENCES) {
      const started = performance.now();
      const speech = await engine.speak(requestOf({ input: text, refineSteps: 0 }));
      for await (const _ of speech.chunks);
      const seconds = (speech.totalSamples ?? 0) / 24_000;
      const native = (performance.now() - started) / 1000 / seconds;
      const workerd = (await timeSpeech(worker.url, text)) / 1000 / seconds;
      const espeak = peer('espeak-ng', (input, out) => ['-v', 'en-us', '-w', out, input], text, folder);
      const flite = peer('flite', (input, out) => ['-voice', 'slt', '-t', input, '-o', out], text, folder);
      if (round === 0) continue; // warms caches and sessions
      rates.native.push(native);
      rates.workerd.push(workerd);
      if (espeak !== undefined) rates['espeak-ng'].push(espeak);
      if (flite !== undefined) rates['flite slt'].push(flite);
    }
  }
  const shown = Object.entries(rates).map(([name, values]) =>
    values.length ? `${name} ${median(values).toFixed(3)}` : `${name} not installed`,
  );
  return [
    {
      what: 'seconds of work per second of speech: Sori in workerd, in Node; peers as processes',
      measured: shown.join(', '),
      target: '',
    },
  ];
}
