import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { HostedModels } from '../../../../src/models/hosted-models.ts';
import { ModelStore } from '../../../../src/models/store.ts';
import {
  ANA,
  BEN,
  hum,
  inTurn,
  type VoiceFields,
  voicesApp,
  wavOf,
} from '../../../support/apps/voices-app.ts';
import { recognizerOf } from '../../../support/models/recognizer.ts';
import { temporaryFolder } from '../../../support/models/tiny-models.ts';
import {
  writeTinyEmbedding,
  writeTinyProfile,
  writeTinySegmentation,
  writeTinySeparation,
} from '../../../support/models/tiny-tasks.ts';

/** Frequency of a speaker that the tiny models distinguish from Ana. */
const HIGH = 1500;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hosted: HostedModels;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyEmbedding(join(folder.path, 'pitch-embedding'));
  await writeTinySegmentation(join(folder.path, 'pitch-segmentation'));
  await writeTinySeparation(join(folder.path, 'pitch-separation'));
  await writeTinyProfile(join(folder.path, 'profile'));
  const graphs = { providers: ['cpu'], threads: 1 };
  hosted = new HostedModels({ store: new ModelStore(folder.path), graphs, memoryBytes: 1e9 });
});
afterAll(async () => {
  await hosted.close();
  await folder[Symbol.asyncDispose]();
});

async function speakersApp(options: Parameters<typeof voicesApp>[0] = {}) {
  const app = await voicesApp({ hosted, voiceConsent: 'both', ...options });
  const send = async (path: string, fields: Parameters<typeof app.sendForm>[2], key = app.owner) => {
    const { status, json } = await app.sendForm(path, key, fields);
    return {
      status,
      json: json as unknown as Record<string, unknown> & { error: { code: string; param: string } },
    };
  };
  const enrol = async (name: string, hz: number, fields: VoiceFields = {}, key = app.owner) => {
    const consent = { consent_statement: `${name} agrees to be recognised.`, consent_signed_by: name };
    const files = [await wavOf(hum(hz)), await wavOf(hum(hz, 5))];
    return await send('/v1/speakers', { name, files, ...consent, ...fields }, key);
  };
  return { ...app, send, enrol, post: (path: string, key: string) => app.send('POST', path, key) };
}

/** An answer of `POST /v1/speakers/consent`. */
interface Sentence {
  readonly id: string;
  readonly sentence: string;
}

describe('verify', () => {
  it('compares two recordings with the style encoder, and reports its error rates', async () => {
    const { send } = await speakersApp();
    const same = await send('/v1/speakers/verify', {
      files: [await wavOf(hum(ANA)), await wavOf(hum(ANA, 5))],
    });
    expect(same).toMatchObject({
      status: 200,
      json: { model: 'tone-1@1.2.3', same_speaker: true, threshold: 0.65, error_rates: { seconds: 3 } },
    });
    const other = await send('/v1/speakers/verify', {
      files: [await wavOf(hum(ANA)), await wavOf(hum(BEN))],
    });
    expect(other.json.same_speaker).toBe(false);
  });

  it('compares with a speaker that was enrolled, by the model of the operator', async () => {
    const { send, enrol, other } = await speakersApp();
    const model = 'pitch-embedding';
    const { status, json } = await enrol('Ana', ANA, { model });
    expect(status).toBe(201);
    const verify = async (hz: number, changes: Record<string, string> = {}, key?: string) =>
      await send(
        '/v1/speakers/verify',
        { files: [await wavOf(hum(hz))], speaker: String(json.id), model, ...changes },
        key,
      );
    expect((await verify(ANA)).json).toMatchObject({
      same_speaker: true,
      model: 'pitch-embedding@1.0',
      error_rates: null,
    });
    expect((await verify(4 * HIGH)).json.score).toBeLessThan(0.9);
    expect(await verify(ANA, { model: '' })).toMatchObject({
      status: 400,
      json: { error: { code: 'conflicting_parameters', param: 'speaker' } },
    });
    expect((await verify(ANA, {}, other)).status).toBe(404);
  });
});

describe('identify', () => {
  it('identifies an enrolled speaker, or reports that it is none of them', async () => {
    const { send, enrol } = await speakersApp();
    const ana = (await enrol('Ana', ANA)).json;
    const stranger = await send('/v1/speakers/identify', { file: await wavOf(hum(BEN)) });
    expect(stranger.json.match).toBeNull();
    await enrol('Ben', BEN);
    const { json } = await send('/v1/speakers/identify', { file: await wavOf(hum(ANA, 6)) });
    expect(json).toMatchObject({ match: ana.id, speakers: [{ name: 'Ana' }, { name: 'Ben' }] });
  });

  it('stores speakers with their consent, for their owner only, until they are deleted', async () => {
    const { send, enrol, owner, other, app } = await speakersApp();
    const { json } = await enrol('Ana', ANA);
    expect(json).toMatchObject({
      object: 'speaker',
      name: 'Ana',
      seconds: 9,
      consent: { kind: 'statement', text: 'Ana agrees to be recognised.', signed_by: 'Ana' },
    });
    const ask = async (method: string, path: string, key: string) => {
      const response = await app.request(path, { method, headers: { Authorization: `Bearer ${key}` } });
      return { status: response.status, json: (await response.json()) as { data: unknown[] } };
    };
    expect((await ask('GET', '/v1/speakers', owner)).json.data).toHaveLength(1);
    expect((await ask('GET', '/v1/speakers', other)).json.data).toEqual([]);
    expect((await ask('DELETE', `/v1/speakers/${json.id}`, other)).status).toBe(404);
    expect((await ask('DELETE', `/v1/speakers/${json.id}`, owner)).status).toBe(200);
    expect((await send('/v1/speakers/identify', { file: await wavOf(hum(ANA)) })).json.speakers).toEqual([]);
  });

  it.each<[VoiceFields, string, string]>([
    [{ name: '' }, 'missing_required_parameter', 'name'],
    [{ consent_statement: '' }, 'consent_required', 'consent_recording'],
    [{ consent_signed_by: '' }, 'missing_required_parameter', 'consent_signed_by'],
    [{ name: 'x'.repeat(65) }, 'string_above_max_length', 'name'],
    [{ model: 'nothing' }, 'unknown_model', 'model'],
  ])('refuses to enrol with %j', async (fields, code, param) => {
    const { enrol } = await speakersApp();
    expect((await enrol('Ana', ANA, fields)).json.error).toMatchObject({ code, param });
  });

  it('is off where the operator has not turned recordings on', async () => {
    const { enrol } = await speakersApp({ referenceStyles: false });
    expect((await enrol('Ana', ANA)).json.error.code).toBe('reference_styles_disabled');
  });
});

describe('consent to an enrolment', () => {
  const NO_STATEMENT = { consent_statement: undefined, consent_signed_by: undefined };
  const strict = async (options: Parameters<typeof voicesApp>[0] = {}) => {
    const app = await speakersApp({ voiceConsent: 'recording', ...options });
    const sentence = async (key = app.owner) =>
      (await app.post('/v1/speakers/consent', key)).json as Sentence;
    const read = async (id: string, hz = ANA) =>
      await app.enrol('Ana', ANA, {
        ...NO_STATEMENT,
        consent: id,
        consent_recording: await wavOf(hum(hz, 6)),
      });
    return { ...app, sentence, read };
  };

  it('is the speaker reading a sentence, once', async () => {
    const { sentence, read, send } = await strict();
    const { id, sentence: text } = await sentence();
    expect(text).toMatch(/I agree that a computer recognises me by my voice\. My code is (?:\w+, ){5}\w+\.$/);
    const { status, json } = await read(id);
    expect([status, json.consent]).toEqual([
      201,
      expect.objectContaining({ kind: 'recording', text, score: 1, words_checked: false, signed_by: null }),
    ]);
    const again = await read(id);
    expect([again.status, again.json.error.code]).toEqual([403, 'invalid_consent']);
    const found = await send('/v1/speakers/identify', { file: await wavOf(hum(ANA)) });
    expect(found.json.match).toBe(json.id);
  });

  it('sent twice at once enrols one speaker', async () => {
    const { sentence, read, database } = await strict();
    const { id } = await sentence();
    const answers = await Promise.all([read(id), read(id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await database.run('SELECT 1 FROM speakers')).rows).toHaveLength(1);
  });

  it('is used up by another reader', async () => {
    const { sentence, read } = await strict();
    const { id } = await sentence();
    const { status, json } = await read(id, BEN);
    expect([status, json.error]).toEqual([
      403,
      expect.objectContaining({ code: 'invalid_consent', param: 'consent_recording' }),
    ]);
    expect((await read(id)).json.error.code).toBe('invalid_consent');
  });

  it('to a clone is none to an enrolment, and the other way round', async () => {
    const { sentence, read, consent, clone } = await strict();
    expect((await read(await consent())).json.error.code).toBe('invalid_consent');
    const { id } = await sentence();
    expect((await clone({ consent: id })).json.error.code).toBe('invalid_consent');
  });

  it('may not be a statement by default', async () => {
    const { enrol } = await strict();
    const { status, json } = await enrol('Ana', ANA);
    expect([status, json.error]).toEqual([
      403,
      expect.objectContaining({ code: 'invalid_consent', message: expect.stringMatching(/VOICE_CONSENT/) }),
    ]);
  });

  it('is checked word for word where a recognizer is, and so are the recordings', async () => {
    const said: { text?: string; averageLogProbability?: number }[] = [{}];
    const { sentence, read } = await strict({ hosted: recognizerOf(said) as never });
    const { id, sentence: text } = await sentence();
    said[0] = { text: 'Hello, this is somebody else.' };
    expect((await read(id)).json.error).toMatchObject({
      code: 'invalid_consent',
      param: 'consent_recording',
    });
    said[0] = { averageLogProbability: -2 };
    const { status, json } = await read(id);
    expect([status, json.error]).toEqual([
      422,
      expect.objectContaining({ code: 'unintelligible_reference', param: 'files[0]' }),
    ]);
    said[0] = { text };
    expect((await read(id)).json.consent).toMatchObject({ words_checked: true });
  });
});

describe('diarization', () => {
  it('finds who speaks when, and recognizes speakers in later windows', async () => {
    const { send } = await speakersApp();
    const silence = hum(ANA, 1).fill(0);
    const file = await wavOf(
      inTurn(hum(ANA, 3), silence, hum(HIGH, 4), silence, hum(HIGH, 3), silence, hum(ANA, 4)),
    );
    const { status, json } = await send('/v1/audio/diarizations', { file, speaker_model: 'pitch-embedding' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: 'pitch-segmentation', speakers: 2, duration: 17 });
    const about = (seconds: number) => expect.closeTo(seconds, 0);
    expect(json.segments).toEqual([
      { speaker: 'speaker_1', start: about(0), end: about(3) },
      { speaker: 'speaker_2', start: about(4), end: about(8) },
      { speaker: 'speaker_2', start: about(9), end: about(12) },
      { speaker: 'speaker_1', start: about(13), end: about(17) },
    ]);
  });

  it('compares by the installed speaker embedding, or by the style encoder of a named model', async () => {
    const { send } = await speakersApp();
    const file = await wavOf(inTurn(hum(ANA, 12)));
    const { json } = await send('/v1/audio/diarizations', { file });
    expect(json).toMatchObject({ speaker_model: 'pitch-embedding@1.0', speakers: 1 });
    const named = await send('/v1/audio/diarizations', { file, speaker_model: 'tone-1' });
    expect(named.json).toMatchObject({ speaker_model: 'tone-1@1.2.3', speakers: 1 });
  });
});

describe('separation', () => {
  it('gives a file for each voice', async () => {
    const { send } = await speakersApp();
    const hiss = hum(3000, 2);
    const mix = hum(ANA, 2).map((value, i) => value + hiss[i] / 2);
    const { json } = await send('/v1/audio/separations', {
      file: await wavOf(mix.map((value) => value / 2)),
    });
    const sources = json.sources as { audio: string }[];
    expect(sources).toHaveLength(2);
    const [low, high] = sources.map(({ audio }) =>
      readMasterWav(Uint8Array.from(Buffer.from(audio, 'base64'))),
    );
    expect([low.length, high.length]).toEqual([48_000, 48_000]);
    const crossings = (sound: Int16Array) =>
      sound.filter((value, i) => i > 0 && value < 0 !== sound[i - 1] < 0).length;
    expect(crossings(high)).toBeGreaterThan(4 * crossings(low));
  });

  it('refuses a recording that is too long', async () => {
    const { send } = await speakersApp();
    expect(
      (await send('/v1/audio/separations', { file: await wavOf(hum(ANA, 61)) })).json.error,
    ).toMatchObject({
      code: 'invalid_reference',
    });
  });
});

describe('profile', () => {
  it('guesses with its errors, where the operator has turned it on', async () => {
    const { send } = await speakersApp({ speakerProfiles: true });
    const { json } = await send('/v1/audio/speaker-profiles', { file: await wavOf(hum(ANA)) });
    expect(json).toMatchObject({
      object: 'speaker.profile',
      sex: { value: 'male', error_rate: 0.08 },
      age_band: { value: 'adult', error_rate: 0.3 },
    });
  });

  it('is off by default', async () => {
    const { send } = await speakersApp();
    const { status, json } = await send('/v1/audio/speaker-profiles', { file: await wavOf(hum(ANA)) });
    expect([status, json.error.code]).toEqual([501, 'not_configured']);
  });
});

it('explains what the operator can do without a model of the task, and without an origin', async () => {
  const bare = await speakersApp({ hosted: undefined });
  const refused = await bare.send('/v1/audio/diarizations', { file: await wavOf(hum(ANA)) });
  expect(refused).toMatchObject({
    status: 503,
    json: { error: { message: expect.stringContaining('models add') } },
  });
  const edge = await speakersApp({ hosted: undefined, placement: {} });
  for (const path of ['diarizations', 'separations', 'speaker-profiles']) {
    const { status, json } = await edge.send(`/v1/audio/${path}`, { file: await wavOf(hum(ANA)) });
    expect([status, json.error]).toEqual([
      503,
      expect.objectContaining({ message: expect.stringContaining('ORIGINS') }),
    ]);
  }
});
