import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeEngines } from '../../scripts/lib/node-engine.ts';
import { createApp } from '../../src/app.ts';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { readWav } from '../../src/audio/wav-reader.ts';
import { migrate } from '../../src/database/migrate.ts';
import { sqliteDatabase } from '../../src/database/sqlite.ts';
import type { LocalEngines } from '../../src/engine/local-engines.ts';
import { memoryOutputs } from '../../src/features/jobs/outputs/memory.ts';
import { createNodeJobs } from '../../src/features/jobs/runner/node-jobs.ts';
import { createAudioLibrary } from '../../src/library/stored-library.ts';
import { memoryStore } from '../../src/library/stores/memory.ts';
import { createRandom } from '../../src/synthesis/random.ts';
import { MUSIC_XML } from '../fixtures/scores.ts';

const NOTES = [
  { pitch: 'C4', duration: 1, lyric: 'Twin-' },
  { pitch: 'C4', duration: 1, lyric: 'kle' },
  { pitch: 'E4', duration: 2, lyric: 'star' },
];
const SCORE = { title: 'Star', tempo: 150, parts: [{ notes: NOTES }] };
const BASE = { model: 'sori-2', voice: 'hazel', response_format: 'wav', expression: 0, score: SCORE };

let engines: LocalEngines;
beforeAll(() => {
  engines = createNodeEngines();
});

function setUp(more: Partial<Parameters<typeof createApp>[0]> = {}) {
  const library = createAudioLibrary({ store: memoryStore(), createEncoder });
  const app = createApp({ access: 'off', ...engines, createEncoder, library, ...more });
  const post = (body: object, path = '/v1/audio/singing', init: RequestInit = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
  return { app, post };
}

async function fault(response: Response) {
  const { error } = (await response.json()) as {
    error: { code: string; message: string; param: string | null };
  };
  return { status: response.status, ...error };
}

/** Cycles a second by autocorrelation: of the periods that fit nearly as well as the best, the shortest, since its multiples fit too. */
function pitchOf(samples: Float32Array, sampleRate: number): number {
  const first = Math.round(sampleRate / 500);
  const fits = Array.from({ length: Math.ceil(sampleRate / 100) - first }, (_, i) => {
    let value = 0;
    for (let n = 0; n + first + i < samples.length; n++) value += samples[n] * samples[n + first + i];
    return value / (samples.length - first - i);
  });
  const enough = 0.9 * Math.max(...fits);
  const peak = fits.findIndex(
    (value, i) => value >= enough && value >= (fits[i - 1] ?? 0) && value >= (fits[i + 1] ?? 0),
  );
  return sampleRate / (first + peak);
}

describe('POST /v1/audio/singing', () => {
  it('sings the notes of a score, stores the audio, and finds it again', async () => {
    const { app, post } = setUp();
    const response = await post(BASE);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(response.headers.get('x-sori-lead-in')).toBe('0.250');
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { samples, sampleRate } = readWav(bytes, { maxSeconds: 10 });
    // A lead-in of 0.25 s, four beats of 0.4 s, and 0.3 s to fall silent.
    expect(samples.length / sampleRate).toBeCloseTo(0.25 + 1.6 + 0.3, 2);
    const at = (from: number, to: number) => samples.subarray(from * sampleRate, to * sampleRate);
    expect(pitchOf(at(0.35, 0.5), sampleRate)).toBeCloseTo(261.6, -1);
    expect(pitchOf(at(1.15, 1.5), sampleRate)).toBeCloseTo(329.6, -1);

    // Without a model the default one sings.
    const again = await post({ ...BASE, model: undefined });
    expect(again.headers.get('x-cache')).toMatch(/hit|coalesced/);
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(bytes);
    const stored = await app.request(again.headers.get('content-location') ?? '');
    expect(new Uint8Array(await stored.arrayBuffer())).toEqual(bytes);
  });

  it('accepts a file in a form', async () => {
    const { app } = setUp();
    const form = new FormData();
    form.set('score', new Blob([MUSIC_XML]), 'star.musicxml');
    form.set('model', 'sori-2');
    form.set('voice', 'hazel');
    form.set('transpose', 'auto');
    form.set('response_format', 'mp3');
    const response = await app.request('/v1/audio/singing', { method: 'POST', body: form });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(5000);
  });

  it('returns the times of notes and syllables: vowels start on their notes', async () => {
    const { post } = setUp();
    const response = await post({ ...BASE, response_format: 'json', timestamps: ['note', 'syllable'] });
    const { timestamps, duration_ms } = (await response.json()) as {
      duration_ms: number;
      timestamps: {
        note: { start_ms: number; pitch: string }[];
        syllable: { text: string; start_ms: number; vowel_ms: number }[];
      };
    };
    expect(duration_ms).toBeCloseTo(2150, 0);
    expect(timestamps.note.map(({ pitch }) => pitch)).toEqual(['C4', 'C4', 'E4']);
    expect(timestamps.syllable.map(({ text }) => text)).toEqual(['Twin', 'kle', 'star']);
    for (const [i, { start_ms, vowel_ms }] of timestamps.syllable.entries()) {
      expect(Math.abs(vowel_ms - timestamps.note[i].start_ms)).toBeLessThan(13);
      expect(start_ms).toBeLessThan(vowel_ms);
    }
  });

  it('mixes voices, a click and an accompaniment', async () => {
    const { post } = setUp();
    const silence = Buffer.alloc(44 + 2 * 96_000);
    silence.write(
      'RIFF\x24\xee\x02\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\xc0\x5d\x00\x00\x80\xbb\x00\x00\x02\x00\x10\x00data\x00\xee\x02\x00',
      'latin1',
    );
    const response = await post({
      ...BASE,
      click: -6,
      accompaniment: `data:audio/wav;base64,${silence.toString('base64')}`,
      score: {
        ...SCORE,
        parts: [
          { notes: NOTES },
          { name: 'second', voice: 'clara', gain: -6, notes: [{ pitch: 'E4', duration: 4, lyric: 'ah' }] },
        ],
      },
    });
    expect(response.status).toBe(200);
    const { samples, sampleRate } = readWav(new Uint8Array(await response.arrayBuffer()), { maxSeconds: 10 });
    // The accompaniment of 4 s begins with the score.
    expect(samples.length / sampleRate).toBeCloseTo(4.25, 2);
    expect(samples.every((sample) => Math.abs(sample) <= 0.98)).toBe(true);
  });

  it('refuses notes outside the voice’s range, and suggests a transposition', async () => {
    const { post } = setUp();
    for (const pitch of ['C1', 'C2', 'G#6', 'C7', 'C8', 'A0', 'B7', 'F#6']) {
      const refused = await fault(
        await post({ ...BASE, score: { parts: [{ notes: [{ pitch, duration: 1, lyric: 'la' }] }] } }),
      );
      expect(refused.status).toBe(400);
      expect(refused.code === 'out_of_range' || refused.code === 'invalid_score').toBe(true);
      expect(refused.message).toMatch(
        /(above|below) what the voice 'hazel' can sing|MIDI note number|No transposition/,
      );
    }
    const high = { ...BASE, score: { parts: [{ notes: [{ pitch: 'C6', duration: 1, lyric: 'la' }] }] } };
    expect((await fault(await post(high))).message).toMatch(
      /parts\[0\]\.notes\[0\]: C6 \(1047 Hz\) is above.*"transpose": -24 or "auto"/,
    );
    const helped = await post({ ...high, transpose: 'auto' });
    expect([helped.status, helped.headers.get('x-sori-transposed')]).toEqual([200, '-24']);
    await helped.arrayBuffer();
  });

  it.each([
    [{ score: undefined }, 'missing_required_parameter', /score or score_file/],
    [{ score_file: { data: 'AAAA' } }, 'conflicting_parameters', /one score/],
    [{ score: undefined, score_file: { data: btoa('<score-partwise>') } }, 'invalid_score', /^line 1/],
    [{ score: { parts: [{ notes: [{ pitch: 'H', duration: 1 }] }] } }, 'invalid_score', /notes\[0\]/],
    [
      { score: { parts: [{ notes: [{ pitch: 60, duration: 1, lyric: '♪' }] }] } },
      'invalid_lyrics',
      /notes\[0\]/,
    ],
    [{ voice: 'nobody' }, 'unknown_voice', /hazel/],
    [{ voice: undefined }, 'missing_required_parameter', /voice/],
    [{ timestamps: ['note'] }, 'conflicting_parameters', /json/],
    [{ language: 'xx' }, 'unsupported_language', /xx/],
    [{ expression: 9 }, 'invalid_value', /expression/],
    [{ response_format: 'midi' }, 'unsupported_format', /response_format/],
    [{ score: { parts: [{ voice: 'nobody', notes: NOTES }] } }, 'unknown_voice', /nobody/],
  ])('refuses %#', async (change, code, message) => {
    const refused = await fault(await setUp().post({ ...BASE, ...change }));
    expect(refused).toMatchObject({ status: code === 'unknown_voice' ? expect.any(Number) : 400, code });
    expect(refused.message).toMatch(message);
  });

  it('sends a long score to an origin, and refuses it where there is none', async () => {
    const { post } = setUp({ placement: {} });
    const notes = Array.from({ length: 295 }, () => ({ pitch: 'C4', duration: 4, lyric: 'la' }));
    const parts = [{ notes }, { notes }];
    expect(await fault(await post({ ...BASE, score: { tempo: 120, parts } }))).toMatchObject({
      code: 'origin_required',
    });
    const short = await post(BASE);
    expect(short.headers.get('x-sori-placed')).toBe('edge; reason=small');
    await short.arrayBuffer();
  });

  it('stops when its client disconnects', async () => {
    const abort = new AbortController();
    const request = { model: 'sori-2', voice: { hazel: 1 } };
    const { singing } = engines;
    const { readJsonScore } = await import('../../src/features/singing/score/json.ts');
    const { expressionOf } = await import('../../src/synthesis/singing/expression.ts');
    const sung = await singing.sing(
      {
        ...request,
        score: readJsonScore({
          parts: [{ notes: Array.from({ length: 40 }, () => ({ pitch: 60, duration: 1, lyric: 'la' })) }],
        }),
        language: 'en',
        expression: expressionOf(0),
        pronunciations: {},
        transpose: 0,
        leadIn: undefined,
        breaths: undefined,
        energy: 0,
        click: undefined,
        seed: 0,
      },
      abort.signal,
    );
    const read = async () => {
      for await (const _ of sung.chunks) abort.abort(new Error('left'));
    };
    await expect(read()).rejects.toThrow('left');
  });
});

it('POST /v1/audio/singing.lrc returns the lyrics with their times', async () => {
  const { post } = setUp();
  const plain = await post(BASE, '/v1/audio/singing.lrc');
  expect(await plain.text()).toMatch(/^\[ti:Star\]\n\[length:00:02\]\n\[00:00\.\d\d\]Twinkle star\n$/);
  const enhanced = await post(BASE, '/v1/audio/singing.lrc?enhanced=true');
  expect(await enhanced.text()).toMatch(
    /\[00:00\.\d\d\] <00:00\.\d\d>Twin<00:00\.\d\d>kle <00:0\d\.\d\d>star <00:01\.\d\d>\n$/,
  );
});

describe('signed URLs', () => {
  const signingKeys = new Map([['k1', 'a secret of forty characters, or more so']]);
  const urlOf = async (post: ReturnType<typeof setUp>['post'], body: object) => {
    const { url } = (await (await post(body, '/v1/audio/singing/sign')).json()) as { url: string };
    return url.slice(url.indexOf('/v1/'));
  };

  it('sing the signed song without a key, and no other', async () => {
    const { app, post } = setUp({ signingKeys });
    const url = await urlOf(post, BASE);
    const response = await app.request(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const posted = await post(BASE);
    expect(posted.headers.get('x-cache')).toMatch(/hit|coalesced/);
    expect(new Uint8Array(await posted.arrayBuffer())).toEqual(bytes);
    const changed = await app.request(url.replace(/song=[^&]+/, 'song=H4sIAAAA'));
    expect((await fault(changed)).code).toBe('invalid_signature');
  });

  it('are not made of what cannot be sung, or of a song that is too long for a URL', async () => {
    const { post } = setUp({ signingKeys });
    expect(await fault(await post({ ...BASE, voice: 'nobody' }, '/v1/audio/singing/sign'))).toMatchObject({
      code: 'unknown_voice',
    });
    expect(
      await fault(await post({ ...BASE, response_format: 'json' }, '/v1/audio/singing/sign')),
    ).toMatchObject({
      code: 'conflicting_parameters',
      param: 'response_format',
    });
    const random = createRandom(19);
    const notes = Array.from({ length: 4000 }, () => ({
      pitch: 55 + Math.round(1000 * random.uniform()) / 100,
      duration: 0.1 + Math.round(100 * random.uniform()) / 1000,
      lyric: 'la',
    }));
    const long = { ...BASE, score: { unit: 'seconds', parts: [{ notes }] } };
    expect(await fault(await post(long, '/v1/audio/singing/sign'))).toMatchObject({
      code: 'string_above_max_length',
      param: 'score',
    });
  });
});

describe('jobs', () => {
  it('sing a score in the background, and store it as a request does', async () => {
    const database = sqliteDatabase(':memory:');
    await migrate(database);
    const jobs = createNodeJobs({ database, outputs: memoryOutputs(), backOffMs: 1, log: () => {} });
    const { app, post } = setUp({ jobs });
    const made = (await (await post({ kind: 'singing', request: BASE }, '/v1/jobs')).json()) as {
      id: string;
    };
    // The stream of events ends with the job.
    await (await app.request(`/v1/jobs/${made.id}/events`)).text();
    const job = (await (await app.request(`/v1/jobs/${made.id}`)).json()) as {
      state: string;
      result: { url: string; seconds: number };
    };
    expect(job).toMatchObject({ state: 'succeeded', result: { format: 'wav', pieces: 1 } });
    expect(job.result.seconds).toBeCloseTo(2.15, 2);
    const posted = await post(BASE);
    expect(posted.headers.get('content-location')).toBe(job.result.url);
    expect(posted.headers.get('x-cache')).toBe('hit');
    await posted.arrayBuffer();

    const wrong = { ...BASE, score: { parts: [{ notes: [{ pitch: 'H', duration: 1 }] }] } };
    expect(await fault(await post({ kind: 'singing', request: wrong }, '/v1/jobs'))).toMatchObject({
      status: 400,
      code: 'invalid_score',
      param: 'request.score',
    });
    await jobs.stop();
  });
});
