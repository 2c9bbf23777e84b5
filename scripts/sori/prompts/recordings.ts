import type { PromptAnswer } from '../../../src/features/prompts/answer.ts';
import { DEFAULT_LOCALE, type PromptDefinition } from '../../../src/features/prompts/catalogue/definition.ts';
import type { SoriClient } from '../client.ts';

/** Audio of a prompt in one locale. */
export interface Recording {
  /** Of the prompt. */
  readonly name: string;
  /** BCP 47 tag; `undefined` for the default recording. */
  readonly locale: string | undefined;
  /** Language: the locale, or that of the definition or its voice. */
  readonly language: string;
  /** The text, as written. */
  readonly text: string;
  readonly voice: string;
  readonly key: string;
  readonly seconds: number;
  /** LUFS; null if it is too quiet to measure. */
  readonly loudness: number | null;
  readonly version: number;
  readonly stale: boolean;
  readonly tags: readonly string[];
  readonly formats: PromptAnswer['formats'];
}

/** Language of a voice, by its name. */
export type VoiceLanguages = ReadonlyMap<string, string>;

/** Languages of the server's voices. */
export async function voiceLanguages(client: SoriClient): Promise<VoiceLanguages> {
  const { data } = await client.json<{ data: { id: string; language: string }[] }>('GET', '/v1/voices');
  return new Map(data.map(({ id, language }) => [id, language]));
}

/**
 * The recordings of prompts, in the order of names and locales.
 * @param locale only this locale; `default` selects the default recordings.
 */
export function recordingsOf(
  prompts: readonly PromptAnswer[],
  languages: VoiceLanguages,
  locale?: string,
): Recording[] {
  return prompts.flatMap(({ name, version, stale, formats, audio, definition = {} }) =>
    Object.entries(audio)
      .filter(([tag]) => locale === undefined || tag === locale)
      .sort(([one], [other]) => order(one, other))
      .map(([tag, { key, seconds, loudness, voice }]): Recording => {
        const isDefault = tag === DEFAULT_LOCALE;
        const said: PromptDefinition = isDefault
          ? definition
          : { ...definition, ...definition.locales?.[tag] };
        return {
          name,
          locale: isDefault ? undefined : tag,
          language: isDefault ? (definition.language ?? languageOf(voice, languages)) : tag,
          text: said.input ?? '',
          voice,
          key,
          seconds,
          loudness,
          version,
          stale,
          tags: definition.tags ?? [],
          formats,
        };
      }),
  );
}

/** A mix speaks the language of its first voice. */
function languageOf(voices: string, languages: VoiceLanguages): string {
  return languages.get(voices.split(',')[0]) ?? 'en';
}

function order(one: string, other: string): number {
  if (one === DEFAULT_LOCALE || other === DEFAULT_LOCALE) return one === DEFAULT_LOCALE ? -1 : 1;
  return one < other ? -1 : 1;
}
