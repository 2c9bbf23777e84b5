import { afterEach, describe, expect, it } from 'vitest';
import type { NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { ADMIN_KEY } from '../../../support/apps/access-app.ts';
import { jobsApp, REQUEST } from '../../../support/apps/jobs-app.ts';
import { deferred } from '../../../support/deferred.ts';

let running: NodeJobs[] = [];
afterEach(async () => {
  await Promise.all(running.map((jobs) => jobs.stop()));
  running = [];
});

async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const app = await jobsApp(options);
  running.push(app.jobs);
  const { key } = await app.makeKey({ scopes: ['speech'], monthlyCharacters: 10_000 });
  const post = (body: unknown, headers = {}, by = key) => app.send('POST', '/v1/jobs', by, body, headers);
  return { ...app, key, post };
}

const speech = (input = 'Hello.') => ({ kind: 'speech', request: { ...REQUEST, input } });

describe('kinds of job', () => {
  it('speech: audio in the library', async () => {
    const { post, key, follow, send } = await setUp();
    const made = await post({ ...speech(), request: { ...speech().request, response_format: 'wav' } });
    expect(made.status).toBe(202);
    expect(made.headers.get('location')).toBe(`/v1/jobs/${made.json.id}`);
    expect(made.json).toMatchObject({ object: 'job', kind: 'speech', state: 'queued', result: null });
    const { job, events } = await follow(made.json.id, key);
    expect(events.map(({ type }) => type)).toEqual(['queued', 'running', 'progress', 'succeeded']);
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: 1, total: 1 }, error: null });
    expect(job.result).toMatchObject({ format: 'wav', seconds: 0.3, pieces: 1 });
    const audio = await send('GET', job.result.url);
    expect([audio.status, audio.headers.get('content-type')]).toEqual([200, 'audio/wav']);
  });

  it('long_form: pieces are joined to one recording', async () => {
    const { post, key, follow, tone, send } = await setUp();
    const input = Array.from({ length: 2800 }, (_, i) => `This is sentence ${i} of many. `).join('');
    const { json } = await post({
      kind: 'long_form',
      request: { ...REQUEST, input, response_format: 'wav' },
    });
    const { job } = await follow(json.id, key);
    // The month has 10,000 characters.
    expect(job).toMatchObject({ state: 'failed', error: { code: 'insufficient_quota' } });
    const short = input.slice(0, 3500);
    const request = { ...REQUEST, input: short, response_format: 'wav' };
    const again = await post({ kind: 'long_form', request }, {}, ADMIN_KEY);
    const spoken = tone.count.spoken;
    const { job: whole } = await follow(again.json.id, ADMIN_KEY);
    expect(whole).toMatchObject({ state: 'succeeded', progress: { done: 3, total: 3 } });
    expect(whole.result.seconds).toBeGreaterThan(0.9);
    // The failed job has stored its pieces already, so only the shorter last piece is charged.
    expect(tone.count.spoken - spoken).toBe(1);
    expect((await send('GET', whole.result.url)).status).toBe(200);
  });

  it('dialogue: speakers take turns', async () => {
    const { post, key, follow, tone } = await setUp();
    const { json } = await post({
      kind: 'dialogue',
      request: { model: 'tone-1', response_format: 'wav' },
      speakers: { anna: { voice: 'clara' }, ben: { voice: 'cameron', speed: 1.2 } },
      turns: [
        { speaker: 'anna', input: 'Who is there?' },
        { speaker: 'ben', input: 'It is me.', pause_ms: 1000 },
        { speaker: 'anna', input: 'Come in.' },
      ],
    });
    const { job } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'succeeded', result: { pieces: 3 } });
    // Three tones of 0.3 s with pauses of 0.35 s and 1 s between them.
    expect(job.result.seconds).toBeCloseTo(0.9 + 0.35 / 1 + 1, 1);
    expect(tone.requests.map(({ voice }) => Object.keys(voice)[0])).toEqual(['clara', 'cameron', 'clara']);
  });

  it('batch: a line for each request, also for refused ones', async () => {
    const { app, post, key, follow, send } = await setUp();
    const line = (custom_id: string, body: object) =>
      JSON.stringify({ custom_id, method: 'POST', url: '/v1/audio/speech', body });
    const input = [
      line('a', { ...REQUEST, input: 'Hello.' }),
      line('b', { ...REQUEST, input: 'Hello.', voice: 'nobody' }),
      line('c', { ...REQUEST, input: '' }),
    ].join('\n');
    const { json } = await post({ kind: 'batch', input });
    const { job } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'succeeded', result: { lines: 3, failed: 2 } });
    const headers = { Authorization: `Bearer ${key}` };
    const output = await app.request(job.result.output, { headers });
    expect(output.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    const lines = (await output.text())
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(lines).toMatchObject([
      {
        custom_id: 'a',
        error: null,
        response: { status_code: 200, body: { object: 'audio', format: 'mp3' } },
      },
      { custom_id: 'b', response: { status_code: 400, body: { error: { code: 'unknown_voice' } } } },
      { custom_id: 'c', response: { status_code: 400, body: { error: { code: 'invalid_value' } } } },
    ]);
    expect((await send('GET', lines[0].response.body.url)).status).toBe(200);
  });
});

describe('a batch with failures', () => {
  const input = ['One.', 'Two.', 'Three.']
    .map((text, i) =>
      JSON.stringify({
        custom_id: `line-${i}`,
        method: 'POST',
        url: '/v1/audio/speech',
        body: { ...REQUEST, input: text },
      }),
    )
    .join('\n');
  const linesOf = async (app: Awaited<ReturnType<typeof setUp>>['app'], id: string, key: string) => {
    const headers = { Authorization: `Bearer ${key}` };
    const output = await app.request(`/v1/jobs/${id}/output`, { headers });
    const lines = (await output.text()).trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  };

  it('has the results that succeeded and the errors of the others; a retry completes it', async () => {
    const state = { full: true };
    const { app, post, key, follow, send } = await setUp({
      tone: {
        plan: (request) => {
          if (state.full && request.input === 'Two.') throw new TypeError('The engine broke.');
          return undefined;
        },
      },
    });
    const { json } = await post({ kind: 'batch', input });
    const { job, events } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'internal_error' }, result: null });
    const lines = await linesOf(app, json.id, key);
    expect(lines).toMatchObject([
      { custom_id: 'line-0', error: null, response: { status_code: 200 } },
      { custom_id: 'line-1', response: null, error: { code: 'batch_failed' } },
      { custom_id: 'line-2', response: null, error: { code: 'batch_failed' } },
    ]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
    state.full = false;
    await send('POST', `/v1/jobs/${json.id}/retry`, key);
    const after = await follow(json.id, key, { 'Last-Event-ID': String(events.at(-1)!.id) });
    expect(after.job).toMatchObject({ state: 'succeeded', result: { lines: 3, failed: 0 } });
    const whole = await linesOf(app, json.id, key);
    expect(whole.map(({ response }) => response?.status_code)).toEqual([200, 200, 200]);
    expect(whole[0]).toEqual(lines[0]);
  });

  it('lists the requests that were not made when it is cancelled', async () => {
    const held = deferred<undefined>();
    const { app, post, key, follow, send, jobs } = await setUp({
      tone: { plan: (request) => (request.input === 'Two.' ? held.promise : undefined) },
    });
    const { json } = await post({ kind: 'batch', input });
    let seen = 0;
    while ((await jobs.store.find(json.id))!.done === 0) {
      seen = (await jobs.store.events(json.id, seen)).at(-1)?.id ?? seen;
    }
    await send('DELETE', `/v1/jobs/${json.id}`, key);
    held.resolve(undefined);
    expect((await follow(json.id, key)).job.state).toBe('cancelled');
    const lines = await linesOf(app, json.id, key);
    expect(lines.map(({ error }) => error?.code)).toEqual([undefined, 'batch_cancelled', 'batch_cancelled']);
  });
});

describe('refuses', () => {
  const cases: [unknown, string, string | null][] = [
    [{}, 'invalid_value', 'kind'],
    [[], 'invalid_type', null],
    [{ kind: 'song' }, 'invalid_value', 'kind'],
    [{ kind: 'speech' }, 'missing_required_parameter', 'request'],
    [{ ...speech(), turns: [{ speaker: 'a', input: 'b' }] }, 'conflicting_parameters', 'turns'],
    [{ ...speech(), pace: 1 }, 'invalid_value', 'pace'],
    [speech(''), 'invalid_value', 'request.input'],
    [{ kind: 'speech', request: { ...REQUEST, input: 'a', voice: 'nobody' } }, 'unknown_voice', 'voice'],
    [
      { kind: 'speech', request: { ...REQUEST, input: 'a', response_format: 'json' } },
      'conflicting_parameters',
      'request.response_format',
    ],
    [
      { kind: 'long_form', request: { ...REQUEST, input: 'a'.repeat(100_001) } },
      'string_above_max_length',
      'request.input',
    ],
    [
      { kind: 'long_form', request: { ...REQUEST, input: '<speak>Hi</speak>' } },
      'invalid_ssml',
      'request.input',
    ],
    [
      { kind: 'dialogue', request: REQUEST, speakers: { a: {} }, turns: [{ speaker: 'b', input: 'c' }] },
      'invalid_value',
      'turns.0.speaker',
    ],
    [{ kind: 'batch', input: '{' }, 'invalid_value', 'input'],
    [{ kind: 'batch', input: '{"custom_id":"a","method":"GET","url":"/"}' }, 'invalid_value', 'input'],
    [{ ...speech(), webhook: { url: 'https://a.example/' } }, 'not_configured', 'webhook'],
  ];
  it.each(cases.map((each, i) => [i, each[1], each[2]] as const))('%i: %s of %s', async (i, code, param) => {
    const [body] = cases[i];
    const { post } = await setUp();
    const { json } = await post(body);
    expect(json.error).toMatchObject({ code, param });
  });

  it('a body over 1 MiB', async () => {
    const { post } = await setUp();
    expect((await post({ kind: 'batch', input: 'x'.repeat(1024 * 1024) })).status).toBe(413);
  });

  it('all jobs on servers that run none', async () => {
    const { send, makeKey } = await jobsApp({}).then(async (app) => {
      await app.jobs.stop();
      return (await import('../../../support/apps/access-app.ts')).accessApp();
    });
    const { key } = await makeKey();
    const { status, json } = await send('POST', '/v1/jobs', key, speech());
    expect([status, json.error.code]).toEqual([501, 'not_configured']);
  });

  it('more jobs than may be queued', async () => {
    const blocked = deferred<void>();
    const { post, send, key } = await setUp({ maxWaiting: 2, tone: { before: () => blocked.promise } });
    const first = await post(speech('One.'));
    await post(speech('Two.'));
    const third = await post(speech('Three.'));
    expect([third.status, third.json.error.code]).toEqual([429, 'too_many_jobs']);
    expect(third.headers.get('retry-after')).toBe('30');
    await send('DELETE', `/v1/jobs/${first.json.id}`, key);
    expect((await post(speech('Three.'))).status).toBe(202);
    blocked.resolve();
  });
});

describe('Idempotency-Key', () => {
  it('the same body gets the same job, ten times at once; another body is refused', async () => {
    const { post, makeKey, tone, key, follow } = await setUp();
    const headers = { 'Idempotency-Key': 'order-1' };
    const made = await Promise.all(Array.from({ length: 10 }, () => post(speech(), headers)));
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1);
    expect(made.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 202]);
    // The order of the fields does not matter.
    const { request } = speech();
    const turned = await post(
      { request: Object.fromEntries(Object.entries(request).reverse()), kind: 'speech' },
      headers,
    );
    expect(turned.json.id).toBe(made[0].json.id);
    const other = await post(speech('Bye.'), headers);
    expect([other.status, other.json.error.code]).toEqual([422, 'idempotency_mismatch']);
    const { key: stranger } = await makeKey();
    expect((await post(speech(), headers, stranger)).json.id).not.toBe(made[0].json.id);
    await follow(made[0].json.id, key);
    expect(tone.count.spoken).toBe(1);
    expect((await post(speech(), { 'Idempotency-Key': 'ü' })).json.error.param).toBe('Idempotency-Key');
  });
});

describe('jobs of other keys', () => {
  it('are 404 on every route', async () => {
    const { post, send, makeKey, follow, key } = await setUp();
    const { json } = await post(speech());
    await follow(json.id, key);
    const { key: stranger } = await makeKey();
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/retry'],
      ['GET', '/events'],
      ['GET', '/output'],
    ]) {
      const answer = await send(method, `/v1/jobs/${json.id}${path}`, stranger);
      expect([answer.status, answer.json.error.code]).toEqual([404, 'unknown_job']);
    }
    expect((await send('GET', '/v1/jobs', stranger)).json.data).toEqual([]);
    expect((await send('GET', '/v1/jobs', key)).json.data).toMatchObject([
      { id: json.id, state: 'succeeded' },
    ]);
    const { key: reader } = await makeKey({ scopes: ['usage:read'] });
    expect((await send('GET', '/v1/jobs', reader)).status).toBe(403);
  });
});

describe('the lifecycle of a job', () => {
  it('stops its current step when it is cancelled, and stays cancelled', async () => {
    const begun = deferred<AbortSignal | undefined>();
    const { post, send, key, follow, tone } = await setUp({
      tone: {
        before: (_, signal) => {
          begun.resolve(signal);
          return new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason));
          });
        },
      },
    });
    const { json } = await post(speech());
    const signal = await begun.promise;
    const stopped = new Promise((resolve) => signal?.addEventListener('abort', resolve));
    const cancelled = await send('DELETE', `/v1/jobs/${json.id}`, key);
    expect([cancelled.status, cancelled.json.state]).toEqual([200, 'cancelled']);
    await stopped;
    const { job, events } = await follow(json.id, key);
    expect(job).toMatchObject({ state: 'cancelled', result: null });
    expect(events.at(-1)!.type).toBe('cancelled');
    expect((await send('DELETE', `/v1/jobs/${json.id}`, key)).status).toBe(200);
    const retried = await send('POST', `/v1/jobs/${json.id}/retry`, key);
    expect([retried.status, retried.json.error.code]).toEqual([409, 'job_conflict']);
    expect(tone.count.spoken).toBe(1);
  });

  it('fails after eight attempts, and continues where it stopped when it is retried', async () => {
    let broken = true;
    let tries = 0;
    const { post, send, key, follow } = await setUp({
      tone: {
        plan: ({ input }) => {
          if (!broken || !input.startsWith('Two')) return;
          tries++;
          throw new Error('The GPU is on fire.');
        },
      },
    });
    const turns = ['One.', 'Two.'].map((input) => ({ speaker: 'a', input }));
    const body = { kind: 'dialogue', request: REQUEST, speakers: { a: {} }, turns };
    const { json } = await post(body);
    const { job } = await follow(json.id, key);
    expect(job).toMatchObject({
      state: 'failed',
      progress: { done: 1, total: 2 },
      error: { code: 'internal_error' },
    });
    expect(job.error.message).not.toContain('fire');
    expect(tries).toBe(8);
    broken = false;
    const last = (await follow(json.id, key)).events.at(-1)!.id;
    const retried = await send('POST', `/v1/jobs/${json.id}/retry`, key);
    expect([retried.status, retried.json.state, retried.json.retries]).toEqual([202, 'queued', 1]);
    const { job: done, events } = await follow(json.id, key, { 'Last-Event-ID': String(last) });
    expect(done).toMatchObject({ state: 'succeeded', error: null, retries: 1 });
    expect(events.map(({ id }) => id)).toEqual([last + 1, last + 2, last + 3, last + 4]);
    expect(events.map(({ type }) => type)).toEqual(['queued', 'running', 'progress', 'succeeded']);
    expect((await send('DELETE', `/v1/jobs/${json.id}`, key)).status).toBe(409);
  });

  it('charges its owner step by step, and nothing for stored audio', async () => {
    const { post, key, follow, access } = await setUp();
    for (let i = 0; i < 2; i++) await follow((await post(speech('Twelve chars'))).json.id, key);
    const day = new Date(Date.UTC(2026, 10, 21)).toISOString().slice(0, 10);
    const [usage] = await access.usage!.sum({ from: day, to: day, byDay: false, byKey: false, limit: 1 });
    expect(usage.characters).toBe(12);
  });

  it('is listed by page and state', async () => {
    const { post, send, key, follow } = await setUp();
    const ids: string[] = [];
    for (const input of ['One.', 'Two.', 'Three.']) {
      const { json } = await post(speech(input));
      ids.push(json.id);
      await follow(json.id, key);
    }
    const first = await send('GET', '/v1/jobs?limit=2&state=succeeded', key);
    expect(first.json.has_more).toBe(true);
    const rest = await send('GET', `/v1/jobs?limit=2&after=${first.json.next}`, key);
    const listed = [...first.json.data, ...rest.json.data].map(({ id }: { id: string }) => id);
    expect(listed.sort()).toEqual(ids.sort());
    expect((await send('GET', '/v1/jobs?state=lost', key)).json.error.param).toBe('state');
    expect((await send('GET', '/v1/jobs?limit=0', key)).json.error.param).toBe('limit');
  });
});
