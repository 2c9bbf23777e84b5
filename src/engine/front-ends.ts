import type { Manifest } from '../shards/manifest.ts';
import { createFrontEnd, type FrontEnd } from '../text/frontend.ts';
import { findLanguage, isBritish, primarySubtag, unsupportedLanguage } from '../text/language.ts';
import type { OpenModel } from './model-host.ts';

/** Opens text front ends on first use and keeps them while their model's version is in use. */
export class FrontEnds {
  readonly #open = new WeakMap<Manifest, Map<string, FrontEnd>>();

  /**
   * Opens the front ends of all languages of a model.
   * @throws {SoriError} `model_unavailable`.
   */
  async all(model: OpenModel, signal?: AbortSignal): Promise<void> {
    const languages = Object.keys(model.manifest.lexicons);
    await Promise.all(languages.map((language) => this.get(model, language, signal)));
  }

  /**
   * The front end for a BCP 47 tag; accents share their language's, British English and Korean that of English.
   * @throws {SoriError} `unsupported_language`, `model_unavailable`.
   */
  async get(model: OpenModel, tag: string, signal?: AbortSignal): Promise<FrontEnd> {
    const { manifest } = model;
    const languages = Object.keys(manifest.lexicons);
    // Korean needs no data of its own; the English in it does.
    const isKorean = primarySubtag(tag) === 'ko' && findLanguage(manifest.languages, tag) >= 0;
    const known = isKorean || isBritish(tag) ? 'en' : tag;
    const language = languages[findLanguage(languages, known)];
    if (language === undefined) throw unsupportedLanguage(manifest, tag);
    const byLanguage = this.#open.get(manifest) ?? new Map<string, FrontEnd>();
    this.#open.set(manifest, byLanguage);
    const open = byLanguage.get(language);
    if (open) return open;
    // Share only finished front ends: a promise would end with the request that made it.
    const lexicon = manifest.lexicons[language];
    const accent = primarySubtag(language) === 'en' ? manifest.lexicons['en-GB'] : undefined;
    const [dictionary, fallback, british] = await Promise.all([
      model.file(lexicon.dictionary, signal),
      lexicon.fallback && model.file(lexicon.fallback, signal),
      accent && model.file(accent.dictionary, signal),
    ]);
    const frontEnd = createFrontEnd({
      dictionary,
      fallback,
      british,
      phonemes: manifest.phonemes,
      languages: manifest.languages,
    });
    byLanguage.set(language, frontEnd);
    return frontEnd;
  }
}
