import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, readMasterWav } from '../../../src/audio/transcode.ts';
import { artificialSpeech } from '../../support/artificial-speech.ts';
import { deferred } from '../../support/deferred.ts';
import { writeTinyWhisper } from '../../support/models/tiny-models.ts';
import {
  writeTinyMusicgen,
  writeTinySegmentation,
  writeTinySeparation,
} from '../../support/models/tiny-tasks.ts';
import { startProxy } from '../../support/servers/proxy.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { type RunningServer, runServer, serverFolder } from '../../support/servers/running-server.ts';

const ORIGIN_SECRETS = 'k1:a-secret-that-edge-and-origin-share';
/** Seconds of sound that take the tiny model long enough to be killed in the middle of it. */
const LONG = 8;

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let edge: RunningServer;
/** Resolves when the edge has sent the next request for a sound. */
let asked = deferred();

const start = async (port = '0') => {
  const SORI_MODELS = join(folder.path, 'models');
  origin = await runOrigin(folder.path, {
    ORIGIN_SECRETS,
    SORI_MODELS,
    PORT: port,
    REFERENCE_STYLES: 'on',
  });
};
beforeAll(async () => {
  folder = await serverFolder();
  const models = join(folder.path, 'models');
  const manifest = await writeTinyMusicgen(join(models, 'musicgen-tiny'));
  const settings = { ...manifest.settings, maxSeconds: 30 };
  await writeFile(join(models, 'musicgen-tiny/model.json'), JSON.stringify({ ...manifest, settings }));
  await writeTinyWhisper(join(models, 'whisper-tiny'));
  await writeTinySegmentation(join(models, 'pitch-segmentation'));
  await writeTinySeparation(join(models, 'pitch-separation'));
  await start();
  proxy = await startProxy({
    target: origin.url,
    before: (method, path) => {
      if (method === 'POST' && path === '/v1/audio/generations') asked.resolve();
      return undefined;
    },
  });
  edge = await runServer(folder.path, {
    env: { ORIGINS: proxy.url.origin, ORIGIN_SECRETS, REFERENCE_STYLES: 'on' },
  });
});
afterAll(async () => {
  for (const one of [edge, proxy, origin, folder]) await one?.[Symbol.asyncDispose]();
});

/** 4 s of a hum. */
const recording = masterWav(
  toInt16Array(Float32Array.from({ length: 96_000 }, (_, i) => 0.3 * Math.sin(i * 0.05))),
) as Uint8Array<ArrayBuffer>;
const generate = (server: RunningServer, fields: object) =>
  fetch(new URL('/v1/audio/generations', server.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ prompt: 'a good day', seconds: 1, response_format: 'wav', ...fields }),
  });
const send = (server: RunningServer, path: string, fields: Record<string, string> = {}) => {
  const form = new FormData();
  form.append('file', new File([recording], 'a.wav'));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return fetch(new URL(path, server.url), { method: 'POST', body: form });
};

interface Job {
  readonly id: string;
  readonly state: string;
  readonly error: { readonly code: string } | null;
  readonly result: { readonly url: string; readonly seconds: number; readonly licence?: string } | null;
}
const jobOf = async (id: string): Promise<Job> =>
  (await (await fetch(new URL(`/v1/jobs/${id}`, edge.url))).json()) as Job;
/** A job, once it has ended. */
const ended = async (id: string): Promise<Job> => {
  await (await fetch(new URL(`/v1/jobs/${id}/events`, edge.url))).text();
  return await jobOf(id);
};

describe('an edge has its origin', () => {
  it('make a sound', async () => {
    const response = await generate(edge, { stream_format: 'audio' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=model');
    expect(response.headers.get('x-sori-licence')).toBe('CC-BY-NC-4.0');
    expect(readMasterWav(await response.bytes()).length).toBe(24_000);
    const events = await (await generate(edge, { stream_format: 'sse' })).text();
    expect(events).toContain('"generation.progress"');
    expect(events).toContain('"generation.done"');
  });

  it('make the sound of a job, which is stored at the edge', async () => {
    const response = await generate(edge, {});
    expect(response.status).toBe(202);
    const { state, result } = await ended(((await response.json()) as Job).id);
    expect([state, result]).toEqual([
      'succeeded',
      expect.objectContaining({ seconds: 1, licence: 'CC-BY-NC-4.0' }),
    ]);
    const audio = await fetch(new URL(result!.url, edge.url));
    expect(readMasterWav(await audio.bytes()).length).toBe(24_000);
  });

  it.each([
    ['/v1/audio/transcriptions', { model: 'whisper-1' }, { text: 'hello world.' }],
    ['/v1/audio/translations', { model: 'whisper-1' }, { text: 'good day.' }],
    ['/v1/audio/diarizations', {}, { model: 'pitch-segmentation' }],
    ['/v1/audio/separations', {}, { model: 'pitch-separation' }],
  ])('answer %s', async (path, fields: Record<string, string>, expected) => {
    const response = await send(edge, path, fields);
    expect([response.status, response.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=model']);
    expect(await response.json()).toMatchObject(expected);
  });

  it('translate speech, as an answer and as a job', async () => {
    const direct = await send(edge, '/v1/audio/speech-translations', {
      voice: 'clara',
      response_format: 'wav',
    });
    expect([direct.status, direct.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=model']);
    const sound = readMasterWav(await direct.bytes());
    expect(sound.length).toBeGreaterThan(0);
    const made = await send(edge, '/v1/jobs', {
      kind: 'speech-translation',
      voice: 'clara',
      response_format: 'wav',
    });
    expect(made.status).toBe(202);
    const { state, result } = await ended(((await made.json()) as Job).id);
    expect(state).toBe('succeeded');
    const audio = await fetch(new URL(result!.url, edge.url));
    expect(readMasterWav(await audio.bytes())).toEqual(sound);
  });
});

describe('an edge that clones a voice', () => {
  const wavOf = (seconds: number) =>
    new File(
      [masterWav(toInt16Array(artificialSpeech(seconds))) as Uint8Array<ArrayBuffer>],
      `${seconds} s.wav`,
    );
  const clone = (consent: string) => {
    const form = new FormData();
    form.append('name', 'Copy');
    form.append('files', wavOf(6));
    form.append('consent', consent);
    form.append('consent_recording', wavOf(5));
    return fetch(new URL('/v1/voices', edge.url), { method: 'POST', body: form });
  };

  it('has its origin transcribe the consent sentence and the recordings', async () => {
    const transcribed = () =>
      proxy.requests.filter((request) => request === 'POST /v1/audio/transcriptions').length;
    const asking = await fetch(new URL('/v1/voices/consent', edge.url), { method: 'POST' });
    const { id, sentence } = (await asking.json()) as { id: string; sentence: string };
    // The tiny recognizer says "hello world." of any recording.
    const refused = await clone(id);
    expect([refused.status, await refused.json()]).toEqual([
      403,
      {
        error: expect.objectContaining({
          code: 'invalid_consent',
          param: 'consent_recording',
          message: expect.stringContaining('0 % of its words were recognized'),
        }),
      },
    ]);
    expect(transcribed()).toBeGreaterThanOrEqual(2);

    // This one says the sentence. It is the first of the list, so the origin uses it.
    const saying = join(folder.path, 'models', 'a-whisper');
    await writeTinyWhisper(saying, 'a-whisper', sentence);
    const before = transcribed();
    const made = await clone(id);
    expect([made.status, made.headers.get('x-sori-placed')]).toEqual([201, 'origin; reason=reference']);
    const { provenance } = (await made.json()) as { provenance: { consent: object } };
    expect(provenance.consent).toMatchObject({ kind: 'recording', text: sentence, words_checked: true });
    expect(transcribed()).toBe(before + 2);
    await rm(saying, { recursive: true });
    // A sentence is valid once.
    expect((await clone(id)).status).toBe(403);
  });
});

it('an origin that is killed while it makes the sound of a job makes all of it after its next start', async () => {
  asked = deferred();
  const sent = () => proxy.requests.filter((request) => request === 'POST /v1/audio/generations').length;
  const before = sent();
  const { id } = (await (await generate(edge, { seconds: LONG })).json()) as Job;
  await asked.promise;
  const { port } = origin.url;
  await origin.stop('SIGKILL');
  await expect.poll(async () => (await jobOf(id)).error?.code, { timeout: 60_000 }).toMatch(/^origin_/);
  expect((await jobOf(id)).state).not.toBe('failed');
  await start(port);
  const { state, result } = await ended(id);
  expect([state, result?.seconds]).toEqual(['succeeded', LONG]);
  expect(sent()).toBeGreaterThanOrEqual(before + 2);
  const audio = await fetch(new URL(result!.url, edge.url));
  expect(readMasterWav(await audio.bytes()).length).toBe(24_000 * LONG);
});
