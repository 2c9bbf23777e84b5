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
/** Attempts of a write without a condition. */
const TRIES = 8;

/**
 * Checks the condition of a change.
 * @param current the current version; `undefined` if there is none or it is deleted.
 * @throws {SoriError} `precondition_failed`, for one.
 */
export type Guard = (current: CataloguePrompt | undefined) => void;

/** Options of a list. */
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

/** Thrown when audio of a draft was removed meanwhile: bake it again. */
export class AudioRemoved extends SoriError {
  constructor(cause: unknown) {
    const message = 'Audio that this prompt reuses is being removed; try again.';
    super('storage_unavailable', message, { cause });
  }
}

/** A page of prompts, ordered by name. */
export interface Page {
  readonly prompts: readonly CatalogueEntry[];
  /** `after` of the next page; undefined on the last. */
  readonly next: string | undefined;
}

/**
 * The prompt catalogue in a database. A change is one transaction that takes effect only if the prompt has not changed since
 * it was read, so that one of two concurrent writers succeeds. Versions are never changed; `pruneVersions` removes old ones.
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
   * Finds a prompt's current or given version, also of a deleted prompt.
   * @returns undefined for an unknown name or version.
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
    // The last version before an old deletion has no variants any more.
    if (!prompt || (!prompt.deleted && prompt.variants.length === 0)) {
      const what = version === undefined ? '' : ` in a version ${version}`;
      throw new SoriError('unknown_prompt', `Unknown prompt ${JSON.stringify(name)}${what}.`, {
        param: version === undefined ? 'name' : 'v',
      });
    }
    if (!prompt.deleted) return prompt;
    const at = prompt.deleted.toISOString();
    throw new SoriError('deleted_prompt', `The prompt ${JSON.stringify(name)} was deleted at ${at}.`, {
      param: 'name',
    });
  }

  /** A page of filtered prompts. Consecutive pages neither skip nor repeat prompts that exist throughout. */
  async list(request: PageRequest): Promise<Page> {
    const { filter = {}, after = '', limit, editions = {}, definitions = false } = request;
    // One more than requested, to detect whether there are more.
    const { sql, values = [] } = selectPage(filter, { after, limit: limit + 1, editions, definitions });
    const { rows } = await this.#database.run<PromptRow>(sql, ...values);
    const prompts = rows.slice(0, limit).map(entryOf);
    return { prompts, next: rows.length > limit ? prompts.at(-1)?.name : undefined };
  }

  /**
   * Makes a draft the current version of its name: a new version if its digest or audio differs from the current one. A deleted
   * name is restored.
   * @param guard runs again after a conflicting change.
   * @param removals the result of {@link removals} before the draft's audio was looked up; default: no removals.
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
   * Deletes a name; its versions and audio stay. Does nothing for a deleted name.
   * @param guard runs again after a conflicting change.
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
   * Keys and formats of all audio of a name, including old versions and renderings of templates.
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

  /** The number of removals so far; read it before looking up audio. */
  async removals(): Promise<number> {
    const { rows } = await this.#database.run<{ n: number }>(
      'SELECT coalesce(max(id), 0) AS n FROM audio_removals',
    );
    return rows[0].n;
  }

  /** @returns undefined if the name was changed after `before` was read; then nothing is written. */
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

/** Keys follow from definition and edition, so comparing the number of parts is enough. */
function isSame(prompt: CataloguePrompt, draft: PromptDraft): boolean {
  if (prompt.digest !== draft.digest || prompt.variants.length !== draft.variants.length) return false;
  return draft.variants.every(({ locale, edition, audio, parts }) => {
    const known = prompt.variants.find((variant) => variant.locale === locale);
    return known?.edition === edition && known.audio?.key === audio?.key && known.parts === parts.length;
  });
}

function tooManyWriters(name: string): SoriError {
  const message = `Too many concurrent changes of the prompt ${JSON.stringify(name)}; try again.`;
  return new SoriError('storage_unavailable', message);
}
