/** How long a clone takes: `node scripts/bench/clone.ts speech.opus`, from the upload of its first 6 s to the end of the new voice's first phrase, in workerd. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer } from '../lib/dev-server.ts';
import { seedLocalBucket } from '../lib/local-bucket.ts';
import { migrateLocalDatabase } from '../lib/local-database.ts';
import { MODELS_FOLDER } from '../lib/node-engine.ts';
import { median, printTable } from './table.ts';

const RUNS = 6;
const SECONDS = 6;

/** Milliseconds from the upload of a recording to a phrase spoken with its voice. */
async function cloneAndSpeak(url: URL, recording: Uint8Array<ArrayBuffer>): Promise<number> {
  const form = new FormData();
  form.set('name', 'Bench');
  form.append('files', new Blob([recording], { type: 'audio/wav' }), 'reference.wav');
  form.set('consent_statement', 'The speaker of this corpus agreed to its licence.');
  form.set('consent_signed_by', 'Bench');
  const started = performance.now();
  const made = await fetch(new URL('/v1/voices', url), { method: 'POST', body: form });
  if (!made.ok) throw new Error(await made.text());
  const { id } = (await made.json()) as { id: string };
  const spoken = await fetch(new URL('/v1/audio/speech', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'sori-1', voice: id, input: 'Your table is ready.' }),
  });
  if (!spoken.ok) throw new Error(await spoken.text());
  await spoken.arrayBuffer();
  return performance.now() - started;
}

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('Give a recording of at least 6 s, of a speaker who consented.');
const work = await mkdtemp(join(tmpdir(), 'sori-clone-'));
try {
  const file = join(work, 'reference.wav');
  const cut = ['-t', String(SECONDS), '-ar', '24000', '-ac', '1', file];
  execFileSync('ffmpeg', ['-v', 'error', '-i', source, ...cut]);
  await seedLocalBucket({ persistTo: work, folder: join(MODELS_FOLDER, 'sori-1') });
  await migrateLocalDatabase({ persistTo: work });
  await using server = await startDevServer({
    port: 0,
    persistTo: work,
    vars: { AUTH: 'off', REFERENCE_STYLES: 'on', VOICE_CONSENT: 'both' },
    logLevel: 'error',
  });
  await (await fetch(new URL('/readyz', server.url))).text();
  const recording = new Uint8Array(await readFile(file));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await cloneAndSpeak(server.url, recording));
  const [first, ...later] = times.map((ms) => ms / 1000);
  printTable([
    {
      what: `clone: ${SECONDS} s reference → its first phrase at the edge, the style encoder's loading included (later ones)`,
      measured: `${first.toFixed(1)} s (${median(later).toFixed(1)} s)`,
      target: '≤ 3 s',
      met: first <= 3,
    },
  ]);
} finally {
  await rm(work, { recursive: true, force: true });
}
