import { z } from '@hono/zod-openapi';
import { MAX_WARNINGS, WARNING_CODES } from '../../text/warnings.ts';
import { IGNORED_HEADER } from './ignored.ts';

/** A warning, as JSON answers hold it. */
export const warningSchema = z
  .object({
    code: z.enum(WARNING_CODES).openapi({ description: 'Stable; programs decide by this.' }),
    message: z.string().openapi({ description: 'What has no effect, and what happens in its place.' }),
    param: z.string().openapi({ description: 'The request field that holds it.' }),
    position: z
      .object({
        offset: z.number().int().openapi({ description: 'UTF-16 code units, from 0.' }),
        line: z.number().int().openapi({ description: 'From 1.' }),
        column: z.number().int().openapi({ description: 'From 1.' }),
      })
      .optional()
      .openapi({ description: 'Where it stands in that field.' }),
  })
  .openapi('Warning', {
    description: `What was accepted and is not spoken as it asks. At most ${MAX_WARNINGS} are listed; a last one, \`more_warnings\`, says how many there are besides.`,
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
      'What of the request was accepted and has no effect, or another one than it asks for: a list of warning codes (RFC 8941), each with line and column in `input`, or with the field as `param`. At most 700 characters. `strict` makes an error of what the SSML asks for.',
    schema: { type: 'string' as const },
    example: 'unknown_voice;line=2;column=5, ignored_element;line=3;column=7',
  },
};
