import { z } from 'zod';
import type { ModelInfo } from '../../engine/engine.ts';
import { embeddingSpace } from '../../engine/hosted/embedding-space.ts';
import type { ListedModel } from '../origin-models.ts';

/** The fields of a model of `GET /v1/models` by which another server can clone with it. */
const clonerSchema = z.object({
  id: z.string(),
  version: z.string(),
  created: z.number(),
  task: z.literal('speech-cloning'),
  licence: z.string().optional(),
  languages: z.array(z.string()).min(1),
  cloning: z.object({
    embedding_size: z.number().int().min(1).max(4096),
    threshold: z.number(),
    revision: z.string(),
  }),
});

/**
 * Describes a cloning model that an origin lists, as the origin's own engine does.
 * @returns `undefined` for a model of another task, and for the list of an older version of Sori.
 */
export function clonerOf(listed: ListedModel | undefined): ModelInfo | undefined {
  const { data } = clonerSchema.safeParse(listed);
  if (data === undefined) return undefined;
  const { id, version, created, languages, licence, cloning } = data;
  return {
    id,
    version,
    created,
    languages,
    licence,
    fingerprint: cloning.revision,
    voices: [],
    emotions: ['neutral'],
    styleSize: cloning.embedding_size,
    styleSpace: embeddingSpace(id, version, cloning.embedding_size),
    voiceThreshold: cloning.threshold,
    statistics: {},
    stageBytes: 0,
    servedBy: 'origin',
  };
}
