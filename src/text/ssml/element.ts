import type { Delivery, PausesBySign, Section } from '../script.ts';
import type { Span, SpeechControls } from '../types.ts';
import { Unreadable } from './place.ts';
import type { ProsodyPlace } from './prosody.ts';
import type { ScriptBuilder } from './script-builder.ts';

/** Attributes of an element by the names under which they are written. */
export type Attributes = ReadonlyMap<string, string>;

/** Settings around an element, and the function that reports markup without effect. */
export type Context = ProsodyPlace;

/** Output of an element with its own reading. */
export interface Place extends Context {
  readonly builder: ScriptBuilder;
  /** Its text in the input; the whole element if there is none. */
  readonly span: Span;
  readonly delivery: Delivery;
  /** Set in Korean text: the text right after it, up to the next space or tag. */
  readonly koreanBefore?: string;
  /** Reads its text unchanged. */
  asText(): void;
  /** Makes a pause of so many ms. */
  pause(ms: number): void;
}

/**
 * Behaviour of an SSML element. A function may throw {@link Unreadable}: then the element has no effect, its text is spoken as it is, and
 * the message is a warning. In strict mode it is an error.
 */
export interface Element {
  /** Attributes that have an effect, or need none. */
  readonly attributes: readonly string[];
  /** Those that it has to have. */
  readonly required?: readonly string[];
  /** Reports what of the element as a whole has no effect. */
  readonly ignored?: (attributes: Attributes, context: Context) => void;
  /** Elements inside are not reported; its text is read unchanged. */
  readonly opaque?: boolean;
  /** It can hold no text. */
  readonly empty?: boolean;
  /** Sentences end where it begins and ends. */
  readonly sentence?: boolean;
  /** Words end where it begins and ends. */
  readonly word?: boolean;
  /** Its changes of voice and language. */
  readonly section?: (attributes: Attributes, context: Context) => Section | undefined;
  /** Its changes of prosody. */
  readonly controls?: (attributes: Attributes, context: Context) => SpeechControls;
  /** Its other changes to the delivery of its text. */
  readonly delivery?: (attributes: Attributes, context: Context) => Partial<Delivery>;
  /** Length of the pause that it makes, in ms. */
  readonly pause?: (attributes: Attributes, context: Context) => number | undefined;
  /** Pauses that it sets for the voice element around it. */
  readonly voicePauses?: (attributes: Attributes, context: Context) => VoicePauses;
  /** Name of the place that it marks. */
  readonly mark?: (attributes: Attributes) => string;
  /** Words that it gives a pronunciation, and the name by which `lookup` refers to them. */
  readonly lexicon?: (attributes: Attributes, context: Context) => Lexicon | undefined;
  /** Name of the lexicon that applies inside. */
  readonly lookup?: (attributes: Attributes) => string;
  /** It holds text only, and speaks it in its own way. */
  readonly speak?: (attributes: Attributes, text: string, place: Place) => void;
}

/** A pronunciation lexicon of a document. */
export interface Lexicon {
  /** Absent if it applies to the whole document. */
  readonly id?: string;
  readonly lexemes: readonly Lexeme[];
}

/** A word and how it is spoken: its symbols, or text that is read in its place. */
export interface Lexeme {
  readonly grapheme: string;
  readonly spoken: { readonly words: readonly (readonly string[])[] } | { readonly alias: string };
}

/** Pauses of a voice element: at its end, and at its sentences' ends and signs. In ms. */
export interface VoicePauses {
  readonly leading?: number;
  readonly tailing?: number;
  readonly bySign?: PausesBySign;
}

/** Longest name of a mark, a voice or a style. */
const MAX_NAME = 200;
const LANGUAGE_TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/;

/** The value of an attribute that names something. */
export function named(attributes: Attributes, attribute: string): string {
  const name = attributes.get(attribute)!.trim();
  if (name.length > MAX_NAME) throw new Unreadable(`${attribute} is longer than ${MAX_NAME} characters.`);
  return name;
}

/** The language that an attribute states. One that is no language tag is reported and has no effect. */
export function languageOf(
  attributes: Attributes,
  { report }: Pick<Context, 'report'>,
  attribute = 'xml:lang',
): Section | undefined {
  const language = attributes.get(attribute)?.trim();
  if (language === undefined || language === '') return undefined;
  if (LANGUAGE_TAG.test(language)) return { language };
  const shown = language.length > 60 ? `${language.slice(0, 60)}…` : language;
  report(
    'ignored_value',
    `${attribute} "${shown}" is not a language tag such as en-US.`,
    'The language stays as it is.',
  );
  return undefined;
}
