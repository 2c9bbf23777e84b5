import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { type AudioAnswer, answerAudio } from '../../../../src/features/delivery/routes.ts';
import type { AppEnv } from '../../../../src/http/context.ts';
import { respondError } from '../../../../src/http/errors.ts';
import { toneEngine } from '../../../fixtures/tone-engine.ts';
import { bytes, KEY, SHORT_BYTES, setUp } from './audio-route.setup.ts';

/** A route of another feature that answers with the short audio. */
async function routed(answer: Partial<AudioAnswer>) {
  const { library } = await setUp();
  const { engine } = toneEngine();
  const deps = { access: 'off' as const, engine, createEncoder, library };
  const app = new Hono<AppEnv>();
  app.onError(respondError);
  app.all('/other', (c) =>
    answerAudio(c, deps, { key: KEY, format: 'mp3', cacheControl: 'public, max-age=60', ...answer }),
  );
  return (headers: Record<string, string> = {}, method = 'GET', query = '') =>
    app.request(`/other${query}`, { method, headers });
}

describe('answerAudio, as other routes use it', () => {
  it('applies their caching, tags and headers', async () => {
    const get = await routed({
      tags: ['prompt:welcome', 'prompt:menu'],
      fileName: 'ivr-welcome',
      extraHeaders: { 'X-Cache': 'miss', 'Content-Language': 'en' },
    });
    for (let i = 0; i < 2; i++) {
      const response = await get({}, 'GET', '?download');
      expect(response.headers.get('cache-control')).toBe('public, max-age=60');
      expect(response.headers.get('cache-tag')).toMatch(/^audio:0+a,model:.*,prompt:welcome,prompt:menu$/);
      expect(response.headers.get('x-cache')).toBe('miss');
      expect(response.headers.get('content-language')).toBe('en');
      expect(response.headers.get('content-location')).toBe(`/audio/${KEY}.mp3`);
      expect(response.headers.get('content-disposition')).toContain('filename="ivr-welcome.mp3"');
    }
    // The options of one route do not affect the next answer.
    const other = await (await setUp()).get(`/audio/${KEY}.mp3`);
    expect(other.headers.get('x-cache')).toBe('hit');
    expect(other.headers.get('cache-tag')).not.toContain('prompt');
  });

  it('for a URL whose audio may change: compares tags always, dates only since the URL has served this audio', async () => {
    const changed = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    const get = await routed({ changed });
    const whole = await get();
    const [etag, date] = [whole.headers.get('etag')!, whole.headers.get('last-modified')!];
    expect(date).toBe(changed.toUTCString());
    const before = new Date(changed.getTime() - 1000).toUTCString();
    expect((await get({ 'If-Modified-Since': date })).status).toBe(304);
    expect((await get({ 'If-Modified-Since': before })).status).toBe(200);
    expect((await get({ 'If-Unmodified-Since': before })).status).toBe(412);
    expect((await get({ 'If-None-Match': etag })).status).toBe(304);
    // A date is too weak a validator for ranges: the audio may change twice within a second.
    expect((await get({ Range: 'bytes=0-1', 'If-Range': date })).status).toBe(200);
    expect((await get({ Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206);
  });

  it('ignores a date before the audio was stored', async () => {
    const get = await routed({ changed: new Date(0) });
    expect(Date.parse((await get()).headers.get('last-modified')!)).toBeGreaterThan(0);
  });

  it('answers POST with the whole body, whatever its conditions', async () => {
    const post = await routed({});
    const headers = { 'If-None-Match': '*', 'If-Match': '"other"', Range: 'bytes=0-1' };
    const response = await post(headers, 'POST');
    expect(response.status).toBe(200);
    expect(await bytes(response)).toEqual(SHORT_BYTES);
  });

  it('reports missing audio', async () => {
    const { library } = await setUp();
    const { engine } = toneEngine();
    const told: unknown[] = [];
    const app = new Hono<AppEnv>();
    app.onError((error, c) => {
      told.push((error as Error & { code: string }).code);
      return c.text('', 500);
    });
    const base = { access: 'off' as const, engine, createEncoder };
    const answer = { key: 'f'.repeat(64), format: 'mp3' as const, cacheControl: 'no-store' };
    app.get('/without', (c) => answerAudio(c, base, answer));
    app.get('/with', (c) => answerAudio(c, { ...base, library }, answer));
    await app.request('/without');
    await app.request('/with');
    expect(told).toEqual(['not_configured', 'unknown_audio']);
  });
});
