import { beforeAll, describe, expect, it } from 'vitest';
import { joinMasters } from '../../src/audio/join/join.ts';
import { sha256Hex } from '../../src/base/sha256.ts';
import type { Database } from '../../src/database/database.ts';
import { parseTemplate, renderTemplate } from '../../src/features/prompts/templates/template.ts';
import { r2Store } from '../../src/library/stores/r2.ts';
import { JOINED_SHA256, joinedTones, TEMPLATE_CASES } from '../contract/template.contract.ts';
import { promptsApp } from '../support/apps/prompts-app.ts';
import { migratedDatabase } from './migrated-database.ts';
import { bucketOf } from './seed.ts';

describe('templates in workerd', () => {
  it.each(TEMPLATE_CASES)('%s', (text, values, locale, expected) => {
    expect(renderTemplate(parseTemplate(text, locale), values).text).toBe(expected);
  });

  it('are joined to the same bytes as in Node', async () => {
    const { buffer } = joinMasters(joinedTones());
    expect(await sha256Hex(new Uint8Array(buffer as ArrayBuffer))).toBe(JOINED_SHA256);
  });
});

describe('POST /v1/prompts/{name}/render over D1 and R2', () => {
  let database: Database;
  beforeAll(async () => {
    database = await migratedDatabase();
  });

  it('joins parts, each synthesized once', async () => {
    const { bake, request, tone } = promptsApp({ database, store: r2Store(bucketOf()) });
    const template = 'Your table for {count, number} is ready, {name}.';
    const slots = { count: { range: [1, 2] } };
    await bake('render/here', { template, slots, render: 'joined', model: 'tone-1', voice: 'hazel' });
    expect(tone.count.spoken).toBe(2);
    const render = async (values: object) => {
      const response = await request('/v1/prompts/render/here/render', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ values, format: 'wav' }),
      });
      const bytes = await response.bytes();
      return { cache: response.headers.get('x-cache'), bytes };
    };
    const first = await render({ count: 2, name: 'Ada' });
    expect(first.cache).toBe('miss');
    expect(tone.count.spoken).toBe(3);
    expect(await render({ count: 2, name: 'Ada' })).toEqual({ cache: 'hit', bytes: first.bytes });
  });
});
