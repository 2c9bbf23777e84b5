import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTags } from '../../../../src/audio/tags/read.ts';
import { readMasterWav } from '../../../../src/audio/transcode.ts';
import { embedWatermark } from '../../../../src/audio/watermark/embed.ts';
import { watermarkPayload } from '../../../../src/features/delivery/private-audio.ts';
import type { HostedModels } from '../../../../src/models/hosted-models.ts';
import { ANA, BEN, hum, inTurn, voicesApp, wavOf } from '../../../support/apps/voices-app.ts';
import { tinyTranslator } from '../../../support/models/tiny-translator.ts';

const PATH = '/v1/audio/speech-translations';

let models: Awaited<ReturnType<typeof tinyTranslator>>;
let hosted: HostedModels;
beforeAll(async () => {
  models = await tinyTranslator();
  hosted = models.hosted;
});
afterAll(async () => {
  await models[Symbol.asyncDispose]();
});

/** An app whose speakers hum; its recognizer returns "hello world." for any recording, or "good day." in English. */
async function translator(options: Parameters<typeof voicesApp>[0] = {}) {
  const app = await voicesApp({ hosted, voiceConsent: 'both', ...options });
  const send = async (fields: Record<string, string | Uint8Array<ArrayBuffer>>, key = app.owner) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      form.append(
        name,
        typeof value === 'string' ? value : new Blob([value]),
        ...((typeof value === 'string' ? [] : ['a.wav']) as []),
      );
    }
    const request = new Request('http://sori.test/', { method: 'POST', body: form });
    return await app.app.request(PATH, {
      method: 'POST',
      headers: { 'Content-Type': request.headers.get('content-type')!, Authorization: `Bearer ${key}` },
      body: await request.arrayBuffer(),
    });
  };
  const refusal = async (fields: Parameters<typeof send>[0], key?: string) => {
    const response = await send(fields, key);
    const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
    return { status: response.status, ...error };
  };
  return { ...app, send, refusal };
}

interface SegmentEvent {
  readonly type: string;
  readonly text: string;
  readonly source_text?: string;
  readonly start_ms: number;
  readonly audio_start_ms: number;
  readonly audio_end_ms: number;
  readonly audio?: string;
  readonly speed: number;
  readonly pitch_range: number;
  readonly duration_ms?: number;
  readonly latency_ms: { readonly recognition: number; readonly speech: number; readonly total: number };
}

const eventsOf = async (response: Response): Promise<SegmentEvent[]> =>
  (await response.text())
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.replace(/^data: /, '')));

/** A consent by statement, which needs no spoken sentence. */
const SIGNED = {
  consent: undefined,
  consent_recording: undefined,
  consent_statement: 'I agree that my voice is copied.',
  consent_signed_by: 'Ana',
};

/** 3 s of a hum, 2 s of silence, 11 s of a hum: two windows of the recognizer. */
const twoParts = () => wavOf(inTurn(hum(ANA, 3), hum(ANA, 2).fill(0), hum(ANA, 11)));

describe('POST /v1/audio/speech-translations', () => {
  it('speaks in the cloned voice of the speaker, with its watermark and provenance', async () => {
    const { clone, send } = await translator();
    const { json } = await clone(SIGNED);
    const response = await send({ file: await wavOf(hum(ANA)), voice: json.id, response_format: 'wav' });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('x-sori-speaker-similarity'))).toBeGreaterThan(0.9);
    expect(response.headers.get('x-sori-audio-ms')).toBe('4000');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const bytes = await response.bytes();
    expect(readTags(bytes)).toMatchObject({ generator: 'Sori', model: 'tone-1@1.2.3', voice: json.id });
    const tone = readMasterWav(
      await (await send({ file: await wavOf(hum(ANA)), voice: 'clara', response_format: 'wav' })).bytes(),
    );
    // The translation starts 20 ms after the recording, by the recognizer's times.
    expect(tone.slice(0, 480).every((sample) => sample === 0)).toBe(true);
    expect(readMasterWav(bytes)).toEqual(embedWatermark(tone, await watermarkPayload([json.id])));
  });

  it('refuses a consent recording without the words of the sentence', async () => {
    const { clone } = await translator();
    const { status, json } = await clone();
    expect([status, json.error]).toEqual([
      403,
      expect.objectContaining({
        code: 'invalid_consent',
        message: expect.stringContaining('words were recognized'),
      }),
    ]);
  });

  it('refuses another speaker, and a voice of another key', async () => {
    const { clone, refusal, other } = await translator();
    const { json } = await clone(SIGNED);
    expect(await refusal({ file: await wavOf(hum(BEN)), voice: json.id })).toMatchObject({
      status: 403,
      code: 'invalid_consent',
      param: 'file',
    });
    expect(await refusal({ file: await wavOf(hum(ANA)), voice: json.id }, other)).toMatchObject({
      status: 404,
      code: 'voice_not_found',
    });
  });

  it('streams segments with their position, their audio and their timings', async () => {
    const { send } = await translator();
    const response = await send({
      file: await twoParts(),
      voice: 'clara',
      stream: 'true',
      response_format: 'wav',
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = await eventsOf(response);
    expect(events.map(({ type }) => type)).toEqual([
      'speech.translation.segment',
      'speech.translation.segment',
      'speech.translation.done',
    ]);
    const [first, second, done] = events;
    expect(first.audio_start_ms).toBe(20);
    expect([first.text, done.text]).toEqual(['good day.', 'good day. good day.']);
    expect(second.start_ms).toBeGreaterThan(4000);
    expect(second.audio_start_ms).toBe(second.start_ms);
    expect(done.duration_ms).toBe(second.audio_end_ms);
    for (const { audio, audio_start_ms, audio_end_ms, latency_ms } of [first, second]) {
      const samples = readMasterWav(Uint8Array.from(Buffer.from(audio!, 'base64')));
      expect(samples.length / 24).toBeCloseTo(audio_end_ms - audio_start_ms, -1);
      expect(latency_ms.total).toBeGreaterThanOrEqual(latency_ms.recognition);
      expect(latency_ms.recognition).toBeGreaterThan(0);
    }
  });

  it('keeps rate, pauses and range of pitch when asked to', async () => {
    const { send, tone } = await translator();
    const ask = async (keep: string) => {
      const fields = { file: await twoParts(), voice: 'clara', stream: 'true', keep };
      return await eventsOf(await send(fields));
    };
    const [first, second] = await ask('pauses');
    // The silence between the segments is as long as in the source.
    expect(second.audio_start_ms - first.audio_end_ms).toBeGreaterThan(1500);
    const [quick] = await ask('rate,pitch_range');
    // 0.3 s of speech cannot be stretched to the length of its source.
    expect(quick.speed).toBe(0.75);
    // A hum has no pitch range, which gives the smallest factor.
    expect(quick.pitch_range).toBe(0.5);
    expect(tone.requests.at(-1)).toMatchObject({ speed: 0.75, pitchRange: 0.5 });
  });

  it('writes the translation of a model, where it is not to be spoken', async () => {
    const { send } = await translator();
    const fields = { file: await wavOf(hum(ANA)), to: 'ko', speech: 'off', stream: 'true' };
    const [segment, done] = await eventsOf(await send(fields));
    expect(segment).toMatchObject({ source_text: 'hello world.', text: '안녕하세요 세상 .', language: 'en' });
    expect(segment).not.toHaveProperty('audio');
    expect(done.text).toBe('안녕하세요 세상 .');
    const [same] = await eventsOf(
      await send({ ...fields, language: 'en', to: 'en', translation_model: 'dictionary' }),
    );
    expect(same).toMatchObject({ source_text: 'hello world.', text: 'hello world.' });
  });

  it.each<[Record<string, string>, number, string, string]>([
    [{ voice: '' }, 400, 'missing_required_parameter', 'voice'],
    [{ keep: 'accent' }, 400, 'invalid_value', 'keep'],
    [{ seed: '-1' }, 400, 'invalid_value', 'seed'],
    [{ to: 'not a language' }, 400, 'invalid_value', 'to'],
    [{ to: 'ko' }, 400, 'unsupported_language', 'language'],
    [{ to: 'fr' }, 503, 'model_unavailable', 'to'],
    [{ speech: 'off' }, 400, 'conflicting_parameters', 'speech'],
    [{ response_format: 'docx' }, 400, 'unsupported_format', 'response_format'],
    [{ voice: 'nobody' }, 400, 'unknown_voice', 'voice'],
    [{ model: 'nothing' }, 404, 'unknown_model', 'model'],
    [{ translation_model: 'nothing' }, 404, 'unknown_model', 'translation_model'],
  ])('refuses %j before any work', async (fields, status, code, param) => {
    const { refusal, tone } = await translator();
    const file = await wavOf(hum(ANA));
    expect(await refusal({ file, voice: 'clara', ...fields })).toMatchObject({ status, code, param });
    expect(tone.requests).toEqual([]);
  });

  it('charges a recording for its transcription and its speech, and refunds what failed', async () => {
    const { send, makeKey } = await translator();
    const { key } = await makeKey({ name: 'small', scopes: ['speech'], monthlyCharacters: 150 });
    const fields = { file: await wavOf(hum(ANA)), voice: 'clara' };
    expect((await send(fields, key)).status).toBe(200);
    // 4 s cost 120 characters; 30 are left.
    expect((await send(fields, key)).status).toBe(429);
  });

  it('is refused with the reason without a recognizer, and without an origin', async () => {
    const bare = await translator({ hosted: undefined });
    expect(await bare.refusal({ file: await wavOf(hum(ANA)), voice: 'clara' })).toMatchObject({
      status: 503,
      message: expect.stringContaining('models add'),
    });
    const edge = await translator({ hosted: undefined, placement: {} });
    expect(await edge.refusal({ file: await wavOf(hum(ANA)), voice: 'clara' })).toMatchObject({
      status: 503,
      code: 'model_unavailable',
      message: expect.stringContaining('ORIGINS'),
    });
  });
});
