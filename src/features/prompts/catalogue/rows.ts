import type { AudioFormatId } from '../../../audio/format.ts';
import type { SqlRow, SqlValue, Statement } from '../../../database/database.ts';
import { DEFAULT_LOCALE, definitionText, type PromptDefinition } from './definition.ts';
import {
  type CatalogueEntry,
  type CataloguePrompt,
  type CatalogueVariant,
  type Editions,
  type PromptDraft,
  promptEtag,
} from './prompt.ts';

/** A row of {@link SELECT_PROMPT}. */
export interface PromptRow extends SqlRow {
  readonly name: string;
  readonly version: number;
  readonly current: number;
  readonly revision: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
  readonly digest: string;
  /** Null in lists that were not asked for it. */
  readonly definition: string | null;
  readonly formats: string;
  readonly created_at: number;
  readonly variants: string;
}

/** All data of a version in one row, so that a page of prompts is one query. */
const columns = (
  definition: string,
) => `p.name, d.version, p.version AS current, p.revision, p.updated_at, p.deleted_at,
  d.digest, ${definition} AS definition, d.formats, d.created_at,
  (SELECT json_group_array(json_object(
      'locale', v.locale, 'model', v.model, 'edition', v.edition,
      'key', a.key, 'spoken', a.spoken, 'voice', a.voice, 'samples', a.samples, 'loudness', a.loudness,
      'parts', (SELECT count(*) FROM prompt_audio b
        WHERE b.name = v.name AND b.version = v.version AND b.locale = v.locale AND b.part <> '')))
    FROM prompt_variants v
    LEFT JOIN prompt_audio a ON a.name = v.name AND a.version = v.version AND a.locale = v.locale AND a.part = ''
    WHERE v.name = d.name AND v.version = d.version) AS variants`;

/** Finds a version of a prompt, or with null its current one. */
export const SELECT_PROMPT = `SELECT ${columns('d.definition')} FROM prompts p
  JOIN prompt_versions d ON d.name = p.name AND d.version = coalesce(?, p.version)
  WHERE p.name = ?`;

/** Filter of a list of prompts. */
export interface PromptFilter {
  /** Prefix of the names. */
  readonly prefix?: string;
  readonly tag?: string;
  /** Id of a voice. */
  readonly voice?: string;
  /** Id of a model. */
  readonly model?: string;
  /** BCP 47 tag, exactly. */
  readonly locale?: string;
  readonly stale?: boolean;
  /** Tombstones instead of prompts; default no. */
  readonly deleted?: boolean;
}

/** Characters, of up to three bytes: D1 takes no value of more than 2,000,000 bytes. */
const MAX_LIST = 500_000;
const FACETS = ['tag', 'voice', 'model', 'locale'] as const;
/** A character after all characters of names. */
const AFTER_NAMES = '~';

/** Position of the page. */
export interface PageOptions {
  readonly after: string;
  readonly limit: number;
  readonly editions: Editions;
  /** With definitions, which may be long? */
  readonly definitions: boolean;
}

/** Finds the prompts of a page, in the order of their names. */
export function selectPage(
  filter: PromptFilter,
  { after, limit, editions, definitions }: PageOptions,
): Statement {
  const { prefix, stale, deleted = false } = filter;
  const conditions = ['p.name > ?', `p.deleted_at IS ${deleted ? 'NOT NULL' : 'NULL'}`];
  const values: SqlValue[] = [after];
  const where = (condition: string, ...given: SqlValue[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (prefix) where('p.name >= ? AND p.name < ?', prefix, prefix + AFTER_NAMES);
  for (const kind of FACETS) {
    const value = filter[kind];
    if (value === undefined) continue;
    where('p.name IN (SELECT name FROM prompt_facets WHERE kind = ? AND value = ?)', kind, value);
  }
  if (stale !== undefined) {
    where(
      `${stale ? '' : 'NOT '}EXISTS (SELECT 1 FROM prompt_variants s
        WHERE s.name = p.name AND s.version = p.version AND s.edition IS NOT NULL
          AND s.edition IS NOT (SELECT e.value FROM json_each(?) e WHERE e.key = s.model))`,
      JSON.stringify(editions),
    );
  }
  const sql = `SELECT ${columns(definitions ? 'd.definition' : 'NULL')} FROM prompts p
    JOIN prompt_versions d ON d.name = p.name AND d.version = p.version
    WHERE ${conditions.join(' AND ')} ORDER BY p.name LIMIT ?`;
  return { sql, values: [...values, limit] };
}

/** The condition that the name has not changed since it was read; null if it did not exist. */
const UNCHANGED = '(SELECT revision FROM prompts WHERE name = ?) IS ?';

/**
 * Writes a draft as the next version of its name. All statements check the same condition, which the last one makes false; its
 * `changes` shows whether the condition held.
 * @param before the version that was read before.
 * @param removals the number of removals when its audio was looked up: if any of it is in a later or unfinished removal, the
 *   transaction fails on the constraint {@link BEING_REMOVED}.
 */
export function insertVersion(
  draft: PromptDraft,
  before: Pick<CataloguePrompt, 'current' | 'revision'> | undefined,
  now: number,
  removals: number,
): Statement[] {
  const { name, digest, definition, formats, variants } = draft;
  const version = (before?.current ?? 0) + 1;
  const condition = [name, before?.revision ?? null];
  const rows = variants.flatMap(({ locale, audio, parts }) => [
    ...(audio ? [{ ...audio, locale, part: '' }] : []),
    ...parts.map((part) => ({ ...part, locale })),
  ]);
  return [
    {
      sql: `INSERT INTO prompt_versions (name, version, digest, definition, formats, created_at)
        SELECT ?, ?, ?, ?, ?, ? WHERE ${UNCHANGED}`,
      values: [name, version, digest, definitionText(definition), JSON.stringify(formats), now, ...condition],
    },
    {
      sql: `INSERT INTO prompt_variants (name, version, locale, model, edition)
        SELECT ?, ?, value ->> 'locale', value ->> 'model', value ->> 'edition' FROM json_each(?) WHERE ${UNCHANGED}`,
      values: [name, version, JSON.stringify(variants), ...condition],
    },
    ...jsonLists(rows).map((list) => ({
      sql: `INSERT INTO prompt_audio (name, version, locale, part, key, spoken, voice, samples, loudness)
        SELECT ?, ?, value ->> 'locale', value ->> 'part', value ->> 'key', value ->> 'spoken', value ->> 'voice',
          value ->> 'samples', value ->> 'loudness' FROM json_each(?) WHERE ${UNCHANGED}`,
      values: [name, version, list, ...condition],
    })),
    {
      sql: `INSERT INTO audio_removals (key, begun_at) SELECT '', 0 WHERE EXISTS (
        SELECT 1 FROM prompt_audio a JOIN audio_removals r ON r.key = a.key
        WHERE a.name = ? AND a.version = ? AND (r.done_at IS NULL OR r.id > ?))`,
      values: [name, version, removals],
    },
    {
      sql: `DELETE FROM prompt_facets WHERE name = ? AND ${UNCHANGED}`,
      values: [name, ...condition],
    },
    {
      sql: `INSERT INTO prompt_facets (kind, value, name)
        SELECT value ->> 0, value ->> 1, ? FROM json_each(?) WHERE ${UNCHANGED}`,
      values: [name, JSON.stringify(facetsOf(draft)), ...condition],
    },
    {
      sql: `INSERT INTO prompts (name, version, revision, updated_at, deleted_at)
        SELECT ?, ?, ?, ?, NULL WHERE ${UNCHANGED}
        ON CONFLICT (name) DO UPDATE SET version = excluded.version, revision = excluded.revision,
          updated_at = excluded.updated_at, deleted_at = NULL`,
      values: [name, version, (before?.revision ?? 0) + 1, now, ...condition],
    },
  ];
}

/** Name of the constraint in the database's error message. */
export const BEING_REMOVED = 'audio_is_being_removed';

/** Values as JSON lists, none of them much longer than {@link MAX_LIST}. */
function jsonLists(values: readonly object[]): string[] {
  const lists: string[][] = [];
  let length = MAX_LIST;
  for (const value of values) {
    const text = JSON.stringify(value);
    if (length >= MAX_LIST) {
      lists.push([]);
      length = 0;
    }
    lists.at(-1)?.push(text);
    length += text.length;
  }
  return lists.map((list) => `[${list.join(',')}]`);
}

/** The distinct kinds and values for filters. */
function facetsOf({ definition, variants }: PromptDraft): [kind: string, value: string][] {
  const of = (kind: (typeof FACETS)[number], values: readonly string[]) =>
    [...new Set(values)].map((value): [string, string] => [kind, value]);
  const locales = variants.map(({ locale }) => locale).filter((locale) => locale !== DEFAULT_LOCALE);
  return [
    ...of('tag', definition.tags ?? []),
    ...of(
      'voice',
      variants.flatMap(({ voices }) => voices),
    ),
    ...of(
      'model',
      variants.map(({ model }) => model),
    ),
    ...of('locale', locales),
  ];
}

/** Reads a row. */
export function entryOf(row: PromptRow): CatalogueEntry {
  const { name, version, current, revision, digest, definition, deleted_at } = row;
  return {
    name,
    version,
    current,
    revision,
    digest,
    etag: promptEtag(version, digest),
    ...(definition !== null && { definition: JSON.parse(definition) as PromptDefinition }),
    formats: JSON.parse(row.formats) as AudioFormatId[],
    variants: variantsOf(JSON.parse(row.variants) as VariantRow[]),
    created: new Date(row.created_at),
    updated: new Date(row.updated_at),
    deleted: deleted_at === null ? null : new Date(deleted_at),
  };
}

/** Reads a row of {@link SELECT_PROMPT}, which has the definition. */
export function promptOf(row: PromptRow): CataloguePrompt {
  return entryOf(row) as CataloguePrompt;
}

interface VariantRow extends Omit<CatalogueVariant, 'audio'> {
  readonly key: string | null;
  readonly spoken: string;
  readonly voice: string;
  readonly samples: number;
  readonly loudness: number | null;
}

function variantsOf(rows: readonly VariantRow[]): CatalogueVariant[] {
  return rows
    .map(({ locale, model, edition, parts, key, ...rest }) => {
      return { locale, model, edition, parts, audio: key === null ? null : { key, ...rest } };
    })
    .sort((a, b) => order(a.locale, b.locale));
}

/** The default first, the others by tag. */
function order(a: string, b: string): number {
  if (a === DEFAULT_LOCALE || b === DEFAULT_LOCALE) return a === DEFAULT_LOCALE ? -1 : 1;
  return a < b ? -1 : 1;
}
