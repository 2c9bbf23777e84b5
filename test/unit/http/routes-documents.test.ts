import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../../src/audio/format.ts';
import { SoriError } from '../../../src/base/errors.ts';
import { speechSchema } from '../../../src/features/speech/schema.ts';
import { ERROR_KINDS } from '../../../src/http/errors.ts';
import { staticFile } from '../../../src/origin/static-files.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';
import { documentation } from '../../support/documentation.ts';

const { engine } = toneEngine();
const app = createApp({ access: 'off', engine, createEncoder });
const json = async (path: string) => (await app.request(path)).json() as Promise<Record<string, never>>;

interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, { examples: Record<string, { value: object }> }> };
  responses: Record<string, { description: string; content: Record<string, unknown> }>;
}

describe('openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(await json('/openapi.json'));
    expect(result).toMatchObject({ valid: true });
    expect((await json('/openapi.json')).openapi).toBe('3.1.0');
  });

  it('documents every route of the app, and no other', async () => {
    const { paths } = await json('/openapi.json');
    const described = Object.entries(paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')}`);
    expect(described.sort()).toEqual([...new Set(mounted)].sort());
    expect(described).toContain('POST /v1/audio/speech');
  });

  it('documents every response of speech', async () => {
    const { paths, components } = await json('/openapi.json');
    const { post } = (paths as Record<string, { post: Operation }>)['/v1/audio/speech'];
    expect(Object.keys(post.responses)).toEqual([
      '200',
      ...['400', '401', '403', '404', '413', '415', '422', '429', '500', '501', '502', '503'],
    ]);
    const types = AUDIO_FORMATS.map((format) => FORMAT_INFO[format].contentType.split(';')[0]);
    expect(Object.keys(post.responses[200].content).sort()).toEqual(
      [...new Set(types), 'application/json', 'text/event-stream'].sort(),
    );
    expect(post.responses[503].content['application/json']).toEqual({
      schema: { $ref: '#/components/schemas/Error' },
    });
    const { schemas } = components as { schemas: Record<string, { properties: Record<string, never> }> };
    expect(schemas.SpeechRequest.properties).toMatchObject({
      input: { type: 'string', minLength: 1, maxLength: 4096 },
      speed: { minimum: 0.25, maximum: 4, default: 1 },
      response_format: { enum: [...AUDIO_FORMATS, 'json'], default: 'mp3' },
      pronunciations: { maxProperties: 100 },
    });
    expect(schemas.Error).toMatchObject({
      properties: { error: { properties: { code: { enum: Object.keys(ERROR_KINDS) } } } },
    });
  });

  it('has working examples', async () => {
    const { paths } = await json('/openapi.json');
    const sent = ['/v1/audio/speech', '/v1/audio/speech.vtt', '/v1/audio/speech.srt'].flatMap((path) => {
      const { post } = (paths as Record<string, { post: Operation }>)[path];
      const { examples } = post.requestBody!.content['application/json'];
      expect(Object.keys(examples).length).toBeGreaterThan(1);
      return Object.values(examples).map(({ value }) => ({ path, value }));
    });
    for (const { path, value } of sent) {
      const response = await app.request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...value, model: 'tts-1' }),
      });
      expect(response.status).toBe(200);
      await response.body?.cancel();
    }
  });
});

describe('documents for people', () => {
  it('the docs mention every field, path and error code', async () => {
    const text = documentation()
      .map((page) => page.text)
      .join('\n');
    const fields = Object.keys(speechSchema.shape);
    const { paths } = await json('/openapi.json');
    const known = (name: string) => text.includes(`\`${name}\``);
    expect([...fields, ...Object.keys(ERROR_KINDS)].filter((name) => !known(name))).toEqual([]);
    const missing = Object.keys(paths).filter((path) => !text.includes(path.replace(/\/\{id\}$/, '')));
    expect(missing).toEqual([]);
  });

  it('docs/limits.md lists every error code with its status', () => {
    const { text } = documentation().find(({ path }) => path === 'docs/limits.md')!;
    const rows = text.split('## Error codes')[1].matchAll(/^\| (\d{3}) \| (.+) \|$/gm);
    const listed = [...rows].flatMap(([, status, codes]) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => [code, Number(status)]),
    );
    const expected = Object.entries(ERROR_KINDS).map(([code, { status }]) => [code, status]);
    expect(listed.sort()).toEqual(expected.sort());
  });

  it('GET /docs shows openapi.json, under a policy that allows this host only', async () => {
    const response = await app.request('/docs');
    expect(response.headers.get('content-type')).toContain('text/html');
    const policy = response.headers.get('content-security-policy')!;
    const html = await response.text();
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; connect-src 'self';/);
    expect(policy).not.toContain("'unsafe-inline'");
    expect(policy).not.toContain('https:');
    expect(policy).toContain(`'nonce-${html.match(/<style nonce="([^"]+)"/)![1]}'`);
    expect(html).toContain('spec-url="openapi.json"');
    expect(html).not.toMatch(/(src|href)="https?:|style="|<script>/);
  });

  it('GET /docs loads an existing script and makes no requests to other hosts', async () => {
    const html = await (await app.request('/docs')).text();
    const [, script] = html.match(/<script type="module" src="([^"]+)"/)!;
    const answer = await staticFile(new Request(`http://localhost/${script}`));
    expect(answer?.headers.get('cache-control')).toContain('immutable');
    expect(answer?.headers.get('content-type')).toContain('javascript');
    expect(await answer!.text()).not.toContain('cdn.redoc.ly');
    expect(await staticFile(new Request('http://localhost/docs/%2e%2e/README.md'))).toBeUndefined();
    expect(await staticFile(new Request('http://localhost/docs/missing.js'))).toBeUndefined();
  });
});

describe('models and voices', () => {
  it('lists models like OpenAI', async () => {
    const model = {
      id: 'tone-1',
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'sori',
      version: '1.2.3',
      task: 'speech',
      served_by: 'edge',
      languages: ['en', 'en-AU'],
      voices: ['clara', 'hazel', 'cameron'],
      emotions: ['neutral', 'happy', 'sad'],
    };
    expect(await json('/v1/models')).toEqual({ object: 'list', data: [model] });
    expect(await json('/v1/models/tone-1')).toEqual(model);
    expect(await json('/v1/models/tts-1-hd')).toEqual(model);
  });

  it('lists voices under the names that OpenAI’s clients use', async () => {
    const list = await json('/v1/voices');
    expect(list).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'clara',
          object: 'voice',
          model: 'tone-1',
          language: 'en-US',
          openai_names: ['coral', 'marin', 'nova', 'sage', 'shimmer'],
        },
        {
          id: 'hazel',
          name: 'Hazel',
          sex: 'female',
          description: 'High.',
          sample: 'Hi.',
          openai_names: expect.arrayContaining(['alloy']),
        },
        { id: 'cameron', sex: 'male', language: 'en-AU' },
      ],
    });
    expect(await json('/v1/audio/voices')).toEqual({ ...(list as object), voices: list.data });
  });

  it('reports that there is no model', async () => {
    const empty = toneEngine({
      model: () => {
        throw new SoriError('model_unavailable', 'Run npm run shards:publish.');
      },
    });
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const bare = createApp({ access: 'off', engine: empty.engine, createEncoder });
    for (const path of ['/v1/models', '/v1/models/tone-1', '/v1/voices', '/v1/audio/voices']) {
      const response = await bare.request(path);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        error: { code: 'model_unavailable', message: expect.stringMatching('publish') },
      });
    }
    expect(log).toHaveBeenCalledTimes(4);
    log.mockRestore();
  });
});

describe('health', () => {
  it('is live', async () => {
    const response = await app.request('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('is ready when every model is', async () => {
    const response = await app.request('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      models: [
        {
          model: 'tone-1',
          ready: true,
          backend: 'tone',
          edition: expect.stringMatching(/^f{64}\.\d+\.tone$/),
        },
      ],
    });
  });

  it.each([
    [
      [
        { model: 'a', ready: true },
        { model: 'b', ready: false, error: { code: 'model_unavailable', message: 'Gone.' } },
      ],
      'Gone.',
    ],
    [[], 'This server has no model.'],
  ])('is not ready otherwise, and states why (%#)', async (models, message) => {
    const broken = createApp({
      access: 'off',
      engine: { ...engine, readiness: async () => models },
      createEncoder,
    });
    const response = await broken.request('/readyz');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await response.json()).toEqual({
      status: 'unavailable',
      models,
      error: { message, type: 'server_error', param: null, code: 'model_unavailable' },
    });
  });
});

describe('the page', () => {
  it('makes requests to this host only, and runs no inline script', async () => {
    const response = await app.request('/');
    expect(response.headers.get('content-type')).toContain('text/html');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
    const html = await response.text();
    expect(html).not.toMatch(/(src|href)="(?:https?:)?\/|style="|onclick=|<script[^>]*>[^<]/);
    expect(html).toContain('<script type="module" src="studio/app.js"></script>');
  });
});

describe('browsers', () => {
  it('may call from any origin', async () => {
    const response = await app.request('/v1/audio/speech', {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://example.com',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization, content-type, x-stainless-lang',
      },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
    });
  });

  it('may send HEAD wherever they may send GET', async () => {
    const response = await app.request('/v1/models', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});
