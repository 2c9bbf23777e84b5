import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFloat32Array, toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, readMasterWav } from '../../../src/audio/transcode.ts';
import { detectWatermark } from '../../../src/audio/watermark/detect.ts';
import { watermarkPayload } from '../../../src/features/delivery/private-audio.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { type VoiceFields, voicesApp } from '../../support/apps/voices-app.ts';
import { artificialSpeech } from '../../support/artificial-speech.ts';
import { writeTinyCloning } from '../../support/models/tiny-cloning.ts';
import { startProxy } from '../../support/servers/proxy.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
/** A model with random weights: what it says is noise, whose spectrum depends on the voice. */
const MODEL = 'cloning-tiny';
const INPUT = 'Your table is ready.';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
let proxy: Awaited<ReturnType<typeof startProxy>>;
/** Starts an origin whose state is in a folder of its own. */
const start = (state: string) =>
  runOrigin(folder.path, {
    ORIGIN_SECRETS,
    SORI_MODELS: join(folder.path, 'models'),
    STATE_DIR: join(folder.path, state),
    REFERENCE_STYLES: 'on',
  });
beforeAll(async () => {
  folder = await serverFolder();
  await writeTinyCloning(join(folder.path, 'models', MODEL));
  origin = await start('origin');
  proxy = await startProxy({ target: origin.url });
});
afterAll(async () => {
  for (const one of [proxy, origin, folder]) await one?.[Symbol.asyncDispose]();
});

const recording = (seconds: number, scale?: number) =>
  Uint8Array.from(masterWav(toInt16Array(artificialSpeech(seconds, scale))));
/** Recordings of one speaker, with the reading of a consent sentence, and of another speaker. */
const FIRST = { files: [recording(6)], consent_recording: recording(5) };
const SECOND = { files: [recording(6, 1.9)], consent_recording: recording(5, 1.9) };

describe('a Worker in front of an origin that has a cloning model', () => {
  let edge: RunningServer;
  beforeAll(async () => {
    edge = await runServer(folder.path, {
      env: { ORIGINS: proxy.url.origin, ORIGIN_SECRETS, REFERENCE_STYLES: 'on' },
    });
  });
  afterAll(async () => await edge?.[Symbol.asyncDispose]());

  const get = async (path: string) => await fetch(new URL(path, edge.url));
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(new URL(path, edge.url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const speak = (voice: unknown, changes: object = {}) =>
    post('/v1/audio/speech', { model: MODEL, voice, input: INPUT, response_format: 'wav', ...changes });
  const clone = async ({ files, consent_recording } = FIRST) => {
    const { id } = (await (await post('/v1/voices/consent', {})).json()) as { id: string };
    const form = new FormData();
    for (const [name, value] of Object.entries({ name: 'Copy', model: MODEL, consent: id }))
      form.append(name, value);
    form.append('files', new File([files[0]], 'a.wav'));
    form.append('consent_recording', new File([consent_recording], 'b.wav'));
    return await fetch(new URL('/v1/voices', edge.url), { method: 'POST', body: form });
  };
  const idOf = async (response: Response) => {
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  };
  const listed = async (path: string) => ((await (await get(path)).json()) as { data: object[] }).data;

  it('lists the model and its voices', async () => {
    const model = { id: MODEL, task: 'speech-cloning', served_by: 'origin', hosted: true };
    expect(await listed('/v1/models')).toContainEqual(expect.objectContaining(model));
    const id = await idOf(await clone());
    const voice = { id, model: MODEL, served_by: 'origin' };
    expect(await listed('/v1/voices')).toContainEqual(expect.objectContaining(voice));
    expect(await listed('/v1/voices')).toContainEqual(
      expect.objectContaining({ model: 'sori-2', served_by: 'edge' }),
    );
    expect(await (await get(`/v1/voices/${id}`)).json()).toMatchObject(voice);
  });

  it('clones a voice there, keeps it here, and speaks with it', async () => {
    const made = await clone();
    expect(made.headers.get('x-sori-placed')).toBe('origin; reason=model');
    const voice = (await made.clone().json()) as { preview: string; provenance: object };
    expect(voice.provenance).toMatchObject({ consent: { kind: 'recording' } });
    expect((await get(voice.preview)).status).toBe(200);
    const id = await idOf(made);
    const spoken = await speak(id);
    expect([spoken.status, spoken.headers.get('x-sori-placed'), spoken.headers.get('x-sori-model')]).toEqual([
      200,
      'origin; reason=model',
      `${MODEL}@1.0`,
    ]);
    const sound = await spoken.bytes();
    expect(readMasterWav(sound).length).toBeGreaterThan(12_000);
    expect(Buffer.from(sound).toString('latin1')).toContain(id);
    expect(spoken.headers.get('x-cache')).toBe('miss');
    // The origin has stored no audio.
    const stored = await readdir(join(folder.path, 'origin'), { recursive: true });
    expect(stored.filter((name) => /\.(?:wav|mp3|pcm)$/.test(name))).toEqual([]);
    const again = await speak(id);
    expect([again.headers.get('x-sori-placed'), again.headers.get('x-cache')]).toEqual([
      'edge; reason=kept',
      'hit',
    ]);
    expect(await again.bytes()).toEqual(sound);
  });

  it('marks the audio with the voice', async () => {
    const id = await idOf(await clone());
    const input = Array.from(
      { length: 12 },
      (_, n) => `Table ${n + 1} is ready for you and your guests.`,
    ).join(' ');
    const samples = readMasterWav(await (await speak(id, { input })).bytes());
    const found = detectWatermark(toFloat32Array(samples), 24_000);
    expect(found).toMatchObject({ found: true, payload: await watermarkPayload([id]) });
  });

  it('sends mixes and voices that markup names, each with its weight', async () => {
    const [first, second] = [await idOf(await clone()), await idOf(await clone(SECOND))];
    const said = async (voice: unknown, input = INPUT) =>
      Buffer.from(await (await speak(voice, { input, response_format: 'pcm', strict: true })).bytes());
    const [one, two] = [await said(first), await said(second)];
    expect(one.equals(two)).toBe(false);
    const mixed = await said({ [first]: 0.75, [second]: 0.25 });
    for (const other of [one, two]) expect(mixed.equals(other)).toBe(false);
    const marked = await said(first, `<speak><voice name="${second}">${INPUT}</voice></speak>`);
    expect(marked.length).toBe(two.length);
    expect(marked.equals(one)).toBe(false);
  });

  it('returns the times of words, captions and warnings', async () => {
    const id = await idOf(await clone());
    const json = (await (
      await speak(id, { response_format: 'json', timestamps: ['word', 'sentence'] })
    ).json()) as {
      timestamps: Record<string, { text: string }[]>;
      duration_ms: number;
    };
    expect(json.timestamps.word.map(({ text }) => text)).toEqual(['Your', 'table', 'is', 'ready']);
    expect(json.timestamps.sentence.map(({ text }) => text)).toEqual([INPUT]);
    const captions = await post('/v1/audio/speech.vtt', { model: MODEL, voice: id, input: INPUT });
    expect([captions.status, captions.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=model']);
    expect(await captions.text()).toContain(INPUT);
    const input = `<speak><foo>${INPUT}</foo></speak>`;
    for (let times = 0; times < 2; times++) {
      const answer = await speak(id, { input, response_format: 'json' });
      expect(answer.headers.get('x-sori-ignored')).toMatch(/^ignored_element/);
      const { warnings } = (await answer.json()) as { warnings: object[] };
      expect(warnings).toEqual([expect.objectContaining({ code: 'ignored_element' })]);
    }
  });

  it('speaks with a style, and compares two recordings', async () => {
    const form = new FormData();
    form.append('file', new File([FIRST.files[0]], 'a.wav'));
    const made = await fetch(new URL(`/v1/styles?model=${MODEL}`, edge.url), { method: 'POST', body: form });
    expect([made.status, made.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=model']);
    const { id: style } = (await made.json()) as { id: string };
    const spoken = await speak(undefined, { style });
    expect([spoken.status, spoken.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=model']);
    const job = (await (
      await post('/v1/jobs', { kind: 'speech', request: { model: MODEL, style, input: INPUT } })
    ).json()) as { id: string };
    await (await get(`/v1/jobs/${job.id}/events`)).text();
    expect(await (await get(`/v1/jobs/${job.id}`)).json()).toMatchObject({ state: 'succeeded' });
    const two = new FormData();
    two.append('model', MODEL);
    two.append('files', new File([FIRST.files[0]], 'a.wav'));
    two.append('files', new File([SECOND.files[0]], 'b.wav'));
    const compared = await fetch(new URL('/v1/speakers/verify', edge.url), { method: 'POST', body: two });
    expect(await compared.json()).toMatchObject({ same_speaker: false, threshold: 0.8 });
  });

  it('speaks in a job', async () => {
    const id = await idOf(await clone());
    const request = { model: MODEL, voice: id, input: 'Room nine is free.', response_format: 'wav' };
    const job = (await (await post('/v1/jobs', { kind: 'speech', request })).json()) as { id: string };
    await (await get(`/v1/jobs/${job.id}/events`)).text();
    const { state, result } = (await (await get(`/v1/jobs/${job.id}`)).json()) as {
      state: string;
      result: { url: string };
    };
    expect(state).toBe('succeeded');
    const audio = await get(result.url);
    expect(audio.headers.get('cache-control')).toContain('private');
    const asked = await post('/v1/audio/speech', request);
    expect(asked.headers.get('x-cache')).toBe('hit');
    expect(await asked.bytes()).toEqual(await audio.bytes());
  });

  it('refuses as the origin does', async () => {
    const id = await idOf(await clone());
    const errorOf = async (response: Response) => {
      const { error } = (await response.json()) as { error: { code: string; param: string } };
      return [response.status, error.code, error.param];
    };
    expect(await errorOf(await speak(id, { pitch: 3 }))).toEqual([400, 'conflicting_parameters', 'pitch']);
    expect(await errorOf(await speak(id, { model: 'sori-2' }))).toEqual([
      400,
      'style_of_another_model',
      'voice',
    ]);
    expect(await errorOf(await speak(id, { language: 'ko' }))).toEqual([
      400,
      'unsupported_language',
      'language',
    ]);
    expect(await errorOf(await speak('clara'))).toEqual([400, 'unknown_voice', 'voice']);
    expect(await errorOf(await speak(`vce_${'0'.repeat(26)}`))).toEqual([404, 'voice_not_found', 'voice']);
    const atEdge = { 'X-Sori-Placement': 'edge' };
    const request = { model: MODEL, voice: id, input: 'At the edge.' };
    const refused = [400, 'conflicting_parameters', 'X-Sori-Placement'];
    for (const path of ['/v1/audio/speech', '/v1/audio/speech.vtt']) {
      expect(await errorOf(await post(path, request, atEdge))).toEqual(refused);
    }
    expect(await errorOf(await clone({ ...FIRST, files: [recording(1)] }))).toEqual([
      400,
      'unusable_reference',
      'files[0]',
    ]);
    expect(await errorOf(await clone({ ...FIRST, consent_recording: SECOND.consent_recording }))).toEqual([
      403,
      'invalid_consent',
      'consent_recording',
    ]);
  });
});

describe('voices of an edge with API keys', () => {
  /** An edge in front of an origin, or of none; with the keys and the database of another one. */
  const edgeOf = (url?: string, same?: Awaited<ReturnType<typeof voicesApp>>) =>
    voicesApp({
      placement: { pool: originsOf({ ORIGINS: url, ORIGIN_SECRETS }) },
      ...(same && { access: same.access, database: same.database }),
    });
  const fields: VoiceFields = { model: MODEL, ...FIRST };

  it('belong to their key, and are deleted with their audio', async () => {
    const edge = await edgeOf(origin.url.origin);
    const { status, json } = await edge.clone(fields);
    expect(status).toBe(201);
    expect((await edge.speak(json.id, edge.owner, { model: MODEL })).status).toBe(200);
    const foreign = await edge.speak(json.id, edge.other, { model: MODEL });
    expect([foreign.status, foreign.json.error.code]).toEqual([404, 'voice_not_found']);
    expect((await edge.send('DELETE', `/v1/voices/${json.id}`, edge.owner)).status).toBe(200);
    expect(await edge.stored.left()).toEqual([]);
    expect((await edge.speak(json.id, edge.owner, { model: MODEL })).status).toBe(404);
  });

  it('are spoken by any origin that has the model: an origin stores nothing of them', async () => {
    const edge = await edgeOf(origin.url.origin);
    const { json } = await edge.clone(fields);
    await using another = await start('another');
    const moved = await edgeOf(another.url.origin, edge);
    const body = { model: MODEL, seed: 7 };
    const [here, there] = [
      await edge.speak(json.id, edge.owner, body),
      await moved.speak(json.id, edge.owner, body),
    ];
    expect([here.status, there.status, there.length]).toEqual([200, 200, here.length]);
  });

  it('count for the quota, which is refunded when the origin refuses', async () => {
    const edge = await edgeOf(origin.url.origin);
    const key = (await edge.makeKey({ name: 'small', scopes: ['speech'], monthlyCharacters: 8 })).key;
    const { json } = await edge.clone(fields, key);
    const body = { model: MODEL, input: 'Hello.' };
    expect((await edge.speak(json.id, key, { ...body, pitch: 3 })).status).toBe(400);
    expect((await edge.speak(json.id, key, body)).status).toBe(200);
    const refused = await edge.speak(json.id, key, { ...body, seed: 2 });
    expect([refused.status, refused.json.error.code]).toEqual([429, 'insufficient_quota']);
  });

  it('are 503 without an origin, and while none answers, with the reason', async () => {
    const edge = await edgeOf(origin.url.origin);
    const { json } = await edge.clone(fields);
    for (const [url, code, reason] of [
      [undefined, 'model_unavailable', 'this server has none'],
      ['http://127.0.0.1:9', 'origin_unavailable', 'none answers now'],
    ] as const) {
      const alone = await edgeOf(url, edge);
      const spoken = await alone.speak(json.id, edge.owner, { model: MODEL });
      expect([spoken.status, spoken.json.error.code]).toEqual([503, code]);
      expect(spoken.json.error.message).toContain(reason);
      const cloned = await alone.clone(fields, edge.owner);
      expect([cloned.status, cloned.json.error.code]).toEqual([503, code]);
      // The voice is still there, and can be deleted.
      expect((await alone.send('GET', `/v1/voices/${json.id}`, edge.owner)).status).toBe(200);
    }
  });
});
