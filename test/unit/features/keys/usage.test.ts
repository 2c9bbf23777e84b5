import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Database, Statement } from '../../../../src/database/database.ts';
import { dayOf, UsageLog } from '../../../../src/features/keys/usage-log.ts';
import { ADMIN_KEY, accessApp, countingDatabase, NOON, SPEECH } from '../../../support/apps/access-app.ts';

const DAY = 86_400_000;
const all = { from: '2026-01-01', to: '2026-12-31', limit: 10_000 };

describe('the usage log', () => {
  it('sums records by day and key', async () => {
    const entry = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      day: fc.integer({ min: 0, max: 2 }),
      characters: fc.nat(5000),
      audioMs: fc.nat(60_000),
      cache: fc.constantFrom('hit', 'miss', 'coalesced', 'bypass', undefined),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async (entries) => {
        const { database } = await countingDatabase();
        const clock = { now: NOON };
        const usage = new UsageLog(database, () => clock.now);
        const expected = new Map<string, number[]>();
        for (const { key, day, characters, audioMs, cache } of entries) {
          clock.now = NOON + day * DAY;
          await usage.record(key, { characters, audioMs, cache });
          const sums = expected.get(`${dayOf(clock.now)} ${key}`) ?? [0, 0, 0, 0];
          const hit = cache === 'hit' || cache === 'coalesced' ? 1 : 0;
          expected.set(`${dayOf(clock.now)} ${key}`, [
            sums[0] + 1,
            sums[1] + hit,
            sums[2] + characters,
            sums[3] + audioMs,
          ]);
        }
        const rows = await usage.sum({ ...all, byDay: true, byKey: true });
        expect(
          rows.map((row) => [
            `${row.day} ${row.keyId}`,
            [row.requests, row.cacheHits, row.characters, row.audioMs],
          ]),
        ).toEqual([...expected].sort());
        const [total] = await usage.sum({ ...all, byDay: false, byKey: false });
        expect(total.characters).toBe(entries.reduce((sum, { characters }) => sum + characters, 0));
        expect(total.requests).toBe(entries.length);
      }),
      { numRuns: 30 },
    );
  });

  it('writes records that arrive during a write in one batch, and loses none', async () => {
    const { database } = await countingDatabase();
    const batches: number[] = [];
    const open: (() => void)[] = [];
    const slow: Database = {
      run: database.run,
      async batch(statements: readonly Statement[]) {
        batches.push(statements.length);
        await new Promise<void>((resolve) => open.push(resolve));
        return await database.batch(statements);
      },
    };
    const usage = new UsageLog(slow, () => NOON);
    const first = usage.record('a', { characters: 1 });
    for (let i = 0; i < 50; i++) await usage.record(i % 2 ? 'a' : 'b', { characters: 1 });
    expect(batches).toEqual([2]);
    open[0]();
    await expect.poll(() => open.length).toBe(2);
    open[1]();
    await first;
    // The second batch has a sum for each key and the time of b's last use.
    expect(batches).toEqual([2, 3]);
    const rows = await usage.sum({ ...all, byDay: false, byKey: true });
    expect(rows.map(({ keyId, requests, characters }) => [keyId, requests, characters])).toEqual([
      ['a', 26, 26],
      ['b', 25, 25],
    ]);
  });

  it('continues after a write that failed or never ended', async () => {
    const { database, state } = await countingDatabase();
    const clock = { now: NOON };
    const usage = new UsageLog(database, () => clock.now);
    state.broken = true;
    await expect(usage.record('a', { characters: 5 })).rejects.toThrow('away');
    state.broken = false;
    await usage.record('a', { characters: 7 });
    expect((await usage.sum({ ...all, byDay: false, byKey: false }))[0].characters).toBe(7);

    const never: Database = { run: database.run, batch: () => new Promise(() => {}) };
    const stuck = new UsageLog(never, () => clock.now);
    const written = vi.spyOn(never, 'batch');
    void stuck.record('a', { characters: 1 });
    void stuck.record('a', { characters: 1 });
    expect(written).toHaveBeenCalledTimes(1);
    clock.now += 10_000;
    void stuck.record('a', { characters: 1 });
    expect(written).toHaveBeenCalledTimes(2);
  });
});

describe('GET /v1/usage', () => {
  it('returns characters, audio, requests and hits by key and day', async () => {
    const { send, makeKey, clock } = await accessApp();
    const one = await makeKey();
    const other = await makeKey();
    for (const input of ['One.', 'One.', 'Two.!']) {
      expect((await send('POST', '/v1/audio/speech', one.key, { ...SPEECH, input })).status).toBe(200);
    }
    clock.now += DAY;
    await send('POST', '/v1/audio/speech', other.key, { ...SPEECH, input: 'One.' });
    await send('GET', '/v1/models', other.key);
    await send('GET', '/healthz');

    const report = async (query: string) =>
      (await send('GET', `/v1/usage?from=2026-11-20&to=2026-11-23&${query}`, ADMIN_KEY)).json;
    const { data, total, ...rest } = await report(`key=${one.record.id}`);
    const first = { requests: 3, cache_hits: 1, characters: 9, audio_seconds: 0.9 };
    const second = { requests: 2, cache_hits: 1, characters: 0, audio_seconds: 0.3 };
    expect(data).toEqual([{ object: 'usage', day: '2026-11-21', key: one.record.id, ...first }]);
    expect(total).toEqual(first);
    expect(rest).toEqual({ object: 'list', from: '2026-11-20', to: '2026-11-23', has_more: false });
    expect((await report('group_by=day')).data.slice(0, 1)).toEqual([
      { object: 'usage', day: '2026-11-21', ...first },
    ]);
    const byKey = (await report('group_by=key')).data;
    expect(byKey).toContainEqual({ object: 'usage', key: one.record.id, ...first });
    expect(byKey).toContainEqual({ object: 'usage', key: other.record.id, ...second });
    // The administrator's requests count as usage; requests without a key do not.
    expect(byKey.map(({ key }: { key: string }) => key)).toContain('admin');
    expect(byKey.map(({ key }: { key: string }) => key)).not.toContain('public');
    const { data: sum } = await report('group_by=');
    expect(sum).toHaveLength(1);
    expect(sum[0].characters).toBe(9);
  });

  it('counts the same for streams, events and JSON', async () => {
    const { send, makeKey, access } = await accessApp();
    const { key, record } = await makeKey();
    for (const fields of [
      { response_format: 'pcm' },
      { stream_format: 'sse' },
      { response_format: 'json', timestamps: 'word' },
    ]) {
      await send('POST', '/v1/audio/speech', key, {
        ...SPEECH,
        ...fields,
        input: `${JSON.stringify(fields)}`,
      });
    }
    const [row] = await access.usage!.sum({ ...all, keyId: record.id, byDay: false, byKey: false });
    expect(row).toMatchObject({ requests: 3, audioMs: 900 });
    expect(row.characters).toBeGreaterThan(60);
  });

  it('refunds text that could not be synthesized', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { send, makeKey, access } = await accessApp({
      tone: {
        plan: () => {
          throw new Error('broken');
        },
      },
    });
    const { key, record } = await makeKey({ monthlyCharacters: 100 });
    const answer = await send('POST', '/v1/audio/speech', key, SPEECH);
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-characters-used')).toBe('0');
    const [row] = await access.usage!.sum({ ...all, keyId: record.id, byDay: false, byKey: false });
    expect(row).toMatchObject({ requests: 1, characters: 0 });
    expect(
      (await access.reserve({ id: record.id, scopes: new Set(), monthlyCharacters: 100 }, 100))?.used,
    ).toBe(100);
    log.mockRestore();
  });

  it('does not count requests that are refused before they cost anything', async () => {
    const { send, makeKey, access } = await accessApp();
    const { key, record } = await makeKey({ scopes: ['speech'], requestsPerMinute: 10 });
    await send('GET', '/v1/keys', key);
    for (let i = 0; i < 12; i++) await send('GET', '/v1/models', key);
    const [row] = await access.usage!.sum({ ...all, keyId: record.id, byDay: false, byKey: false });
    expect(row.requests).toBe(10);
  });

  it('an unreachable database is logged and fails no answer', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { send, makeKey, state } = await accessApp();
    const { key } = await makeKey();
    await send('GET', '/v1/models', key);
    state.broken = true;
    expect((await send('GET', '/v1/models', key)).status).toBe(200);
    expect(log).toHaveBeenCalledOnce();
    expect(JSON.parse(log.mock.calls[0][0])).toMatchObject({
      level: 'error',
      cause: expect.stringContaining('away'),
    });
    log.mockRestore();
  });

  it.each([
    ['from=2026-11-31', 'from'],
    ['from=2026-13-01', 'from'],
    ['from=yesterday', 'from'],
    ['to=1795262400', 'to'],
    ['from=2026-11-22&to=2026-11-21', 'from'],
    ['from=2025-11-20&to=2026-11-21', 'from'],
    ['group_by=month', 'group_by'],
    ['group_by=day,day_id', 'group_by'],
  ])('?%s: refused', async (query, param) => {
    const { send } = await accessApp();
    const { status, json } = await send('GET', `/v1/usage?${query}`, ADMIN_KEY);
    expect({ status, ...json.error }).toMatchObject({ status: 400, code: 'invalid_value', param });
  });

  it('sums the last 30 days by default', async () => {
    const { send } = await accessApp();
    const { json } = await send('GET', '/v1/usage', ADMIN_KEY);
    expect((Date.parse(json.to) - Date.parse(json.from)) / DAY).toBe(29);
    expect(json.total).toEqual({ requests: 0, cache_hits: 0, characters: 0, audio_seconds: 0 });
    const year = await send('GET', '/v1/usage?from=2025-11-21&to=2026-11-21', ADMIN_KEY);
    expect(year.status).toBe(200);
  });
});
