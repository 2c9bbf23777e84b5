import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { AudioFormatId } from '../../../src/audio/format.ts';
import { memoryOutputs } from '../../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs, type NodeJobs } from '../../../src/features/jobs/runner/node-jobs.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { countingDatabase } from '../../support/apps/access-app.ts';
import { ANA, BEN, hum, inTurn, type VoiceFields, voicesApp, wavOf } from '../../support/apps/voices-app.ts';
import { garbageServer } from '../../support/servers/garbage-server.ts';
import { ORIGIN_SECRETS, type OriginProcess, startOrigin } from '../../support/servers/origin-process.ts';

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(async () => await origin?.[Symbol.asyncDispose]());

const poolOf = (url: string) => originsOf({ ORIGINS: `${url} 1`, ORIGIN_SECRETS })!;

/** An edge with the same limits as a Worker. */
const edgeOf = async (url?: string) =>
  await voicesApp({ placement: { pool: url === undefined ? undefined : poolOf(url) } });

async function encoded(format: AudioFormatId, samples: Float32Array): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createEncoder(format, { totalSamples: samples.length });
  return new Uint8Array(Buffer.concat([encoder.encode(samples), encoder.finish()]));
}

/** Paths of the requests that the origin has received. */
const asked = async () => (await origin.count()).seen.map(({ url }) => new URL(url).pathname);

describe('cloning a voice with an origin', () => {
  it.each(['mp3', 'opus', 'flac', 'wav'] as const)(
    'of %s: heard there, kept and spoken with here',
    async (format) => {
      const edge = await edgeOf(origin.url);
      const before = (await asked()).length;
      const { status, headers, json } = await edge.clone({
        files: [await encoded(format, hum(ANA)), await encoded(format, hum(ANA, 5))],
        consent_recording: await encoded(format, hum(ANA, 6)),
      });
      expect([status, headers.get('x-sori-placed')]).toEqual([201, 'origin; reason=reference']);
      expect(json.provenance).toMatchObject({
        recordings: [{ url: null }, { url: null }],
        consent: { kind: 'recording', score: expect.closeTo(1, 1) },
      });
      // The edge has analyzed no recording, and the origin has received no other request.
      expect(edge.tone.recordings).toEqual([]);
      // It was asked for a recognizer, and has none.
      const paths = (await asked()).slice(before).filter((path) => path !== '/v1/models');
      expect(paths).toEqual(['/v1/styles', '/v1/styles', '/v1/styles']);
      expect(json.provenance.consent).toMatchObject({ words_checked: false });
      const spoken = await edge.speak(json.id);
      expect([spoken.status, spoken.headers.get('x-sori-placed')]).toEqual([
        200,
        expect.stringMatching(/^edge/),
      ]);
      expect((await edge.speak(json.id, edge.other)).status).toBe(404);
      expect((await edge.send('GET', json.preview!, edge.owner)).status).toBe(200);
    },
  );

  it('is requested on behalf of its API key, without revealing the key', async () => {
    const edge = await edgeOf(origin.url);
    const { status, json } = await edge.clone();
    expect(status).toBe(201);
    const { caller, headers } = (await origin.count()).seen.at(-1)!;
    const voice = (await edge.send('GET', `/v1/voices/${json.id}`, edge.owner)).json;
    expect(caller).toBe(voice.provenance.key);
    expect(JSON.stringify(headers)).not.toContain(edge.owner);
  });

  it('stores recordings of any kind at the edge on request, decoded', async () => {
    const edge = await edgeOf(origin.url);
    const { status, json } = await edge.clone({
      keep: 'true',
      files: [await encoded('mp3', hum(ANA)), await wavOf(hum(ANA, 5))],
    });
    expect(status).toBe(201);
    const [mp3, wav] = json.provenance.recordings.map(({ url }) => url!);
    expect((await edge.send('GET', mp3, edge.owner)).length).toBeGreaterThan(3.9 * 48_000);
    const heard = await edge.app.request(wav, { headers: { Authorization: `Bearer ${edge.owner}` } });
    // The style is the same as one made at the edge, bit for bit.
    expect(Buffer.from(await heard.arrayBuffer()).subarray(-48_000)).toEqual(
      Buffer.from((await wavOf(hum(ANA, 5))).subarray(-48_000)),
    );
    expect((await edge.send('GET', mp3, edge.other)).status).toBe(404);
  });

  it.each<[string, () => Promise<VoiceFields>, number, string, string]>([
    [
      'two speakers in one',
      async () => ({ files: [await wavOf(inTurn(hum(ANA, 8), hum(BEN, 8)))] }),
      400,
      'unusable_reference',
      'files[0]',
    ],
    [
      'a recording of another',
      async () => ({ files: [await wavOf(hum(ANA)), await encoded('flac', hum(BEN))] }),
      400,
      'unusable_reference',
      'files[0]',
    ],
    [
      'a damaged one',
      async () => ({ files: [await wavOf(hum(ANA)), (await encoded('flac', hum(ANA))).slice(0, 5000)] }),
      400,
      'invalid_reference',
      'files[1]',
    ],
    [
      'more than a minute',
      async () => ({ files: [await encoded('flac', hum(ANA, 61))] }),
      400,
      'invalid_reference',
      'files[0]',
    ],
    [
      'no sound',
      async () => ({ consent_recording: new Uint8Array(100) }),
      400,
      'invalid_reference',
      'consent_recording',
    ],
    [
      'an m4a file',
      async () => ({ files: [new Uint8Array(Buffer.from('\0\0\0\u0020ftypM4A \0\0\0\0'))] }),
      400,
      'invalid_reference',
      'files[0]',
    ],
    [
      'another reader',
      async () => ({ consent_recording: await wavOf(hum(BEN, 5)) }),
      403,
      'invalid_consent',
      'consent_recording',
    ],
    ['no name', async () => ({ name: undefined }), 400, 'missing_required_parameter', 'name'],
    ['a used consent', async () => ({ consent: 'cns_0' }), 403, 'invalid_consent', 'consent'],
  ])('%s: refused as without an origin', async (_, fields, status, code, param) => {
    const given = await fields();
    for (const edge of [await edgeOf(origin.url), await edgeOf()]) {
      const answer = await edge.clone(given);
      expect([answer.status, answer.json.error.code, answer.json.error.param]).toEqual([status, code, param]);
      expect((await edge.database.run('SELECT 1 FROM voices')).rows).toEqual([]);
      expect(await edge.stored.left()).toEqual([]);
    }
  });

  it('what the edge can refuse is not forwarded', async () => {
    const edge = await edgeOf(origin.url);
    const before = (await asked()).length;
    for (const fields of [
      { name: undefined },
      { consent: 'cns_0' },
      { language: 'ko' },
      { keep: 'maybe' },
      { files: [] },
    ]) {
      expect((await edge.clone(fields)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await asked()).length).toBe(before);
  });
});

describe('X-Sori-Placement', () => {
  const of = async (
    edge: Awaited<ReturnType<typeof voicesApp>>,
    where: string,
    file: Uint8Array<ArrayBuffer>,
  ) => {
    const response = await edge.app.request('/v1/styles', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${edge.owner}`,
        'Content-Type': 'audio/wav',
        ...(where && { 'X-Sori-Placement': where }),
      },
      body: file,
    });
    const { error } = (await response.json()) as { error?: { code: string } };
    return [response.status, error?.code ?? response.headers.get('x-sori-placed')];
  };

  it('is applied with an origin and without one', async () => {
    const [wav, mp3] = [await wavOf(hum(ANA)), await encoded('mp3', hum(ANA))];
    const edge = await edgeOf(origin.url);
    expect(await of(edge, '', mp3)).toEqual([200, 'origin; reason=reference']);
    expect(await of(edge, 'origin', wav)).toEqual([200, 'origin; reason=forced']);
    expect(await of(edge, 'edge', wav)).toEqual([200, 'edge; reason=forced']);
    expect(await of(edge, 'edge', mp3)).toEqual([200, 'edge; reason=forced']);
    expect(await of(edge, 'moon', wav)).toEqual([400, 'invalid_value']);
    const alone = await edgeOf();
    expect(await of(alone, '', wav)).toEqual([200, 'edge; reason=no-origin']);
    expect(await of(alone, '', mp3)).toEqual([200, 'edge; reason=no-origin']);
    expect(await of(alone, 'origin', wav)).toEqual([501, 'origin_required']);
  });

  it('applies to clones and comparisons, too', async () => {
    const edge = await edgeOf(origin.url);
    const form = async (where: string) => {
      const body = new FormData();
      for (const seconds of [4, 5])
        body.append('files', new Blob([await encoded('mp3', hum(ANA, seconds))]), 'a.mp3');
      const headers = { Authorization: `Bearer ${edge.owner}`, ...(where && { 'X-Sori-Placement': where }) };
      return await edge.app.request('/v1/voices/compare', { method: 'POST', headers, body });
    };
    const there = await form('');
    expect([there.status, there.headers.get('x-sori-placed')]).toEqual([200, 'origin; reason=reference']);
    expect(await there.json()).toMatchObject({ same_speaker: true, score: expect.closeTo(1, 1) });
    expect(edge.tone.recordings).toEqual([]);
    const here = await form('edge');
    expect([here.status, here.headers.get('x-sori-placed')]).toEqual([200, 'edge; reason=forced']);
    expect(edge.tone.recordings.length).toBeGreaterThan(0);
  });

  it('is refused before the form is read when it is invalid', async () => {
    const edge = await edgeOf();
    for (const path of ['/v1/voices', '/v1/voices/compare', '/v1/styles']) {
      const headers = { Authorization: `Bearer ${edge.owner}`, 'X-Sori-Placement': 'moon' };
      expect((await edge.app.request(path, { method: 'POST', headers, body: 'x' })).status).toBe(400);
    }
  });
});

describe('an origin that fails', () => {
  it('unreachable: the edge analyses light work, the rest is 503; the consent stays valid', async () => {
    const edge = await edgeOf('http://127.0.0.1:9');
    const consent = await edge.consent();
    const long = await Promise.all([56, 57, 58, 59].map((seconds) => wavOf(hum(ANA, seconds))));
    const refused = await edge.clone({ consent, files: long });
    expect([refused.status, refused.json.error.code]).toEqual([503, 'origin_unavailable']);
    const made = await edge.clone({ consent, files: [await encoded('mp3', hum(ANA))] });
    expect([made.status, made.headers.get('x-sori-placed')]).toEqual([201, 'edge; reason=origin-down']);
  });

  it('that reports that it makes no styles', async () => {
    await using closed = await startOrigin({ REFERENCE_STYLES: 'off' });
    const edge = await edgeOf(closed.url);
    const { status, json } = await edge.clone();
    expect([status, json.error.code]).toEqual([403, 'reference_styles_disabled']);
  });

  it.each(['page', 'type', 'empty', 'error'] as const)(
    'answers nonsense (%s): the edge analyses it',
    async (mode) => {
      await using broken = await garbageServer(mode);
      const edge = await edgeOf(broken.url);
      const { status, headers } = await edge.clone();
      expect([status, headers.get('x-sori-placed')]).toEqual([201, 'edge; reason=origin-down']);
    },
  );
});

it('without an origin: minutes of recordings exceed the limit of the edge', async () => {
  const edge = await edgeOf();
  const files = await Promise.all([56, 57, 58, 59].map((seconds) => wavOf(hum(ANA, seconds))));
  const { status, json } = await edge.clone({ files });
  expect([status, json.error.code, json.error.param]).toEqual([501, 'origin_required', 'files']);
  // Four of them, and 1.5 s of consent.
  expect(json.error.message).toMatch(/last 23[12] s together; the edge analyzes 229 s/);
  expect(edge.tone.recordings).toEqual([]);
});

describe('a job of kind voice', () => {
  const running: NodeJobs[] = [];
  afterAll(async () => {
    await Promise.all(running.map((jobs) => jobs.stop()));
  });

  async function jobsAt(url: string) {
    const { database } = await countingDatabase();
    const jobs = createNodeJobs({ database, outputs: memoryOutputs(), backOffMs: 20, log: () => {} });
    running.push(jobs);
    const edge = await voicesApp({ jobs, placement: { pool: poolOf(url) } });
    const post = async (files?: readonly Uint8Array<ArrayBuffer>[]) =>
      await edge.sendForm('/v1/jobs', edge.owner, {
        kind: 'voice',
        name: 'Ana',
        files: files ?? [await encoded('mp3', hum(ANA)), await encoded('opus', hum(ANA, 5))],
        consent: await edge.consent(),
        consent_recording: await encoded('flac', hum(ANA, 6)),
      });
    const stateOf = async (id: string) => (await edge.send('GET', `/v1/jobs/${id}`, edge.owner)).json;
    return { ...edge, post, stateOf };
  }

  it('is analysed at the origin, and becomes a voice of the edge', async () => {
    const edge = await jobsAt(origin.url);
    const { status, json } = await edge.post();
    expect(status).toBe(202);
    await edge.send('GET', `/v1/jobs/${json.id}/events`, edge.owner);
    const job = await edge.stateOf(json.id);
    expect(job).toMatchObject({ state: 'succeeded', result: { voice: expect.stringMatching(/^vce_/) } });
    expect(edge.tone.recordings).toEqual([]);
    expect((await edge.speak(job.result.voice)).status).toBe(200);
    expect((await edge.speak(job.result.voice, edge.other)).status).toBe(404);
  });

  it('waits while no origin answers that could transcribe it', async () => {
    const late = await startOrigin();
    const { url } = late;
    await late.kill();
    const edge = await jobsAt(url);
    // More than an edge analyzes by itself.
    const long = await Promise.all([56, 57, 58, 59].map((seconds) => wavOf(hum(ANA, seconds))));
    const { status, json } = await edge.post(long);
    expect(status).toBe(202);
    await expect.poll(async () => (await edge.stateOf(json.id)).error?.code).toBe('origin_unavailable');
    expect((await edge.stateOf(json.id)).state).toMatch(/queued|running/);
    await using _back = await startOrigin({ PORT: new URL(url).port });
    await expect.poll(async () => (await edge.stateOf(json.id)).state, { timeout: 60_000 }).toBe('succeeded');
    expect((await edge.database.run('SELECT 1 FROM voices')).rows).toHaveLength(1);
  });
});
