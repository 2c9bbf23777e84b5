import { describe, expect, it } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import type { Jobs } from '../../../../src/features/jobs/jobs.ts';
import { parseSpeech } from '../../../../src/features/speech/parse.ts';
import { readPlacementPreferences, workOf } from '../../../../src/features/speech/placement/work.ts';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { originsOf } from '../../../../src/placement/origins.ts';
import { encodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';
import { TONE_MODEL, TONE_STYLE, toneEngine } from '../../../fixtures/tone-engine.ts';
import { wavOf } from '../../../support/hummed.ts';

const PHRASE = { model: 'tone-1', voice: 'clara', input: 'Hello.' };
const HEAVY = { ...PHRASE, input: 'Hello there. '.repeat(100) };
const SECRETS = 'k1:a-secret-that-edge-and-origin-share';

/** A stand-in for jobs that only accepts them. */
function jobsStub() {
  const made: Record<string, unknown>[] = [];
  const store = {
    made: async () => null,
    create: async (job: Record<string, unknown>) => {
      made.push(job);
      return { job: { ...job, id: 'job_1', state: 'queued', done: 0, retries: 0 }, created: true };
    },
  };
  const jobs = { store, queue: { send: async () => {} }, outputs: {}, employ: () => {} };
  return { jobs: jobs as unknown as Jobs, made };
}

function edge(options: Partial<Parameters<typeof createApp>[0]> = {}) {
  const tone = toneEngine();
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder, placement: {}, ...options });
  const post = (path: string, body: object | Uint8Array, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body),
    });
  return { app, tone, post };
}

/** An origin that answers everything with this. */
const poolOf = (answer: (request: Request) => Response) =>
  new OriginPool({
    origins: [{ url: 'https://origin.example', weight: 1 }],
    sign: async () => ({}),
    fetch: async (url, init) => {
      const request = new Request(url, init);
      const response = answer(request);
      response.headers.set('x-request-id', request.headers.get('x-request-id')!);
      return response;
    },
  });

describe('Prefer: respond-async', () => {
  const pool = poolOf(() => new Response('audio', { headers: { 'Content-Type': 'audio/mpeg' } }));

  it('makes a job', async () => {
    const { jobs, made } = jobsStub();
    const { post, tone } = edge({ jobs, placement: { pool } });
    const response = await post('/v1/audio/speech', HEAVY, {
      Prefer: 'respond-async',
      'Idempotency-Key': 'a',
    });
    expect(response.status).toBe(202);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      location: '/v1/jobs/job_1',
      'preference-applied': 'respond-async',
      'x-sori-placed': 'origin; reason=async',
    });
    expect(await response.json()).toMatchObject({ object: 'job', state: 'queued', kind: 'speech' });
    expect(made).toMatchObject([{ owner: 'local', kind: 'speech', idempotency: { key: 'a' } }]);
    expect(tone.count.spoken).toBe(0);
  });

  it.each([
    ['of what is done in time', PHRASE, 'respond-async, wait=10', 'edge; reason=small'],
    ['that isn’t preferred', HEAVY, 'wait=10', 'origin; reason=cost'],
  ])('makes none %s', async (_, body, prefer, placed) => {
    const { jobs, made } = jobsStub();
    const { post } = edge({ jobs, placement: { pool } });
    const response = await post('/v1/audio/speech', body, { Prefer: prefer });
    expect([response.status, response.headers.get('x-sori-placed')]).toEqual([200, placed]);
    expect(response.headers.has('preference-applied')).toBe(false);
    expect(made).toEqual([]);
    await response.body?.cancel();
  });

  it.each([
    ['sse', { stream_format: 'sse' }, 'text/event-stream'],
    ['json', { response_format: 'json' }, 'application/json'],
  ])('has no effect on %s, for which there are no jobs', async (_, fields, type) => {
    const { jobs, made } = jobsStub();
    const answering = poolOf(() => new Response('{}', { headers: { 'Content-Type': type } }));
    const { post } = edge({ jobs, placement: { pool: answering } });
    const response = await post('/v1/audio/speech', { ...HEAVY, ...fields }, { Prefer: 'respond-async' });
    expect([response.status, await response.text()]).toEqual([200, '{}']);
    expect(response.headers.has('preference-applied')).toBe(false);
    expect(made).toEqual([]);
  });

  it('has no effect where there are no jobs', async () => {
    const { post } = edge({ placement: { pool } });
    const response = await post('/v1/audio/speech', HEAVY, { Prefer: 'respond-async' });
    expect([response.status, await response.text()]).toEqual([200, 'audio']);
  });

  it.each([
    ['respond-async', { respondAsync: true, waitMs: 0 }],
    ['Respond-Async, wait=10', { respondAsync: true, waitMs: 10_000 }],
    ['wait="3", respond-async', { respondAsync: true, waitMs: 3_000 }],
    ['handling=lenient', { respondAsync: false, waitMs: 0 }],
    ['respond-async=no', { respondAsync: false, waitMs: 0 }],
  ])('parses %j', (prefer, wishes) => {
    expect(readPlacementPreferences(new Headers({ Prefer: prefer }))).toMatchObject(wishes);
  });
});

describe('recordings', () => {
  const wav = new Uint8Array(48_000 * 4);
  const style = { id: encodeStyleId(TONE_STYLE, TONE_MODEL.styleSpace), object: 'style', seconds: 4 };

  it('are converted to styles at an origin', async () => {
    let received = 0;
    const pool = poolOf((request) => {
      received = Number(request.headers.get('content-length') ?? 1);
      return Response.json(style);
    });
    const { post, tone } = edge({ placement: { pool }, referenceStyles: true });
    const response = await post('/v1/styles', wav, { 'Content-Type': 'audio/wav' });
    expect(response.headers.get('x-sori-placed')).toBe('origin; reason=reference');
    expect(await response.json()).toMatchObject(style);
    expect(received).toBeGreaterThan(0);
    expect(tone.recordings).toEqual([]);
  });

  it('are analysed at the edge when the origin fails', async () => {
    const pool = poolOf(() => new Response('?', { status: 502 }));
    const { post } = edge({ placement: { pool }, referenceStyles: true });
    const response = await post('/v1/styles', wav, { 'Content-Type': 'audio/wav' });
    // A recording of silence is refused only after it has been decoded.
    expect([response.status, response.headers.get('x-sori-placed')]).toEqual([
      400,
      'edge; reason=origin-down',
    ]);
  });

  it.each([
    ['a style of another model', { ...style, id: `sty_${'A'.repeat(40)}` }],
    ['no style', {}],
    ['no length', { ...style, seconds: undefined }],
  ])('are analysed at the edge when the origin answers %s', async (_, answer) => {
    const { post } = edge({
      placement: { pool: poolOf(() => Response.json(answer)) },
      referenceStyles: true,
    });
    const sound = Float32Array.from({ length: 96_000 }, (_, n) => 0.5 * Math.sin(n / 20));
    const response = await post('/v1/styles', await wavOf(sound), { 'Content-Type': 'audio/wav' });
    expect([response.status, response.headers.get('x-sori-placed')]).toEqual([
      200,
      'edge; reason=origin-down',
    ]);
  });

  it('that are too long are refused before they are forwarded', async () => {
    const pool = poolOf(() => Response.json(style));
    const { post } = edge({ placement: { pool }, referenceStyles: true });
    const response = await post('/v1/styles', new Uint8Array(7e6), { 'Content-Type': 'audio/wav' });
    expect(response.status).toBe(413);
  });
});

it.each([
  ['an edge', {}, 'edge; reason=small'],
  ['a server that hands nothing over', { placement: undefined }, 'edge; reason=only'],
])('%s states where speech and captions are made', async (_, options, placed) => {
  const { post } = edge(options);
  for (const path of ['/v1/audio/speech', '/v1/audio/speech.vtt']) {
    const response = await post(path, PHRASE);
    expect([response.status, response.headers.get('x-sori-placed')]).toEqual([200, placed]);
    await response.body?.cancel();
  }
});

it('a page of another origin may read where the audio was made', async () => {
  const response = await edge().post('/v1/audio/speech', PHRASE);
  expect(response.headers.get('access-control-expose-headers')).toMatch(/Preference-Applied.*X-Sori-Placed/);
});

describe('the estimated work of a request', () => {
  it.each([
    ['a phrase', {}, { characters: 6, refineSteps: 0, diffusionSteps: 0, referenceSeconds: 0, whole: false }],
    ['an emotion', { emotion: 'happy' }, { diffusionSteps: 0, answersPerStep: 1 }],
    ['guidance', { diffusion_steps: 5, embedding_scale: 2 }, { diffusionSteps: 5, answersPerStep: 2 }],
    ['steps', { refine_steps: 8, diffusion_steps: 3 }, { refineSteps: 8, diffusionSteps: 3 }],
    ['SSML', { input: '<speak>Hi <break time="1s"/></speak>' }, { characters: 6 }],
    ['a loudness', { loudness: -16 }, { whole: true }],
    ['a telephone', { response_format: 'mulaw' }, { whole: true }],
    ['a telephone as it was made', { response_format: 'mulaw', loudness: 'off' }, { whole: false }],
    ['a recording', { style: `data:audio/wav;base64,${'A'.repeat(256_000)}` }, { referenceSeconds: 4 }],
  ])('%s', (_, fields, work) => {
    const { referenceSeconds, ...rest } = workOf(parseSpeech({ ...PHRASE, ...fields }));
    expect({ ...rest, referenceSeconds: Math.round(referenceSeconds) }).toMatchObject(work);
  });
});

describe('variables', () => {
  it('origins require a secret', () => {
    expect(originsOf({})).toBeUndefined();
    expect(() => originsOf({ ORIGINS: 'https://a.example' })).toThrow(/ORIGIN_SECRETS/);
    expect(() => originsOf({ ORIGINS: 'https://a.example', ORIGIN_SECRETS: 'k1:short' })).toThrow(
      /^ORIGIN_SECRETS, key 1/,
    );
    expect(originsOf({ ORIGINS: 'https://a.example', ORIGIN_SECRETS: SECRETS })?.up).toBe(true);
  });
});
