import { expect } from 'vitest';
import type { PromptAnswer, PromptListAnswer } from '../../src/features/prompts/answer.ts';
import type { ErrorBody } from '../../src/http/errors.ts';
import type { AudioStore } from '../../src/library/store.ts';
import { type PromptPlaces, promptsApp, renewedModel, TABLE } from '../support/apps/prompts-app.ts';
import { deferred } from '../support/deferred.ts';

const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error;
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

/** A store with writes that fail on request. */
function failingStore(store: AudioStore) {
  const state = { failing: false };
  const failing: AudioStore = {
    ...store,
    async putIfAbsent(...given) {
      if (state.failing) throw new Error('R2 put failed: 10001');
      return store.putIfAbsent(...given);
    },
  };
  return { state, store: failing };
}

/** What the routes of prompts must do over every store and database. Each check has names of its own. */
export const PROMPTS_CONTRACT: readonly { name: string; check(places: PromptPlaces): Promise<void> }[] = [
  {
    name: 'PUT bakes every locale and format, and returns their URLs',
    async check(places) {
      const { put, request, tone } = promptsApp(places);
      const response = await put('put/all', {
        ...TABLE,
        formats: ['mp3', 'opus'],
        tags: ['ivr'],
        locales: { 'en-AU': { voice: 'cameron' } },
      });
      expect(response.status).toBe(201);
      const prompt = (await response.json()) as PromptAnswer;
      expect(response.headers.get('etag')).toBe(prompt.etag);
      expect(prompt).toMatchObject({
        object: 'prompt',
        name: 'put/all',
        version: 1,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        etag: `"1-${prompt.digest.slice(0, 8)}"`,
        formats: ['mp3', 'opus'],
        stale: false,
        deleted_at: null,
        urls: { mp3: '/prompts/put/all.mp3', opus: '/prompts/put/all.opus' },
        baked_parts: 0,
        definition: { ...TABLE, tags: ['ivr'] },
      });
      expect(Object.keys(prompt.audio)).toEqual(['default', 'en-AU']);
      expect(prompt.audio['en-AU']).toMatchObject({ seconds: 0.3, voice: 'cameron', model: 'tone-1@1.2.3' });
      expect(tone.count.spoken).toBe(2);
      for (const { urls, key } of Object.values(prompt.audio)) {
        expect(Object.keys(urls)).toEqual(['mp3', 'opus']);
        expect(await places.store.head(`${key}.opus`)).not.toBeNull();
        for (const url of Object.values(urls)) expect((await request(url)).status).toBe(200);
      }
      expect(await (await request('/v1/prompts/put/all')).json()).toEqual(prompt);
    },
  },
  {
    name: 'the same definition again synthesizes nothing and keeps the version',
    async check(places) {
      const { put, bake } = promptsApp(places);
      const first = await bake('put/same');
      const { put: again, tone } = promptsApp(places);
      const { voice: id, ...rest } = TABLE;
      const response = await again('put/same', { ...rest, speed: 1, formats: ['mp3'], voice: { id } });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual(first);
      expect(tone.count.spoken).toBe(0);
      const changed = await put('put/same', { ...TABLE, description: 'At the door.' });
      expect(await changed.json()).toMatchObject({ version: 2, audio: first.audio });
    },
  },
  {
    name: 'PUT bakes as much as fits into a request, and continues when it is sent again',
    async check(places) {
      const { put, request, tone } = promptsApp(places, {}, { bakeBudgetMs: 0 });
      const definition = {
        template: 'Table {n, number}.',
        slots: { n: { range: [1, 3] } },
        model: 'tone-1',
        voice: 'hazel',
        locales: { 'en-AU': { voice: 'cameron' } },
      };
      const plain = { ...TABLE, input: 'One of two.', locales: { 'en-AU': { voice: 'cameron' } } };
      const progress: (string | null)[] = [];
      for (const [name, given] of [
        ['put/parts', definition],
        ['put/plain', plain],
      ] as const) {
        for (;;) {
          const response = await put(name, given);
          progress.push(response.headers.get('x-sori-baked'));
          if (response.status === 201) break;
          expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
          expect(await errorOf(response)).toMatchObject({ code: 'more_to_bake' });
          expect((await request(`/v1/prompts/${name}`)).status).toBe(404);
        }
      }
      const total = Number(progress[0]?.split('/')[1]);
      const steps = Array.from({ length: total - 1 }, (_, n) => `${n + 1}/${total}`);
      expect(progress).toEqual([...steps, null, '1/2', null]);
      expect(tone.count.spoken).toBe(total + 2);
    },
  },
  {
    name: 'a change makes a version; the old one stays reachable by key and as ?v=',
    async check(places) {
      const { bake, request } = promptsApp(places);
      const first = await bake('put/change');
      const second = await bake('put/change', { ...TABLE, seed: 7 });
      expect(second.version).toBe(2);
      expect(second.audio.default.key).not.toBe(first.audio.default.key);

      const current = await request('/prompts/put/change.mp3');
      expect(current.headers.get('content-location')).toBe(second.audio.default.urls.mp3);
      expect(current.headers.get('cache-control')).toBe('public, max-age=60, stale-while-revalidate=86400');
      const pinned = await request('/prompts/put/change.mp3?v=1');
      expect(pinned.headers.get('content-location')).toBe(first.audio.default.urls.mp3);
      expect(pinned.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(await bytesOf(pinned)).toEqual(await bytesOf(await request(first.audio.default.urls.mp3!)));

      const history = (await (await request('/v1/prompts/put/change?v=1')).json()) as PromptAnswer;
      expect(history).toMatchObject({ version: 1, definition: TABLE, audio: first.audio, etag: first.etag });
      expect((await request('/v1/prompts/put/change?v=3')).status).toBe(404);
      expect((await request('/prompts/put/change.mp3?v=3')).status).toBe(404);
      expect((await request('/prompts/put/change.mp3?v=0')).status).toBe(400);
    },
  },
  {
    name: 'the public URL serves audio like /audio, with the prompt’s cache tag',
    async check(places) {
      const { bake, request } = promptsApp(places);
      await bake('public/a', { ...TABLE, formats: ['wav'] });
      const url = '/prompts/public/a.wav';
      const whole = await request(url);
      expect(whole.status).toBe(200);
      expect(whole.headers.get('content-type')).toBe('audio/wav');
      const tags = whole.headers.get('cache-tag')?.split(',') ?? [];
      expect(tags).toEqual(expect.arrayContaining(['prompt:public/a', 'model:tone-1@1.2.3', 'voice:hazel']));
      expect(tags.some((tag) => /^audio:[0-9a-f]{64}$/.test(tag))).toBe(true);
      const bytes = await bytesOf(whole);

      const head = await request(url, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
      const part = await request(url, { headers: { Range: 'bytes=4-7' } });
      expect(part.status).toBe(206);
      expect(await bytesOf(part)).toEqual(bytes.subarray(4, 8));
      const etag = whole.headers.get('etag')!;
      const unchanged = await request(url, { headers: { 'If-None-Match': etag } });
      expect(unchanged.status).toBe(304);
      await bytesOf(unchanged);
      const saved = await request(`${url}?download`);
      expect(saved.headers.get('content-disposition')).toContain('public-a.wav');
      await bytesOf(saved);
      // Formats that the prompt does not list are encoded from the master.
      const other = await request('/prompts/public/a.flac');
      expect([other.status, other.headers.get('content-type')]).toEqual([200, 'audio/flac']);
      await bytesOf(other);
    },
  },
  {
    name: 'the nearest locale is used',
    async check(places) {
      const { bake, request } = promptsApp(places);
      const { audio } = await bake('public/locale', {
        ...TABLE,
        locales: { 'en-AU': { voice: 'cameron' }, en: { voice: 'clara' } },
      });
      const cases = {
        '': 'default',
        '?locale=en-AU': 'en-AU',
        '?locale=en-GB': 'en',
        '?locale=ko': 'default',
      };
      for (const [query, locale] of Object.entries(cases)) {
        const response = await request(`/prompts/public/locale.mp3${query}`);
        expect(response.headers.get('content-location')).toBe(audio[locale].urls.mp3);
        await bytesOf(response);
      }
    },
  },
  {
    name: 'names may contain slashes, percent-encoded or not',
    async check(places) {
      const { bake, request } = promptsApp(places);
      const { name } = await bake('names%2Fa%2fb.c', TABLE);
      expect(name).toBe('names/a/b.c');
      for (const path of [
        '/v1/prompts/names/a/b.c',
        '/v1/prompts/names%2Fa/b.c',
        '/prompts/names%2Fa%2Fb.c.mp3',
      ]) {
        const response = await request(path);
        expect(response.status).toBe(200);
        await bytesOf(response);
      }
    },
  },
  {
    name: 'If-Match and If-None-Match are checked before anything is synthesized',
    async check(places) {
      const { put, bake, delete: remove } = promptsApp(places);
      const { etag } = await bake('guard/a');
      const { put: guarded, tone } = promptsApp(places);
      const refused: [string, Record<string, string>][] = [
        ['guard/a', { 'If-Match': '"7-00000000"' }],
        ['guard/a', { 'If-Match': `W/${etag}` }],
        ['guard/a', { 'If-None-Match': '*' }],
        ['guard/a', { 'If-None-Match': etag }],
        ['guard/none', { 'If-Match': '*' }],
        ['guard/none', { 'If-Match': etag }],
      ];
      for (const [name, headers] of refused) {
        const response = await guarded(name, { ...TABLE, seed: 5 }, headers);
        expect([response.status, (await errorOf(response)).code]).toEqual([412, 'precondition_failed']);
      }
      expect((await remove('guard/a', { 'If-Match': '"7-00000000"' })).status).toBe(412);
      expect(tone.count.spoken).toBe(0);
      expect((await put('guard/a', { ...TABLE, seed: 1 }, { 'If-Match': `"x", ${etag}` })).status).toBe(200);
      expect((await put('guard/a', { ...TABLE, seed: 2 }, { 'If-Match': '*' })).status).toBe(200);
      expect((await put('guard/new', TABLE, { 'If-None-Match': '*' })).status).toBe(201);
    },
  },
  {
    name: 'one of two writers with the same ETag succeeds, though both have baked',
    async check(places) {
      const { bake } = promptsApp(places);
      const { etag } = await bake('guard/race');
      const both = deferred<void>();
      let waiting = 0;
      const options = {
        async plan() {
          if (++waiting === 2) both.resolve();
          await both.promise;
        },
      };
      const { put } = promptsApp(places, options);
      const responses = await Promise.all(
        [11, 12].map((seed) => put('guard/race', { ...TABLE, seed }, { 'If-Match': etag })),
      );
      expect(responses.map(({ status }) => status).sort()).toEqual([200, 412]);
      const won = (await responses.find(({ ok }) => ok)!.json()) as PromptAnswer;
      const { request } = promptsApp(places);
      const now = (await (await request('/v1/prompts/guard/race')).json()) as PromptAnswer;
      expect(now).toEqual(won);
      expect(now.version).toBe(2);
    },
  },
  {
    name: 'failing storage gives 503 and no row, and the next PUT continues',
    async check({ database, store }) {
      const failing = failingStore(store);
      const places = { database, store: failing.store };
      const { put, request } = promptsApp(places);
      failing.state.failing = true;
      const response = await put('failing/a', { ...TABLE, seed: 31 });
      expect([response.status, (await errorOf(response)).code]).toEqual([503, 'storage_unavailable']);
      expect((await request('/v1/prompts/failing/a')).status).toBe(404);
      expect((await request('/prompts/failing/a.mp3')).status).toBe(404);
      failing.state.failing = false;
      // A new app, as another isolate would be, with empty memory.
      const fresh = promptsApp(places);
      const { version, audio } = await fresh.bake('failing/a', { ...TABLE, seed: 31 });
      expect(version).toBe(1);
      expect((await fresh.request(audio.default.urls.mp3!)).status).toBe(200);

      const { etag } = await fresh.bake('failing/a', { ...TABLE, seed: 31 });
      failing.state.failing = true;
      expect((await fresh.put('failing/a', { ...TABLE, seed: 32 })).status).toBe(503);
      failing.state.failing = false;
      expect((await fresh.request('/v1/prompts/failing/a')).headers.get('etag')).toBe(etag);
    },
  },
  {
    name: 'a PUT that is killed half-way leaves no row; the next one finishes the rest',
    async check(places) {
      const reached = deferred<void>();
      const options = {
        // The synthesis of the second locale never ends.
        plan: ({ voice }: { voice: Readonly<Record<string, number>> }, signal?: AbortSignal) => {
          if (!voice.cameron) return undefined;
          reached.resolve();
          return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        },
      };
      const definition = { ...TABLE, seed: 41, locales: { 'en-AU': { voice: 'cameron' } } };
      const client = new AbortController();
      const { put, request } = promptsApp(places, options);
      const killed = put('killed/a', definition, {}, client.signal);
      await reached.promise;
      client.abort();
      expect((await killed).ok).toBe(false);
      expect((await request('/v1/prompts/killed/a')).status).toBe(404);
      const { bake, tone } = promptsApp(places);
      expect((await bake('killed/a', definition)).version).toBe(1);
      expect(tone.count.spoken).toBe(1);
    },
  },
  {
    name: 'an error in a locale is reported with its path, and nothing is synthesized',
    async check(places) {
      const { put, request, tone } = promptsApp(places);
      const cases: [object, string, string][] = [
        [{ ...TABLE, locales: { 'en-AU': { voice: 'nobody' } } }, 'unknown_voice', 'locales.en-AU.voice'],
        [{ ...TABLE, locales: { 'en-AU': { speed: 9 } } }, 'invalid_value', 'locales.en-AU.speed'],
        [
          { ...TABLE, locales: { 'en-AU': { emotion: 'hangry' } } },
          'unknown_emotion',
          'locales.en-AU.emotion',
        ],
        [{ ...TABLE, locales: { ko: { input: '네.' } } }, 'unsupported_language', 'locales.ko.language'],
        [{ ...TABLE, voice: 'nobody' }, 'unknown_voice', 'voice'],
        [{ ...TABLE, sped: 2 }, 'invalid_value', 'sped'],
        [{ ...TABLE, input: undefined, template: 'Hi {' }, 'invalid_template', 'template'],
        [{ ...TABLE, input: undefined, template: 'Hi {n}.', voice: 'nobody' }, 'unknown_voice', 'voice'],
      ];
      for (const [definition, code, param] of cases) {
        const response = await put('fault/a', definition);
        expect(response.status).toBe(400);
        expect(await errorOf(response)).toMatchObject({ code, param });
      }
      expect(tone.count.spoken).toBe(0);
      expect((await request('/v1/prompts/fault/a')).status).toBe(404);
      const name = await put('Fault', TABLE);
      expect([name.status, (await errorOf(name)).param]).toEqual([400, 'name']);
    },
  },
  {
    name: 'a deleted prompt is 404, its audio stays, and PUT restores it',
    async check(places) {
      const { bake, put, request, delete: remove } = promptsApp(places);
      expect((await remove('deleted/none')).status).toBe(404);
      const { audio, etag } = await bake('deleted/one');
      expect((await remove('deleted/one', { 'If-Match': etag })).status).toBe(204);
      expect((await remove('deleted/one')).status).toBe(204);
      const gone = await request('/v1/prompts/deleted/one');
      expect([gone.status, (await errorOf(gone)).code]).toEqual([410, 'deleted_prompt']);
      const played = await request('/prompts/deleted/one.mp3');
      expect([played.status, played.headers.get('cache-control')]).toEqual([410, 'public, max-age=60']);
      const byKey = await request(audio.default.urls.mp3!);
      expect(byKey.status).toBe(200);
      await bytesOf(byKey);
      const list = (await (
        await request('/v1/prompts?prefix=deleted/o&deleted=true')
      ).json()) as PromptListAnswer;
      expect(list.data).toMatchObject([{ name: 'deleted/one', deleted_at: expect.any(Number) }]);
      const back = await put('deleted/one', TABLE);
      expect(back.status).toBe(201);
      expect(await back.json()).toMatchObject({ version: 2, deleted_at: null });
    },
  },
  {
    name: 'an unknown prompt is 404 with a short cache lifetime',
    async check(places) {
      const { request } = promptsApp(places);
      for (const file of ['nobody.mp3', 'nobody.txt', 'nobody', 'Nobody.mp3', 'a..b.mp3', '.mp3']) {
        const response = await request(`/prompts/${file}`);
        expect([response.status, (await errorOf(response)).code]).toEqual([404, 'unknown_prompt']);
        expect(response.headers.get('cache-control')).toBe('public, max-age=10');
      }
    },
  },
  {
    name: 'templates bake the values of their slots, and their public URL names the render URL',
    async check(places) {
      const { bake, request, tone } = promptsApp(places);
      const { input: _, ...spoken } = TABLE;
      const definition = {
        ...spoken,
        template: 'Table {n, number} is ready.',
        slots: { n: { range: [1, 3] } },
      };
      const prompt = await bake('template/a', definition);
      expect(prompt).toMatchObject({ version: 1, audio: {}, urls: {}, baked_parts: 3, stale: false });
      expect(tone.requests.map(({ input }) => input)).toEqual([1, 2, 3].map((n) => `Table ${n} is ready.`));
      expect((await bake('template/a', definition)).version).toBe(1);
      const response = await request('/prompts/template/a.mp3');
      expect(response.status).toBe(400);
      expect((await errorOf(response)).message).toContain('/v1/prompts/template/a/render');
      const bare = await bake('template/b', { ...definition, slots: undefined });
      expect(bare).toMatchObject({ baked_parts: 0, stale: false });
    },
  },
  {
    name: 'lists contain what sync needs, page by page',
    async check(places) {
      const { bake, request } = promptsApp(places);
      const names = ['list/a', 'list/b', 'list/c', 'list/d', 'list/e'];
      for (const name of names) await bake(name, { ...TABLE, tags: name < 'list/c' ? ['early'] : [] });
      const list = async (query: string) => {
        const response = await request(`/v1/prompts?prefix=list/${query}`);
        expect(response.status).toBe(200);
        return (await response.json()) as PromptListAnswer;
      };
      const seen: string[] = [];
      let page = await list('&limit=2');
      for (;;) {
        seen.push(...page.data.map(({ name }) => name));
        if (!page.has_more) break;
        page = await list(`&limit=2&after=${encodeURIComponent(page.next!)}`);
      }
      expect(page.next).toBeNull();
      expect(seen).toEqual(names);
      const { data } = await list('&tag=early&voice=hazel&model=tone-1');
      expect(data.map(({ name }) => name)).toEqual(['list/a', 'list/b']);
      const whole = (await (await request('/v1/prompts/list/a')).json()) as PromptAnswer;
      const { definition, ...rest } = whole;
      expect(data[0]).toEqual(rest);
      expect((await list('&include=definition&limit=1')).data[0].definition).toEqual(definition);
      expect((await list('&stale=true')).data).toEqual([]);
    },
  },
  {
    name: 'prompts of another build of the model are stale until they are put again',
    async check(places) {
      const before = promptsApp(places);
      const definition = { ...TABLE, locales: { 'en-AU': { voice: 'cameron' } } };
      const first = await before.bake('stale/a', definition);
      const after = promptsApp(places, { model: () => renewedModel('e') });
      const stale = async (query: string) => {
        const response = await after.request(`/v1/prompts?prefix=stale/&stale=${query}`);
        return ((await response.json()) as PromptListAnswer).data.map(({ name }) => name);
      };
      expect(await stale('true')).toEqual(['stale/a']);
      expect(await (await after.request('/v1/prompts/stale/a')).json()).toEqual({ ...first, stale: true });
      expect(after.tone.count.spoken).toBe(0);
      const renewed = await after.bake('stale/a', definition);
      expect(renewed).toMatchObject({ version: 2, stale: false, digest: first.digest });
      expect(renewed.audio.default.key).not.toBe(first.audio.default.key);
      expect([await stale('true'), await stale('false')]).toEqual([[], ['stale/a']]);
    },
  },
  {
    name: 'purging covers the cache tag and all URLs, also of deleted prompts',
    async check(places) {
      const { bake, request, purged, delete: remove } = promptsApp(places);
      const first = await bake('purge/a');
      const second = await bake('purge/a', { ...TABLE, formats: ['mp3', 'wav'], seed: 3 });
      await remove('purge/a');
      const response = await request('/v1/prompts/purge/a/purge', { method: 'POST' });
      expect(response.status).toBe(204);
      expect(purged).toHaveLength(1);
      expect(purged[0].tags).toEqual(['prompt:purge/a']);
      const paths = purged[0].urls.map((url) => new URL(url).pathname).sort();
      const audio = [first, second].flatMap((prompt) => Object.values(prompt.audio.default.urls));
      expect(paths).toEqual([...audio, '/prompts/purge/a.mp3', '/prompts/purge/a.wav'].sort());
      expect((await request('/v1/prompts/purge/none/purge', { method: 'POST' })).status).toBe(404);
    },
  },
];
