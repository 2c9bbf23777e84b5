import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav } from '../../../src/audio/transcode.ts';
import { startDevServer } from '../../lib/dev-server.ts';
import { seedLocalBucket } from '../../lib/local-bucket.ts';
import { migrateLocalDatabase } from '../../lib/local-database.ts';
import { MODELS_FOLDER } from '../../lib/node-engine.ts';
import { ask, firstByte, newLongText } from '../load/ask.ts';
import { announce, median, type Row } from '../table.ts';
import { cutTo, readReference } from '../voice/reference-clips.ts';
import { createSpeaker } from '../voice/speech.ts';
import { strangers } from '../voice/texts.ts';

const SECONDS = 6;

/** Makes a voice and speaks a phrase with it. @returns the voice, and the milliseconds from the upload of its recording to the phrase. */
async function cloneAndSpeak(
  url: URL,
  recording: Uint8Array<ArrayBuffer>,
): Promise<{ readonly id: string; readonly ms: number }> {
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
    body: JSON.stringify({ model: 'sori-2', voice: id, input: 'Your table is ready.' }),
  });
  if (!spoken.ok) throw new Error(await spoken.text());
  await spoken.arrayBuffer();
  return { id, ms: performance.now() - started };
}

/** Median milliseconds until the first byte of long speech in a voice. Cancelled work gets time to end between two requests. */
async function firstByteIn(url: URL, voice: string, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const input = newLongText();
    times.push(await firstByte((init) => ask(url.origin, { voice, input }, init)));
    await sleep(300);
  }
  return median(times);
}

/** How a clone is made. */
export interface CloneOptions {
  /** Folder with the speech corpora, for a voice to clone; default: the model's own voice. */
  readonly corpora?: string;
  readonly runs: number;
}

/**
 * How long a clone takes in workerd: from the upload of 6 s of speech to the end of the new voice's first phrase; and the first byte of long
 * speech in that voice.
 */
export async function measureClone({ corpora, runs }: CloneOptions): Promise<Row[]> {
  const work = await mkdtemp(join(tmpdir(), 'sori-clone-'));
  try {
    announce('clone');
    const recording = await recordingOf(corpora);
    await seedLocalBucket({ persistTo: work, folder: join(MODELS_FOLDER, 'sori-2') });
    await migrateLocalDatabase({ persistTo: work });
    await using server = await startDevServer({
      port: 0,
      persistTo: work,
      vars: { AUTH: 'off', REFERENCE_STYLES: 'on', VOICE_CONSENT: 'both' },
      logLevel: 'error',
    });
    await (await fetch(new URL('/readyz', server.url))).text();
    const made: { readonly id: string; readonly ms: number }[] = [];
    for (let run = 0; run < runs; run++) made.push(await cloneAndSpeak(server.url, recording));
    const [first, ...later] = made.map(({ ms }) => ms / 1000);
    announce('first byte of long speech in a cloned voice');
    const cloned = await firstByteIn(server.url, made[0].id, runs);
    const builtIn = await firstByteIn(server.url, 'hazel', runs);
    return [
      {
        what: `clone: ${SECONDS} s reference → its first phrase at the edge, the style encoder's loading included (later ones)`,
        measured: `${first.toFixed(1)} s (${median(later).toFixed(1)} s)`,
        target: '≤ 3 s',
        met: first <= 3,
      },
      {
        what: `first byte of 4,000 characters as mp3 in a cloned voice (in a built-in voice ${builtIn.toFixed(0)} ms)`,
        measured: `${cloned.toFixed(0)} ms`,
        target: '≤ 250 ms',
        met: cloned <= 250,
      },
    ];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Six seconds of speech of one speaker, as a WAV file. */
async function recordingOf(corpora: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const samples = corpora === undefined ? await ownVoice() : await stranger(corpora);
  return new Uint8Array(masterWav(toInt16Array(samples)));
}

async function stranger(corpora: string): Promise<Float32Array> {
  const [clips] = (await strangers(corpora)).values();
  return await readReference(clips, SECONDS);
}

async function ownVoice(): Promise<Float32Array> {
  const input = 'The table by the window is ready, and the kitchen is open until ten. '.repeat(3);
  return cutTo((await createSpeaker().speak({ input })).samples, SECONDS);
}
