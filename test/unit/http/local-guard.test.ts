import { describe, expect, it } from 'vitest';
import { createAccessControl } from '../../../src/features/keys/access-control.ts';
import { memoryRateLimiter } from '../../../src/features/keys/rate-limiters/memory.ts';
import { refuseForeign } from '../../../src/http/local-guard.ts';
import { ADMIN_KEY, accessApp, sha256 } from '../../support/apps/access-app.ts';

const codeOf = (url: string, headers: Record<string, string>, token?: string) =>
  refuseForeign(new Request(url, { headers }), { corsOrigins: ['*', 'http://localhost:3000'], token })?.code;

describe('a server without keys', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['http://localhost:8787/', {}, undefined],
    ['http://127.0.0.1:8787/', { Origin: 'http://127.0.0.1:8787' }, undefined],
    ['http://[::1]:8787/', { Origin: 'http://[::1]:8787' }, undefined],
    ['http://localhost:8787/', { Origin: 'http://localhost:3000' }, undefined],
    ['http://localhost:8787/', { Origin: 'http://localhost:3001' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: 'http://127.0.0.1:8787' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: 'https://evil.example' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: 'http://localhost:8787.evil.example' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: 'null' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: '*' }, 'foreign_origin'],
    ['http://localhost:8787/', { Origin: 'file://localhost:8787' }, 'foreign_origin'],
    ['http://evil.example:8787/', {}, 'not_configured'],
    ['http://localhost.evil.example/', { Origin: 'http://localhost.evil.example' }, 'not_configured'],
  ])('%s with %j: %s', (url, headers, code) => {
    expect(codeOf(url, headers)).toBe(code);
  });

  it('behind a proxy accepts only requests through the proxy', () => {
    const url = 'http://localhost:8787/';
    expect(codeOf(url, {}, 'secret')).toBe('foreign_origin');
    expect(codeOf(url, { 'X-Sori-Local': 'secreT' }, 'secret')).toBe('foreign_origin');
    expect(codeOf(url, { 'X-Sori-Local': 'secret' }, 'secret')).toBeUndefined();
  });

  it('still needs a key to manage keys', async () => {
    const management = createAccessControl({
      adminKeyHash: await sha256(ADMIN_KEY),
      limiter: memoryRateLimiter(() => 0),
    });
    const { send } = await accessApp({ access: 'off', management });
    const body = { name: 'page', scopes: ['speech'] };
    expect((await send('POST', '/v1/keys', undefined, body)).status).toBe(401);
    expect((await send('GET', '/v1/keys')).status).toBe(401);
    expect((await send('GET', '/v1/keys/x/voices')).status).toBe(401);
    expect((await send('POST', '/v1/keys', ADMIN_KEY, body)).status).toBe(201);
    expect((await send('GET', '/v1/models')).status).toBe(200);
  });
});
