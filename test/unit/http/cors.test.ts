import { describe, expect, it, vi } from 'vitest';
import { ADMIN_KEY, accessApp, SPEECH } from '../../support/apps/access-app.ts';

const ORIGIN = 'https://app.example.com';
const OTHER = 'https://evil.example.com';

const list = (text: string | null) => (text ?? '').split(/\s*,\s*/);

describe('preflight requests', () => {
  it.each([
    ['/v1/audio/speech', 'POST', 'authorization, content-type'],
    ['/v1/prompts/ivr/welcome', 'PUT', 'authorization,if-match'],
    ['/v1/prompts/ivr/welcome', 'DELETE', undefined],
    ['/audio/nothing.mp3', 'GET', 'range'],
    ['/v1/keys', 'POST', 'x-api-key'],
    ['/no/such/path', 'GET', undefined],
  ])('%s %s: browsers learn what is allowed, without a key', async (path, method, asked) => {
    const { send } = await accessApp();
    const { status, headers, length } = await send('OPTIONS', path, undefined, undefined, {
      Origin: ORIGIN,
      'Access-Control-Request-Method': method,
      ...(asked && { 'Access-Control-Request-Headers': asked }),
    });
    expect([status, length]).toEqual([204, 0]);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(list(headers.get('access-control-allow-methods'))).toContain(method);
    expect(headers.get('access-control-allow-headers')).toBe(asked?.replaceAll(' ', '') ?? null);
    expect(headers.get('access-control-max-age')).toBe('86400');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toBe(asked ? 'Access-Control-Request-Headers' : null);
  });

  it.each([
    [[ORIGIN, 'http://localhost:3000'], ORIGIN, ORIGIN],
    [[ORIGIN, 'http://localhost:3000'], 'http://localhost:3000', 'http://localhost:3000'],
    [[ORIGIN], OTHER, null],
    [[ORIGIN], `${ORIGIN}.evil.com`, null],
    [[ORIGIN], 'null', null],
    [[ORIGIN], undefined, null],
    [[], ORIGIN, null],
    [['*'], OTHER, '*'],
    [[ORIGIN, '*'], OTHER, '*'],
  ])('from %j, %s gets %s', async (corsOrigins, origin, allowed) => {
    const { send } = await accessApp({ corsOrigins });
    const headers = { ...(origin && { Origin: origin }), 'Access-Control-Request-Method': 'POST' };
    for (const answer of [
      await send('OPTIONS', '/v1/audio/speech', undefined, undefined, headers),
      await send('GET', '/v1/models', undefined, undefined, headers),
      await send('GET', '/v1/models', ADMIN_KEY, undefined, headers),
      await send('GET', '/nothing', undefined, undefined, headers),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
      // A cache must not give one origin the answer to another.
      expect(list(answer.headers.get('vary')).includes('Origin')).toBe(allowed !== '*');
    }
  });
});

it('routes without a key allow pages of all origins, so that caches can store one answer', async () => {
  const { send } = await accessApp({ corsOrigins: [ORIGIN] });
  const made = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
  for (const path of [made.headers.get('content-location')!, '/healthz']) {
    const { headers } = await send('GET', path, undefined, undefined, { Origin: OTHER });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('vary')).toBeNull();
  }
});

describe('answers', () => {
  it('expose the headers that pages need', async () => {
    const { send, makeKey } = await accessApp();
    const { key } = await makeKey({ monthlyCharacters: 100, requestsPerMinute: 10 });
    const made = await send('POST', '/v1/audio/speech', key, SPEECH, { Origin: ORIGIN });
    const shown = list(made.headers.get('access-control-expose-headers')).map((name) => name.toLowerCase());
    const hidden = [...made.headers.keys()].filter((name) => !shown.includes(name));
    // The remaining headers are readable by every page anyway, or are meant for the browser itself.
    expect(hidden.filter((name) => !/^(access-control-|cross-origin-)/.test(name)).sort()).toEqual([
      'cache-control',
      'content-security-policy',
      'content-type',
      'referrer-policy',
      'x-content-type-options',
    ]);
    for (const name of [
      'content-location',
      'x-cache',
      'ratelimit',
      'x-characters-used',
      'x-request-id',
      'etag',
    ]) {
      expect(shown).toContain(name);
    }
    for (const name of ['content-range', 'accept-ranges', 'retry-after', 'ratelimit-policy', 'etag']) {
      expect(shown).toContain(name);
    }
  });

  it('of every kind run no scripts and state their type', async () => {
    const { send } = await accessApp();
    const made = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    for (const [method, path] of [
      ['GET', made.headers.get('content-location')!],
      ['HEAD', made.headers.get('content-location')!],
      ['GET', '/audio/nothing.html'],
      ['GET', '/audio/%3Cscript%3E'],
      ['GET', '/v1/models'],
      ['GET', '/nothing'],
      ['OPTIONS', '/nothing'],
      ['POST', '/healthz'],
    ]) {
      const { headers } = await send(method, path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(headers.get('content-type') ?? '').not.toMatch(/html|xml|svg|javascript/);
      expect(headers.get('x-request-id')).toBeTruthy();
      expect(headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('of pages have their own policy', async () => {
    const { send } = await accessApp();
    for (const path of ['/', '/docs']) {
      const { headers } = await send('GET', path);
      expect(headers.get('content-security-policy')).not.toContain('sandbox');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('over https carry HSTS', async () => {
    const { app } = await accessApp({ access: 'off' });
    const { headers } = await app.request('https://sori.example.com/healthz');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('with immutable headers get them too', async () => {
    const { app } = await accessApp({ access: 'off' });
    app.get('/elsewhere', async () => {
      const response = await fetch('data:audio/wav;base64,UklGRg==');
      expect(() => response.headers.set('a', 'b')).toThrow(TypeError);
      return response;
    });
    const response = await app.request('/elsewhere');
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(await response.text()).toBe('RIFF');
  });

  it('to thrown values that are no Error have the same format', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { app } = await accessApp({ access: 'off' });
    app.get('/careless', () => {
      throw 'a string';
    });
    const response = await app.request('/careless');
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal_error' } });
    for (const name of ['x-request-id', 'x-content-type-options', 'access-control-allow-origin']) {
      expect(response.headers.get(name)).toBeTruthy();
    }
    log.mockRestore();
  });

  it.each(['/v1/models', '/v1/voices', '/docs', '/openapi.json', '/v1/keys'])(
    '%s is kept by no cache: one would keep what says nothing of it',
    async (path) => {
      const { send } = await accessApp();
      const { status, headers } = await send('GET', path, ADMIN_KEY);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    },
  );
});
