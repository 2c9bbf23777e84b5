import { afterEach, describe, expect, it } from 'vitest';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs, type NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { MAX_VOICE_BYTES } from '../../../../src/features/voices/form.ts';
import { MAX_UPLOADS, UPLOAD_MS, Uploads } from '../../../../src/features/voices/uploads.ts';
import { countingDatabase } from '../../../support/apps/access-app.ts';
import { ANA, BEN, hum, type VoiceFields, voicesApp, wavOf } from '../../../support/apps/voices-app.ts';
import { deferred } from '../../../support/deferred.ts';

const running: NodeJobs[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()));
});

async function setUp(options: Parameters<typeof voicesApp>[0] = {}) {
  const { database } = await countingDatabase();
  const outputs = memoryOutputs();
  const uploaded = new Set<string>();
  const watched = {
    ...outputs,
    put: async (job: string, name: string, bytes: Parameters<typeof outputs.put>[2]) => {
      uploaded.add(`${job}/${name}`);
      await outputs.put(job, name, bytes);
    },
  };
  const jobs = createNodeJobs({ database, outputs: watched, backOffMs: 1, log: () => {} });
  running.push(jobs);
  const app = await voicesApp({ jobs, ...options });
  /** Names of stored recordings whose job has not run yet. */
  const waiting = async () => {
    const left: string[] = [];
    for (const path of uploaded) {
      const [job, name] = path.split('/');
      if (await outputs.has(job, name)) left.push(path);
    }
    return left;
  };
  const form = async (fields: VoiceFields = {}, key = app.owner): Promise<VoiceFields> => ({
    kind: 'voice',
    name: 'Ana',
    files: [await wavOf(hum(ANA, 1)), await wavOf(hum(ANA, 1.25))],
    consent: await app.consent(key),
    consent_recording: await wavOf(hum(ANA, 1.5)),
    ...fields,
  });
  const post = async (fields: VoiceFields, key = app.owner, idempotency?: string) => {
    const answer = await app.sendForm(
      '/v1/jobs',
      key,
      fields,
      idempotency && { 'Idempotency-Key': idempotency },
    );
    return { ...answer, json: answer.json as unknown as Job };
  };
  /** A job, once it has ended. */
  const ended = async (id: string, key = app.owner): Promise<Job> => {
    await app.send('GET', `/v1/jobs/${id}/events`, key);
    return (await app.send('GET', `/v1/jobs/${id}`, key)).json;
  };
  const voicesOf = async (key: string): Promise<string[]> =>
    (await app.send('GET', '/v1/voices', key)).json.data
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => id.startsWith('vce_'));
  return { ...app, jobs, outputs, waiting, form, post, ended, voicesOf, uploaded };
}

interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly result: { readonly voice: string; readonly url: string; readonly preview: string } | null;
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string } | null;
}

describe('a job of kind voice', () => {
  it('makes a voice for its key alone, and deletes the recordings', async () => {
    const { form, post, ended, send, speak, owner, other, waiting, uploaded, voicesOf } = await setUp();
    const made = await post(await form());
    expect([made.status, made.json]).toEqual([202, expect.objectContaining({ kind: 'voice' })]);
    expect(uploaded.size).toBe(3);
    const job = await ended(made.json.id);
    expect(job).toMatchObject({
      state: 'succeeded',
      error: null,
      result: {
        voice: expect.stringMatching(/^vce_[0-9a-z]{26}$/),
        url: expect.stringMatching(/^\/v1\/voices\/vce_/),
        preview: expect.stringMatching(/^\/audio\/[0-9a-f]{64}\.mp3$/),
      },
    });
    const { voice, url, preview } = job.result!;
    expect(await waiting()).toEqual([]);
    const described = (await send('GET', url, owner)).json;
    expect(described).toMatchObject({
      id: voice,
      name: 'Ana',
      preview,
      provenance: { consent: { kind: 'recording', score: 1 } },
    });
    expect((await speak(voice)).status).toBe(200);
    expect((await send('GET', preview, owner)).status).toBe(200);
    for (const path of [url, preview, `/v1/jobs/${job.id}`, `/v1/jobs/${job.id}/events`]) {
      expect((await send('GET', path, other)).status, path).toBe(404);
    }
    expect((await speak(voice, other)).status).toBe(404);
    expect([await voicesOf(owner), await voicesOf(other)]).toEqual([[voice], []]);
    expect((await send('DELETE', url, owner)).status).toBe(200);
    expect((await send('GET', preview, owner)).status).toBe(404);
  });

  it('keeps recordings on request', async () => {
    const { form, post, ended, send, owner } = await setUp();
    const { result } = await ended((await post(await form({ keep: 'true' }))).json.id);
    const { provenance } = (await send('GET', result!.url, owner)).json;
    for (const { url } of provenance.recordings) expect((await send('GET', url, owner)).status).toBe(200);
  });

  it('makes one voice when it is delivered five times', async () => {
    const gate = deferred<void>();
    const { form, post, ended, jobs, voicesOf, owner, database } = await setUp({
      tone: { encoding: () => gate.promise },
    });
    const { id } = (await post(await form())).json;
    for (let time = 0; time < 2; time++) await jobs.queue.send(id);
    gate.resolve();
    const { result } = await ended(id);
    for (let time = 0; time < 2; time++) await jobs.queue.send(id);
    expect(await voicesOf(owner)).toEqual([result!.voice]);
    expect((await database.run('SELECT 1 FROM voice_consents WHERE used_at IS NOT NULL')).rows).toHaveLength(
      1,
    );
  });

  it('continues after a crash with the same voice, although its consent is used by then', async () => {
    const { form, post, ended, stored, voicesOf, owner, send } = await setUp();
    const put = stored.store.putIfAbsent;
    let puts = 0;
    stored.store.putIfAbsent = async (...args) => {
      // At this point the voice and one of its recordings are stored.
      if (++puts === 2) throw new Error('The storage is away.');
      return await put(...args);
    };
    const job = await ended((await post(await form({ keep: 'true' }))).json.id);
    expect(job.state).toBe('succeeded');
    expect(await voicesOf(owner)).toEqual([job.result!.voice]);
    const { provenance } = (await send('GET', job.result!.url, owner)).json;
    expect(provenance.recordings).toHaveLength(2);
    for (const { url } of provenance.recordings) expect((await send('GET', url, owner)).status).toBe(200);
  });

  it('is found again by its idempotency key, though its consent is used; another body is refused', async () => {
    const { form, post, ended, waiting, voicesOf, owner } = await setUp();
    const sent = await form();
    const first = await post(sent, owner, 'once');
    await ended(first.json.id);
    const again = await post(sent, owner, 'once');
    expect([again.status, again.json.id]).toEqual([200, first.json.id]);
    const other = await post({ ...sent, name: 'Bea' }, owner, 'once');
    expect([other.status, other.json.error!.code]).toEqual([422, 'idempotency_mismatch']);
    expect(await waiting()).toEqual([]);
    expect(await voicesOf(owner)).toHaveLength(1);
  });

  it('reserves its consent while it waits, even past its expiry', async () => {
    const gate = deferred<void>();
    const { form, post, ended, jobs, clone, database, voicesOf, owner } = await setUp();
    const queue = jobs.queue.send;
    jobs.queue.send = async (id) => void gate.promise.then(() => queue(id));
    const sent = await form();
    const { id } = (await post(sent)).json;
    const consent = sent.consent as string;
    expect((await clone({ consent })).json.error.code).toBe('invalid_consent');
    expect((await post(await form({ consent }))).json.error!.code).toBe('invalid_consent');
    await database.run('UPDATE voice_consents SET expires_at = 1 WHERE id = ?', consent);
    gate.resolve();
    expect((await ended(id)).state).toBe('succeeded');
    expect(await voicesOf(owner)).toHaveLength(1);
  });

  it.each([
    ['recordings that are no good leave it to be used', 'unusable_reference', 201],
    ['another reader uses it up', 'invalid_consent', 403],
  ])('%s', async (_, code, status) => {
    const { form, post, ended, clone } = await setUp();
    const bad =
      code === 'invalid_consent'
        ? { consent_recording: await wavOf(hum(BEN, 5)) }
        : { files: [await wavOf(hum(ANA)), await wavOf(hum(BEN))] };
    const sent = await form(bad);
    expect((await ended((await post(sent)).json.id)).error!.code).toBe(code);
    // The consent can be used again after the job has reported its end.
    await expect.poll(async () => (await clone({ consent: sent.consent as string })).status).toBe(status);
  });

  it('that fails reports the same error as POST /v1/voices, and keeps nothing', async () => {
    const { form, post, ended, waiting, voicesOf, owner, stored } = await setUp();
    const job = await ended(
      (await post(await form({ files: [await wavOf(hum(ANA)), await wavOf(hum(BEN))] }))).json.id,
    );
    expect(job).toMatchObject({
      state: 'failed',
      result: null,
      error: {
        code: 'unusable_reference',
        param: 'files[0]',
        message: expect.stringMatching(/similarity of .*; at least 0\.5 is needed/),
      },
    });
    await expect.poll(waiting).toEqual([]);
    expect([await voicesOf(owner), await stored.left()]).toEqual([[], []]);
  });

  it('retried without its recordings reports that they are missing', async () => {
    const { form, post, ended, send, owner } = await setUp();
    const { id } = (await post(await form({ files: [new Uint8Array(100)] }))).json;
    expect((await ended(id)).error!.code).toBe('invalid_reference');
    await send('POST', `/v1/jobs/${id}/retry`, owner);
    await expect.poll(async () => (await ended(id)).error?.message).toMatch(/were removed: send them again/);
  });

  it('that is cancelled makes no voice and deletes the recordings', async () => {
    const begun = deferred<void>();
    const encoding = (_: unknown, signal?: AbortSignal) => {
      begun.resolve();
      return new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason)),
      );
    };
    const { form, post, send, waiting, owner, voicesOf } = await setUp({ tone: { encoding } });
    const { id } = (await post(await form())).json;
    await begun.promise;
    expect((await send('DELETE', `/v1/jobs/${id}`, owner)).json.state).toBe('cancelled');
    expect([await waiting(), await voicesOf(owner)]).toEqual([[], []]);
  });

  it('of a key that was revoked in the meantime makes no voice', async () => {
    const gate = deferred<void>();
    const { form, post, jobs, access, owner, database, waiting } = await setUp();
    const queue = jobs.queue.send;
    jobs.queue.send = async (id) => void gate.promise.then(() => queue(id));
    const { id } = (await post(await form())).json;
    await access.keys!.revoke(owner.split('_')[1].slice(0, 12));
    gate.resolve();
    await expect.poll(async () => (await jobs.store.find(id))?.state).toBe('failed');
    expect((await jobs.store.find(id))?.fault?.code).toBe('invalid_api_key');
    expect((await database.run('SELECT 1 FROM voices')).rows).toEqual([]);
    await expect.poll(waiting).toEqual([]);
  });
});

describe('before it makes a job, POST /v1/voices refuses', () => {
  it.each<[string, VoiceFields, number, string, string]>([
    ['no name', { name: undefined }, 400, 'missing_required_parameter', 'name'],
    ['no recordings', { files: [] }, 400, 'missing_required_parameter', 'files'],
    ['another kind', { kind: 'speech' }, 400, 'invalid_value', 'kind'],
    ['no kind', { kind: undefined }, 400, 'invalid_value', 'kind'],
    ['a used consent', { consent: 'cns_0' }, 403, 'invalid_consent', 'consent'],
    [
      'a statement, where recordings are wanted',
      { consent_recording: undefined, consent_statement: 'Yes.', consent_signed_by: 'Me' },
      403,
      'invalid_consent',
      'consent_statement',
    ],
    [
      'no consent',
      { consent: undefined, consent_recording: undefined },
      400,
      'consent_required',
      'consent_recording',
    ],
    ['an unknown language', { language: 'ko' }, 400, 'unsupported_language', 'language'],
    ['a webhook, without webhooks', { webhook: 'https://example.com/' }, 501, 'not_configured', 'webhook'],
    ['a recording of 7 MB', { files: [new Uint8Array(7e6)] }, 413, 'body_too_large', 'files[0]'],
  ])('%s', async (_, fields, status, code, param) => {
    const { form, post, uploaded, jobs } = await setUp();
    const answer = await post(await form(fields));
    expect([answer.status, answer.json.error!.code, answer.json.error!.param]).toEqual([status, code, param]);
    expect(uploaded.size).toBe(0);
    expect(await jobs.store.list({ owner: 'x', limit: 1 })).toEqual([]);
  });

  it('JSON, which has no room for recordings; anything where cloning is disabled', async () => {
    const { send, owner } = await setUp();
    const json = await send('POST', '/v1/jobs', owner, { kind: 'voice', name: 'Ana' });
    expect([json.status, json.json.error.code]).toEqual([415, 'unsupported_media_type']);
    const off = await setUp({ referenceStyles: false });
    const sent = await off.sendForm('/v1/jobs', off.owner, { kind: 'voice' });
    expect([sent.status, sent.json.error.code]).toEqual([403, 'reference_styles_disabled']);
  });

  it('100 MB without reading them; and more concurrent uploads than there is room for', async () => {
    const { app, owner } = await setUp({ maxUploads: { uploads: 1, bytes: 2 ** 24 } });
    const taken = { bytes: 0 };
    const gate = deferred<void>();
    const begun = deferred<void>();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        begun.resolve();
        await gate.promise;
        taken.bytes += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const post = (sent: BodyInit, more: Record<string, string> = {}) =>
      app.request('/v1/jobs', {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${owner}`,
          'Content-Type': 'multipart/form-data; boundary=x',
          ...more,
        },
        body: sent,
        duplex: 'half',
      } as RequestInit);
    const announced = await post('x', { 'Content-Length': '100000000' });
    expect(announced.status).toBe(413);
    const first = post(body);
    await begun.promise;
    expect((await post('x')).status).toBe(429);
    gate.resolve();
    expect((await first).status).toBe(413);
    expect(taken.bytes).toBeLessThan(MAX_VOICE_BYTES + 4 * 65_536);
    expect((await post('x')).status).toBe(400);
  });

  it('more uploads than may be queued', async () => {
    const gate = deferred<void>();
    const { form, post, jobs } = await setUp({ voiceConsent: 'statement' });
    jobs.queue.send = async () => await gate.promise;
    gate.resolve();
    const sent = await form({
      consent: undefined,
      consent_recording: undefined,
      consent_statement: 'Yes.',
      consent_signed_by: 'Me',
    });
    for (let one = 0; one < MAX_UPLOADS; one++) expect((await post(sent)).status).toBe(202);
    const more = await post(sent);
    expect([more.status, more.json.error!.code]).toEqual([429, 'too_many_jobs']);
  });
});

describe('uploaded recordings', () => {
  it('are deleted after a day, whatever happened to their job', async () => {
    const { database } = await countingDatabase();
    const files = memoryOutputs();
    const clock = { now: 1_000_000 };
    const uploads = new Uploads(database, files, () => clock.now);
    const old = await uploads.take('me', [Uint8Array.of(1), Uint8Array.of(2)]);
    clock.now += UPLOAD_MS - 1;
    const young = await uploads.take('me', [Uint8Array.of(3)]);
    expect(await uploads.prune()).toBe(0);
    clock.now += 1;
    expect(await uploads.prune()).toBe(1);
    expect(await files.has(old, 'recording-0')).toBe(false);
    await expect(uploads.read(old, 1)).rejects.toMatchObject({ code: 'invalid_reference' });
    expect(await uploads.read(young, 1)).toEqual([Uint8Array.of(3)]);
    expect(await uploads.prune()).toBe(0);
  });

  it('are deleted when they cannot be stored completely', async () => {
    const { database } = await countingDatabase();
    const files = memoryOutputs();
    let put = 0;
    const failing = {
      ...files,
      put: async (...args: Parameters<typeof files.put>) => {
        if (++put === 2) throw new Error('The storage is away.');
        await files.put(...args);
      },
    };
    await expect(
      new Uploads(database, failing).take('me', [Uint8Array.of(1), Uint8Array.of(2)]),
    ).rejects.toThrow('away');
    expect((await database.run('SELECT 1 FROM voice_uploads')).rows).toEqual([]);
  });
});
