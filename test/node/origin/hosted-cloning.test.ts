import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav } from '../../../src/audio/transcode.ts';
import { artificialSpeech } from '../../support/artificial-speech.ts';
import { writeTinyCloning } from '../../support/models/tiny-cloning.ts';
import { writeTinyKokoro } from '../../support/models/tiny-models.ts';
import { type RunningOrigin, runOrigin } from '../../support/servers/running-origin.ts';
import { serverFolder } from '../../support/servers/running-server.ts';

/** A model with random weights: what it says is noise, whose spectrum depends on the embedding. */
const MODEL = 'cloning-tiny';
const INPUT = 'Your table is ready.';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let origin: RunningOrigin;
beforeAll(async () => {
  folder = await serverFolder();
  const SORI_MODELS = join(folder.path, 'models');
  await writeTinyCloning(join(SORI_MODELS, MODEL));
  await writeTinyKokoro(join(SORI_MODELS, 'kokoro'));
  origin = await runOrigin(folder.path, { AUTH: 'off', SORI_MODELS, REFERENCE_STYLES: 'on' });
});
afterAll(async () => {
  await origin?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const recording = (seconds: number, scale?: number) =>
  new File([masterWav(toInt16Array(artificialSpeech(seconds, scale))) as Uint8Array<ArrayBuffer>], 'a.wav');
/** Recordings of one speaker; the reading of a consent sentence; and one by another speaker. */
const FIRST = recording(6);
const SECOND = recording(6, 1.9);
const READING = recording(5);

const post = (path: string, body: object) =>
  fetch(new URL(path, origin.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const send = (path: string, fields: Record<string, string | File>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return fetch(new URL(path, origin.url), { method: 'POST', body: form });
};
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string; param: string } };
  return [response.status, error.code, error.param];
};
const sentence = async () => ((await (await post('/v1/voices/consent', {})).json()) as { id: string }).id;
const clone = async (fields: Record<string, string | File>) =>
  send('/v1/voices', {
    name: 'Copy',
    model: MODEL,
    consent: await sentence(),
    consent_recording: READING,
    ...fields,
  });
const idOf = async (response: Response) => {
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
};
const speak = (voice: string, changes: object = {}) =>
  post('/v1/audio/speech', { model: MODEL, voice, input: INPUT, response_format: 'pcm', ...changes });

describe('an origin with a zero-shot cloning model', () => {
  it('lists the model', async () => {
    const { data } = (await (await fetch(new URL('/v1/models', origin.url))).json()) as { data: object[] };
    expect(data).toContainEqual(
      expect.objectContaining({ id: MODEL, task: 'speech-cloning', served_by: 'origin', voices: [] }),
    );
    const audio = (await (await fetch(new URL('/v1/audio/models', origin.url))).json()) as typeof data;
    expect(JSON.stringify(audio)).toContain(MODEL);
  });

  it('clones a voice with the consent of its speaker, and speaks with it', async () => {
    const response = await clone({ files: FIRST });
    const voice = (await response.clone().json()) as { model: string; provenance: object };
    expect(voice.model).toBe(MODEL);
    expect(voice.provenance).toMatchObject({ consent: { kind: 'recording' } });
    const id = await idOf(response);
    const spoken = await speak(id);
    expect([spoken.status, spoken.headers.get('x-sori-model')]).toEqual([200, `${MODEL}@1.0`]);
    const sound = await spoken.bytes();
    expect(sound.length).toBeGreaterThan(24_000);
    // The same request is the same audio, and markup may name the voice.
    expect(await (await speak(id)).bytes()).toEqual(sound);
    const marked = await speak(id, { input: `<speak><voice name="${id}">${INPUT}</voice></speak>` });
    expect((await marked.bytes()).length).toBe(sound.length);
    // Files name the voice and the generator.
    const file = Buffer.from(await (await speak(id, { response_format: 'wav' })).bytes()).toString('latin1');
    for (const tag of [id, MODEL, 'Sori']) expect(file).toContain(tag);
  });

  it('speaks differently with the voice of another speaker, and with a style', async () => {
    const [first, second] = [await idOf(await clone({ files: FIRST })), await idOf(await cloneSecond())];
    const sound = await (await speak(first)).bytes();
    expect(await (await speak(second)).bytes()).not.toEqual(sound);
    const style = await send(`/v1/styles?model=${MODEL}`, { file: FIRST });
    const { id } = (await style.json()) as { id: string };
    expect(id).toMatch(/^sty_/);
    const body = { model: MODEL, style: id, input: INPUT, response_format: 'pcm' };
    expect((await (await post('/v1/audio/speech', body)).bytes()).length).toBe(sound.length);
  });

  it('mixes cloned voices by their weights', async () => {
    const [first, second] = [await idOf(await clone({ files: FIRST })), await idOf(await cloneSecond())];
    // Opus has tags, and its streamed bytes are the stored ones.
    const said = async (voice: unknown) =>
      Buffer.from(
        await (
          await post('/v1/audio/speech', { model: MODEL, voice, input: INPUT, response_format: 'opus' })
        ).bytes(),
      ).toString('latin1');
    const mixed = await said({ [first]: 0.75, [second]: 0.25 });
    expect(mixed).not.toBe(await said(first));
    expect(mixed).not.toBe(await said(second));
    expect(mixed).not.toBe(await said({ [first]: 0.25, [second]: 0.75 }));
    // Weights count by their ratio, and an expression is the same mix.
    expect(await said(`${first}(3)+${second}(1)`)).toBe(mixed);
    // The file names both speakers.
    for (const id of [first, second]) expect(mixed).toContain(id);
    const unknown = `${first}+vce_${'0'.repeat(26)}`;
    expect(await errorOf(await speak(unknown))).toEqual([404, 'voice_not_found', 'voice']);
  });

  it.each([
    ['no consent', { consent: '', consent_recording: '' }, [400, 'consent_required', 'consent_recording']],
    [
      'the consent of another speaker',
      { consent_recording: SECOND },
      [403, 'invalid_consent', 'consent_recording'],
    ],
    ['a recording that is too short', { files: recording(1) }, [400, 'unusable_reference', 'files[0]']],
    [
      'a language that the model does not speak',
      { language: 'ko' },
      [400, 'unsupported_language', 'language'],
    ],
  ])('refuses %s', async (_, fields, expected) => {
    expect(await errorOf(await clone({ files: FIRST, ...(fields as object) }))).toEqual(expected);
  });

  it('refuses voices that it does not have, and controls', async () => {
    expect(await errorOf(await speak('clara'))).toEqual([400, 'unknown_voice', 'voice']);
    const id = await idOf(await clone({ files: FIRST }));
    expect(await errorOf(await speak(id, { pitch: 3 }))).toEqual([400, 'conflicting_parameters', 'pitch']);
    for (const model of ['kokoro', 'sori-2']) {
      expect(await errorOf(await speak(id, { model }))).toEqual([400, 'style_of_another_model', 'voice']);
    }
    const compared = await send('/v1/voices/compare', { model: MODEL, files: FIRST });
    expect((await errorOf(compared))[0]).toBe(400);
  });

  it('compares speakers by the threshold of the model', async () => {
    const form = new FormData();
    form.append('model', MODEL);
    form.append('files', FIRST);
    form.append('files', SECOND);
    const response = await fetch(new URL('/v1/speakers/verify', origin.url), { method: 'POST', body: form });
    expect(await response.json()).toMatchObject({ same_speaker: false, threshold: 0.8 });
  });
});

const cloneSecond = () => clone({ files: SECOND, consent_recording: recording(5, 1.9) });
