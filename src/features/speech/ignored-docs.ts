import { z } from '@hono/zod-openapi';
import { MAX_WARNINGS, WARNING_CODES } from '../../text/warnings.ts';
import { IGNORED_HEADER } from './ignored.ts';

/** A warning, as JSON answers hold it. */
export const warningSchema = z
  .object({
    code: z.enum(WARNING_CODES).openapi({ description: 'Stable code for programs.' }),
    message: z.string().openapi({ description: 'What has no effect, and what happens instead.' }),
    param: z.string().openapi({ description: 'The request field.' }),
    position: z
      .object({
        offset: z.number().int().openapi({ description: 'UTF-16 code units, from 0.' }),
        line: z.number().int().openapi({ description: 'From 1.' }),
        column: z.number().int().openapi({ description: 'From 1.' }),
      })
      .optional()
      .openapi({ description: 'Position in that field.' }),
  })
  .openapi('Warning', {
    description: `Parts that have no effect or another one. At most ${MAX_WARNINGS} are listed; a last one, \`more_warnings\`, has the number of others.`,
    example: {
      code: 'unknown_voice',
      message: "Unknown voice 'Joanna'. Model 'sori-2' has: hazel, clara. The voice of the request speaks.",
      param: 'input',
      position: { offset: 28, line: 1, column: 29 },
    },
  });

/** {@link IGNORED_HEADER} of an answer. */
export const ignoredHeaderDocs = {
  [IGNORED_HEADER]: {
    description:
      'Parts of the request that have no effect or another one: a list of warning codes (RFC 8941), each with line and column in `input`, or with the request field as `param`. At most 700 characters. `strict` makes an error of unknown fields and of the first warning.',
    schema: { type: 'string' as const },
    example: 'unknown_voice;line=2;column=5, ignored_element;line=3;column=7',
  },
};
