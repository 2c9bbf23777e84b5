import { describe, expect, it } from 'vitest';
import { AUDIO_FORMATS } from '../../../../src/audio/format.ts';
import { payerOf } from '../../../../src/features/keys/payer.ts';
import { ADMIN_KEY, accessApp, NOON, SPEECH } from '../../../support/apps/access-app.ts';

const LIMIT = SPEECH.input.length * 3;

/** A key with a quota that has made one without, which has made another. */
async function family(rate?: string) {
  const server = await accessApp();
  const make = async (by: string, more: object = {}) => {
    const body = { name: 'key', scopes: ['speech', 'keys:write'], rate: 'unlimited', ...more };
    const { status, json } = await server.send('POST', '/v1/keys', by, body);
    expect(status).toBe(201);
    return json as { id: string; key: string };
  };
  const parent = await make(ADMIN_KEY, { monthly_characters: LIMIT, ...(rate && { rate }) });
  const child = await make(parent.key);
  const grandchild = await make(child.key);
  return { ...server, make, parent, child, grandchild };
}

describe('a key made by another key', () => {
  it('spends the quota of all keys above it', async () => {
    const { send, parent, child, grandchild } = await family();
    for (const [seed, { key }] of [parent, child, grandchild].entries()) {
      const { status, headers } = await send('POST', '/v1/audio/speech', key, { ...SPEECH, seed });
      expect([status, headers.get('x-characters-used')]).toEqual([
        200,
        String(SPEECH.input.length * (seed + 1)),
      ]);
    }
    for (const { key } of [parent, child, grandchild]) {
      const { status, json } = await send('POST', '/v1/audio/speech', key, { ...SPEECH, seed: 9 });
      expect([status, json.error.code]).toEqual([429, 'insufficient_quota']);
    }
  });

  it('spends it too through URLs that it has signed', async () => {
    const { access, grandchild, parent } = await family();
    const payer = await payerOf(access, grandchild.id, NOON);
    expect(payer.parents?.map(({ id }) => id)).toContain(parent.id);
    await expect(access.reserve(payer, LIMIT + 1)).rejects.toMatchObject({ code: 'insufficient_quota' });
  });

  it('shares their rate limit', async () => {
    const { send, parent, child, grandchild } = await family('10/m');
    const statuses: number[] = [];
    // Making the child took one.
    for (let i = 0; i < 10; i++) {
      const { key } = [parent, child, grandchild][i % 3];
      statuses.push((await send('GET', '/v1/models', key)).status);
    }
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(10);
    expect(statuses.at(-1)).toBe(429);
  });

  it('limits how deep such keys may be nested', async () => {
    const { send, make, grandchild } = await family();
    let last = grandchild;
    for (let depth = 3; depth <= 8; depth++) last = await make(last.key);
    const body = { name: 'key', scopes: ['speech'] };
    expect((await send('POST', '/v1/keys', last.key, body)).status).toBe(400);
  });
});

describe('requests that cost quota', () => {
  const fields: readonly [string, string, object][] = [
    ...AUDIO_FORMATS.map(
      (response_format) =>
        [response_format, '/v1/audio/speech', { response_format }] as [string, string, object],
    ),
    ['json', '/v1/audio/speech', { response_format: 'json' }],
    ['sse', '/v1/audio/speech', { stream_format: 'sse' }],
    ['timestamps', '/v1/audio/speech', { response_format: 'json', timestamps: 'word' }],
    ['vtt', '/v1/audio/speech.vtt', {}],
    ['srt', '/v1/audio/speech.srt', {}],
  ];
  it.each(fields)('%s', async (_, path, more) => {
    const { send, makeKey } = await accessApp();
    const { key } = await makeKey({ monthlyCharacters: SPEECH.input.length });
    const first = await send('POST', path, key, { ...SPEECH, ...more });
    expect([first.status, first.headers.get('x-characters-used')]).toEqual([
      200,
      String(SPEECH.input.length),
    ]);
    const second = await send('POST', path, key, { ...SPEECH, ...more, seed: 1 });
    expect([second.status, second.json?.error.code]).toEqual([429, 'insufficient_quota']);
  });
});
