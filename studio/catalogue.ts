import { computed, signal } from '@preact/signals';
import { ApiError, askJson } from './api.ts';

/** A voice as `GET /v1/voices` lists it. */
export interface Voice {
  readonly id: string;
  readonly name: string;
  readonly sex: 'female' | 'male' | 'neutral';
  readonly language: string;
  readonly description: string;
  readonly sample: string;
  readonly model: string;
  /** Only of cloned voices; null when there is none. */
  readonly preview?: string | null;
  readonly provenance?: { readonly created: string };
}

/** A model as `GET /v1/models` lists it. */
export interface Model {
  readonly id: string;
  readonly task: string;
  readonly version: string;
  readonly languages: readonly string[];
  readonly emotions: readonly string[];
  /** Whether `diffusion_steps` gives other readings. */
  readonly samples_styles?: boolean;
  readonly hosted?: boolean;
}

/** All voices, those of the key last. */
export const voices = signal<readonly Voice[]>([]);
/** Models that speak. */
export const models = signal<readonly Model[]>([]);
/** Cloned voices of the key. */
export const ownVoices = computed(() => voices.value.filter(({ provenance }) => provenance !== undefined));

const STORED = 'sori-catalogue';

/**
 * Loads voices and models. If the server does not answer, the lists of the last visit are used: `navigator.onLine` is also true in a
 * network without internet.
 * @throws {ApiError}
 */
export async function loadCatalogue(): Promise<void> {
  try {
    const [voiceList, modelList] = await Promise.all([
      askJson<{ data: Voice[] }>('v1/voices'),
      askJson<{ data: Model[] }>('v1/models'),
    ]);
    show(voiceList.data, modelList.data);
    const shared = voiceList.data.filter(({ provenance }) => provenance === undefined);
    localStorage.setItem(STORED, JSON.stringify({ voices: shared, models: modelList.data }));
  } catch (error) {
    const stored = localStorage.getItem(STORED);
    const answered = !(error instanceof ApiError) || error.status !== 0;
    if (stored === null || answered) throw error;
    const lists = JSON.parse(stored) as { voices: Voice[]; models: Model[] };
    show(lists.voices, lists.models);
  }
}

function show(voiceList: Voice[], modelList: Model[]): void {
  models.value = modelList.filter(({ task }) => task === 'speech');
  const speaking = new Set(models.value.map(({ id }) => id));
  voices.value = voiceList.filter(({ model }) => speaking.has(model));
}

/** Whether a voice is a cloned one. */
export function isCloned(id: string): boolean {
  return ownVoices.value.some((voice) => voice.id === id);
}
