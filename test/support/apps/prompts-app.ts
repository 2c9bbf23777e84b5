import type { AppDependencies } from '../../../src/app.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { Database } from '../../../src/database/database.ts';
import type { PromptAnswer } from '../../../src/features/prompts/answer.ts';
import type { EdgeCache } from '../../../src/library/edge-cache.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { TONE_MODEL, type ToneOptions, toneEngine } from '../../fixtures/tone-engine.ts';

/** The database and the store of a test of prompts. */
export interface PromptPlaces {
  readonly database: Database;
  readonly store: AudioStore;
}

/** A prompt that the tone engine speaks. */
export const TABLE = { input: 'Your table is ready.', model: 'tone-1', voice: 'hazel' };

/** An app with a catalogue, and a tone for a voice. */
export function promptsApp(
  { database, store }: PromptPlaces,
  options: ToneOptions = {},
  deps: Partial<AppDependencies> = {},
) {
  const tone = toneEngine(options);
  const purged: { tags: readonly string[]; urls: readonly string[] }[] = [];
  const edgeCache: EdgeCache = {
    automatic: true,
    match: async () => undefined,
    put: async () => {},
    purge: async (tags, urls) => void purged.push({ tags, urls }),
  };
  const library = createAudioLibrary({ store, createEncoder, retryAfterMs: [0, 0] });
  const app = createApp({
    access: 'off',
    engine: tone.engine,
    createEncoder,
    library,
    database,
    edgeCache,
    ...deps,
  });
  const request = async (path: string, init?: RequestInit): Promise<Response> => app.request(path, init);
  const put = (
    name: string,
    definition: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) =>
    request(`/v1/prompts/${name}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(definition),
      signal,
    });
  return {
    request,
    tone,
    purged,
    put,
    /** Stores a valid prompt and returns the parsed answer. */
    async bake(name: string, definition: object = TABLE): Promise<PromptAnswer> {
      const response = await put(name, definition);
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as PromptAnswer;
    },
    delete: (name: string, headers: Record<string, string> = {}) =>
      request(`/v1/prompts/${name}`, { method: 'DELETE', headers }),
  };
}

/** The tone engine's model as another build of it, under the same name. */
export const renewedModel = (build: string) => ({ ...TONE_MODEL, fingerprint: build.padEnd(64, '0') });
