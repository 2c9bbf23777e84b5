import { z } from 'zod';
import type { AudioMeta } from '../../library/store.ts';

/** Header with the metadata of stored audio, from which an edge can make every format of an origin's audio. */
export const META_HEADER = 'X-Sori-Audio';

/** Private audio has more metadata and is never transferred. */
const metaSchema = z.strictObject({
  model: z.string().min(1).max(256),
  voice: z.string().max(4096),
  samples: z.number().int().min(0),
  long: z.boolean(),
  characters: z.number().int().min(0),
  telephonyLoudness: z.number().nullable(),
  steady: z.boolean().optional(),
  loudness: z.number().nullable(),
  ignored: z.string().max(1024).optional(),
  licence: z.string().max(256).optional(),
});

/** Header values are ASCII, but voices may have any name. */
export function writeMeta(meta: AudioMeta): string {
  return encodeURIComponent(JSON.stringify(meta));
}

/** @returns `undefined` for a missing or malformed header, and for private audio. */
export function readMeta(headers: Headers): AudioMeta | undefined {
  try {
    return metaSchema.parse(JSON.parse(decodeURIComponent(headers.get(META_HEADER) ?? '')));
  } catch {
    return undefined;
  }
}
