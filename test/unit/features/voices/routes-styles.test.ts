import { describe, expect, it, vi } from 'vitest';
import type { AppDependencies } from '../../../../src/app.ts';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { SoriError } from '../../../../src/base/errors.ts';
import { MAX_RECORDING_BYTES as MAX_REFERENCE_BYTES } from '../../../../src/features/voices/recordings.ts';
import { MAX_BODY_BYTES, MAX_BODY_WITH_REFERENCE_BYTES } from '../../../../src/http/bodies/json-body.ts';
import { UploadRoom } from '../../../../src/http/bodies/upload-room.ts';
import { decodeStyleId } from '../../../../src/synthesis/reference/style-id.ts';
import { TONE_MODEL, TONE_STYLE, type ToneOptions, toneEngine } from '../../../fixtures/tone-engine.ts';
import { countedBody } from '../../../support/counted-body.ts';

const SECONDS = 4;

/** A WAV file of a tone. */
async function wavOf(seconds = SECONDS): Promise<Uint8Array<ArrayBuffer>> {
  const samples = Float32Array.from({ length: seconds * 24_000 }, (_, n) => 0.5 * Math.sin(n / 20));
  const encoder = await createEncoder('wav', { totalSamples: samples.length });
  return new Uint8Array(Buffer.concat([encoder.encode(samples), encoder.finish()]));
}

function setUp(options: ToneOptions = {}, more: Partial<AppDependencies> = { referenceStyles: true }) {
  const tone = toneEngine(options);
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder, ...more });
  const post = (
    body: BodyInit,
    headers: Record<string, string> = { 'Content-Type': 'audio/wav' },
    query = '',
  ) => app.request(`/v1/styles${query}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  const speak = (fields: object) =>
    app.request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'tone-1', input: 'Hello.', response_format: 'pcm', ...fields }),
    });
  return { ...tone, app, post, speak };
}

const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; param: string | null; message: string } }).error;

describe('POST /v1/styles', () => {
  it.each(['audio/wav', 'audio/x-wav', 'Audio/WAVE; codecs=1', 'audio/vnd.wave'])(
    'makes an id of a recording sent as %s',
    async (type) => {
      const { post, recordings } = setUp();
      const response = await post(await wavOf(), { 'Content-Type': type });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const { id, ...rest } = (await response.json()) as { id: string };
      expect(rest).toEqual({
        object: 'style',
        model: 'tone-1',
        seconds: SECONDS,
        measured: { pitch_hz: 160, speed: 2, tilt: 0.5 },
      });
      const style = decodeStyleId(id, TONE_MODEL.styleSpace);
      expect(Array.from(style)).toEqual(Array.from(TONE_STYLE, (value) => expect.closeTo(value, 3)));
      expect(recordings).toHaveLength(1);
      expect(recordings[0].samples).toHaveLength(SECONDS * 24_000);
    },
  );

  it('accepts a form', async () => {
    const { post } = setUp();
    const form = new FormData();
    form.set('file', new Blob([await wavOf()], { type: 'audio/wav' }), 'me.wav');
    form.set('model', 'tts-1');
    const request = new Request('http://sori.test/', { method: 'POST', body: form });
    const response = await post(await request.arrayBuffer(), Object.fromEntries(request.headers));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ model: 'tone-1' });
  });

  it('stores nothing: the id is all that speech needs, on any server', async () => {
    const { id } = (await (await setUp().post(await wavOf())).json()) as { id: string };
    const elsewhere = setUp({}, {});
    const response = await elsewhere.speak({ style: id });
    expect(response.status).toBe(200);
    expect(elsewhere.requests[0]).toMatchObject({ voice: {}, style: expect.any(Float32Array) });
  });

  it('is refused before a byte is read where the operator has not enabled it', async () => {
    const { post, recordings } = setUp({}, {});
    const { body, taken } = countedBody(1_000_000);
    const response = await post(body);
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({
      code: 'reference_styles_disabled',
      message: expect.stringMatching(/REFERENCE_STYLES.*consent/),
    });
    expect(taken.bytes).toBe(0);
    expect(recordings).toEqual([]);
  });

  it.each([
    ['audio/midi', 415, 'unsupported_media_type'],
    ['application/json', 415, 'unsupported_media_type'],
    ['audio/wavpack', 415, 'unsupported_media_type'],
    ['multipart/form-data; boundary=none', 400, 'invalid_value'],
    ['multipart/form-data', 415, 'unsupported_media_type'],
  ])('refuses %s', async (type, status, code) => {
    const { post, recordings } = setUp();
    const response = await post(await wavOf(), { 'Content-Type': type });
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
    expect(recordings).toEqual([]);
  });

  it('refuses a form without a file', async () => {
    const { post } = setUp();
    for (const value of [undefined, 'text']) {
      const form = new FormData();
      form.set('other', 'x');
      if (value) form.set('file', value);
      const request = new Request('http://sori.test/', { method: 'POST', body: form });
      const response = await post(await request.arrayBuffer(), Object.fromEntries(request.headers));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'missing_required_parameter', param: 'file' });
    }
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('Hello.')],
    ['an MP3 file', Uint8Array.of(0xff, 0xfb, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
  ])('refuses %s', async (_, bytes) => {
    const response = await setUp().post(bytes);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_reference' });
  });

  it('refuses more than a minute', async () => {
    const response = await setUp().post(await wavOf(61));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      code: 'invalid_reference',
      message: expect.stringMatching(/60/),
    });
  });

  it('refuses more than 6 MiB: by Content-Length at once, otherwise as it reads', async () => {
    const announced = countedBody(MAX_REFERENCE_BYTES + 65_536);
    const headers = { 'Content-Type': 'audio/wav', 'Content-Length': String(MAX_REFERENCE_BYTES + 1) };
    const first = await setUp().post(announced.body, headers);
    expect(first.status).toBe(413);
    expect(announced.taken.bytes).toBeLessThanOrEqual(65_536);

    for (const type of ['audio/wav', 'multipart/form-data; boundary=x']) {
      const silent = countedBody(4 * MAX_REFERENCE_BYTES);
      const response = await setUp().post(silent.body, { 'Content-Type': type });
      expect(response.status).toBe(413);
      expect(await errorOf(response)).toMatchObject({
        code: 'body_too_large',
        message: expect.stringMatching(/6 MiB/),
      });
      expect(silent.taken.bytes).toBeLessThan(MAX_REFERENCE_BYTES + 4 * 65_536);
    }
  });

  it('slow uploads block neither other uploads nor speech', async () => {
    let time = 0;
    const uploads = new UploadRoom({ uploads: 4, bytes: MAX_REFERENCE_BYTES, now: () => time });
    const { post, speak } = setUp({}, { referenceStyles: true, uploads, maxSpeechRequests: 1 });
    const wav = await wavOf();
    const slow = () => {
      let sent = false;
      return post(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (sent) return new Promise<void>(() => {});
            sent = true;
            controller.enqueue(wav.subarray(0, 100));
            return undefined;
          },
        }),
      );
    };
    const waiting = [slow(), slow(), slow(), slow()];
    await vi.waitFor(() => expect(uploads.size).toBe(4));
    const early = await post(wav);
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await errorOf(early)).toMatchObject({
      code: 'queue_full',
      message: expect.stringMatching(/^4 uploads /),
    });
    time = 2_001;
    expect((await post(wav)).status).toBe(200);
    const ended = await Promise.race(waiting);
    expect([ended.status, await errorOf(ended)]).toMatchObject([408, { code: 'upload_too_slow' }]);
    expect((await post(wav)).status).toBe(200);
    expect(uploads.size).toBe(3);
    const spoken = await speak({ voice: 'clara' });
    expect(spoken.status).toBe(200);
    await spoken.arrayBuffer();
  });

  it('returns the engine’s error about the recording, and frees its slot', async () => {
    const { post } = setUp(
      {
        encoding: () => {
          throw new SoriError('unusable_reference', 'The recording is silent.', { param: 'reference' });
        },
      },
      { referenceStyles: true, maxSpeechRequests: 1 },
    );
    for (let i = 0; i < 2; i++) {
      const response = await post(await wavOf());
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'unusable_reference', param: 'file' });
    }
  });

  it('checks the model', async () => {
    const { post } = setUp();
    expect((await post(await wavOf(), undefined, '?model=tts-1')).status).toBe(200);
    const response = await post(await wavOf(), undefined, '?model=tone-9');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'unknown_model' });
  });
});

describe('a recording in the request itself', () => {
  const dataUrl = async () => `data:audio/wav;base64,${Buffer.from(await wavOf()).toString('base64')}`;

  it('is used for its speech', async () => {
    const { speak, requests, recordings } = setUp();
    expect((await speak({ style: await dataUrl() })).status).toBe(200);
    expect(recordings).toHaveLength(1);
    expect(requests[0].style).toEqual(TONE_STYLE);
  });

  it.each([
    ['data:text/plain;base64,AAAA', 'invalid_style'],
    ['data:audio/mpeg;base64,AAAA', 'invalid_reference'],
    ['data:audio/wav,RIFF', 'invalid_style'],
    ['data:audio/wav;base64,!!', 'invalid_style'],
    ['data:audio/wav;base64,AAAA', 'invalid_reference'],
    ['data:audio/wav;base64,', 'invalid_reference'],
  ])('%s: refused', async (style, code) => {
    const { speak, requests } = setUp();
    const response = await speak({ style });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code, param: 'style' });
    expect(requests).toEqual([]);
  });

  it('allows a longer body, but only where recordings are enabled', async () => {
    const style = `data:audio/wav;base64,${'A'.repeat(MAX_BODY_BYTES)}`;
    expect((await setUp({}, {}).speak({ style })).status).toBe(413);
    expect((await setUp().speak({ style })).status).toBe(400);
    const longer = `data:audio/wav;base64,${'A'.repeat(MAX_BODY_WITH_REFERENCE_BYTES)}`;
    expect((await setUp().speak({ style: longer })).status).toBe(413);
  });
});
