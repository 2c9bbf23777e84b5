import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNodeEngine, MODELS_FOLDER } from '../../../scripts/lib/node-engine.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { ORIGIN_SECRETS } from '../../support/servers/origin-process.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';

const TEXTS = [
  'The last train leaves at ten, so we have all the time in the world to walk to the station together.',
  'Nobody told me that the garden would be so quiet in the evening, when the birds have gone to sleep.',
];

let state: string;
let origin: RunningOrigin;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'sori-voices-'));
  const env = { SHARDS: MODELS_FOLDER, STATE_DIR: state, ORIGIN_SECRETS, REFERENCE_STYLES: 'on' };
  origin = await runOrigin(state, env);
  const database = sqliteDatabase(':memory:');
  await migrate(database);
  app = createApp({
    access: 'off',
    engine: createNodeEngine(),
    createEncoder,
    database,
    library: createAudioLibrary({ store: memoryStore(), createEncoder }),
    placement: { pool: originsOf({ ORIGINS: origin.url.origin, ORIGIN_SECRETS }) },
    referenceStyles: true,
    voiceConsent: 'statement',
  });
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await rm(state, { recursive: true, force: true });
});

const speak = (body: object) =>
  app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'sori-2', ...body }),
  });

const recordingsOf = async (voice: string) =>
  await Promise.all(TEXTS.map(async (input) => (await speak({ voice, input, loudness: -20 })).blob()));

/** All files of the origin but its database, and how many rows that has. */
async function kept() {
  const files = (await readdir(state, { recursive: true })).filter((name) => !name.startsWith('sori.sqlite'));
  const database = new DatabaseSync(join(state, 'sori.sqlite'), { readOnly: true });
  const tables = ['voices', 'voice_audio', 'voice_consents', 'voice_uploads', 'jobs', 'job_records'];
  const rows = tables.map((table) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
  database.close();
  return { files: files.sort(), rows };
}

it('a real origin analyses MP3 recordings and stores nothing; at the edge the voice resembles its speaker', async () => {
  const before = await kept();
  expect(before.rows.every((count) => count === 0)).toBe(true);
  const clara = await recordingsOf('clara');
  const form = new FormData();
  for (const [name, value] of [
    ['name', 'Copy'],
    ['consent_statement', 'She agrees.'],
    ['consent_signed_by', 'Me'],
    ['keep', 'true'],
  ]) {
    form.set(name, value);
  }
  for (const recording of clara) form.append('files', recording, 'clara.mp3');
  const made = await app.request('/v1/voices', { method: 'POST', body: form });
  expect([made.status, made.headers.get('x-sori-placed')]).toEqual([201, 'origin; reason=reference']);
  const { id, provenance } = (await made.json()) as {
    id: string;
    provenance: { recordings: { url: string }[] };
  };
  for (const { url } of provenance.recordings) expect((await app.request(url)).status).toBe(200);
  const copy = await (await speak({ voice: id, input: TEXTS.join(' ') })).blob();
  const compare = async (a: Blob, b: Blob) => {
    const files = new FormData();
    files.append('files', a, 'a.mp3');
    files.append('files', b, 'b.mp3');
    const response = await app.request('/v1/voices/compare', { method: 'POST', body: files });
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=reference');
    return ((await response.json()) as { score: number }).score;
  };
  const [cameron] = await recordingsOf('cameron');
  expect(await compare(copy, clara[0])).toBeGreaterThan((await compare(copy, cameron)) + 0.3);
  expect(await kept()).toEqual(before);
  expect(origin.output()).not.toMatch(/sty_|clara\.mp3/);
});

it('detects two speakers in one recording', async () => {
  const [clara] = await recordingsOf('clara');
  const [cameron] = await recordingsOf('cameron');
  const form = new FormData();
  form.set('name', 'Both');
  form.set('consent_statement', 'They agree.');
  form.set('consent_signed_by', 'Me');
  form.append('files', clara, 'clara.mp3');
  form.append('files', cameron, 'cameron.mp3');
  const refused = await app.request('/v1/voices', { method: 'POST', body: form });
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    {
      error: {
        code: 'unusable_reference',
        message: expect.stringMatching(/similarity of -?\d\.\d\d; at least 0\.5 is needed/),
      },
    },
  ]);
});
