import { z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import { MAX_PAGE } from './catalogue/catalogue.ts';

/** Default number of prompts on a page. */
const DEFAULT_PAGE = 100;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const text = z.string().min(1).max(128).optional();

/** Query of `GET /v1/prompts`. */
export const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  after: z
    .string()
    .max(128)
    .optional()
    .openapi({ description: '`next` of the previous page. Prompts are ordered by name.' }),
  prefix: text.openapi({ description: 'Prefix of the names.', example: 'ivr/' }),
  tag: text,
  voice: text.openapi({ description: 'Id of a voice of any locale.' }),
  model: text.openapi({ description: 'Id of a model of any locale.' }),
  locale: text.openapi({ description: 'A tag of its `locales`.', example: 'en-AU' }),
  stale: flag.optional().openapi({ description: 'Only prompts with stale audio, or only those without.' }),
  deleted: flag.optional().openapi({ description: '`true`: lists deleted prompts instead.' }),
  include: z.enum(['definition']).optional().openapi({ description: 'Adds the definition to each prompt.' }),
});

/** The parsed query of a list. */
export type ListQuery = z.infer<typeof listQuerySchema>;

const MUST: Readonly<Record<keyof ListQuery, string>> = {
  limit: `a whole number from 1 to ${MAX_PAGE}`,
  after: 'the next of the page before',
  prefix: '1 to 128 characters',
  tag: '1 to 128 characters',
  voice: 'the id of a voice',
  model: 'the id of a model',
  locale: 'a BCP 47 tag such as en-AU',
  stale: 'true or false',
  deleted: 'true or false',
  include: 'definition',
};

/** @throws {SoriError} `invalid_value`. */
export function parseListQuery(query: Readonly<Record<string, string>>): ListQuery {
  const result = listQuerySchema.safeParse(query);
  if (result.success) return result.data;
  const param = String(result.error.issues[0].path[0]) as keyof ListQuery;
  throw new SoriError('invalid_value', `${param} must be ${MUST[param]}.`, { param });
}

/**
 * Reads `?v=`.
 * @returns undefined without a catalogue.
 * @throws {SoriError} `invalid_value`.
 */
export function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new SoriError('invalid_value', 'v must be the number of a version, 1 or more.', { param: 'v' });
}
