import type { AudioFormatId } from '../../../audio/format.ts';
import { SoriError } from '../../../base/errors.ts';
import type { Database } from '../../../database/database.ts';
import type { CatalogueEntry, CataloguePrompt, Editions, PromptDraft } from './prompt.ts';
import {
  BEING_REMOVED,
  entryOf,
  insertVersion,
  type PromptFilter,
  type PromptRow,
  promptOf,
  SELECT_PROMPT,
  selectPage,
} from './rows.ts';

/** Most prompts on a page of a list. */
export const MAX_PAGE = 1000;
/** Times that a writer without a condition tries to come after others. */
const TRIES = 8;

/**
 * Judges a change before it is made.
 * @param current what the name stands for; undefined where there is none, or it is deleted.
 * @throws {SoriError} `precondition_failed`, for one.
 */
export type Guard = (current: CataloguePrompt | undefined) => void;

/** What a list is asked for. */
export interface PageRequest {
  readonly filter?: PromptFilter;
  /** Name after which the page begins. */
  readonly after?: string;
  /** 1 to {@link MAX_PAGE}. */
  readonly limit: number;
  /** For `filter.stale`. */
  readonly editions?: Editions;
  /** With definitions; default no. */
  readonly definitions?: boolean;
}

/** Audio of a draft was removed after it was looked for, or is being removed: bake it again. */
export class AudioRemoved extends SoriError {
  constructor(cause: unknown) {
    const message = 'Old audio that this prompt speaks again is just being removed; try again.';
    super('storage_unavailable', message, { cause });
  }
}

/** Some prompts, in the order of their names. */
export interface Page {
  readonly prompts: readonly CatalogueEntry[];
  /** `after` of the next page; undefined on the last. */
  readonly next: string | undefined;
}

/**
 * The prompt catalogue in a database. A change is one transaction that takes effect only if nobody else has changed the prompt since
 * it was read, so that of two writers at once one wins. Versions are never changed; `pruneVersions` removes old ones, where it may.
 *
 * @throws {SoriError} from every method: `storage_unavailable`, `not_configured` where the database has no tables.
 */
export class Catalogue {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch. */
  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * A prompt's current version, or the one given. Of a deleted prompt too.
   * @returns undefined for a name or version that never was.
   */
  async find(name: string, version?: number): Promise<CataloguePrompt | undefined> {
    const { rows } = await this.#database.run<PromptRow>(SELECT_PROMPT, version ?? null, name);
    return rows[0] && promptOf(rows[0]);
  }

  /**
   * As {@link find}.
   * @throws {SoriError} `unknown_prompt`, `deleted_prompt`.
   */
  async get(name: string, version?: number): Promise<CataloguePrompt> {
    const prompt = await this.find(name, version);
    // Of a prompt that was deleted long ago, and is here again, the last version from before has no variants any more.
    if (!prompt || (!prompt.deleted && prompt.variants.length === 0)) {
      const what = version === undefined ? '' : ` in a version ${version}`;
      throw new SoriError('unknown_prompt', `There is no prompt ${JSON.stringify(name)}${what}.`, {
        param: version === undefined ? 'name' : 'v',
      });
    }
    if (!prompt.deleted) return prompt;
    const at = prompt.deleted.toISOString();
    throw new SoriError('deleted_prompt', `The prompt ${JSON.stringify(name)} was deleted at ${at}.`, {
      param: 'name',
    });
  }

  /** A page of prompts that pass a filter; two queries of neighbouring pages miss none and repeat none that stays. */
  async list(request: PageRequest): Promise<Page> {
    const { filter = {}, after = '', limit, editions = {}, definitions = false } = request;
    // One more than asked for tells whether there are more.
    const { sql, values = [] } = selectPage(filter, { after, limit: limit + 1, editions, definitions });
    const { rows } = await this.#database.run<PromptRow>(sql, ...values);
    const prompts = rows.slice(0, limit).map(entryOf);
    return { prompts, next: rows.length > limit ? prompts.at(-1)?.name : undefined };
  }

  /**
   * Makes a draft the current version of its name: the next one, if its digest or its audio is not that of the current version. A deleted
   * name comes back so.
   * @param guard is asked again when somebody else was quicker.
   * @param removals what {@link removals} said before the draft's audio was looked for; default: nobody removes any.
   * @throws {SoriError} what `guard` throws; {@link AudioRemoved}.
   */
  async put(
    draft: PromptDraft,
    guard: Guard = () => {},
    removals = Number.MAX_SAFE_INTEGER,
  ): Promise<{ prompt: CataloguePrompt; outcome: 'created' | 'changed' | 'unchanged' }> {
    for (let left = TRIES; left > 0; left--) {
      const before = await this.find(draft.name);
      const live = before?.deleted ? undefined : before;
      guard(live);
      if (live && isSame(live, draft)) return { prompt: live, outcome: 'unchanged' };
      const written = await this.#write(draft, before, removals);
      if (written) return { prompt: written, outcome: live ? 'changed' : 'created' };
    }
    throw tooManyWriters(draft.name);
  }

  /**
   * Deletes a name; its versions and their audio stay. Deleting a deleted name does nothing.
   * @param guard is asked again when somebody else was quicker.
   * @throws {SoriError} `unknown_prompt`; what `guard` throws.
   */
  async delete(name: string, guard: Guard = () => {}): Promise<CataloguePrompt> {
    for (let left = TRIES; left > 0; left--) {
      const before = await this.find(name);
      guard(before?.deleted ? undefined : before);
      if (!before) return await this.get(name);
      if (before.deleted) return before;
      const now = this.#now();
      const { changes } = await this.#database.run(
        'UPDATE prompts SET deleted_at = ?, updated_at = ?, revision = revision + 1 WHERE name = ? AND revision = ?',
        now,
        now,
        name,
        before.revision,
      );
      const at = new Date(now);
      if (changes > 0) return { ...before, revision: before.revision + 1, updated: at, deleted: at };
    }
    throw tooManyWriters(name);
  }

  /**
   * Keys of all audio that a name has ever stood for, renderings of templates included, and their formats.
   * @throws {SoriError} `unknown_prompt`.
   */
  async audioOf(name: string): Promise<{ key: string; formats: AudioFormatId[] }[]> {
    if (!(await this.find(name))) return await this.get(name).then(() => []);
    const { rows } = await this.#database.run<{ key: string; formats: string }>(
      'SELECT DISTINCT a.key, d.formats FROM prompt_audio a JOIN prompt_versions d USING (name, version) WHERE name = ?',
      name,
    );
    return rows.map(({ key, formats }) => ({ key, formats: JSON.parse(formats) as AudioFormatId[] }));
  }

  /** How many removals of audio have begun so far: to be asked before audio is looked for. */
  async removals(): Promise<number> {
    const { rows } = await this.#database.run<{ n: number }>(
      'SELECT coalesce(max(id), 0) AS n FROM audio_removals',
    );
    return rows[0].n;
  }

  /** @returns undefined when somebody else changed the name after `before` was read; then nothing is written. */
  async #write(
    draft: PromptDraft,
    before: CataloguePrompt | undefined,
    removals: number,
  ): Promise<CataloguePrompt | undefined> {
    const inserts = insertVersion(draft, before, this.#now(), removals);
    const statements = [...inserts, { sql: SELECT_PROMPT, values: [null, draft.name] }];
    const results = await this.#database.batch(statements).catch((error: unknown) => {
      const isRemoved = error instanceof Error && error.message.includes(BEING_REMOVED);
      throw isRemoved ? new AudioRemoved(error) : error;
    });
    if (results[inserts.length - 1].changes === 0) return undefined;
    return promptOf(results[inserts.length].rows[0] as PromptRow);
  }
}

/** Keys follow from definition and edition, so parts need only be counted. */
function isSame(prompt: CataloguePrompt, draft: PromptDraft): boolean {
  if (prompt.digest !== draft.digest || prompt.variants.length !== draft.variants.length) return false;
  return draft.variants.every(({ locale, edition, audio, parts }) => {
    const known = prompt.variants.find((variant) => variant.locale === locale);
    return known?.edition === edition && known.audio?.key === audio?.key && known.parts === parts.length;
  });
}

function tooManyWriters(name: string): SoriError {
  const message = `Many are changing the prompt ${JSON.stringify(name)} at once; try again.`;
  return new SoriError('storage_unavailable', message);
}
