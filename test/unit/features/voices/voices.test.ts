import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readTags } from '../../../../src/audio/tags/read.ts';
import { watermarkPayload } from '../../../../src/features/delivery/private-audio.ts';
import { Consents } from '../../../../src/features/voices/consents.ts';
import { decodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';
import { TONE_MODEL } from '../../../fixtures/tone-engine.ts';
import { ADMIN_KEY, countingDatabase } from '../../../support/apps/access-app.ts';
import { ANA, BEN, hum, inTurn, voicesApp, wavOf } from '../../../support/apps/voices-app.ts';
import { recognizerOf } from '../../../support/models/recognizer.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('POST /v1/voices', () => {
  it('makes a voice from recordings, with its provenance and measured sound', async () => {
    const { clone, send, owner, stored, database } = await voicesApp();
    const files = [await wavOf(hum(ANA)), await wavOf(hum(ANA, 5, 3))];
    const reading = await wavOf(hum(ANA, 6));
    const { status, headers, json } = await clone({
      files,
      consent_recording: reading,
      description: 'Hums.',
      language: 'en-AU',
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/voices/${json.id}`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json).toMatchObject({
      id: expect.stringMatching(/^vce_[0-9a-z]{26}$/),
      object: 'voice',
      name: 'Ana',
      description: 'Hums.',
      language: 'en-AU',
      model: 'tone-1',
      preview: expect.stringMatching(/^\/audio\/[0-9a-f]{64}\.mp3$/),
      provenance: {
        recordings: [
          { sha256: sha256(files[0]), seconds: 4, url: null },
          { sha256: sha256(files[1]), seconds: 5, url: null },
        ],
        consent: {
          kind: 'recording',
          text: expect.stringMatching(/I agree .* My code is (?:\w+, ){5}\w+\.$/),
          sha256: sha256(reading),
          score: 1,
          words_checked: false,
        },
        key: owner.split('_')[1].slice(0, 12),
      },
    });
    const { rows } = await database.run<{ style: string }>('SELECT style FROM voices');
    expect(rows[0].style.length).toBeLessThan(400);
    const style = decodeStyleId(rows[0].style, TONE_MODEL.styleSpace);
    expect(Array.from(style)).toEqual([1, 0, 0.1, 0].map((value) => expect.closeTo(value, 2)));
    // The recordings are not stored; only the preview is.
    const preview = json.preview!.slice('/audio/'.length).split('.')[0];
    expect([...stored.names].every((name) => name.startsWith(preview))).toBe(true);
    expect((await send('GET', json.preview!, owner)).status).toBe(200);
  });

  it('accepts one to five recordings', async () => {
    const { clone } = await voicesApp();
    const files = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => wavOf(hum(ANA, 3 + n / 2))));
    expect((await clone({ files: files.slice(0, 5) })).status).toBe(201);
    const six = await clone({ files });
    expect([six.status, six.json.error]).toEqual([
      400,
      expect.objectContaining({
        code: 'invalid_value',
        param: 'files',
        message: expect.stringMatching(/5.*6/),
      }),
    ]);
    const none = await clone({ files: [] });
    expect([none.status, none.json.error.code]).toEqual([400, 'missing_required_parameter']);
  });

  it('stores recordings on request, for their owner only', async () => {
    const { clone, send, owner, other } = await voicesApp();
    const { json } = await clone({ keep: 'true' });
    const urls = json.provenance.recordings.map(({ url }) => url!);
    expect(urls).toHaveLength(2);
    for (const url of urls) {
      expect((await send('GET', url, owner)).length).toBeGreaterThan(24_000 * 2);
      expect((await send('GET', url, other)).status).toBe(404);
      expect((await send('GET', url)).status).toBe(404);
    }
  });

  it.each([
    [
      'two speakers one after the other',
      [inTurn(hum(ANA, 8), hum(BEN, 8))],
      'files[0]',
      /two halves have a similarity of -?\d\.\d\d; at least 0\.5/,
    ],
    [
      'recordings of two speakers',
      [hum(ANA), hum(BEN)],
      'files[0]',
      /other recordings have a similarity of -?\d\.\d\d; at least 0\.5/,
    ],
  ])('%s: refused with the measured value', async (_, sounds, param, message) => {
    const { clone } = await voicesApp();
    const { status, json } = await clone({ files: await Promise.all(sounds.map(wavOf)) });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: 'unusable_reference',
      param,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['no name', { name: undefined }, 400, 'missing_required_parameter', 'name'],
    ['a long name', { name: 'a'.repeat(65) }, 400, 'string_above_max_length', 'name'],
    ['a name that moves the cursor', { name: 'a\u0007' }, 400, 'invalid_value', 'name'],
    ['a long description', { description: 'a'.repeat(501) }, 400, 'string_above_max_length', 'description'],
    ['an unknown language', { language: 'ko' }, 400, 'unsupported_language', 'language'],
    ['an unknown model', { model: 'tone-9' }, 404, 'unknown_model', 'model'],
    ['half a keep', { keep: 'maybe' }, 400, 'invalid_value', 'keep'],
    ['no sound', { files: [new Uint8Array(10)] }, 400, 'invalid_reference', 'files[0]'],
  ])('%s: refused', async (_, fields, status, code, param) => {
    const { clone, database } = await voicesApp();
    const answer = await clone(fields);
    expect([answer.status, answer.json.error.code, answer.json.error.param]).toEqual([status, code, param]);
    expect((await database.run('SELECT 1 FROM voices')).rows).toEqual([]);
  });

  it('refuses a recording whose words a recognizer does not understand, and leaves the consent valid', async () => {
    const said = [{ averageLogProbability: -2 }];
    const { clone, consent, database } = await voicesApp({ hosted: recognizerOf(said) as never });
    const id = await consent();
    const { status, json } = await clone({ consent: id });
    expect([status, json.error]).toEqual([
      422,
      expect.objectContaining({ code: 'unintelligible_reference', param: 'files[0]' }),
    ]);
    expect((await database.run('SELECT 1 FROM voices')).rows).toEqual([]);
    const claim = {
      id,
      owner: (await database.run<{ owner: string }>('SELECT owner FROM voice_consents')).rows[0].owner,
    };
    const sentence = await new Consents(database).find(claim);
    said[0] = { averageLogProbability: -0.3, ...{ text: sentence } };
    const made = await clone({ consent: id });
    expect(made.json.provenance.consent).toMatchObject({ words_checked: true });
  });

  it('refuses the same file twice', async () => {
    const { clone } = await voicesApp();
    const file = await wavOf(hum(ANA));
    expect((await clone({ files: [file, file] })).json.error).toMatchObject({
      code: 'invalid_value',
      param: 'files[1]',
    });
  });

  it('is disabled by default, and needs a database', async () => {
    const off = await voicesApp({ referenceStyles: false });
    for (const path of ['/v1/voices', '/v1/voices/consent', '/v1/voices/compare']) {
      expect((await off.send('POST', path, off.owner)).json.error.code).toBe('reference_styles_disabled');
    }
    const bare = await voicesApp({ database: undefined });
    expect((await bare.send('POST', '/v1/voices/consent', ADMIN_KEY)).json.error.code).toBe('not_configured');
  });
});

describe('consent', () => {
  it('is required', async () => {
    const { clone } = await voicesApp();
    const { status, json } = await clone({ consent: undefined, consent_recording: undefined });
    expect([status, json.error.code]).toEqual([400, 'consent_required']);
    expect((await clone({ consent: undefined })).json.error).toMatchObject({ param: 'consent' });
  });

  it('is valid once, for the key that requested it', async () => {
    const { clone, consent, other } = await voicesApp();
    const id = await consent();
    expect((await clone({ consent: id }, other)).json.error.code).toBe('invalid_consent');
    expect((await clone({ consent: id })).status).toBe(201);
    const replayed = await clone({ consent: id });
    expect([replayed.status, replayed.json.error.code]).toEqual([403, 'invalid_consent']);
    expect((await clone({ consent: 'cns_nothing' })).json.error.code).toBe('invalid_consent');
  });

  it('sent twice at once makes one voice', async () => {
    const { clone, consent, database } = await voicesApp();
    const id = await consent();
    const answers = await Promise.all([clone({ consent: id }), clone({ consent: id })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await database.run('SELECT 1 FROM voices')).rows).toHaveLength(1);
  });

  it('stays valid after a bad recording, but not after another reader', async () => {
    const { clone, consent } = await voicesApp();
    const id = await consent();
    expect((await clone({ consent: id, files: [new Uint8Array(9)] })).status).toBe(400);
    const stranger = await clone({ consent: id, consent_recording: await wavOf(hum(BEN, 6)) });
    expect([stranger.status, stranger.json.error]).toEqual([
      403,
      expect.objectContaining({
        code: 'invalid_consent',
        param: 'consent_recording',
        message: expect.stringMatching(/similarity is 0\.\d\d; at least 0\.65 is needed/),
      }),
    ]);
    expect((await clone({ consent: id })).json.error.code).toBe('invalid_consent');
  });

  it('must not be one of the recordings', async () => {
    const { clone } = await voicesApp();
    const file = await wavOf(hum(ANA));
    const { json } = await clone({ files: [file], consent_recording: file });
    expect(json.error).toMatchObject({ code: 'invalid_consent', param: 'consent_recording' });
  });

  it('expires', async () => {
    const { database } = await countingDatabase();
    const clock = { now: 1_000_000 };
    const consents = new Consents(database, () => clock.now);
    const { id, sentence, expires } = await consents.create('me');
    expect(await consents.find({ id, owner: 'me' })).toBe(sentence);
    clock.now = expires.getTime();
    await expect(consents.find({ id, owner: 'me' })).rejects.toMatchObject({ code: 'invalid_consent' });
    // The next consent deletes the expired one.
    await consents.create('me');
    expect((await database.run('SELECT 1 FROM voice_consents')).rows).toHaveLength(1);
  });

  it('may be a statement where VOICE_CONSENT allows it', async () => {
    const statement = {
      consent: undefined,
      consent_recording: undefined,
      consent_statement: 'Ana agreed in writing on 3 March.',
      consent_signed_by: 'The Blue Door Ltd',
    };
    const strict = await voicesApp();
    expect((await strict.clone(statement)).json.error).toMatchObject({
      code: 'invalid_consent',
      message: expect.stringMatching(/VOICE_CONSENT/),
    });
    const trusting = await voicesApp({ voiceConsent: 'statement' });
    expect((await trusting.clone()).json.error.code).toBe('invalid_consent');
    expect((await trusting.clone({ ...statement, consent_signed_by: undefined })).json.error.param).toBe(
      'consent_signed_by',
    );
    const { json } = await trusting.clone(statement);
    expect(json.provenance.consent).toEqual({
      kind: 'statement',
      text: statement.consent_statement,
      signed_by: statement.consent_signed_by,
      sha256: null,
      score: null,
      words_checked: false,
    });
    const both = await voicesApp({ voiceConsent: 'both' });
    expect((await both.clone(statement)).status).toBe(201);
    expect((await both.clone()).status).toBe(201);
    const twice = { consent_statement: 'Yes.', consent_signed_by: 'Me' };
    expect((await both.clone(twice)).json.error.code).toBe('conflicting_parameters');
  });
});

describe('speech with a cloned voice', () => {
  it('accepts it in every field that takes a voice', async () => {
    const { clone, speak, tone } = await voicesApp();
    const { id } = (await clone({ language: 'en-AU' })).json;
    const style = expect.any(Float32Array);
    const last = () => tone.requests[tone.requests.length - 1];
    expect((await speak(id)).status).toBe(200);
    expect(last()).toMatchObject({ voice: { [id]: 1 }, clones: { [id]: style }, language: 'en-AU' });
    expect((await speak({ id }, undefined, { seed: 1 })).status).toBe(200);
    expect((await speak(`${id}(2)+hazel(1)`)).status).toBe(200);
    expect(last().voice).toEqual({ [id]: expect.closeTo(2 / 3), hazel: expect.closeTo(1 / 3) });
    expect((await speak({ [id]: 0.25, clara: 0.75 })).status).toBe(200);
    expect(last()).toMatchObject({ voice: { [id]: 0.25, clara: 0.75 }, clones: { [id]: style } });
    const input = `<speak>Hi. <voice name="${id}">It’s me.</voice></speak>`;
    expect((await speak('clara', undefined, { input })).status).toBe(200);
    expect(last()).toMatchObject({ voice: { clara: 1 }, clones: { [id]: style } });
    expect(last().language).toBe('en');
  });

  it('is stored for its key alone, and found again', async () => {
    const { clone, speak, send, owner, other, edge, library } = await voicesApp();
    const { id } = (await clone()).json;
    const first = await speak(id);
    const again = await speak(id);
    expect([first.headers.get('x-cache'), again.headers.get('x-cache')]).toEqual(['miss', 'hit']);
    expect(again.headers.get('cache-control')).toBe('no-store');
    const path = first.headers.get('content-location')!;
    const played = await send('GET', path, owner);
    expect(played.status).toBe(200);
    expect(played.headers.get('cache-control')).toBe('private, no-cache');
    expect(played.headers.get('vary')).toMatch(/authorization/i);
    expect(played.headers.get('cache-tag')).toContain(`voice:${id}`);
    for (const key of [other, ADMIN_KEY, 'wrong', undefined]) {
      for (const method of ['GET', 'HEAD']) {
        const hidden = await send(method, path, key);
        expect([hidden.status, hidden.headers.get('cache-control')]).toEqual([404, 'no-store']);
      }
    }
    const part = await send('GET', path, owner, undefined, { Range: 'bytes=0-9' });
    expect([part.status, part.length]).toEqual([206, 10]);
    const etag = played.headers.get('etag')!;
    expect((await send('GET', path, owner, undefined, { 'If-None-Match': etag })).status).toBe(304);
    expect((await send('GET', path, other, undefined, { 'If-None-Match': etag })).status).toBe(404);
    expect(edge.kept.size).toBe(0);
    expect(library.hot?.get(path.slice('/audio/'.length))).toBeUndefined();
  });

  it('has timestamps too, and is then made as a whole', async () => {
    const { clone, speak } = await voicesApp();
    const { id } = (await clone()).json;
    const { status, json } = await speak(id, undefined, { response_format: 'json', timestamps: 'word' });
    expect(status).toBe(200);
    expect(json.timestamps.word).not.toEqual([]);
  });

  it.each(['wav', 'mp3', 'opus', 'aac', 'm4a', 'flac', 'wav-8k'])(
    'says in a file’s metadata where it comes from: %s',
    async (format) => {
      const { clone, speak, app, owner } = await voicesApp();
      const { id } = (await clone()).json;
      const spoken = await speak(id, owner, { response_format: format });
      const path = spoken.headers.get('content-location')!;
      const stored = await app.request(path, { headers: { Authorization: `Bearer ${owner}` } });
      expect(readTags(await stored.bytes())).toEqual({
        generator: 'Sori',
        model: 'tone-1@1.2.3',
        voice: id,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
      });
      // Audio of built-in voices has no provenance tags.
      const plain = await app.request((await speak('clara', owner)).headers.get('content-location')!);
      expect(readTags(await plain.bytes())).toBeUndefined();
    },
  );

  it('carries the hash of the voice’s id as its watermark', async () => {
    const payload = await watermarkPayload(['vce_a', 'vce_b']);
    expect(Buffer.from(payload).toString('hex')).toBe(
      createHash('sha256').update('vce_a,vce_b').digest('hex').slice(0, 16),
    );
  });
});

describe('POST /v1/voices/compare', () => {
  it('compares speakers, and states its threshold and error rate', async () => {
    const { sendForm, owner } = await voicesApp();
    const compare = async (a: Float32Array, b: Float32Array) =>
      await sendForm('/v1/voices/compare', owner, { files: [await wavOf(a), await wavOf(b)] });
    const same = await compare(hum(ANA), hum(ANA, 7));
    expect(same.json).toMatchObject({
      object: 'voice.comparison',
      model: 'tone-1',
      score: 1,
      threshold: 0.65,
      same_speaker: true,
      error_rates: { seconds: 3, false_accept: 0.043, false_reject: 0.048 },
    });
    expect((await compare(hum(ANA), hum(BEN))).json).toMatchObject({ same_speaker: false });
    const lone = await sendForm('/v1/voices/compare', owner, { files: [await wavOf(hum(ANA))] });
    expect(lone.json.error).toMatchObject({ code: 'invalid_value', param: 'files' });
  });
});
