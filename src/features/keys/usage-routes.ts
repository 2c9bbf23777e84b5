import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SoriError } from '../../base/errors.ts';
import type { AppEnv } from '../../http/context.ts';
import { errorResponses } from '../../http/errors.ts';
import type { KeyDependencies } from './dependencies.ts';
import { dayOf, UsageLog, type UsageRow } from './usage-log.ts';

const DAY_MS = 86_400_000;
/** Default number of days. */
const DEFAULT_DAYS = 30;
/** Most days of a query. */
const MAX_DAYS = 366;
/** Rows of an answer at most. */
const MAX_ROWS = 10_000;

const sums = {
  requests: z.number().int(),
  cache_hits: z.number().int().openapi({ description: 'Requests answered with stored audio.' }),
  characters: z.number().int().openapi({ description: 'Characters synthesized; a hit synthesizes none.' }),
  audio_seconds: z.number().openapi({ description: 'Seconds of audio in answers.' }),
};

const usageSchema = z
  .object({
    object: z.literal('list'),
    from: z.string(),
    to: z.string(),
    data: z.array(
      z.object({
        object: z.literal('usage'),
        day: z.string().optional().openapi({ example: '2026-11-21' }),
        key: z.string().optional().openapi({ description: 'Id of the API key.' }),
        ...sums,
      }),
    ),
    total: z.object(sums),
    has_more: z
      .boolean()
      .openapi({ description: 'Whether there are more rows than an answer can have. Ask for fewer days.' }),
  })
  .openapi('UsageReport', {
    example: {
      object: 'list',
      from: '2026-11-20',
      to: '2026-11-21',
      data: [
        {
          object: 'usage',
          day: '2026-11-21',
          key: '4f9K2mQx7PzL',
          requests: 12,
          cache_hits: 9,
          characters: 214,
          audio_seconds: 41.2,
        },
      ],
      total: { requests: 12, cache_hits: 9, characters: 214, audio_seconds: 41.2 },
      has_more: false,
    },
  });

const day = (description: string) => z.string().optional().openapi({ description, example: '2026-11-21' });

const route = createRoute({
  method: 'get',
  path: '/v1/usage',
  tags: ['keys'],
  operationId: 'usage',
  summary: 'Get usage by day and key',
  description:
    'Needs the scope `usage:read`. Requests to public routes are not included; see `/metrics` and the statistics of the CDN.',
  request: {
    query: z.object({
      from: day('First day, UTC. Default: 29 days before `to`.'),
      to: day('Last day, UTC. Default: today.'),
      key: z.string().optional().openapi({ description: 'Id of an API key; limits the report to it.' }),
      group_by: z.string().optional().openapi({
        description: '`day`, `key` or `day,key` (default); empty for one total.',
        example: 'day,key',
      }),
    }),
  },
  responses: {
    200: { description: 'The sums.', content: { 'application/json': { schema: usageSchema } } },
    ...errorResponses(400, 401, 403, 429, 501, 503),
  },
});

/** Adds `GET /v1/usage`. */
export function usageRoute(app: OpenAPIHono<AppEnv>, { access, database }: KeyDependencies): void {
  const usage = access === 'off' ? database && new UsageLog(database, Date.now) : access.usage;
  app.openAPIRegistry.registerPath(route);
  app.get(route.path, async (c) => {
    if (usage === undefined) {
      throw new SoriError(
        'not_configured',
        'This server keeps no usage: its operator has set up no database.',
      );
    }
    const { from, to } = period(c.req.query('from'), c.req.query('to'));
    const { byDay, byKey } = grouping(c.req.query('group_by') ?? 'day,key');
    const query = { from, to, keyId: c.req.query('key') };
    const rows = await usage.sum({ ...query, byDay, byKey, limit: MAX_ROWS + 1 });
    const [total] = await usage.sum({ ...query, byDay: false, byKey: false, limit: 1 });
    c.header('Cache-Control', 'no-store');
    return c.json({
      object: 'list',
      from,
      to,
      data: rows.slice(0, MAX_ROWS).map((row) => ({
        object: 'usage',
        ...(row.day !== undefined && { day: row.day }),
        ...(row.keyId !== undefined && { key: row.keyId }),
        ...sumsOf(row),
      })),
      total: sumsOf(total),
      has_more: rows.length > MAX_ROWS,
    } satisfies z.infer<typeof usageSchema>);
  });
}

const sumsOf = ({ requests, cacheHits, characters, audioMs }: UsageRow) => ({
  requests,
  cache_hits: cacheHits,
  characters,
  audio_seconds: audioMs / 1000,
});

/** @throws {SoriError} `invalid_value`. */
function period(from: string | undefined, to: string | undefined): { from: string; to: string } {
  const last = to === undefined ? Date.parse(dayOf(Date.now())) : timeOf('to', to);
  const first = from === undefined ? last - (DEFAULT_DAYS - 1) * DAY_MS : timeOf('from', from);
  const days = (last - first) / DAY_MS + 1;
  if (days < 1 || days > MAX_DAYS) {
    const message = `from must not be after to, and at most ${MAX_DAYS} days are summed at once.`;
    throw new SoriError('invalid_value', message, { param: 'from' });
  }
  return { from: dayOf(first), to: dayOf(last) };
}

function timeOf(param: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse reads 30 February as 2 March.
  if (Number.isNaN(time) || dayOf(time) !== text) {
    throw new SoriError('invalid_value', `${param} must be a day such as 2026-11-21.`, { param });
  }
  return time;
}

function grouping(text: string): { byDay: boolean; byKey: boolean } {
  const names = text.split(',').filter((name) => name !== '');
  if (names.some((name) => name !== 'day' && name !== 'key')) {
    throw new SoriError('invalid_value', 'group_by must be day, key or day,key.', { param: 'group_by' });
  }
  return { byDay: names.includes('day'), byKey: names.includes('key') };
}
