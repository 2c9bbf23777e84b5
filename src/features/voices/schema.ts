import { z } from '@hono/zod-openapi';
import type { ModelInfo, Voice } from '../../engine/engine.ts';
import { homeOf } from '../../placement/placed-header.ts';
import { openAiNamesOf } from '../speech/index.ts';
import { PREVIEW_TEXT } from './clone.ts';
import type { VoiceDependencies } from './dependencies.ts';
import type { ClonedVoice, ConsentRecord } from './voice.ts';

const example = {
  id: 'hazel',
  object: 'voice' as const,
  name: 'Hazel',
  sex: 'female' as const,
  language: 'en-US',
  description: 'Calm and clear.',
  sample: 'Good morning, and thank you for calling.',
  model: 'sori-2',
  served_by: 'edge' as const,
  openai_names: ['alloy', 'verse'],
};

/** A voice of a model. */
export const voiceSchema = z
  .object({
    id: z.string(),
    object: z.literal('voice'),
    name: z.string(),
    sex: z.enum(['female', 'male', 'neutral']),
    language: z.string().openapi({ description: 'BCP 47.' }),
    description: z.string(),
    sample: z.string().openapi({ description: 'A sample sentence of the voice.' }),
    model: z.string().openapi({ description: 'The model of the voice.' }),
    served_by: z.enum(['edge', 'origin']).openapi({ description: 'Where its model runs.' }),
    openai_names: z.array(z.string()).openapi({ description: 'OpenAI names of this voice.' }),
    former_names: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Names of voices of earlier models that now mean this voice.' }),
  })
  .openapi('Voice', { example });

/** A speaker's consent, as answered. */
export const consentRecordSchema = z.object({
  kind: z.enum(['recording', 'statement']),
  text: z.string().openapi({ description: 'The sentence or the statement.' }),
  signed_by: z.string().nullable().openapi({ description: 'Who made the statement.' }),
  sha256: z.string().nullable().openapi({ description: 'Hex SHA-256 of the consent recording.' }),
  score: z
    .number()
    .nullable()
    .openapi({ description: 'Cosine similarity of the consent recording and the voice.' }),
  words_checked: z.boolean().openapi({
    description:
      'Whether a recognizer has checked the words of the sentence. The speaker is always compared.',
  }),
});

const provenanceSchema = z.object({
  recordings: z.array(
    z.object({
      sha256: z.string().openapi({ description: 'Hex SHA-256 of the file.' }),
      seconds: z.number(),
      url: z.string().nullable().openapi({ description: 'Where it is stored; null if it is not.' }),
    }),
  ),
  consent: consentRecordSchema,
  created: z.string().openapi({ description: 'ISO 8601.' }),
  key: z.string().openapi({ description: 'Id of the API key that made it.' }),
});

/** A voice cloned from recordings. */
export const clonedVoiceSchema = voiceSchema
  .extend({
    preview: z.string().nullable().openapi({ description: 'Path of the preview; needs the owner’s key.' }),
    provenance: provenanceSchema,
  })
  .openapi('ClonedVoice', {
    example: {
      ...example,
      id: 'vce_4f9k2mqx7pzh4f9k2mqx7pzh4f',
      name: 'Ana',
      sex: 'neutral',
      openai_names: [],
      preview: '/audio/6f1e….mp3',
      provenance: {
        recordings: [{ sha256: '9f86…', seconds: 6.4, url: null }],
        consent: {
          kind: 'recording',
          text: 'I am the speaker of these recordings, …',
          signed_by: null,
          sha256: '2c26…',
          score: 0.84,
          words_checked: false,
        },
        created: '2026-11-21T12:00:00.000Z',
        key: '4f9K2mQx7PzL',
      },
    },
  });

/** A voice as answered. */
export type VoiceAnswer = z.infer<typeof voiceSchema>;
/** A cloned voice as answered. */
export type ClonedVoiceAnswer = z.infer<typeof clonedVoiceSchema>;

/** Converts a model's voice to its JSON. */
export function voiceAnswer(deps: VoiceDependencies, model: ModelInfo, voice: Voice): VoiceAnswer {
  const { formerly, ...described } = voice;
  return {
    ...described,
    object: 'voice',
    model: model.id,
    served_by: model.servedBy ?? homeOf(deps),
    openai_names: openAiNamesOf(model, voice),
    ...(formerly && { former_names: [...formerly] }),
  };
}

/** Where the model of a cloned voice runs. A model that this server does not have is one of its origins. */
function placeOf(deps: VoiceDependencies, model: string): VoiceAnswer['served_by'] {
  const hosted = deps.hosted?.list('speech-cloning').some(({ id }) => id === model);
  return hosted || !deps.engine.names.includes(model) ? 'origin' : homeOf(deps);
}

/** Converts a cloned voice to its JSON. */
export function clonedVoiceAnswer(deps: VoiceDependencies, voice: ClonedVoice): ClonedVoiceAnswer {
  const { id, name, description, language, model, preview, created, provenance } = voice;
  const { recordings, consent, key } = provenance;
  return {
    id,
    object: 'voice',
    name,
    // The speaker's sex is not recorded.
    sex: 'neutral',
    language,
    description,
    sample: PREVIEW_TEXT,
    model,
    served_by: placeOf(deps, model),
    openai_names: [],
    preview: preview && `/audio/${preview}.mp3`,
    provenance: {
      recordings: recordings.map(({ sha256, seconds, kept }) => {
        return { sha256, seconds, url: kept === undefined ? null : `/audio/${kept}.wav` };
      }),
      consent: consentAnswer(consent),
      created: created.toISOString(),
      key,
    },
  };
}

/** Converts the record of a consent to its JSON. */
export function consentAnswer(consent: ConsentRecord): z.infer<typeof consentRecordSchema> {
  return {
    kind: consent.kind,
    text: consent.text,
    signed_by: consent.signedBy ?? null,
    sha256: consent.sha256 ?? null,
    score: consent.score ?? null,
    words_checked: consent.wordsChecked ?? false,
  };
}
