import { beforeAll, describe, expect, it } from 'vitest';
import { newApiKey, newKeyId } from '../../../../src/features/keys/api-key.ts';
import { SCOPES, type Scope } from '../../../../src/http/access.ts';
import { REQUIREMENTS, requirementOf } from '../../../../src/http/access-table.ts';
import { pathTemplate } from '../../../../src/http/request-log.ts';
import { ADMIN_KEY, accessApp, SPEECH } from '../../../support/apps/access-app.ts';

/** Who may call which route. This copy is deliberate: a change has to be made in both places. */
const PUBLIC = [
  'GET /',
  'GET /docs',
  'GET /openapi.json',
  'GET /healthz',
  'GET /readyz',
  'GET /audio/{}',
  'GET /prompts/{}',
  'GET /shards/{}/{}',
  'GET /v1/audio/speech',
  'GET /v1/audio/singing',
];
const ANY_KEY = [
  'GET /v1/models',
  'GET /v1/models/{}',
  'GET /v1/voices',
  'GET /v1/voices/{}',
  'GET /v1/voices/{}/settings',
  'GET /v1/audio/voices',
  'GET /v1/audio/models',
  'GET /v2/voices',
];
const BY_SCOPE: Record<Scope, string[]> = {
  speech: [
    'POST /v1/audio/speech',
    'POST /v1/audio/speech.vtt',
    'POST /v1/audio/speech.srt',
    'POST /v1/audio/phonemes',
    'POST /v1/audio/singing',
    'POST /v1/audio/singing.lrc',
    'POST /v1/audio/singing/sign',
    'POST /v1/audio/transcriptions',
    'POST /v1/audio/translations',
    'POST /v1/audio/speech-translations',
    'POST /v1/audio/generations',
    'POST /v1/audio/diarizations',
    'POST /v1/audio/separations',
    'POST /v1/audio/speaker-profiles',
    'GET /v1/speakers',
    'POST /v1/speakers',
    'POST /v1/speakers/consent',
    'POST /v1/speakers/verify',
    'POST /v1/speakers/identify',
    'DELETE /v1/speakers/{}',
    'POST /v1/audio/speech/sign',
    'POST /v1/text-to-speech/{}',
    'POST /v1/text-to-speech/{}/stream',
    'POST /v1/text-to-speech/{}/with-timestamps',
    'POST /v1/text-to-speech/{}/stream/with-timestamps',
    'GET /v1/audio/speech/stream',
    'GET /v1/text-to-speech/{}/stream-input',
    'GET /v1/speak',
    'GET /v1/jambonz/speech',
    'POST /v1/speak',
    'POST /v1/vapi/speech',
    'POST /v1/jambonz/speech',
    'POST /mcp',
    'POST /dev/phonemize',
    'POST /dev/captioned_speech',
    'POST /dev/generate_from_phonemes',
    'POST /v1/styles',
    'POST /v1/prompts/{}/render',
    'POST /v1/voices',
    'POST /v1/voices/consent',
    'POST /v1/voices/compare',
    'DELETE /v1/voices/{}',
    'GET /v1/jobs',
    'POST /v1/jobs',
    'GET /v1/jobs/{}',
    'DELETE /v1/jobs/{}',
    'GET /v1/jobs/{}/events',
    'GET /v1/jobs/{}/output',
    'POST /v1/jobs/{}/retry',
    'POST /v1/jobs/{}/webhook/redeliver',
    'GET /v1/webhooks/secret',
    'POST /v1/webhooks/secret',
  ],
  'prompts:read': ['GET /v1/prompts', 'GET /v1/prompts/{}'],
  'prompts:write': ['PUT /v1/prompts/{}', 'DELETE /v1/prompts/{}', 'POST /v1/prompts/{}/purge'],
  'usage:read': ['GET /v1/usage', 'GET /metrics', 'GET /v1/origins'],
  'keys:write': [
    'GET /v1/keys',
    'POST /v1/keys',
    'DELETE /v1/keys/{}',
    'POST /v1/keys/{}/rotate',
    'GET /v1/keys/{}/voices',
    'DELETE /v1/keys/{}/voices/{}',
  ],
};

const server = await accessApp();
const { app, send } = server;

const routes = [
  ...new Set(
    app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${pathTemplate(path).replaceAll(/\{\w+\}/g, '{}')}`),
  ),
];

describe('the table of routes', () => {
  it('has an entry for every route, and a route for every entry', () => {
    const known = [...PUBLIC, ...ANY_KEY, ...Object.values(BY_SCOPE).flat()].sort();
    expect([...routes].sort()).toEqual(known);
    const entries = Object.entries(REQUIREMENTS).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(entries.sort()).toEqual(known);
  });

  it('has no route for all methods, which only middleware has', () => {
    expect(app.routes.filter(({ method, path }) => method === 'ALL' && path !== '/*')).toEqual([]);
  });

  it('refuses paths without an entry', async () => {
    const { app, send } = await accessApp();
    app.get('/v1/secret', (c) => c.text('told'));
    app.all('/v1/anything', (c) => c.text('told'));
    for (const path of ['/v1/secret', '/v1/anything']) {
      expect((await send('GET', path)).status).toBe(401);
      const refused = await send('GET', path, ADMIN_KEY);
      expect(refused.status).toBe(403);
      expect(refused.text).not.toContain('told');
    }
  });

  it.each([
    ['/a/:b', '/a/{b}'],
    ['/a/:b{[a-z]{1,3}/.+}/c', '/a/{b}/c'],
    ['/a/:b{.+\\.mp3}', '/a/{b}'],
    ['/:a/:b', '/{a}/{b}'],
    ['/', '/'],
  ])('looks up %s as %s', (path, template) => {
    expect(pathTemplate(path)).toBe(template);
  });

  it('HEAD needs the scope of GET, and names of Object.prototype are not paths', () => {
    expect(requirementOf('HEAD', '/v1/prompts/{name}')).toBe('prompts:read');
    expect(requirementOf('GET', '/v1/prompts/{x}/render')).toBeUndefined();
    expect(requirementOf('constructor', '/')).toBeUndefined();
    expect(requirementOf('GET', 'constructor')).toBeUndefined();
    expect(requirementOf('PATCH', '/v1/keys')).toBeUndefined();
  });
});

describe('every route × every scope', () => {
  const keys = new Map<string, string>();
  beforeAll(async () => {
    for (const scope of SCOPES) keys.set(scope, (await server.makeKey({ scopes: [scope] })).key);
    keys.set('all', (await server.makeKey({ scopes: SCOPES })).key);
  });

  const ask = async (route: string, key?: string) => {
    const [method, path] = route.split(' ');
    // No route accepts this body: only the access check is tested here.
    const { json, status } = await send(
      method,
      path.replace('{}', 'nothing'),
      key,
      method === 'GET' ? undefined : [],
    );
    // Routes of other services have errors of other shapes.
    const code = json?.error?.code ?? json?.detail?.code ?? json?.detail?.error ?? json?.err_code;
    return { status, code: code as string | undefined };
  };
  const REFUSALS = ['invalid_api_key', 'insufficient_scope'];

  it.each(routes)('%s', async (route) => {
    const isPublic = PUBLIC.includes(route);
    const nobody = await ask(route);
    if (isPublic) expect(REFUSALS).not.toContain(nobody.code);
    else expect(nobody).toEqual({ status: 401, code: 'invalid_api_key' });
    for (const scope of SCOPES) {
      const answer = await ask(route, keys.get(scope));
      const may = isPublic || ANY_KEY.includes(route) || BY_SCOPE[scope].includes(route);
      if (may) expect(REFUSALS, `${scope} may`).not.toContain(answer.code);
      else expect(answer, scope).toEqual({ status: 403, code: 'insufficient_scope' });
    }
    expect(REFUSALS).not.toContain((await ask(route, keys.get('all'))).code);
    expect(REFUSALS).not.toContain((await ask(route, ADMIN_KEY)).code);
  });
});

describe('401', () => {
  const good = newApiKey(newKeyId());

  it.each([
    ['nothing', {}, 'You didn’t provide an API key'],
    ['an empty header', { Authorization: '' }, 'You didn’t provide'],
    ['Bearer alone', { Authorization: 'Bearer' }, 'You didn’t provide'],
    ['Basic', { Authorization: `Basic ${btoa(`a:${good}`)}` }, 'You didn’t provide'],
    ['a key without Bearer', { Authorization: good }, 'You didn’t provide'],
    ['two keys', { Authorization: `Bearer ${good} ${good}` }, 'You didn’t provide'],
    ['a key of nobody', { Authorization: `Bearer ${good}` }, 'Incorrect API key provided: sori_'],
    ['another’s key', { Authorization: 'Bearer sk-proj-0123456789abcdef' }, 'provided: sk-proj…ef.'],
    ['a short one', { Authorization: 'Bearer abc' }, 'provided: ….'],
    ['a mistyped one', { Authorization: `Bearer ${good}x` }, 'mistyped or cut off'],
    ['x-api-key', { 'x-api-key': good }, 'Incorrect API key provided: sori_'],
  ])('%s', async (_, headers, message) => {
    const answer = await send('POST', '/v1/audio/speech', undefined, SPEECH, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="sori"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.json).toEqual({
      error: {
        message: expect.stringContaining(message),
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(answer.text).not.toContain(good);
    expect(server.tone.count.spoken).toBe(0);
  });

  it.each(['Bearer ', 'bearer ', 'BEARER   '])('%j is accepted before a key', async (scheme) => {
    const { key } = await server.makeKey();
    for (const headers of [{ Authorization: scheme + key }, { 'x-api-key': key }, { 'api-key': key }]) {
      expect((await send('GET', '/v1/models', undefined, undefined, headers)).status).toBe(200);
    }
  });

  it('is the same for unknown paths and methods', async () => {
    expect((await send('GET', '/v1/nothing')).status).toBe(404);
    expect((await send('PATCH', '/v1/keys')).status).toBe(405);
  });

  it('ignores a key in the query', async () => {
    const { key } = await server.makeKey();
    expect((await send('GET', `/v1/models?api_key=${key}&key=${key}`)).status).toBe(401);
  });
});

it('403 names the missing scopes', async () => {
  const { key } = await server.makeKey({ scopes: ['prompts:read'] });
  const { status, json } = await send('POST', '/v1/audio/speech', key, SPEECH);
  expect(status).toBe(403);
  expect(json.error).toEqual({
    message: 'You have insufficient permissions for this operation. Missing scopes: speech.',
    type: 'invalid_request_error',
    param: null,
    code: 'insufficient_scope',
  });
});

it('allows everything where keys are off', async () => {
  const { send } = await accessApp({ access: 'off' });
  expect((await send('GET', '/v1/models')).status).toBe(200);
  expect((await send('GET', '/v1/keys')).json).toMatchObject({ data: [] });
  const answer = await send('POST', '/v1/audio/speech', undefined, SPEECH);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('ratelimit')).toBeNull();
});

it('the OpenAPI document lists which routes need a key', async () => {
  const { paths, components, security } = (await send('GET', '/openapi.json')).json;
  expect(security).toEqual([{ apiKey: [] }]);
  expect(components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  expect(paths['/v1/audio/speech'].get.security).toEqual([]);
  expect(paths['/healthz'].get.security).toEqual([]);
  expect(paths['/v1/audio/speech'].post.security).toBeUndefined();
});
