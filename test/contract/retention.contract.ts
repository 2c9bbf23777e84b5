import { expect } from 'vitest';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { type Retention, retentionTasks } from '../../src/features/prompts/retention.ts';
import type { AudioLibrary } from '../../src/library/library.ts';
import { pruneAudio } from '../../src/library/prune-audio.ts';
import { createAudioLibrary } from '../../src/library/stored-library.ts';
import { type PromptPlaces, promptsApp, TABLE } from '../support/apps/prompts-app.ts';
import { deferred } from '../support/deferred.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const inDays = (days: number) => Date.now() + days * DAY_MS;

/** Retention tasks with a clock that the test sets, and helpers to inspect the store. */
function keeper({ database, store }: PromptPlaces) {
  const library = createAudioLibrary({ store, createEncoder });
  const chores = (retention: Retention, own: Pick<AudioLibrary, 'remove'> = library) =>
    retentionTasks({ database, store, library: own }, retention);
  return {
    library,
    chores,
    audio: (now: number, own?: Pick<AudioLibrary, 'remove'>) => chores({ audioDays: 30 }, own).audio(now),
    versions: (retention: Retention, now = Date.now()) => chores(retention).prompt_versions(now),
    async names(): Promise<string[]> {
      return (await store.list('', 1000)).names.map(({ name }) => name);
    },
    has: async (key: string, format = 'wav') => (await store.head(`${key}.${format}`)) !== null,
  };
}

/** A new app over the same stores, with empty memory. */
function speaking(places: PromptPlaces) {
  const app = promptsApp(places);
  const speak = async (input: string) => {
    const response = await app.request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...TABLE, input, response_format: 'mp3' }),
    });
    await response.arrayBuffer();
    const [, key] = /^\/audio\/([0-9a-f]{64})\.mp3$/.exec(response.headers.get('content-location') ?? '')!;
    await expect.poll(() => places.store.head(`${key}.mp3`)).not.toBeNull();
    return key;
  };
  return {
    ...app,
    speak,
    key: async (name: string, text: string) =>
      (await app.bake(name, { ...TABLE, input: text })).audio.default.key,
  };
}

/** What retention must do over every store and database. Each check gets a store of its own. */
export const RETENTION_CONTRACT: readonly { name: string; check(places: PromptPlaces): Promise<void> }[] = [
  {
    name: 'nothing is removed by default',
    async check(places) {
      expect(keeper(places).chores({})).toEqual({});
      expect(Object.keys(keeper(places).chores({ versions: 1 }))).toEqual(['prompt_versions']);
      expect(Object.keys(keeper(places).chores({ audioDays: 30 }))).toEqual(['prompt_versions', 'audio']);
    },
  },
  {
    name: 'the last versions of a prompt stay; the current one always does',
    async check(places) {
      const { key, request } = speaking(places);
      for (const text of ['One.', 'Two.', 'Three.', 'Four.']) await key('keep/four', text);
      await key('keep/one', 'Only.');
      const { versions } = keeper(places);
      expect(await versions({ versions: 2 })).toBe(2);
      expect(await versions({ versions: 2 })).toBe(0);
      const statuses = async () =>
        await Promise.all(
          [1, 2, 3, 4].map(async (v) => (await request(`/prompts/keep/four.mp3?v=${v}`)).status),
        );
      expect(await statuses()).toEqual([404, 404, 200, 200]);
      expect((await request('/prompts/keep/one.mp3')).status).toBe(200);
      expect(await versions({ versions: 1 })).toBe(1);
      expect(await statuses()).toEqual([404, 404, 404, 200]);
      expect((await request('/prompts/keep/four.mp3')).status).toBe(200);
      expect((await speaking(places).bake('keep/four', { ...TABLE, input: 'Five.' })).version).toBe(5);
    },
  },
  {
    name: 'old audio that no version uses is removed; it can be synthesized again',
    async check(places) {
      const { speak, bake, key, request } = speaking(places);
      const { audio, versions, has, names } = keeper(places);
      const spoken = await speak('Nobody keeps this.');
      const first = await key('audio/a', 'First.');
      const second = await key('audio/a', 'Second.');
      const template = await bake('audio/t', {
        template: 'Table {n, number}, {name}.',
        slots: { n: { range: [1, 2] } },
        render: 'joined',
        model: 'tone-1',
        voice: 'hazel',
        locales: { 'en-AU': { voice: 'cameron' } },
      });
      expect(template.baked_parts).toBeGreaterThan(1);
      const all = await names();
      expect(await audio(inDays(29))).toBe(0);
      expect(await names()).toEqual(all);
      expect(await audio(inDays(31))).toBe(1);
      // All formats of the unnamed audio are deleted and nothing else: versions that are not current still name theirs.
      expect(await names()).toEqual(all.filter((name) => !name.startsWith(spoken)));
      expect((await request('/prompts/audio/a.mp3?v=1')).status).toBe(200);
      await versions({ versions: 1 });
      expect(await audio(inDays(31))).toBe(1);
      expect([await has(first), await has(second)]).toEqual([false, true]);
      expect(await audio(inDays(31))).toBe(0);
      const again = speaking(places);
      expect(await again.speak('Nobody keeps this.')).toBe(spoken);
      expect(again.tone.count.spoken).toBe(1);
    },
  },
  {
    name: 'audio that two prompts share is removed with the last of them',
    async check(places) {
      const { key } = speaking(places);
      const shared = await key('shared/a', 'Both say this.');
      expect(await key('shared/b', 'Both say this.')).toBe(shared);
      await key('shared/a', 'Not any more.');
      const { audio, versions, has } = keeper(places);
      await versions({ versions: 1 });
      expect([await audio(inDays(31)), await has(shared)]).toEqual([0, true]);
      await key('shared/b', 'Nor this one.');
      await versions({ versions: 1 });
      expect([await audio(inDays(31)), await has(shared)]).toEqual([1, false]);
    },
  },
  {
    name: 'a deleted prompt keeps a tombstone and loses its audio; its name continues the version numbers',
    async check(places) {
      const { key, request, delete: remove } = speaking(places);
      const keys = [await key('gone/a', 'One.'), await key('gone/a', 'Two.')];
      await remove('gone/a');
      const { audio, versions, has } = keeper(places);
      await versions({ audioDays: 30 }, inDays(29));
      expect([await audio(inDays(31)), await has(keys[0])]).toEqual([0, true]);
      expect(await versions({ audioDays: 30 }, inDays(31))).toBe(2);
      expect([await audio(inDays(31)), await has(keys[0]), await has(keys[1])]).toEqual([2, false, false]);
      expect(await versions({ audioDays: 30 }, inDays(31))).toBe(0);
      expect((await request('/prompts/gone/a.mp3')).status).toBe(410);
      expect((await request('/v1/prompts?deleted=true&prefix=gone/')).status).toBe(200);
      const fresh = speaking(places);
      expect(await fresh.bake('gone/a', { ...TABLE, input: 'Two.' })).toMatchObject({ version: 3 });
      const statuses = [1, 2, 3].map(async (v) => (await fresh.request(`/prompts/gone/a.mp3?v=${v}`)).status);
      expect(await Promise.all(statuses)).toEqual([404, 404, 200]);
      expect((await fresh.request('/v1/prompts/gone/a?v=2')).status).toBe(404);
    },
  },
  {
    name: 'audio that is removed while a prompt starts to use it is stored again',
    async check(places) {
      const text = 'Old, and wanted again.';
      const old = await speaking(places).speak(text);
      const planning = deferred();
      const go = deferred();
      const app = promptsApp(places, {
        plan: async ({ input }) => {
          if (input !== 'New.') return;
          planning.resolve();
          await go.promise;
        },
      });
      const definition = { ...TABLE, input: text, locales: { 'en-AU': { input: 'New.' } } };
      const putting = app.put('race/a', definition);
      await planning.promise;
      const { audio, has } = keeper(places);
      expect([await audio(inDays(31)), await has(old)]).toEqual([1, false]);
      go.resolve();
      expect((await putting).status).toBe(201);
      expect([await has(old), await has(old, 'mp3')]).toEqual([true, true]);
      expect(await audio(inDays(31))).toBe(0);
    },
  },
  {
    name: 'audio that is in memory only is stored for a prompt',
    async check(places) {
      const { speak, key } = speaking(places);
      const spoken = await speak('In memory.');
      const { audio, has } = keeper(places);
      expect(await audio(inDays(31))).toBe(1);
      expect(await key('memory/a', 'In memory.')).toBe(spoken);
      expect([await has(spoken), await has(spoken, 'mp3')]).toEqual([true, true]);
    },
  },
  {
    name: 'a run that dies leaves no reference to missing audio; a later run continues',
    async check(places) {
      const { speak } = speaking(places);
      const spoken = await speak('Half removed.');
      const { audio, has } = keeper(places);
      const dying = {
        async remove() {
          await places.store.delete([`${spoken}.mp3`]);
          throw new Error('The process died.');
        },
      };
      await expect(audio(inDays(31), dying)).rejects.toThrow('died');
      expect(await has(spoken)).toBe(true);
      const refused = await speaking(places).put('died/a', { ...TABLE, input: 'Half removed.' });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await refused.json()).toMatchObject({ error: { code: 'storage_unavailable' } });
      expect((await speaking(places).request('/v1/prompts/died/a')).status).toBe(404);
      // The process that wrote it may still be running.
      expect(await audio(inDays(31) + HOUR_MS / 2)).toBe(0);
      expect(await has(spoken)).toBe(true);
      expect(await audio(inDays(31) + 2 * HOUR_MS)).toBe(1);
      expect(await has(spoken)).toBe(false);
      expect((await speaking(places).put('died/a', { ...TABLE, input: 'Half removed.' })).status).toBe(201);
      expect([await has(spoken), await has(spoken, 'mp3')]).toEqual([true, true]);
    },
  },
  {
    name: 'a run continues where the last one ended',
    async check(places) {
      const { speak, key } = speaking(places);
      const named = await Promise.all([1, 2, 3].map((n) => key(`pages/${n}`, `Named ${n}.`)));
      for (const n of [1, 2, 3, 4, 5]) await speak(`Unnamed ${n}.`);
      const { library, names } = keeper(places);
      // Each key has two names, so a page of three names ends in the middle of every second key.
      const chore = pruneAudio({ ...places, library, days: 30, page: 3, pages: 1 });
      const removed: number[] = [];
      for (let round = 0; round < 20; round++) removed.push(await chore(inDays(31)));
      expect(removed.every((count) => count <= 1)).toBe(true);
      expect(removed.reduce((sum, count) => sum + count)).toBe(5);
      expect(await names()).toEqual(named.sort().flatMap((one) => [`${one}.mp3`, `${one}.wav`]));
    },
  },
  {
    name: 'previews of voices and stored recordings stay',
    async check(places) {
      const { speak } = speaking(places);
      const [preview, recording, speech] = [
        await speak('Preview.'),
        await speak('Kept.'),
        await speak('Other.'),
      ];
      await places.database.batch([
        {
          sql: `INSERT INTO voices (id, owner, name, description, model, language, style, provenance, preview, created_at)
            VALUES ('vce_kept', 'key', 'Ana', '', 'tone-1', 'en', 'sty_x', '{}', ?, 0)`,
          values: [preview],
        },
        {
          sql: `INSERT INTO voice_audio (voice, key, kind) VALUES ('vce_kept', ?, 'recording'), ('vce_kept', ?, 'speech')`,
          values: [recording, speech],
        },
      ]);
      const { audio, has } = keeper(places);
      expect(await audio(inDays(31))).toBe(1);
      expect([await has(preview), await has(recording), await has(speech)]).toEqual([true, true, false]);
      await places.database.run(`DELETE FROM voices WHERE id = 'vce_kept'`);
    },
  },
];
