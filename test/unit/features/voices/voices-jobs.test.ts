import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryOutputs } from '../../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs, type NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { ADMIN_KEY, countingDatabase } from '../../../support/apps/access-app.ts';
import { voicesApp } from '../../../support/apps/voices-app.ts';

const running: NodeJobs[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop()));
});

async function setUp() {
  const { database } = await countingDatabase();
  const jobs = createNodeJobs({ database, outputs: memoryOutputs(), backOffMs: 1, log: () => {} });
  running.push(jobs);
  const app = await voicesApp({ jobs });
  const { id } = (await app.clone()).json;
  const dialogue = {
    kind: 'dialogue',
    request: { model: 'tone-1', response_format: 'wav' },
    speakers: { ana: { voice: id }, ben: { voice: 'cameron' } },
    turns: [
      { speaker: 'ben', input: 'Who is there?' },
      { speaker: 'ana', input: 'It is me.' },
    ],
  };
  /** A job, once it has ended. */
  const ended = async (job: string, key: string) => {
    await app.send('GET', `/v1/jobs/${job}/events`, key);
    return (await app.send('GET', `/v1/jobs/${job}`, key)).json;
  };
  /** So many characters that their audio is joined part by part. It is short, because the engine makes 0.3 s of any text. */
  const long = {
    ...dialogue,
    request: { ...dialogue.request, response_format: 'mp3' },
    turns: Array.from({ length: 6 }, (_, i) => ({
      speaker: i % 2 === 0 ? 'ana' : 'ben',
      input: `This is turn ${i}. `.repeat(70),
    })),
  };
  return { ...app, jobs, id, dialogue, long, ended };
}

describe('jobs with a cloned voice', () => {
  it('and their results belong to their owner, and are deleted with the voice', async () => {
    const { send, owner, other, id, dialogue, ended, stored } = await setUp();
    const made = await send('POST', '/v1/jobs', owner, dialogue);
    expect(made.status).toBe(202);
    const job = await ended(made.json.id, owner);
    expect(job).toMatchObject({ state: 'succeeded', result: { pieces: 2 } });
    const { url } = job.result;
    const played = await send('GET', url, owner);
    expect([played.status, played.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    for (const key of [other, ADMIN_KEY, undefined]) {
      expect((await send('GET', url, key)).status).toBe(404);
      expect((await send('POST', '/v1/jobs', key, dialogue)).status).toBe(key === undefined ? 401 : 404);
    }
    expect((await send('GET', `/v1/jobs/${made.json.id}`, other)).status).toBe(404);
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    expect((await send('GET', url, owner)).status).toBe(404);
    const key = url.slice('/audio/'.length).split('.')[0];
    expect((await stored.left()).some((name) => name.startsWith(key))).toBe(false);
    expect((await send('POST', '/v1/jobs', owner, dialogue)).json.error.code).toBe('voice_not_found');
  });

  it('that take long are private too, state their provenance, and are deleted with the voice', async () => {
    const { app, send, owner, other, id, long, ended, stored } = await setUp();
    const job = await ended((await send('POST', '/v1/jobs', owner, long)).json.id, owner);
    expect(job).toMatchObject({ state: 'succeeded', progress: { total: 9 }, result: { pieces: 6 } });
    const { url, key } = job.result;
    const played = await app.request(url, { headers: { Authorization: `Bearer ${owner}` } });
    expect([played.status, played.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    const text = Buffer.from(await played.arrayBuffer()).toString('latin1');
    expect(text.startsWith('ID3')).toBe(true);
    expect(text.slice(0, 500)).toContain(id);
    for (const stranger of [other, ADMIN_KEY, undefined]) {
      expect((await send('GET', url, stranger)).status).toBe(404);
    }
    await send('DELETE', `/v1/voices/${id}`, owner);
    expect((await stored.left()).some((name) => name.startsWith(key))).toBe(false);
  });

  it('end when the voice is deleted while they are joined, and leave nothing behind', async () => {
    const { jobs, send, owner, id, long, ended } = await setUp();
    const put = jobs.outputs.put.bind(jobs.outputs);
    const drafts: string[] = [];
    Object.assign(jobs.outputs, {
      put: async (job: string, name: string, bytes: Uint8Array) => {
        await put(job, name, bytes);
        drafts.push(name);
        if (name === 'draft.0.audio') await send('DELETE', `/v1/voices/${id}`, owner);
      },
    });
    const made = (await send('POST', '/v1/jobs', owner, long)).json;
    const job = await ended(made.id, owner);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'voice_not_found' }, result: null });
    expect(drafts).toContain('draft.0.audio');
    await vi.waitUntil(async () => !(await jobs.outputs.has(made.id, 'draft.0.audio')));
    for (const name of drafts) expect(await jobs.outputs.has(made.id, name)).toBe(false);
  });

  it('of every kind do not find the voice of another key', async () => {
    const { send, owner, other, id, ended } = await setUp();
    const request = { model: 'tone-1', voice: `hazel(3)+${id}(1)`, response_format: 'wav' };
    const line = {
      custom_id: 'a',
      method: 'POST',
      url: '/v1/audio/speech',
      body: { ...request, input: 'Hi.' },
    };
    const kinds = [
      { kind: 'speech', request: { ...request, input: 'Hi.' } },
      {
        kind: 'speech',
        request: { model: 'tone-1', voice: 'clara', input: `<speak><voice name="${id}">Hi.</voice></speak>` },
      },
      { kind: 'long_form', request: { ...request, input: 'Hi. '.repeat(2000) } },
      { kind: 'dialogue', request, speakers: { a: {} }, turns: [{ speaker: 'a', input: 'Hi.' }] },
    ];
    for (const body of kinds) {
      const theirs = await send('POST', '/v1/jobs', other, body);
      expect([theirs.status, theirs.json.error.code], JSON.stringify(body).slice(0, 200)).toEqual([
        404,
        'voice_not_found',
      ]);
      expect((await send('POST', '/v1/jobs', owner, body)).status).toBe(202);
    }
    // A batch reports a refused request in its line.
    const lineOf = async (key: string) => {
      const made = await send('POST', '/v1/jobs', key, { kind: 'batch', input: JSON.stringify(line) });
      const job = await ended(made.json.id, key);
      expect((await send('GET', job.result.output, key === owner ? other : owner)).status).toBe(404);
      const { response } = JSON.parse((await send('GET', job.result.output, key)).text);
      return [response.status_code, response.body.error?.code];
    };
    expect(await lineOf(other)).toEqual([404, 'voice_not_found']);
    expect(await lineOf(owner)).toEqual([200, undefined]);
  });
});
