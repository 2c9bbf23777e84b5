import { z } from '@hono/zod-openapi';
import { formatByName } from '../audio/format-names.ts';

/**
 * Reads a format by any of its names before a schema checks it: `MP4` and `audio/mp4` are `m4a`.
 * @param schema of one of `AUDIO_FORMATS`, perhaps with more words.
 */
export function namedFormat<T extends z.ZodType>(schema: T) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? (formatByName(value) ?? value) : value),
    schema,
  );
}
