import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type FilePrompt, parsePromptFile } from '../../../../scripts/sori/prompts/files/prompt-file.ts';
import { inOrder } from '../../../../scripts/sori/prompts/in-order.ts';
import { runAll } from '../../../../scripts/sori/prompts/run-all.ts';
import { type CatalogueEntry, planSync } from '../../../../scripts/sori/prompts/sync/plan.ts';
import { planText, summary } from '../../../../scripts/sori/prompts/sync/plan-text.ts';
import { canonicalDefinition } from '../../../../src/features/prompts/catalogue/definition.ts';
import { deferred } from '../../../support/deferred.ts';

const file = (prompts: string) =>
  parsePromptFile('prompts', Buffer.from(`defaults: {voice: hazel}\nprompts: ${prompts}`), 'yaml');
const known = (prompts: readonly FilePrompt[], more: Partial<CatalogueEntry> = {}): CatalogueEntry[] =>
  prompts.map(({ name, definition, digest }) => ({
    name,
    digest,
    definition: canonicalDefinition(definition),
    etag: `"${name}"`,
    stale: false,
    ...more,
  }));
const told = (before: string, after: string, prune = false) =>
  planText(planSync(file(after), known(file(before))), {
    prune,
    stream: new PassThrough() as unknown as NodeJS.WriteStream,
  });

describe('plans', () => {
  it('distinguish new, changed, stale, removed and unchanged prompts', () => {
    const before = file('{a: A., b: B., c: C., d: D.}');
    const catalogue = known(before).map((entry) => ({ ...entry, stale: entry.name === 'c' }));
    const plan = planSync(file('{a: A!, b: B., c: C., e: E.}'), catalogue);
    expect(plan.unchanged).toBe(1);
    expect(plan.steps.map(({ kind, name }) => [kind, name])).toEqual([
      ['changed', 'a'],
      ['stale', 'c'],
      ['removed', 'd'],
      ['new', 'e'],
    ]);
    expect(summary(plan)).toBe(
      'Plan: 1 new, 1 changed, 1 stale, 1 removed, 1 unchanged. To speak: 6 characters at most.',
    );
  });

  it('are empty where only the notation differs', () => {
    const before = file('{a: {input: A., speed: 1, formats: [opus, mp3], tags: [x, y], locales: {}}}');
    const after = file('{a: {formats: [mp3, opus], tags: [y, x], input: A., pitch: 0, voice: {id: hazel}}}');
    expect(planSync(after, known(before))).toEqual({ steps: [], unchanged: 1 });
  });

  it('show what changes in a prompt and in its locales', () => {
    expect(
      told(
        '{a: {input: Old., speed: 2, locales: {en: {}, en-AU: {input: Oi., pitch: 1}}}}',
        '{a: {input: New., tags: [x], locales: {ko: {}, en-AU: {input: Oi., pitch: 2, voice: clara}}}}',
      ),
    ).toBe(`~ a
    input: "Old." → "New."
    speed: not set (was 2)
    locales.en: not set (was {})
    locales.en-AU.pitch: 1 → 2
    tags: ["x"] (was not set)
    locales.ko: {} (was not set)
    locales.en-AU.voice: "clara" (was not set)

Plan: 0 new, 1 changed, 0 stale, 0 removed, 0 unchanged. To speak: 11 characters at most.`);
  });

  it('count texts of locales, also inherited ones', () => {
    const plan = planSync(file('{a: {input: "12345", locales: {en-AU: {}, ko: {input: "123"}}}}'), []);
    expect(summary(plan)).toContain('To speak: 13 characters');
  });

  it('state what --prune would do, and shorten long lists and texts', () => {
    expect(told('{a: A.}', '{}')).toMatch(
      /^− a\n\nPlan: .*\n1 in the catalogue only: kept, as --prune is not given\.$/,
    );
    expect(told('{a: A.}', '{}', true)).not.toContain('kept');
    const lines = told(
      '{}',
      JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, 'x'.repeat(99)]))),
    );
    expect(lines).toContain('… and 100 more new');
    expect(Math.max(...lines.split('\n').map(({ length }) => length))).toBeLessThan(100);
  });
});

describe('runAll', () => {
  it('runs no more than its limit at a time, and starts nothing after an abort', async () => {
    const stop = new AbortController();
    const gates = Array.from({ length: 6 }, () => deferred<void>());
    const begun: number[] = [];
    const count = runAll(gates, 2, stop.signal, async ({ promise }, index) => {
      begun.push(index);
      await promise;
    });
    expect(begun).toEqual([0, 1]);
    gates[1].resolve();
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    stop.abort();
    gates[0].resolve();
    gates[2].resolve();
    expect(await count).toBe(3);
    expect(begun).toEqual([0, 1, 2]);
  });

  it('finishes running tasks before it throws', async () => {
    const finished: number[] = [];
    const run = runAll([0, 1, 2, 3], 2, new AbortController().signal, async (item) => {
      if (item === 0) throw new Error('no');
      await new Promise((done) => setImmediate(done));
      finished.push(item);
    });
    await expect(run).rejects.toThrow('no');
    expect(finished).toEqual([1]);
  });
});

describe('inOrder', () => {
  it('gives results in order and holds no more than its limit', async () => {
    const gates = Array.from({ length: 5 }, () => deferred<string>());
    const begun: number[] = [];
    const results = inOrder([0, 1, 2, 3, 4], 2, (item) => {
      begun.push(item);
      return gates[item].promise;
    });
    const first = results.next();
    expect(begun).toEqual([0, 1]);
    gates[1].resolve('one');
    gates[0].resolve('zero');
    expect((await first).value).toEqual([0, 'zero']);
    expect(begun).toEqual([0, 1]);
    expect((await results.next()).value).toEqual([1, 'one']);
    expect(begun).toEqual([0, 1, 2]);
    gates[2].reject(new Error('no'));
    await expect(results.next()).rejects.toThrow('no');
  });
});
