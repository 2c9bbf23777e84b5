import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTags } from '../../../../src/audio/tags/read.ts';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs, type NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import type { HostedModels } from '../../../../src/models/hosted-models.ts';
import { countingDatabase } from '../../../support/apps/access-app.ts';
import {
  ANA,
  BEN,
  hum,
  inTurn,
  type VoiceFields,
  voicesApp,
  wavOf,
} from '../../../support/apps/voices-app.ts';
import { deferred } from '../../../support/deferred.ts';
import { tinyTranslator } from '../../../support/models/tiny-translator.ts';

let models: Awaited<ReturnType<typeof tinyTranslator>>;
let hosted: HostedModels;
const running: NodeJobs[] = [];
beforeAll(async () => {
  models = await tinyTranslator();
  hosted = models.hosted;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()));
});
afterAll(async () => {
  await models[Symbol.asyncDispose]();
});

interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly progress: { readonly part?: number };
  readonly result: { readonly url: string; readonly seconds: number; readonly output: string } | null;
  readonly error: { readonly code: string; readonly param: string | null } | null;
}

/** 3 s of a hum, 2 s of silence, 11 s of a hum: two windows of the recognizer. */
const twoParts = () => wavOf(inTurn(hum(ANA, 3), hum(ANA, 2).fill(0), hum(ANA, 11)));

async function setUp(options: Parameters<typeof voicesApp>[0] = {}) {
  const { database } = await countingDatabase();
  const outputs = memoryOutputs();
  const uploads = new Set<string>();
  const watched = {
    ...outputs,
    put: async (job: string, name: string, bytes: Parameters<typeof outputs.put>[2]) => {
      if (job.startsWith('upl_')) uploads.add(job);
      await outputs.put(job, name, bytes);
    },
  };
  const jobs = createNodeJobs({ database, outputs: watched, backOffMs: 1, log: () => {} });
  running.push(jobs);
  const app = await voicesApp({ jobs, hosted, voiceConsent: 'both', ...options });
  const post = async (fields: VoiceFields, key = app.owner, idempotency?: string) => {
    const kind = { kind: 'speech-translation', response_format: 'wav' };
    const headers = idempotency && { 'Idempotency-Key': idempotency };
    const answer = await app.sendForm('/v1/jobs', key, { ...kind, ...fields }, headers);
    return { ...answer, json: answer.json as unknown as Job };
  };
  const jobOf = async (id: string): Promise<Job> => (await app.send('GET', `/v1/jobs/${id}`, app.owner)).json;
  /** A job, once it has ended. */
  const ended = async (id: string): Promise<Job> => {
    await app.send('GET', `/v1/jobs/${id}/events`, app.owner);
    return await jobOf(id);
  };
  /** Recordings that wait for a job. */
  const waiting = async () => {
    const there = await Promise.all([...uploads].map((upload) => outputs.has(upload, 'recording-0')));
    return there.filter(Boolean).length;
  };
  const fetched = async (path: string, key: string) =>
    await app.app.request(path, { headers: { Authorization: `Bearer ${key}` } });
  return { ...app, post, jobOf, ended, waiting, fetched, uploads };
}

/** A recognizer that waits for a sign after its first window. */
function slowly(go: Promise<void>) {
  let windows = 0;
  return {
    list: hosted.list.bind(hosted),
    refresh: hosted.refresh.bind(hosted),
    async *run(...args: Parameters<HostedModels['run']>) {
      if (args[1] === 'transcription' && windows++ > 0) await go;
      args[3]?.throwIfAborted();
      yield* hosted.run(...args);
    },
  } as unknown as HostedModels;
}

describe('a job of kind speech-translation', () => {
  it('stores what the direct answer has, with its segments, and deletes the recording', async () => {
    const { post, ended, owner, waiting, uploads, fetched, app } = await setUp();
    const file = await twoParts();
    const made = await post({ file, voice: 'clara' });
    expect([made.status, made.json]).toEqual([
      202,
      expect.objectContaining({ kind: 'speech-translation', state: 'queued' }),
    ]);
    expect(made.headers.get('location')).toBe(`/v1/jobs/${made.json.id}`);
    const { state, result } = await ended(made.json.id);
    expect(state).toBe('succeeded');
    expect([uploads.size, await waiting()]).toEqual([1, 0]);
    const audio = await (await fetched(result!.url, owner)).bytes();

    const form = new FormData();
    form.append('file', new Blob([file]), 'a.wav');
    for (const [name, value] of Object.entries({ voice: 'clara', response_format: 'wav' }))
      form.append(name, value);
    const request = new Request('http://sori.test/', { method: 'POST', body: form });
    const direct = await app.request('/v1/audio/speech-translations', {
      method: 'POST',
      headers: {
        'Content-Type': request.headers.get('content-type')!,
        Authorization: `Bearer ${owner}`,
      },
      body: await request.arrayBuffer(),
    });
    expect(readMasterWav(audio)).toEqual(readMasterWav(await direct.bytes()));
    expect(result!.seconds).toBeCloseTo(readMasterWav(audio).length / 24_000);

    const lines = (await (await fetched(result!.output, owner)).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ index: 0, text: 'good day.', start_ms: 20 }),
      expect.objectContaining({ index: 1, text: 'good day.' }),
    ]);
  });

  it('in a cloned voice is private, marked, and deleted with the voice', async () => {
    const { clone, post, ended, send, owner, other, fetched } = await setUp();
    const consent = { consent: undefined, consent_recording: undefined };
    const signed = { consent_statement: 'I agree that my voice is copied.', consent_signed_by: 'Ana' };
    const { id: voice } = (await clone({ ...consent, ...signed })).json;
    const { result } = await ended((await post({ file: await wavOf(hum(ANA)), voice })).json.id);
    const mine = await fetched(result!.url, owner);
    expect(readTags(await mine.bytes())).toMatchObject({ generator: 'Sori', voice });
    expect((await fetched(result!.url, other)).status).toBe(404);
    expect((await send('DELETE', `/v1/voices/${voice}`, owner)).status).toBe(200);
    expect((await fetched(result!.url, owner)).status).toBe(404);

    const again = (await clone({ ...consent, ...signed })).json.id;
    const strange = await ended((await post({ file: await wavOf(hum(BEN)), voice: again })).json.id);
    expect(strange).toMatchObject({ state: 'failed', error: { code: 'invalid_consent', param: 'file' } });
  });

  it('reports its progress, and may be cancelled', async () => {
    const go = deferred();
    const { post, jobOf, send, owner, ended, waiting } = await setUp({ hosted: slowly(go.promise) });
    const { id } = (await post({ file: await twoParts(), voice: 'clara' })).json;
    await expect.poll(async () => (await jobOf(id)).progress.part).toBeGreaterThan(0);
    expect((await jobOf(id)).progress.part).toBeLessThan(1);
    const { status, json } = await send('DELETE', `/v1/jobs/${id}`, owner);
    expect([status, json.state]).toEqual([200, 'cancelled']);
    go.resolve();
    expect(await ended(id)).toMatchObject({ state: 'cancelled', result: null });
    expect(await waiting()).toBe(0);
  });

  it('with an idempotency key is made once', async () => {
    const { post, ended, waiting, uploads } = await setUp();
    const fields = { file: await wavOf(hum(ANA)), voice: 'clara' };
    const first = await post(fields, undefined, 'once');
    const second = await post(fields, undefined, 'once');
    expect([first.status, second.status, second.json.id]).toEqual([202, 200, first.json.id]);
    const other = await post({ ...fields, keep: 'rate' }, undefined, 'once');
    expect([other.status, (other.json as unknown as Refusal).error.code]).toEqual([
      422,
      'idempotency_mismatch',
    ]);
    await ended(first.json.id);
    expect([uploads.size, await waiting()]).toEqual([1, 0]);
  });

  it.each([
    ['without a file', { file: undefined }, 400, 'missing_required_parameter', 'file'],
    ['without a voice', { voice: undefined }, 400, 'missing_required_parameter', 'voice'],
    ['in an unknown voice', { voice: 'nobody' }, 400, 'unknown_voice', 'voice'],
    ['as a stream', { stream: 'true' }, 400, 'conflicting_parameters', 'stream'],
    ['into a language that no model knows', { to: 'fr' }, 503, 'model_unavailable', 'to'],
    [
      'with a webhook, which the server has not',
      { webhook: 'https://a.example' },
      501,
      'not_configured',
      'webhook',
    ],
  ])('is refused %s, before anything is stored', async (_, fields, status, code, param) => {
    const { post, uploads } = await setUp();
    const answer = await post({ file: await wavOf(hum(ANA)), voice: 'clara', ...fields });
    expect([answer.status, (answer.json as unknown as Refusal).error]).toEqual([
      status,
      expect.objectContaining({ code, param }),
    ]);
    expect(uploads.size).toBe(0);
  });

  it.each([
    ['a server without a recognizer', { hosted: undefined }, 'models add'],
    ['an edge without an origin', { hosted: undefined, placement: {} }, 'ORIGINS'],
  ])('is refused with the reason by %s', async (_, options, reason) => {
    const { post } = await setUp(options);
    const { status, json } = await post({ file: await wavOf(hum(ANA)), voice: 'clara' });
    expect([status, (json as unknown as Refusal).error]).toEqual([
      503,
      expect.objectContaining({ code: 'model_unavailable', message: expect.stringContaining(reason) }),
    ]);
  });
});

interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}
