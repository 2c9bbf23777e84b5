import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../../src/database/sqlite.ts';
import { Quotas } from '../../../../src/features/keys/quota.ts';
import type { Caller } from '../../../../src/http/access.ts';
import { ADMIN_KEY, accessApp, countingDatabase, NOON, SPEECH } from '../../../support/apps/access-app.ts';

const LIMIT = 1000;
const limited: Caller = { id: 'limited', scopes: new Set(['speech']), monthlyCharacters: LIMIT };

describe('the monthly quota', () => {
  it('is never exceeded by 50 concurrent reservations over two connections', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sori-quota-'));
    const paths = [join(folder, 'quota.db'), join(folder, 'quota.db')];
    const databases = paths.map((path) => sqliteDatabase(path));
    await migrate(databases[0]);
    const quotas = databases.map((database) => new Quotas(database, () => NOON));
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => quotas[i % 2].reserve([{ id: 'a', limit: LIMIT }], 33)),
    );
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.used] : []));
    // The limit of 1000 allows 30 reservations of 33 characters, not 31.
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => (i + 1) * 33));
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(refusals).toHaveLength(20);
    for (const reason of refusals) {
      expect(reason).toMatchObject({
        code: 'insufficient_quota',
        message:
          'You exceeded your current quota: this request needs 33 characters, and 990 of 1000 are used in 2026-11.',
      });
    }
    // The remaining 10 characters can still be reserved.
    expect((await quotas[1].reserve([{ id: 'a', limit: LIMIT }], 10)).used).toBe(1000);
    for (const database of databases) database.close();
    rmSync(folder, { recursive: true });
  });

  it('is taken from all keys of the chain, or from none', async () => {
    const { database } = await countingDatabase();
    const quotas = new Quotas(database, () => NOON);
    const [child, parent] = [
      { id: 'child', limit: 600 },
      { id: 'parent', limit: LIMIT },
    ];
    expect(await quotas.reserve([child, parent], 500)).toMatchObject({ used: 500, limit: 600 });
    // Another child uses most of the parent's remaining quota.
    expect(await quotas.reserve([{ id: 'other', limit: 600 }, parent], 450)).toMatchObject({
      used: 950,
      limit: LIMIT,
    });
    await expect(quotas.reserve([child, parent], 60)).rejects.toMatchObject({
      quota: { used: 950, limit: LIMIT },
    });
    await expect(quotas.reserve([child, parent], 110)).rejects.toMatchObject({
      quota: { used: 500, limit: 600 },
    });
    // A refused reservation changes no quota, and a refund is applied to the child and the parent.
    await quotas.refund(['child', 'parent'], 500, '2026-11');
    expect(await quotas.reserve([child, parent], 550)).toMatchObject({ used: 1000, limit: LIMIT });
    expect(await quotas.reserve([child], 0)).toMatchObject({ used: 550 });
  });

  it.each([
    [1000, true],
    [1001, false],
  ])('%s at once of 1000: %s', async (characters, fits) => {
    const { database } = await countingDatabase();
    const reserving = new Quotas(database, () => NOON).reserve([{ id: 'a', limit: LIMIT }], characters);
    if (fits) expect(await reserving).toEqual({ used: characters, limit: LIMIT, month: '2026-11' });
    else
      await expect(reserving).rejects.toMatchObject({ quota: { used: 0, limit: LIMIT, month: '2026-11' } });
  });

  it('starts again each month in UTC, and unused characters return to the month that they came from', async () => {
    const { database } = await countingDatabase();
    const clock = { now: Date.UTC(2026, 11, 31, 23, 59, 59, 999) };
    const quotas = new Quotas(database, () => clock.now);
    const { month } = await quotas.reserve([{ id: 'a', limit: LIMIT }], 900);
    expect(month).toBe('2026-12');
    clock.now++;
    expect(await quotas.reserve([{ id: 'a', limit: LIMIT }], 900)).toMatchObject({
      used: 900,
      month: '2027-01',
    });
    await quotas.refund(['a'], 900, '2026-12');
    await expect(quotas.reserve([{ id: 'a', limit: LIMIT }], 101)).rejects.toMatchObject({
      quota: { used: 900 },
    });
    await quotas.refund(['a'], 5000, '2027-01');
    expect((await quotas.reserve([{ id: 'a', limit: LIMIT }], 0)).used).toBe(0);
  });

  it('is not looked up for keys without a quota', async () => {
    const { access, count } = await accessApp();
    const before = count.runs;
    expect(await access.reserve({ id: 'free', scopes: new Set() }, 1e9)).toBeUndefined();
    await access.refund({ id: 'free', scopes: new Set() }, 1e9, '2026-11');
    expect(count.runs).toBe(before);
    expect(await access.reserve(limited, 1)).toMatchObject({ used: 1 });
    expect(count.runs).toBe(before + 1);
  });
});

describe('speech', () => {
  it('states the used quota, synthesizes nothing beyond it, and charges nothing for a hit', async () => {
    const { send, makeKey, tone } = await accessApp();
    const { key } = await makeKey({ monthlyCharacters: 20 });
    const speak = async (input: string) => await send('POST', '/v1/audio/speech', key, { ...SPEECH, input });
    const used = ({ headers }: Awaited<ReturnType<typeof speak>>) => [
      headers.get('x-characters-used'),
      headers.get('x-characters-limit'),
    ];
    expect(used(await speak('Good morning.'))).toEqual(['13', '20']);
    const refused = await speak('Good evening.');
    expect(refused.status).toBe(429);
    expect(refused.json.error).toMatchObject({ type: 'insufficient_quota', code: 'insufficient_quota' });
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(used(refused)).toEqual(['13', '20']);
    expect(tone.count.made).toBe(3);
    const hit = await speak('Good morning.');
    expect([hit.status, hit.headers.get('x-cache')]).toEqual([200, 'hit']);
    expect(used(await speak('Seven.!'))).toEqual(['20', '20']);
  });

  it('with keys without a quota sends no header', async () => {
    const { send } = await accessApp();
    const { headers } = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    expect(headers.get('x-characters-used')).toBeNull();
  });
});
