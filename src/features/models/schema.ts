import { z } from '@hono/zod-openapi';
import { TASKS } from '../../models/tasks.ts';

/** A model, as it is listed. */
export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int().openapi({ description: 'Seconds since the epoch.' }),
    owned_by: z.string(),
    version: z.string(),
    task: z.enum(TASKS).openapi({ description: 'Task of the model.' }),
    served_by: z.enum(['edge', 'origin']).openapi({ description: 'Where it runs.' }),
    hosted: z.boolean().optional().openapi({ description: 'Whether it is a model of another maker.' }),
    licence: z.string().optional().openapi({ description: 'Licence of a model of another maker.' }),
    languages: z.array(z.string()).openapi({ description: 'BCP 47.' }),
    voices: z.array(z.string()).openapi({ description: 'Ids of its voices.' }),
    emotions: z
      .array(z.string())
      .openapi({ description: 'Emotions that a request may use; the first is neutral.' }),
    samples_styles: z.boolean().optional().openapi({
      description: 'Whether `diffusion_steps` gives other readings of a text. Absent if it has no effect.',
    }),
    cloning: z
      .object({
        embedding_size: z.number().int().openapi({ description: 'Numbers in the vector of a voice.' }),
        threshold: z.number().openapi({
          description: 'Cosine of two vectors from which their recordings count as of one speaker.',
        }),
        revision: z.string().openapi({ description: 'Changes with everything that changes the sound.' }),
      })
      .optional()
      .openapi({ description: 'Of a model of the task `speech-cloning`.' }),
  })
  .openapi('Model', {
    example: {
      id: 'sori-2',
      object: 'model',
      created: 1795219200,
      owned_by: 'sori',
      version: '2.0.0',
      task: 'speech',
      served_by: 'edge',
      languages: ['en', 'en-AU'],
      voices: ['hazel', 'clara', 'toby'],
      emotions: ['neutral', 'happy', 'sad', 'angry', 'fearful', 'surprised', 'calm'],
    },
  });

/** All models. */
export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) });

/** A parsed {@link modelSchema}. */
export type ModelBody = z.infer<typeof modelSchema>;
