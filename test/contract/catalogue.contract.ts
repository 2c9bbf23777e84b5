import fc from 'fast-check';
import { expect } from 'vitest';
import { SoriError } from '../../src/base/errors.ts';
import type { Database } from '../../src/database/database.ts';
import { Catalogue, type Guard } from '../../src/features/prompts/catalogue/catalogue.ts';
import {
  canonicalDefinition,
  definitionDigest,
  type PromptDefinition,
} from '../../src/features/prompts/catalogue/definition.ts';
import { isStale, type PromptDraft, promptEtag } from '../../src/features/prompts/catalogue/prompt.ts';

/** A stand-in for a cache key: what is spoken, as hex, and by what. */
const keyOf = (text: string, edition: string) =>
  Array.from(`${edition}${text}`, (char) => char.codePointAt(0)!.toString(16))
    .join('')
    .padEnd(64, '0')
    .slice(0, 64);

/** A draft as the PUT route makes it, without any audio. */
export async function draftOf(
  name: string,
  given: PromptDefinition = {},
  edition = 'e1',
): Promise<PromptDraft> {
  const definition: PromptDefinition = { input: 'Hi.', voice: 'hazel', ...given };
  const locales = ['default', ...Object.keys(definition.locales ?? {})];
  return {
    name,
    digest: await definitionDigest(definition),
    definition: canonicalDefinition(definition),
    formats: definition.formats ?? ['mp3'],
    variants: locales.map((locale) => {
      const said = { ...definition, ...definition.locales?.[locale] };
      const model = said.model ?? 'tone-1';
      const audio = {
        key: keyOf(`${locale}${said.input}`, edition),
        spoken: `${model}@1.2.3`,
        voice: String(said.voice),
        samples: 7200,
        loudness: -20.5,
      };
      return { locale, model, voices: [String(said.voice)], edition, audio, parts: [] };
    }),
  };
}

/** The condition of `If-Match`, as the routes evaluate it. */
const ifMatch =
  (etag: string | undefined): Guard =>
  (current) => {
    if (current?.etag !== etag) throw new SoriError('precondition_failed', 'It has changed.');
  };

const editions = { 'tone-1': 'e1' };

/** What the catalogue must do in every database. Each check has names of its own. */
export const CATALOGUE_CONTRACT: readonly { name: string; check(database: Database): Promise<void> }[] = [
  {
    name: 'stores a prompt unchanged',
    async check(database) {
      const at = 1_795_262_672_123;
      const catalogue = new Catalogue(database, () => at);
      const draft = await draftOf('kept/a', {
        formats: ['mp3', 'opus'],
        tags: ['ivr'],
        locales: { ko: { input: '네.' }, 'en-AU': { voice: 'cameron' } },
      });
      const { prompt, outcome } = await catalogue.put(draft);
      expect(outcome).toBe('created');
      expect(await catalogue.get('kept/a')).toEqual(prompt);
      const { definition, digest, formats } = draft;
      expect(prompt).toMatchObject({ name: 'kept/a', version: 1, current: 1, definition, digest, formats });
      expect(prompt.etag).toBe(promptEtag(1, digest));
      expect([prompt.created, prompt.updated, prompt.deleted]).toEqual([new Date(at), new Date(at), null]);
      expect(prompt.variants.map(({ locale }) => locale)).toEqual(['default', 'en-AU', 'ko']);
      for (const { locale, model, edition, audio } of draft.variants) {
        expect(prompt.variants).toContainEqual({ locale, model, edition, audio, parts: 0 });
      }
    },
  },
  {
    name: 'makes a version for each change only, and keeps all versions',
    async check(database) {
      const catalogue = new Catalogue(database);
      const versions = ['One.', 'Two.', 'Three.'].map((input) => draftOf('versions/a', { input }));
      for (const [i, draft] of versions.entries()) {
        const { outcome } = await catalogue.put(await draft);
        expect(outcome).toBe(i === 0 ? 'created' : 'changed');
        const again = await catalogue.put(await draft);
        expect(again).toMatchObject({ outcome: 'unchanged', prompt: { version: i + 1 } });
      }
      for (const [i, draft] of versions.entries()) {
        const { variants } = await draft;
        const pinned = await catalogue.get('versions/a', i + 1);
        expect(pinned).toMatchObject({ version: i + 1, current: 3 });
        expect(pinned.variants[0].audio).toEqual(variants[0].audio);
      }
      await expect(catalogue.get('versions/a', 4)).rejects.toMatchObject({
        code: 'unknown_prompt',
        param: 'v',
      });
      await expect(catalogue.get('versions/b')).rejects.toMatchObject({ code: 'unknown_prompt' });
    },
  },
  {
    name: 'makes a version when only the audio changes',
    async check(database) {
      const catalogue = new Catalogue(database);
      await catalogue.put(await draftOf('renewed/a'));
      const { prompt } = await catalogue.put(await draftOf('renewed/a', {}, 'e2'));
      expect(prompt.version).toBe(2);
      expect([isStale(prompt, editions), isStale(prompt, { 'tone-1': 'e2' })]).toEqual([true, false]);
      expect(isStale(await catalogue.get('renewed/a', 1), editions)).toBe(false);
    },
  },
  {
    name: 'counts renderings of templates, which become stale like prompts',
    async check(database) {
      const catalogue = new Catalogue(database);
      const draft = await draftOf('template/a', { input: undefined, template: '{n}' });
      const [variant] = draft.variants;
      const parts = ['1', '2'].map((part) => ({ ...variant.audio!, part }));
      const baked = { ...draft, variants: [{ ...variant, audio: null, parts }] };
      const { prompt } = await catalogue.put(baked);
      expect(prompt.variants).toEqual([
        { locale: 'default', model: 'tone-1', edition: 'e1', audio: null, parts: 2 },
      ]);
      expect((await catalogue.put(baked)).outcome).toBe('unchanged');
      expect(isStale(prompt, {})).toBe(true);
      const bare = { ...draft, variants: [{ ...variant, edition: null, audio: null, parts: [] }] };
      const unbaked = await catalogue.put({ ...bare, name: 'template/b' });
      expect(isStale(unbaked.prompt, {})).toBe(false);
    },
  },
  {
    name: 'stores thousands of renderings of one template',
    async check(database) {
      const catalogue = new Catalogue(database);
      const draft = await draftOf('template/many', { input: undefined, template: '{n}' });
      const [variant] = draft.variants;
      // Together they exceed the size of one value in D1.
      const parts = Array.from({ length: 9000 }, (_, i) => ({ ...variant.audio!, part: `{"n":${i}}` }));
      const { prompt } = await catalogue.put({ ...draft, variants: [{ ...variant, audio: null, parts }] });
      expect(prompt.variants[0].parts).toBe(9000);
      expect(await catalogue.audioOf('template/many')).toEqual([
        { key: variant.audio?.key, formats: ['mp3'] },
      ]);
    },
  },
  {
    name: 'deletes a name, and continues its version numbers when it is made again',
    async check(database) {
      const catalogue = new Catalogue(database);
      await expect(catalogue.delete('deleted/a')).rejects.toMatchObject({ code: 'unknown_prompt' });
      const { prompt } = await catalogue.put(await draftOf('deleted/a'));
      await expect(catalogue.delete('deleted/a', ifMatch('"9-00000000"'))).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      const gone = await catalogue.delete('deleted/a', ifMatch(prompt.etag));
      expect(gone.deleted).toBeInstanceOf(Date);
      await expect(catalogue.get('deleted/a')).rejects.toMatchObject({ code: 'deleted_prompt' });
      await expect(catalogue.get('deleted/a', 1)).rejects.toMatchObject({ code: 'deleted_prompt' });
      expect(await catalogue.delete('deleted/a')).toEqual(gone);
      // A client that has not seen the deletion must not undo it by accident.
      const draft = await draftOf('deleted/a');
      await expect(catalogue.put(draft, ifMatch(prompt.etag))).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      const back = await catalogue.put(draft);
      expect(back).toMatchObject({ outcome: 'created', prompt: { version: 2, deleted: null } });
      expect((await catalogue.get('deleted/a', 1)).version).toBe(1);
    },
  },
  {
    name: 'accepts one of many writers with the same ETag',
    async check(database) {
      const { prompt } = await new Catalogue(database).put(await draftOf('race/a'));
      const writers = Array.from({ length: 10 }, async (_, i) => {
        const draft = await draftOf('race/a', { input: `Writer ${i}.` });
        return new Catalogue(database).put(draft, ifMatch(prompt.etag));
      });
      const results = await Promise.allSettled(writers);
      const won = results.filter(({ status }) => status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason.code).toBe('precondition_failed');
      }
      expect((await new Catalogue(database).get('race/a')).version).toBe(2);
    },
  },
  {
    name: 'accepts either a write or a deletion, not both',
    async check(database) {
      const catalogue = new Catalogue(database);
      const { prompt } = await catalogue.put(await draftOf('race/b'));
      const results = await Promise.allSettled([
        catalogue.put(await draftOf('race/b', { input: 'New.' }), ifMatch(prompt.etag)),
        catalogue.delete('race/b', ifMatch(prompt.etag)),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    },
  },
  {
    name: 'applies writers without a condition one after the other',
    async check(database) {
      const drafts = await Promise.all(
        Array.from({ length: 5 }, (_, i) => draftOf('race/c', { input: `Writer ${i}.` })),
      );
      const written = await Promise.all(drafts.map((draft) => new Catalogue(database).put(draft)));
      expect(written.map(({ prompt }) => prompt.version).sort()).toEqual([1, 2, 3, 4, 5]);
      for (const { prompt } of written) {
        const kept = await new Catalogue(database).get('race/c', prompt.version);
        expect(kept.definition).toEqual(prompt.definition);
      }
    },
  },
  {
    name: 'accepts one of two writers that create the same name',
    async check(database) {
      const results = await Promise.allSettled(
        ['A.', 'B.'].map(async (input) =>
          new Catalogue(database).put(await draftOf('race/d', { input }), ifMatch(undefined)),
        ),
      );
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    },
  },
  {
    name: 'leaves nothing behind after a change that fails',
    async check(database) {
      const catalogue = new Catalogue(database);
      const draft = await draftOf('failing/a', { tags: ['failing'] });
      const [variant] = draft.variants;
      const broken = { ...draft, variants: [{ ...variant, audio: { ...variant.audio!, key: 'short' } }] };
      await expect(catalogue.put(broken)).rejects.toThrow(/CHECK/);
      expect(await catalogue.find('failing/a')).toBeUndefined();
      const { rows } = await database.run('SELECT 1 FROM prompt_versions WHERE name = ?', 'failing/a');
      expect(rows).toEqual([]);
      expect((await catalogue.put(draft)).prompt.version).toBe(1);
    },
  },
  {
    name: 'filters lists',
    async check(database) {
      const catalogue = new Catalogue(database);
      const put = async (name: string, definition: PromptDefinition = {}, edition = 'e1') =>
        catalogue.put(await draftOf(`filter/${name}`, definition, edition));
      await put('a', { tags: ['ivr', 'menu'] });
      await put('a-b', { voice: 'cameron' });
      await put('a/c', { locales: { 'en-AU': { voice: 'cameron' } }, tags: ['ivr'] });
      await put('b', { model: 'other-1' });
      await put('c', {}, 'e0');
      await put('d', { tags: ['ivr'] });
      await catalogue.delete('filter/d');
      await put('e', { tags: ['once'] });
      await put('e', {});
      const list = async (filter: object) => {
        const page = await catalogue.list({
          filter: { prefix: 'filter/', ...filter },
          limit: 100,
          editions: { ...editions, 'other-1': 'e1' },
        });
        expect(page.next).toBeUndefined();
        return page.prompts.map(({ name }) => name.slice('filter/'.length));
      };
      expect(await list({})).toEqual(['a', 'a-b', 'a/c', 'b', 'c', 'e']);
      expect(await list({ prefix: 'filter/a' })).toEqual(['a', 'a-b', 'a/c']);
      expect(await list({ prefix: 'filter/a/' })).toEqual(['a/c']);
      expect(await list({ tag: 'ivr' })).toEqual(['a', 'a/c']);
      expect(await list({ tag: 'once' })).toEqual([]);
      expect(await list({ voice: 'cameron' })).toEqual(['a-b', 'a/c']);
      expect(await list({ voice: 'cameron', tag: 'ivr' })).toEqual(['a/c']);
      expect(await list({ model: 'other-1' })).toEqual(['b']);
      expect(await list({ locale: 'en-AU' })).toEqual(['a/c']);
      expect(await list({ locale: 'default' })).toEqual([]);
      expect(await list({ stale: true })).toEqual(['c']);
      expect(await list({ stale: false })).toEqual(['a', 'a-b', 'a/c', 'b', 'e']);
      expect(await list({ deleted: true })).toEqual(['d']);
      expect(await list({ deleted: true, tag: 'ivr' })).toEqual(['d']);
    },
  },
  {
    name: 'pages through all names, each once, in order, for any page size',
    async check(database) {
      const catalogue = new Catalogue(database);
      const names = ['a', 'a-a', 'a.a', 'a/a', 'a/b', 'a0', 'aa', 'b', 'b_', 'z', 'zz'].map(
        (name) => `page/${name}`,
      );
      for (const name of [...names].reverse()) await catalogue.put(await draftOf(name));
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: names.length + 1 }), async (limit) => {
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await catalogue.list({ filter: { prefix: 'page/' }, after, limit });
            expect(page.prompts.length).toBeLessThanOrEqual(limit);
            seen.push(...page.prompts.map(({ name }) => name));
            after = page.next;
          } while (after !== undefined);
          expect(seen).toEqual([...names].sort());
        }),
        { numRuns: 12 },
      );
    },
  },
];
