import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { generateForJob, parseGeneration } from '../../../../src/features/generation/index.ts';
import type { NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { HostedModels } from '../../../../src/models/hosted-models.ts';
import { ModelStore } from '../../../../src/models/store.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { jobsApp } from '../../../support/apps/jobs-app.ts';
import { temporaryFolder } from '../../../support/models/tiny-models.ts';
import { writeTinyMusicgen } from '../../../support/models/tiny-tasks.ts';

const PATH = '/v1/audio/generations';
const ASKED = { prompt: 'a good day', seconds: 0.5, seed: 7, response_format: 'wav' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hosted: HostedModels;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyMusicgen(join(folder.path, 'musicgen-tiny'));
  const graphs = { providers: ['cpu'], threads: 1 };
  hosted = new HostedModels({ store: new ModelStore(folder.path), graphs, memoryBytes: 1e9 });
});
afterAll(async () => {
  await hosted.close();
  await folder[Symbol.asyncDispose]();
});
const running: NodeJobs[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()));
});

async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const library = createAudioLibrary({ store: memoryStore(), createEncoder });
  const made = await jobsApp({ hosted, library, ...options });
  running.push(made.jobs);
  const { key } = await made.makeKey({ scopes: ['speech'], monthlyCharacters: 100 });
  const ask = async (fields: object, path = PATH) =>
    await made.app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify(fields),
    });
  const refusal = async (fields: object) => {
    const response = await ask({ stream_format: 'audio', ...ASKED, ...fields });
    const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
    return { status: response.status, ...error };
  };
  return { ...made, key, ask, refusal };
}

describe('POST /v1/audio/generations', () => {
  it('makes a job, whose result is stored sound with the licence of the model', async () => {
    const { ask, follow, send, key } = await setUp();
    const response = await ask(ASKED);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const { job } = await follow(id, key);
    expect(job).toMatchObject({
      kind: 'generation',
      state: 'succeeded',
      result: { format: 'wav', model: 'musicgen-tiny@1.0', licence: 'CC-BY-NC-4.0' },
    });
    expect(job.result.seconds).toBeCloseTo(0.5, 1);
    expect((await send('GET', job.result.url, key)).status).toBe(200);
  });

  it('finds the stored sound with its licence when a job is repeated after a crash', async () => {
    const library = createAudioLibrary({ store: memoryStore(), createEncoder });
    const { engine } = toneEngine();
    const deps = { access: 'off', engine, createEncoder, library, hosted } as const;
    const job = { job: 'job_1', owner: 'local', signal: new AbortController().signal };
    const shares: number[] = [];
    const once = await generateForJob(deps, parseGeneration(ASKED), {
      ...job,
      onProgress: (share) => shares.push(share),
    });
    expect([once.licence, shares.length > 0]).toEqual(['CC-BY-NC-4.0', true]);
    const again = await generateForJob(deps, parseGeneration(ASKED), {
      ...job,
      onProgress: () => expect.unreachable('It was made again.'),
    });
    expect(again).toEqual(once);
  });

  it('gives the sound itself, the same for the same seed', async () => {
    const { ask } = await setUp();
    const soundOf = async (fields: object) => {
      const response = await ask({ ...ASKED, stream_format: 'audio', ...fields });
      expect(response.headers.get('x-sori-licence')).toBe('CC-BY-NC-4.0');
      return readMasterWav(await response.bytes());
    };
    const first = await soundOf({});
    expect(first.length / 24_000).toBeCloseTo(0.5, 1);
    expect(await soundOf({})).toEqual(first);
    expect(await soundOf({ seed: 8 })).not.toEqual(first);
  });

  it('reports its progress, and ends with the sound', async () => {
    const { ask } = await setUp();
    const text = await (await ask({ ...ASKED, stream_format: 'sse' })).text();
    const events = text
      .split('\n\n')
      .filter(Boolean)
      .map(
        (event) =>
          JSON.parse(event.replace('data: ', '')) as { type: string; progress: number; audio: string },
      );
    expect(events.length).toBeGreaterThanOrEqual(2);
    expect(events[0].type).toBe('generation.progress');
    expect(events.at(-1)).toMatchObject({
      type: 'generation.done',
      licence: 'CC-BY-NC-4.0',
      model: 'musicgen-tiny@1.0',
    });
    expect(
      readMasterWav(Uint8Array.from(Buffer.from(events.at(-1)!.audio, 'base64'))).length,
    ).toBeGreaterThan(1000);
  });

  it.each<[object, number, string, string]>([
    [{ prompt: undefined }, 400, 'missing_required_parameter', 'prompt'],
    [{ prompt: '' }, 400, 'invalid_value', 'prompt'],
    [{ seconds: 3 }, 400, 'invalid_value', 'seconds'],
    [{ seconds: 1000 }, 400, 'invalid_value', 'seconds'],
    [{ seed: 1.5 }, 400, 'invalid_type', 'seed'],
    [{ melody: 'data:audio/wav;base64,' }, 422, 'unsupported_parameter', 'melody'],
    [{ tempo: 120 }, 400, 'invalid_value', 'tempo'],
    [{ response_format: 'docx' }, 400, 'unsupported_format', 'response_format'],
    [{ model: 'nothing' }, 404, 'unknown_model', 'model'],
  ])('refuses %j', async (fields, status, code, param) => {
    const { refusal } = await setUp();
    expect(await refusal(fields)).toMatchObject({ status, code, param });
  });

  it('refuses a job that is impossible', async () => {
    const { ask } = await setUp();
    const response = await ask({ ...ASKED, seconds: 3 });
    expect(response.status).toBe(400);
  });

  it('costs fifteen characters a second', async () => {
    const { ask } = await setUp();
    const fields = { ...ASKED, seconds: 2, stream_format: 'audio' };
    for (let i = 0; i < 3; i++) expect((await ask(fields)).status).toBe(200);
    expect((await ask(fields)).status).toBe(429);
  });

  it('explains what the operator can do without a model, and without an origin', async () => {
    const bare = await setUp({ hosted: undefined });
    expect(await bare.refusal({})).toMatchObject({
      status: 503,
      message: expect.stringContaining('models add'),
    });
    const edge = await setUp({ hosted: undefined, placement: {} });
    expect(await edge.refusal({})).toMatchObject({
      status: 503,
      message: expect.stringContaining('ORIGINS'),
    });
  });
});
