import { z } from 'zod';
import type { AudioMeta } from '../../library/store.ts';

/** Header by which an origin tells an edge what is kept beside audio: with it the edge can make every format that the origin can. */
export const META_HEADER = 'X-Sori-Audio';

/** Audio that is somebody's own has more than this, and is not handed about. */
const metaSchema = z.strictObject({
  model: z.string().min(1).max(256),
  voice: z.string().max(4096),
  samples: z.number().int().min(0),
  long: z.boolean(),
  characters: z.number().int().min(0),
  telephonyLoudness: z.number().nullable(),
  loudness: z.number().nullable(),
});

/** Header values are ASCII; voices may be called anything. */
export function writeMeta(meta: AudioMeta): string {
  return encodeURIComponent(JSON.stringify(meta));
}

/** @returns `undefined` for none, what is no such thing, and audio that is somebody's own. */
export function readMeta(headers: Headers): AudioMeta | undefined {
  try {
    return metaSchema.parse(JSON.parse(decodeURIComponent(headers.get(META_HEADER) ?? '')));
  } catch {
    return undefined;
  }
}
