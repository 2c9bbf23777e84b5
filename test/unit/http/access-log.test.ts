import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADMIN_KEY, accessApp, SPEECH } from '../../support/apps/access-app.ts';

const errors = vi.spyOn(console, 'error');
beforeEach(() => void errors.mockReset().mockImplementation(() => {}));
afterEach(() => void errors.mockReset());

const told = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));

describe('the log line of a request', () => {
  it('states the outcome', async () => {
    const { send, makeKey, lines } = await accessApp();
    const { key, record } = await makeKey();
    await send('POST', '/v1/audio/speech', key, SPEECH, { 'x-request-id': 'mine-1' });
    await send('POST', '/v1/audio/speech', key, { ...SPEECH, response_format: 'opus' });
    await send('GET', '/v1/models/nothing?key=secret', key);
    await send('GET', '/nothing?text=secret');
    const common = { time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), ms: expect.any(Number) };
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(told(lines)).toEqual([
      {
        ...common,
        level: 'info',
        request_id: 'mine-1',
        method: 'POST',
        route: '/v1/audio/speech',
        status: 200,
        key: record.id,
        cache: 'miss',
        characters: 6,
        audio_ms: 300,
      },
      {
        ...common,
        level: 'info',
        request_id: id,
        method: 'POST',
        route: '/v1/audio/speech',
        status: 200,
        key: record.id,
        cache: 'hit',
        audio_ms: 300,
      },
      {
        ...common,
        level: 'warn',
        request_id: id,
        method: 'GET',
        route: '/v1/models/{id}',
        status: 404,
        key: record.id,
        error: 'unknown_model',
      },
      {
        ...common,
        level: 'warn',
        request_id: id,
        method: 'GET',
        route: null,
        status: 404,
        key: 'public',
        error: 'not_found',
      },
    ]);
  });

  it('is left out for URLs that a CDN logs, unless they fail', async () => {
    const { send, lines } = await accessApp();
    const made = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    const path = made.headers.get('content-location')!;
    lines.length = 0;
    for (const method of ['GET', 'HEAD']) {
      expect((await send(method, path)).status).toBe(200);
      expect((await send(method, '/healthz')).status).toBe(200);
    }
    await send('GET', path, undefined, undefined, { 'If-None-Match': '*' });
    await send('OPTIONS', path);
    expect(lines).toEqual([]);
    await send('GET', '/audio/nothing.mp3');
    await send('GET', '/v1/models', ADMIN_KEY);
    expect(told(lines).map(({ method, route, status }) => [method, route, status])).toEqual([
      ['GET', '/audio/{file}', 404],
      ['GET', '/v1/models', 200],
    ]);
  });

  it('is an error line where the server fails, with the cause in another line of the same id', async () => {
    const { send, lines } = await accessApp({
      tone: {
        plan: () => {
          throw new TypeError('out of range');
        },
      },
    });
    await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH, { 'x-request-id': 'mine-2' });
    expect(told(lines)).toMatchObject([
      { level: 'error', status: 500, request_id: 'mine-2', error: 'internal_error' },
    ]);
    expect(told(errors.mock.calls.map(([line]) => line))).toEqual([
      {
        time: expect.any(String),
        level: 'error',
        request_id: 'mine-2',
        error: 'internal_error',
        message: 'The server failed while it handled this request.',
        cause: expect.stringContaining('TypeError: out of range'),
      },
    ]);
  });

  it('after a disconnect of the client is not logged as an error', async () => {
    const client = new AbortController();
    const { app, lines } = await accessApp({
      access: 'off',
      tone: {
        plan: (_request, signal) => {
          client.abort();
          signal?.throwIfAborted();
        },
      },
    });
    const request = new Request('http://sori.test/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(SPEECH),
      signal: client.signal,
    });
    await app.request(request);
    expect(told(lines)).toMatchObject([{ level: 'warn', status: 499 }]);
    expect(lines[0]).not.toContain('error');
    expect(errors).not.toHaveBeenCalled();
  });

  it('contains the text where LOG_TEXT is on', async () => {
    const { send, lines } = await accessApp({ logText: true });
    await send('POST', '/v1/audio/speech', ADMIN_KEY, { ...SPEECH, input: 'One "quoted"\nword.' });
    expect(told(lines)).toMatchObject([{ text: 'One "quoted"\nword.' }]);
  });
});

it('never contains a text or a key otherwise', async () => {
  /** Spoken, refused and failing requests alike; the failures quote the text, as a careless library might. */
  const failing = { now: false };
  const server = await accessApp({
    tone: {
      plan: ({ input }) => {
        if (failing.now)
          throw new Error(
            `cannot say ${input} for sori_4f9K2mQx7PzL_0123456789012345678901234567890123abcdef`,
          );
      },
    },
  });
  const made = await server.makeKey({ scopes: ['speech', 'keys:write'] });
  const text = fc
    .tuple(
      fc.constantFrom('geheim', 'sécret', '비밀', 'top "secret"'),
      fc.string({ maxLength: 40, unit: 'grapheme' }),
    )
    .map(([word, rest]) => `${word} ${rest}`);
  const place = fc.constantFrom('input', 'voice', 'model', 'language', 'query', 'path', 'malformed', 'scope');
  await fc.assert(
    fc.asyncProperty(text, place, fc.boolean(), fc.boolean(), async (words, where, fails, goodKey) => {
      failing.now = fails;
      server.lines.length = 0;
      errors.mockClear();
      const key = goodKey ? made.key : `${made.key.slice(0, -4)}zzzz`;
      const { send } = server;
      if (where === 'query') await send('GET', `/v1/models?q=${encodeURIComponent(words)}&k=${key}`, key);
      else if (where === 'path') await send('GET', `/v1/models/${encodeURIComponent(words)}`, key);
      else if (where === 'malformed') await send('POST', '/v1/audio/speech', key, [words]);
      else if (where === 'scope') await send('GET', `/v1/prompts/${encodeURIComponent(words)}`, key);
      else await send('POST', '/v1/audio/speech', key, { ...SPEECH, [where]: words });
      const all = [...server.lines, ...errors.mock.calls.flat()].join('\n');
      expect(all).not.toContain(words);
      expect(all).not.toContain(JSON.stringify(words).slice(1, -1));
      expect(all).not.toContain(encodeURIComponent(words));
      expect(all).not.toContain(made.key.slice(18));
      expect(all).not.toMatch(/sori_[0-9A-Za-z]{12}_/);
      expect(server.lines.length).toBe(1);
    }),
    { numRuns: 150 },
  );
});
