import { z } from '@hono/zod-openapi';

/**
 * Schema of a page of a list.
 * @param item schema of an entry.
 * @param name of the schema in the OpenAPI document.
 */
export function pageSchema<T extends z.ZodType>(item: T, name: string) {
  return z
    .object({
      object: z.literal('list'),
      data: z.array(item),
      has_more: z.boolean(),
      next: z.string().nullable().openapi({ description: 'Value for `after` of the next page.' }),
    })
    .openapi(name);
}
