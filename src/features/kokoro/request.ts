import type { AskedSpeech } from '../speech/index.ts';

/** Kokoro's codes of languages that a front end may read. */
const LANGUAGES: Readonly<Record<string, string>> = { a: 'en', b: 'en-GB', k: 'ko' };
/** The first two letters of Kokoro's voices: language and sex. */
const FEMALE = /^[a-z]f_/;
const MALE = /^[a-z]m_/;

/** A language as Kokoro names it, `a`, or as BCP 47. */
export function languageOf(code: unknown): unknown {
  return typeof code === 'string' && Object.hasOwn(LANGUAGES, code) ? LANGUAGES[code] : code;
}

/**
 * Converts fields of a Kokoro-FastAPI request. `kokoro` names the model only where this server has it, and its voices mean voices of the
 * same sex elsewhere.
 * @param models names of this server's models.
 */
export function fieldsOf(given: Readonly<Record<string, unknown>>, models: readonly string[]): AskedSpeech {
  const { lang_code, model, voice, ...fields } = given;
  const here = typeof model === 'string' && models.includes(model);
  const foreign = model === undefined || model === 'kokoro';
  return {
    fields: {
      ...fields,
      model: here || !foreign ? model : undefined,
      voice: here || !foreign ? voice : voiceOf(voice),
      ...(lang_code !== undefined && { language: languageOf(lang_code) }),
    },
  };
}

function voiceOf(voice: unknown): unknown {
  if (typeof voice !== 'string') return voice;
  return FEMALE.test(voice) ? 'nova' : MALE.test(voice) ? 'onyx' : voice;
}
