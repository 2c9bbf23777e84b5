import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import { followJobAt } from '../../support/servers/jobs-server-process.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';

/** A duet of 26 s, sung by the real model: the first half of the song. */
const SONG = JSON.parse(
  await readFile(join(import.meta.dirname, '../../golden/songs/silent-night.json'), 'utf8'),
);
const [FIRST] = SONG.parts;
const MELODY = { ...FIRST, notes: FIRST.notes.slice(0, 24) };
const REQUEST = {
  model: 'sori-2',
  voice: 'clara',
  transpose: -12,
  response_format: 'wav',
  score: { ...SONG, parts: [MELODY, { ...MELODY, name: 'second', voice: 'miles', gain: -6 }] },
};
/** Shares of the song at which the origin is killed. */
const KILLS = [0.2, 0.6];

interface Job {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly part?: number };
  readonly result: { readonly key: string; readonly url: string; readonly seconds: number } | null;
}

let folders: string[];
let origin: RunningOrigin | undefined;
beforeEach(async () => {
  folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'sori-singing-'))));
});
afterEach(async () => {
  await origin?.[Symbol.asyncDispose]();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const start = async (folder: string) => {
  origin = await runOrigin(folder, { AUTH: 'off', SHARDS: MODELS_FOLDER });
  return origin;
};

const jobAt = async (url: URL, id: string) =>
  (await (await fetch(new URL(`/v1/jobs/${id}`, url))).json()) as Job;

/** Waits until a job has made a share of its audio. */
async function sungUpTo(share: number, url: URL, id: string): Promise<void> {
  for (;;) {
    const { state, progress } = await jobAt(url, id);
    expect(['queued', 'running']).toContain(state);
    if ((progress.part ?? 0) >= share) return;
  }
}

const storedAudio = async (folder: string) =>
  (await readdir(join(folder, 'origin/audio'), { recursive: true }).catch(() => [])).filter((name) =>
    name.endsWith('.wav'),
  );

/** Sings the song in a job. The origin is killed and restarted when each of the shares is sung. */
async function sing(folder: string, kills: readonly number[]) {
  let { url } = await start(folder);
  const made = await fetch(new URL('/v1/jobs', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'singing', request: REQUEST }),
  });
  expect(made.status).toBe(202);
  const { id } = (await made.json()) as Job;
  for (const share of kills) {
    await sungUpTo(share, url, id);
    await origin!.stop('SIGKILL');
    expect(await storedAudio(folder)).toEqual([]);
    ({ url } = await start(folder));
  }
  const events = (await followJobAt(url.origin, id)).map(({ type }) => type);
  const { state, result } = await jobAt(url, id);
  expect(state).toBe('succeeded');
  const audio = Buffer.from(await (await fetch(new URL(result!.url, url))).arrayBuffer());
  const stored = await storedAudio(folder);
  await origin!.stop('SIGKILL');
  return { events, result, audio, stored };
}

it('a song whose origin is killed twice while it is sung is the same, byte for byte, as one that was not disturbed', async () => {
  const [calm, hard] = folders;
  const whole = await sing(calm, []);
  const killed = await sing(hard, KILLS);
  expect(whole.result!.seconds).toBeGreaterThan(25);
  // Each start takes the job up again; it ends once, and its audio is stored once.
  expect(killed.events.filter((type) => type === 'running')).toHaveLength(KILLS.length + 1);
  expect(killed.events.filter((type) => type === 'succeeded')).toHaveLength(1);
  expect(killed.stored).toHaveLength(1);
  expect(killed.result).toEqual(whole.result);
  expect(killed.audio.length).toBeGreaterThan(25 * 48_000);
  expect(killed.audio.equals(whole.audio)).toBe(true);
});
