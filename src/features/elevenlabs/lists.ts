import type { ModelInfo } from '../../engine/engine.ts';
import type { listVoices } from '../voices/index.ts';

type ListedVoice = Awaited<ReturnType<typeof listVoices>>[number];

/** A voice as ElevenLabs describes one. */
export function elevenLabsVoice(voice: ListedVoice) {
  const cloned = 'provenance' in voice;
  return {
    voice_id: voice.id,
    name: voice.name,
    category: cloned ? ('cloned' as const) : ('premade' as const),
    description: voice.description,
    labels: { gender: voice.sex, language: voice.language, model: voice.model },
    preview_url: null,
    is_owner: cloned,
    settings: { speed: 1 },
    samples: null,
    high_quality_base_model_ids: [voice.model],
  };
}

/** A model as ElevenLabs describes one. */
export function elevenLabsModel(model: ModelInfo, longest: number) {
  return {
    model_id: model.id,
    name: `${model.id} ${model.version}`,
    description: 'A model of this server.',
    can_do_text_to_speech: true,
    can_do_voice_conversion: false,
    can_be_finetuned: false,
    can_use_style: false,
    can_use_speaker_boost: false,
    serves_pro_voices: false,
    token_cost_factor: 1,
    maximum_text_length_per_request: longest,
    languages: model.languages.map((tag) => ({ language_id: tag, name: tag })),
  };
}
