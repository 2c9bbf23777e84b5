import { SoriError } from '../base/errors.ts';
import type { Manifest } from '../shards/manifest.ts';
import { findLanguage, primarySubtag, unsupportedLanguage } from '../text/language.ts';
import type { Utterance } from '../text/types.ts';
import { resolveStyleOptions, type StyleOptions } from './style/options.ts';
import { type Clones, resolveVoice, type VoiceStyle } from './style/voice.ts';

/** Who speaks an utterance, and how. Utterances that share a voice or style share the object. */
export interface Speaker {
  readonly voice: VoiceStyle;
  /** Index in the manifest's `languages`. */
  readonly language: number;
  readonly style: StyleOptions;
}

/** What a request says of its speaker; markup may say otherwise for an utterance. */
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
 * Decides who speaks each utterance, and checks everything about it before any work is done.
 * @returns one speaker per utterance.
 * @throws {SoriError} `unknown_voice`, `unknown_emotion`, `unsupported_language`, `invalid_style`, `invalid_value`, `conflicting_parameters`;
 * `param` is `input` where markup is at fault.
 */
export function resolveSpeakers(
  manifest: Manifest,
  utterances: readonly Utterance[],
  { voice, reference, clones, language, ...style }: SpeakerRequest,
): Speaker[] {
  const own = { voice: ownVoice(manifest, voice, reference, clones), style };
  resolveStyleOptions(manifest, style);
  const voices = new Map<string, VoiceStyle>();
  const styles = new Map<string, StyleOptions>();
  const ownLanguage = indexOf(manifest, language, 'language');
  return utterances.map((utterance) => {
    const { emotion } = utterance;
    return {
      voice:
        utterance.voice === undefined
          ? own.voice
          : remember(voices, utterance.voice, (id) =>
              blaming(() => resolveVoice(manifest, { [id]: 1 }, clones)),
            ),
      style:
        emotion === undefined
          ? own.style
          : remember(styles, JSON.stringify(emotion), () =>
              blaming(() => checked(manifest, { ...style, emotion })),
            ),
      language: utteranceLanguage(manifest, utterance, language) ?? ownLanguage,
    };
  });
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

/** What markup names, else the language of the voice that it names if that is an accent of the request's. */
function utteranceLanguage(manifest: Manifest, utterance: Utterance, language: string): number | undefined {
  if (utterance.language !== undefined) return indexOf(manifest, utterance.language, 'input');
  const accent = manifest.voices.find(({ id }) => id === utterance.voice)?.language;
  if (accent === undefined || primarySubtag(accent) !== primarySubtag(language)) return undefined;
  return indexOf(manifest, accent, 'input');
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

/** The same refusal, of the field that holds the markup. */
function blaming<T>(resolve: () => T): T {
  try {
    return resolve();
  } catch (cause) {
    if (!(cause instanceof SoriError)) throw cause;
    throw new SoriError(cause.code, cause.message, { param: 'input', cause });
  }
}
