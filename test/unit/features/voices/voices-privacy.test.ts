import { describe, expect, it } from 'vitest';
import type { AudioFormatId } from '../../../../src/audio/format.ts';
import { MAX_VOICE_BYTES } from '../../../../src/features/voices/form.ts';
import { MAX_RECORDING_BYTES } from '../../../../src/features/voices/recordings.ts';
import { parseSigningKeys } from '../../../../src/http/signed-url.ts';
import { ADMIN_KEY } from '../../../support/apps/access-app.ts';
import { ANA, hum, voicesApp, wavOf } from '../../../support/apps/voices-app.ts';
import { countedBody } from '../../../support/counted-body.ts';
import { deferred } from '../../../support/deferred.ts';

const signingKeys = parseSigningKeys('k1:0123456789abcdef0123456789abcdef');

/** An app in which a voice has been used for everything that a voice can be used for. */
async function used() {
  const app = await voicesApp({ signingKeys });
  const { clone, send, speak, owner } = app;
  const made = (await clone({ keep: 'true' })).json;
  const { id } = made;
  const spoken = (await speak(id)).headers.get('content-location')!;
  const mixed = (await speak(`${id}(1)+hazel(3)`)).headers.get('content-location')!;
  const input = `<speak><voice name='${id}'>Hi.</voice></speak>`;
  const marked = (await speak('clara', owner, { input, response_format: 'flac' })).headers.get(
    'content-location',
  )!;
  const definition = { model: 'tone-1', voice: id, input: 'Hello you.', formats: ['wav'] };
  const put = await send('PUT', '/v1/prompts/own', owner, definition);
  const template = {
    ...definition,
    input: undefined,
    template: 'One, {name}. Two, {name}.',
    render: 'joined',
  };
  await send('PUT', '/v1/prompts/joined', owner, template);
  const rendered = await send('POST', '/v1/prompts/joined/render', owner, { values: { name: 'Jo' } });
  const joined = `/audio/${rendered.headers.get('content-location')!.slice('/audio/'.length)}`;
  const body = { model: 'tone-1', voice: id, input: 'Signed.' };
  const signed = new URL((await send('POST', '/v1/audio/speech/sign', owner, body)).json.url);
  const paths = [
    made.preview!,
    ...made.provenance.recordings.map(({ url }) => url!),
    spoken,
    mixed,
    marked,
    put.json.urls.wav,
    joined,
  ];
  return { ...app, id, paths, input, definition, signed: signed.pathname + signed.search, body };
}

describe('another key', () => {
  it('finds neither the voice nor its audio; the owner finds both', async () => {
    const { send, speak, owner, other, id, paths, input, definition, body } = await used();
    const speech = (path: string, fields: object) => ['POST', path, { ...body, ...fields }] as const;
    const requests: (readonly [method: string, path: string, body?: unknown])[] = [
      ['GET', `/v1/voices/${id}`],
      ...paths.flatMap((path) => [['GET', path] as const, ['HEAD', path] as const]),
      speech('/v1/audio/speech', {}),
      speech('/v1/audio/speech', { voice: { id } }),
      speech('/v1/audio/speech', { voice: `hazel(9)+${id}(1)` }),
      speech('/v1/audio/speech', { voice: `${id}(0)+hazel(1)` }),
      speech('/v1/audio/speech', { voice: { [id]: 0.5, clara: 0.5 } }),
      speech('/v1/audio/speech', { voice: 'clara', input }),
      speech('/v1/audio/speech.vtt', {}),
      speech('/v1/audio/speech.srt', {}),
      speech('/v1/audio/speech/sign', {}),
      ['PUT', '/v1/prompts/theirs', definition],
      ['POST', '/v1/prompts/own/render', { values: {} }],
      ['POST', '/v1/prompts/joined/render', { values: { name: 'Jo' } }],
    ];
    for (const [method, path, sent] of requests) {
      const about = `${method} ${path} ${JSON.stringify(sent)}`;
      const theirs = await send(method, path, other, sent);
      expect(theirs.status, about).toBe(404);
      // The administrator does not find it either.
      expect((await send(method, path, ADMIN_KEY, sent)).status, about).toBe(404);
      expect([401, 404], about).toContain((await send(method, path, undefined, sent)).status);
      // The answer is the same as for a voice that has never existed.
      if (method !== 'HEAD') expect(['voice_not_found', 'unknown_audio']).toContain(theirs.json.error.code);
      const renamed = JSON.stringify(sent ?? {}).replaceAll(id, 'vce_00000000000000000000000000');
      if (sent !== undefined && !path.includes('render')) {
        expect((await send(method, path, other, JSON.parse(renamed))).json.error, about).toEqual(
          theirs.json.error,
        );
      }
      const own = await send(method, path, owner, sent);
      expect([200, 201], about).toContain(own.status);
    }
    const refused = await send('DELETE', `/v1/voices/${id}`, other);
    expect([refused.status, refused.json.error.code]).toEqual([404, 'voice_not_found']);
    expect((await speak(id)).status).toBe(200);
  });

  it('has its own list', async () => {
    const { send, owner, other, id } = await used();
    for (const path of ['/v1/voices', '/v1/audio/voices']) {
      const idsFor = async (key: string) =>
        (await send('GET', path, key)).json.data.map((voice: { id: string }) => voice.id);
      expect(await idsFor(owner)).toEqual(['clara', 'hazel', 'cameron', id]);
      expect(await idsFor(other)).toEqual(['clara', 'hazel', 'cameron']);
      expect(await idsFor(ADMIN_KEY)).toEqual(['clara', 'hazel', 'cameron']);
    }
  });

  it('sees in the shared catalogue that a prompt has this voice, but gets no audio of it', async () => {
    const { send, other, id } = await used();
    const row = (await send('GET', '/v1/prompts/own', other)).json;
    expect(row.audio.default.voice).toBe(id);
    for (const path of [row.urls.wav, row.audio.default.urls.wav, `/v1/voices/${id}`]) {
      expect((await send('GET', path, other)).status, path).toBe(404);
    }
  });

  it('gets audio through a URL that the owner signed; no cache stores it', async () => {
    const { send, other, signed, edge } = await used();
    for (const key of [undefined, other]) {
      const played = await send('GET', signed, key);
      expect([played.status, played.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    }
    expect(edge.kept.size).toBe(0);
  });

  it('cannot cause a cache to return 404 to the owner', async () => {
    const { send, other, id, paths, definition } = await used();
    for (const path of [...paths, '/prompts/own.wav']) {
      const hidden = await send('GET', path, other);
      expect([hidden.status, hidden.headers.get('cache-control')]).toEqual([404, 'no-store']);
    }
    // Audio without an owner stays public.
    expect(definition.voice).toBe(id);
    const none = await send('GET', `/audio/${'0'.repeat(64)}.mp3`);
    expect(none.headers.get('cache-control')).toBe('public, max-age=10');
  });
});

describe('an administrator', () => {
  const keyIdOf = (key: string) => key.split('_')[1].slice(0, 12);

  it('sees the voices of each key, also of revoked ones, but nothing that plays or uses them', async () => {
    const { send, owner, other, id, access } = await used();
    const path = `/v1/keys/${keyIdOf(owner)}/voices`;
    for (const revoked of [false, true]) {
      if (revoked) await access.keys!.revoke(keyIdOf(owner));
      const { status, json, text, headers } = await send('GET', path, ADMIN_KEY);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(json.data).toEqual([
        {
          id,
          object: 'key.voice',
          key: keyIdOf(owner),
          name: 'Ana',
          model: 'tone-1',
          language: 'en-US',
          recordings: 2,
          recordings_kept: 2,
          consent: 'recording',
          created_at: expect.stringMatching(/^20/),
        },
      ]);
      expect(text).not.toMatch(/sty_|\/audio\//);
    }
    expect((await send('GET', `/v1/keys/${keyIdOf(other)}/voices`, ADMIN_KEY)).json.data).toEqual([]);
    expect((await send('GET', path, other)).json.error.code).toBe('insufficient_scope');
    expect((await send('GET', `/v1/voices/${id}`, ADMIN_KEY)).status).toBe(404);
  });

  it.each([false, true])(
    'deletes them as completely as their owner would (its key revoked: %s)',
    async (revoked) => {
      const { send, owner, other, id, paths, stored, edge, database, access, speak } = await used();
      const untouched = (await speak('hazel')).headers.get('content-location')!;
      if (revoked) await access.keys!.revoke(keyIdOf(owner));
      const path = `/v1/keys/${keyIdOf(owner)}/voices/${id}`;
      expect((await send('DELETE', path, other)).json.error.code).toBe('insufficient_scope');
      expect((await send('DELETE', path.replace(keyIdOf(owner), keyIdOf(other)), ADMIN_KEY)).status).toBe(
        404,
      );
      expect((await stored.left()).length).toBeGreaterThan(8);
      const gone = await send('DELETE', path, ADMIN_KEY);
      expect([gone.status, gone.json]).toEqual([
        200,
        { id, object: 'voice.deleted', deleted: true, audio_removed: expect.any(Number) },
      ]);
      const key = untouched.slice('/audio/'.length).split('.')[0];
      expect((await stored.left()).every((left) => left.startsWith(key))).toBe(true);
      for (const table of ['voices', 'voice_audio']) {
        expect((await database.run(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
      }
      expect(edge.purged[0].tags).toEqual([`voice:${id}`]);
      for (const one of paths.filter((each) => each.startsWith('/audio/'))) {
        expect(edge.purged[0].urls.some((url) => url.endsWith(one))).toBe(true);
        expect((await send('GET', one, owner)).status).toBe(404);
      }
      expect((await send('DELETE', path, ADMIN_KEY)).json.error.code).toBe('voice_not_found');
    },
  );
});

describe('DELETE /v1/voices/{id}', () => {
  it('deletes the vector, the recordings, the preview and all audio made with it', async () => {
    const { send, speak, owner, id, paths, signed, stored, edge, database, definition } = await used();
    const untouched = (await speak('hazel')).headers.get('content-location')!;
    expect((await stored.left()).length).toBeGreaterThan(8);
    const gone = await send('DELETE', `/v1/voices/${id}`, owner);
    expect(gone.status).toBe(200);
    expect(gone.json).toEqual({
      id,
      object: 'voice.deleted',
      deleted: true,
      audio_removed: expect.any(Number),
    });
    const name = untouched.slice('/audio/'.length);
    expect((await stored.left()).every((left) => left.startsWith(name.split('.')[0]))).toBe(true);
    for (const table of ['voices', 'voice_audio']) {
      expect((await database.run(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
    }
    for (const path of [...paths, '/prompts/own.wav', signed, `/v1/voices/${id}`]) {
      expect((await send('GET', path, owner)).status, path).toBe(404);
    }
    expect((await speak(id)).json.error.code).toBe('voice_not_found');
    expect((await send('PUT', '/v1/prompts/own', owner, definition)).status).toBe(404);
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(404);
    expect((await send('GET', untouched)).status).toBe(200);
    // By tag for caches that support tags, and by URL for the others.
    expect(edge.purged[0].tags).toEqual([`voice:${id}`]);
    for (const path of paths.filter((one) => one.startsWith('/audio/')))
      expect(edge.purged[0].urls.some((url) => url.endsWith(path))).toBe(true);
  });

  it('stops speech that is being made', async () => {
    const gate = deferred<void>();
    const begun = deferred<void>();
    let held = false;
    const before = async () => {
      if (!held) return;
      begun.resolve();
      await gate.promise;
    };
    const { clone, speak, send, owner, stored } = await voicesApp({ tone: { before } });
    const { id } = (await clone()).json;
    held = true;
    const answer = speak(id);
    await begun.promise;
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    gate.resolve();
    expect((await answer).json.error.code).toBe('voice_not_found');
    expect(await stored.left()).toEqual([]);
  });

  it('keeps the voice when the storage fails, so that it can be tried again', async () => {
    const { clone, send, owner, library, stored } = await voicesApp();
    const { id } = (await clone()).json;
    const remove = stored.store.delete;
    stored.store.delete = async () => {
      throw new Error('The storage is away.');
    };
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).json.error.code).toBe('storage_unavailable');
    stored.store.delete = remove;
    expect((await send('GET', `/v1/voices/${id}`, owner)).status).toBe(200);
    expect((await send('DELETE', `/v1/voices/${id}`, owner)).status).toBe(200);
    expect(await stored.left()).toEqual([]);
    expect(library.flights.find(id)).toBeUndefined();
  });

  it('works for cloned voices only', async () => {
    const { send, owner } = await voicesApp();
    expect((await send('DELETE', '/v1/voices/hazel', owner)).status).toBe(404);
    const { status, json } = await send('GET', '/v1/voices/hazel', owner);
    expect([status, json.id, json.openai_names]).toEqual([200, 'hazel', expect.arrayContaining(['alloy'])]);
  });

  it('hides audio that a slower process stores after the deletion', async () => {
    const { clone, speak, send, owner, library, stored } = await voicesApp();
    const { id } = (await clone()).json;
    const path = (await speak(id)).headers.get('content-location')!;
    const [key, format] = path.slice('/audio/'.length).split('.') as [string, AudioFormatId];
    const master = (await library.master(key))!;
    await send('DELETE', `/v1/voices/${id}`, owner);
    // As by a process that was slower than the deletion.
    await library.admit(key, master, [format]);
    expect(await stored.left()).not.toEqual([]);
    expect((await send('GET', path, owner)).status).toBe(404);
  });
});

describe('uploads over the limits', () => {
  const HUNDRED_MB = 100 * 1000 * 1000;

  it.each(['/v1/voices', '/v1/voices/compare'])('%s: 100 MB are refused early', async (path) => {
    const { app, owner } = await voicesApp();
    const post = (body: BodyInit, length?: number) =>
      app.request(path, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${owner}`,
          'Content-Type': 'multipart/form-data; boundary=x',
          ...(length !== undefined && { 'Content-Length': String(length) }),
        },
        body,
        duplex: 'half',
      } as RequestInit);
    const announced = countedBody(HUNDRED_MB);
    expect((await post(announced.body, HUNDRED_MB)).status).toBe(413);
    expect(announced.taken.bytes).toBeLessThanOrEqual(65_536);
    for (const length of [undefined, 10]) {
      const silent = countedBody(HUNDRED_MB);
      expect((await post(silent.body, length)).status).toBe(413);
      expect(silent.taken.bytes).toBeLessThan(MAX_VOICE_BYTES + 4 * 65_536);
    }
  });

  it('a recording may have 6 MiB', async () => {
    const { clone } = await voicesApp();
    const { status, json } = await clone({ files: [new Uint8Array(MAX_RECORDING_BYTES + 1)] });
    expect([status, json.error.code, json.error.param]).toEqual([413, 'body_too_large', 'files[0]']);
  });

  it('a form may have 32 parts', async () => {
    const { clone } = await voicesApp();
    const more = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x${i}`, 'y']));
    expect((await clone(more)).json.error.code).toBe('invalid_value');
  });

  it.each([
    ['the sound', 40, 0xffff_fff0],
    ['the file', 4, 0xffff_fff0],
    ['the format', 16, 0x7fff_ffff],
    ['the sample rate', 24, 0xffff_ffff],
  ])('a WAV header that is wrong about %s allocates nothing', async (_, at, value) => {
    const { clone } = await voicesApp();
    const file = await wavOf(hum(ANA));
    new DataView(file.buffer).setUint32(at, value, true);
    const before = process.memoryUsage().arrayBuffers;
    const { status, json } = await clone({ files: [file] });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    // The length in the file is not trusted.
    if (at === 4) expect(status).toBe(201);
    else expect([status, json.error.code]).toEqual([400, 'invalid_reference']);
  });

  it.each([
    ['half a form', '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAna'],
    ['no form', 'Hello.'],
  ])('%s: refused', async (_, body) => {
    const { app, owner } = await voicesApp();
    const response = await app.request('/v1/voices', {
      method: 'POST',
      headers: { Authorization: `Bearer ${owner}`, 'Content-Type': 'multipart/form-data; boundary=x' },
      body,
    });
    expect(response.status).toBe(400);
  });

  it('JSON is not a form', async () => {
    const { send, owner } = await voicesApp();
    expect((await send('POST', '/v1/voices', owner, { name: 'Ana' })).status).toBe(415);
  });
});
