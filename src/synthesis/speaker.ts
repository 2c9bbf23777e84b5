import { SoriError } from '../base/errors.ts';
import type { Manifest } from '../shards/manifest.ts';
import { findLanguage, primarySubtag, unsupportedLanguage } from '../text/language.ts';
import { emotionOfStyle } from '../text/ssml/styles.ts';
import type { Utterance } from '../text/types.ts';
import { WARNING_CODES, type Warnings } from '../text/warnings.ts';
import { resolveStyleOptions, type StyleOptions } from './style/options.ts';
import { type Clones, resolveVoice, type VoiceStyle, voiceNamed } from './style/voice.ts';

/** Voice and style of an utterance. Utterances that share a voice or style share the object. */
export interface Speaker {
  readonly voice: VoiceStyle;
  /** Index in the manifest's `languages`. */
  readonly language: number;
  readonly style: StyleOptions;
}

/** Speaker settings of a request; markup may override them for an utterance. */
export interface SpeakerRequest extends StyleOptions {
  /** Voice ids and weights. */
  readonly voice: Readonly<Record<string, number>>;
  /** Raw style vector [S] that takes the voice's place. */
  readonly reference?: Float32Array;
  /** Raw style vectors [S] of voices that the model does not have itself, by id; `voice` and markup may name them. */
  readonly clones?: Clones;
  /** BCP 47. */
  readonly language: string;
}

/**
 * Selects the voice, style and language of each utterance, and validates them before any work is done.
 * @param warnings collects unsupported voices, emotions and languages of the markup, which are replaced by those of the request. Without
 *   it, or in strict mode, they are errors.
 * @returns one speaker per utterance.
 * @throws {SoriError} `unknown_voice`, `unknown_emotion`, `unsupported_language`, `invalid_style`, `invalid_value`,
 *   `conflicting_parameters`; `param` is `input` where markup is at fault.
 */
export function resolveSpeakers(
  manifest: Manifest,
  utterances: readonly Utterance[],
  { voice, reference, clones, language, ...style }: SpeakerRequest,
  warnings?: Warnings,
): Speaker[] {
  const own = { voice: ownVoice(manifest, voice, reference, clones), style };
  resolveStyleOptions(manifest, style);
  const voices = new Map<string, VoiceStyle>();
  const styles = new Map<string, StyleOptions>();
  const ownLanguage = indexOf(manifest, language, 'language');
  const markup = new MarkupSpeaker(manifest, warnings);
  return utterances.map((utterance) => {
    const { emotion, span } = utterance;
    return {
      voice:
        utterance.voice === undefined
          ? own.voice
          : remember(voices, utterance.voice, (name) =>
              reference && markup.lenient
                ? markup.besidesReference(own.voice, span.start)
                : markup.voice(name, clones, own.voice, span.start),
            ),
      style:
        emotion === undefined
          ? own.style
          : remember(styles, JSON.stringify(emotion), () => markup.style(emotion, style, span.start)),
      language: markup.language(utterance, language) ?? ownLanguage,
    };
  });
}

/** The voice that markup names, if the model has it; otherwise the request's, with a warning. */
class MarkupSpeaker {
  readonly #manifest: Manifest;
  readonly #warnings: Warnings | undefined;

  constructor(manifest: Manifest, warnings: Warnings | undefined) {
    this.#manifest = manifest;
    this.#warnings = warnings;
  }

  get lenient(): boolean {
    return this.#warnings !== undefined && !this.#warnings.strict;
  }

  /** The voice of a name, or of the first known name in a list separated by spaces. */
  voice(name: string, clones: Clones | undefined, own: VoiceStyle, offset: number): VoiceStyle {
    const known = (id: string) =>
      voiceNamed(this.#manifest, id) !== undefined || Object.hasOwn(clones ?? {}, id);
    const id = known(name) ? name : (name.split(/\s+/).find(known) ?? name);
    const resolve = () => resolveVoice(this.#manifest, { [id]: 1 }, clones);
    return this.#orWarn(resolve, own, offset, 'The voice of the request speaks.');
  }

  /** A recording or a style id takes the place of all voices. */
  besidesReference(own: VoiceStyle, offset: number): VoiceStyle {
    const message = 'The style of the request takes the place of the voice that the markup names.';
    this.#warnings?.add('ignored_element', message, offset);
    return own;
  }

  /** The emotion of that name; outside of strict mode a speaking style of another service becomes the emotion that is nearest to it. */
  style(named: NonNullable<Utterance['emotion']>, own: StyleOptions, offset: number): StyleOptions {
    const emotion = this.lenient ? this.#nearest(named, offset) : named;
    const resolve = () => checked(this.#manifest, { ...own, emotion });
    return this.#orWarn(resolve, own, offset, 'The text is spoken as the request says.');
  }

  #nearest(named: NonNullable<Utterance['emotion']>, offset: number): NonNullable<Utterance['emotion']> {
    return Object.fromEntries(
      Object.entries(named).map(([style, weight]) => {
        const emotion = emotionOfStyle(style, this.#manifest.emotions) ?? style;
        if (emotion !== style) {
          const message = `The model has no style '${style.slice(0, 60)}'. It is spoken as the emotion '${emotion}'.`;
          this.#warnings?.add('approximated', message, offset);
        }
        return [emotion, weight];
      }),
    );
  }

  /** The language that markup names, else that of the voice that it names if it is an accent of the request's. */
  language(utterance: Utterance, language: string): number | undefined {
    const manifest = this.#manifest;
    const named = utterance.language;
    if (named !== undefined) {
      const instead = 'The text is spoken in the language of the request.';
      return this.#orWarn(() => indexOf(manifest, named, 'input'), undefined, utterance.span.start, instead);
    }
    const accent =
      utterance.voice === undefined ? undefined : voiceNamed(manifest, utterance.voice)?.language;
    if (accent === undefined || primarySubtag(accent) !== primarySubtag(language)) return undefined;
    return indexOf(manifest, accent, 'input');
  }

  /**
   * Returns the result of `resolve`, or `otherwise` with a warning.
   * @throws {SoriError} in strict mode, with `input` as its field.
   */
  #orWarn<T>(resolve: () => T, otherwise: T, offset: number, instead: string): T {
    try {
      return resolve();
    } catch (cause) {
      if (!(cause instanceof SoriError)) throw cause;
      if (!this.lenient) throw new SoriError(cause.code, cause.message, { param: 'input', cause });
      const known = WARNING_CODES.find((code) => code === cause.code) ?? 'ignored_value';
      this.#warnings?.add(known, `${cause.message} ${instead}`, offset);
      return otherwise;
    }
  }
}

function ownVoice(
  manifest: Manifest,
  voice: SpeakerRequest['voice'],
  reference: Float32Array | undefined,
  clones: Clones | undefined,
): VoiceStyle {
  if (!reference) return resolveVoice(manifest, voice, clones);
  if (reference.length === manifest.styleSize && reference.every(Number.isFinite)) {
    return { style: reference, pitchRange: 1 };
  }
  const message = `A style of model '${manifest.name}' is ${manifest.styleSize} finite numbers.`;
  throw new SoriError('invalid_style', message, { param: 'style' });
}

function indexOf(manifest: Manifest, tag: string, param: string): number {
  const index = findLanguage(manifest.languages, tag);
  if (index < 0) throw unsupportedLanguage(manifest, tag, param);
  return index;
}

function checked(manifest: Manifest, style: StyleOptions): StyleOptions {
  resolveStyleOptions(manifest, style);
  return style;
}

function remember<T>(known: Map<string, T>, key: string, make: (key: string) => T): T {
  const value = known.get(key) ?? make(key);
  known.set(key, value);
  return value;
}
