import { z } from '@hono/zod-openapi';

/** Where a request must be done. */
export const placementHeader = {
  'X-Sori-Placement': z.enum(['edge', 'origin']).optional().openapi({
    description: 'The place where the work must be done. Default: the server chooses.',
  }),
};

/** Where it was done. */
export const placedHeader = {
  'X-Sori-Placed': {
    description: 'Where the work was done, and why: `edge; reason=small`, `origin; reason=cost`.',
    schema: { type: 'string' as const },
  },
};
