import { z } from '@hono/zod-openapi';

/** Where a request must be done. */
export const placementHeader = {
  'X-Sori-Placement': z.enum(['edge', 'origin']).optional().openapi({
    description: 'Where it must be done; default: where it is done best.',
  }),
};

/** Where it was done. */
export const placedHeader = {
  'X-Sori-Placed': {
    description: 'Where it was done, and why: `edge; reason=small`, `origin; reason=cost`.',
    schema: { type: 'string' as const },
  },
};
