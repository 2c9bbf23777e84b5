import { expect, it } from 'vitest';
import { OriginPool } from '../../../../src/placement/origin-pool.ts';
import { voicesApp } from '../../../support/apps/voices-app.ts';

/** More than an isolate should do, and no more than it can. */
const HEAVY = 'Hello there. '.repeat(100);
/** More than an isolate can do. */
const HUGE = { input: 'Hello there. '.repeat(300), refine_steps: 32 };

it('speech of a cloned voice is sent to no origin, however heavy it is', async () => {
  const asked: string[] = [];
  let up = false;
  class Pool extends OriginPool {
    override get up() {
      return up;
    }
  }
  const pool = new Pool({
    origins: [{ url: 'https://origin.example', weight: 1 }],
    sign: async () => ({}),
    fetch: async (url) => {
      asked.push(url);
      throw new TypeError('It is not to be asked.');
    },
  });
  const signingKeys = new Map([['k1', 'an address that speaks is signed with this']]);
  const { clone, speak, send, app, owner } = await voicesApp({ placement: { pool }, signingKeys });
  const { id } = (await clone()).json;
  expect(id).toMatch(/^vce_/);
  up = true;
  asked.length = 0;

  const spoken = await speak(id, owner, { input: HEAVY });
  expect([spoken.status, spoken.headers.get('x-sori-placed')]).toEqual([200, 'edge; reason=no-origin']);
  const again = await speak(id, owner, { input: HEAVY });
  expect(again.headers.get('x-sori-placed')).toBe('edge; reason=kept');
  for (const refused of [
    await speak(id, owner, HUGE),
    await send(
      'POST',
      '/v1/audio/speech',
      owner,
      { model: 'tone-1', voice: id, input: 'Hi.' },
      {
        'X-Sori-Placement': 'origin',
      },
    ),
  ]) {
    expect([refused.status, refused.json.error.code]).toEqual([501, 'origin_required']);
  }
  const signed = await send('POST', '/v1/audio/speech/sign', owner, {
    model: 'tone-1',
    voice: id,
    input: `${HEAVY} Signed.`,
  });
  const { pathname, search } = new URL(signed.json.url);
  const headers = { Authorization: `Bearer ${owner}` };
  const got = await app.request(pathname + search, { headers });
  expect([got.status, got.headers.get('x-sori-placed')]).toEqual([200, 'edge; reason=no-origin']);
  const prompt = { model: 'tone-1', voice: id, input: `${HEAVY} Kept.` };
  const baked = await send('PUT', '/v1/prompts/mine', owner, prompt);
  expect([baked.status, baked.headers.get('x-sori-placed')]).toEqual([201, 'edge; reason=no-origin']);
  expect(asked).toEqual([]);
});
