import { afterEach, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import type { AudioFormatId } from '../../../../src/audio/format.ts';
import { joinMasters } from '../../../../src/audio/join/join.ts';
import { integratedLoudness } from '../../../../src/audio/loudness.ts';
import { toFloat32Array } from '../../../../src/audio/samples.ts';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { concatBytes } from '../../../../src/base/bytes.ts';
import type { NodeJobs } from '../../../../src/features/jobs/runner/node-jobs.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import { ADMIN_KEY } from '../../../support/apps/access-app.ts';
import { jobsApp, REQUEST } from '../../../support/apps/jobs-app.ts';

let running: NodeJobs | undefined;
afterEach(async () => await running?.stop());

const INPUT = Array.from({ length: 150 }, (_, i) => `This is sentence ${i} of a very long text.`).join(' ');
/** Steps of the job: pieces to synthesize, then (after one step that measures loudness) stretches of 5000 characters to encode. */
const PIECES = Math.ceil(INPUT.length / 1190);
const STRETCHES = Math.ceil((INPUT.length + PIECES * 6) / 5000);

async function setUp(options: Parameters<typeof jobsApp>[0] = {}) {
  const app = await jobsApp(options);
  running = app.jobs;
  const speak = async (request: object) => {
    const body = { kind: 'long_form', request: { ...REQUEST, input: INPUT, ...request } };
    return (await app.send('POST', '/v1/jobs', ADMIN_KEY, body)).json;
  };
  const bytesAt = async (url: string) => new Uint8Array(await (await app.app.request(url)).arrayBuffer());
  return { ...app, speak, bytesAt };
}

describe('a long text', () => {
  it.each(['wav', 'pcm', 'flac', 'mp3', 'opus', 'aac', 'm4a'] as const)(
    'as %s is what it would be, had it been joined and encoded in memory',
    async (format) => {
      const { speak, follow, bytesAt, jobs } = await setUp();
      const made = await speak({ response_format: format });
      const stretches = format === 'wav' || format === 'pcm' ? 0 : STRETCHES;
      expect(made.progress.total).toBe(PIECES + 1 + stretches);
      const { job } = await follow(made.id, ADMIN_KEY);
      expect(job).toMatchObject({ state: 'succeeded', result: { format, pieces: PIECES } });

      const { outcomes, request } = (await jobs.store.load(made.id))!;
      expect(request).toBeDefined();
      const parts = await Promise.all(
        outcomes.slice(0, PIECES).map(async ({ key }) => readMasterWav(await bytesAt(`/audio/${key}.wav`))),
      );
      const pieces = (outcomes[PIECES] as { pieces: { length: number }[] }).pieces;
      const master = readMasterWav(await bytesAt(`/audio/${job.result.key}.wav`));
      expect(master.length).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
      expect(job.result.seconds).toBeCloseTo(master.length / 24_000, 6);
      expect(job.result.loudness).toBe(Math.round(integratedLoudness(master, 24_000) * 100) / 100);
      // Every piece ends with a sentence, so the pauses are those between sentences.
      expect(joinMasters(parts.map((samples) => ({ samples, pauseMs: 400 })))).toEqual(master);

      const bytes = await bytesAt(job.result.url);
      expect(bytes).toEqual(await encoded(master, format));
    },
  );

  it('deletes its parts at the end, also when it is cancelled or fails', async () => {
    const { speak, follow, jobs, send } = await setUp();
    const made = await speak({ response_format: 'opus' });
    const put = jobs.outputs.put.bind(jobs.outputs);
    const drafts: string[] = [];
    Object.assign(jobs.outputs, {
      put: async (job: string, name: string, bytes: Uint8Array) => {
        await put(job, name, bytes);
        drafts.push(`${job} ${name}`);
      },
    });
    await follow(made.id, ADMIN_KEY);
    const cancelled = await speak({ response_format: 'flac' });
    let events = 0;
    while (!drafts.some((draft) => draft.startsWith(`${cancelled.id} draft.1`))) {
      events = (await jobs.store.events(cancelled.id, events)).at(-1)?.id ?? events;
    }
    await send('DELETE', `/v1/jobs/${cancelled.id}`, ADMIN_KEY);
    await jobs.stop();
    expect(drafts.length).toBeGreaterThan(3);
    for (const draft of drafts) {
      const [job, name] = draft.split(' ');
      expect([draft, await jobs.outputs.has(job, name)]).toEqual([draft, false]);
    }
  });

  it('is encoded again from the first missing draft', async () => {
    const { speak, follow, bytesAt, jobs } = await setUp();
    const put = jobs.outputs.put.bind(jobs.outputs);
    let lost = 0;
    Object.assign(jobs.outputs, {
      put: async (job: string, name: string, bytes: Uint8Array) => {
        // The first drafts are lost.
        if (name === 'draft.1.audio' && lost++ === 0) return await jobs.outputs.remove(job);
        await put(job, name, bytes);
      },
    });
    const made = await speak({ response_format: 'mp3' });
    const { job } = await follow(made.id, ADMIN_KEY);
    expect(job.state).toBe('succeeded');
    expect(lost).toBeGreaterThan(1);
    const master = readMasterWav(await bytesAt(`/audio/${job.result.key}.wav`));
    expect(await bytesAt(job.result.url)).toEqual(await encoded(master, 'mp3'));
  });

  it('is synthesized once for repeated requests, and for other formats', async () => {
    const { speak, follow, tone } = await setUp();
    const first = (await follow((await speak({ response_format: 'wav' })).id, ADMIN_KEY)).job;
    const { spoken } = tone.count;
    const second = (await follow((await speak({ response_format: 'flac' })).id, ADMIN_KEY)).job;
    expect(second.result.key).toBe(first.result.key);
    expect(tone.count.spoken).toBe(spoken);
  });
});

describe('where memory is scarce', () => {
  const store = memoryStore();
  const library = createAudioLibrary({ store, createEncoder, longestMaster: 100_000 });

  it('a long recording is made in the requested format only', async () => {
    const { speak, follow, app } = await setUp({ library });
    const { job } = await follow((await speak({ response_format: 'mp3' })).id, ADMIN_KEY);
    expect(job.state).toBe('succeeded');
    for (const format of ['mp3', 'wav']) {
      expect((await app.request(`/audio/${job.result.key}.${format}`)).status).toBe(200);
    }
    const other = await app.request(`/audio/${job.result.key}.flac`);
    expect([other.status, await other.json()]).toMatchObject([501, { error: { code: 'origin_required' } }]);
    // A job can make this format.
    const again = (await follow((await speak({ response_format: 'flac' })).id, ADMIN_KEY)).job;
    expect(again.result.key).toBe(job.result.key);
    expect((await app.request(again.result.url)).status).toBe(200);
  });
});

async function encoded(samples: Int16Array, format: AudioFormatId): Promise<Uint8Array> {
  const encoder = await createEncoder(format, { totalSamples: samples.length });
  return concatBytes([encoder.encode(toFloat32Array(samples)), encoder.finish()]);
}
