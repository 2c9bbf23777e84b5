import { parseIpa } from '../ipa.ts';
import type { Delivery, Section } from '../script.ts';
import type { Span, SpeechControls } from '../types.ts';
import { quote, Unreadable } from './place.ts';
import { emphasis, type ProsodyPlace, prosody } from './prosody.ts';
import { sayAs } from './say-as.ts';
import type { ScriptBuilder } from './script-builder.ts';

/** Attributes of an element. */
export type Attributes = ReadonlyMap<string, string>;

/** Where an element that is spoken in its own way puts that. */
export interface Place {
  readonly builder: ScriptBuilder;
  /** Its text in the input; the whole element if there is none. */
  readonly span: Span;
  readonly delivery: Delivery;
}

/** What an element of SSML does. All functions throw {@link Unreadable} for values that they can't take. */
export interface Element {
  /** Attributes that it may have. */
  readonly attributes: readonly string[];
  /** Those that it has to have. */
  readonly required?: readonly string[];
  /** It can hold no text. */
  readonly empty?: boolean;
  /** Sentences end where it begins and ends. */
  readonly sentence?: boolean;
  /** Words end where it begins and ends. */
  readonly word?: boolean;
  /** What it changes of who speaks. */
  readonly section?: (attributes: Attributes) => Section | undefined;
  /** What it changes of how it sounds. */
  readonly controls?: (attributes: Attributes, place: ProsodyPlace) => SpeechControls;
  /** Whether function words inside keep their stress. */
  readonly stressed?: (attributes: Attributes) => boolean | undefined;
  /** Length of the pause that it makes, in ms. */
  readonly pause?: (attributes: Attributes) => number;
  /** Name of the place that it marks. */
  readonly mark?: (attributes: Attributes) => string;
  /** It holds text only, and speaks it in its own way. */
  readonly speak?: (attributes: Attributes, text: string, place: Place) => void;
}

/** Left out with all that they hold. */
export const SKIPPED: ReadonlySet<string> = new Set(['desc', 'metadata', 'meta']);
/** Elements of SSML 1.1 that would have to fetch something. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  'audio',
  'lexicon',
  'lookup',
  'mstts:backgroundaudio',
]);

/** Longest single break in ms. */
const MAX_BREAK_MS = 10_000;
/** Pauses by their strength in ms: from that between two phrases to more than that between two paragraphs. */
const STRENGTHS = new Map([
  ['none', 0],
  ['x-weak', 100],
  ['weak', 250],
  ['medium', 500],
  ['strong', 750],
  ['x-strong', 1250],
]);
const TIME = /^\+?(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(ms|s)$/;
const LANGUAGE_TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/;
const DEGREE = /^(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})$/;
const MAX_NAME = 200;

const EXPRESS_AS: Element = {
  attributes: ['style', 'styledegree'],
  required: ['style'],
  section: (attributes) => {
    const written = (attributes.get('styledegree') ?? '1').trim();
    const degree = DEGREE.test(written) ? Number(written) : Number.NaN;
    if (!(degree >= 0 && degree <= 1)) {
      throw new Unreadable(`styledegree ${quote(written)} is no number from 0 to 1.`);
    }
    return { emotion: { [named(attributes, 'style').toLowerCase()]: degree } };
  },
};
const TOKEN: Element = { attributes: ['xml:lang', 'role'], word: true, section: languageOf };

/** The elements by name. */
export const ELEMENTS: Readonly<Record<string, Element>> = {
  speak: {
    attributes: ['version', 'xml:lang'],
    section(attributes) {
      const version = attributes.get('version') ?? '1.1';
      if (!/^1\.[01]$/.test(version.trim()))
        throw new Unreadable(`version ${quote(version)} is neither 1.0 nor 1.1.`);
      return languageOf(attributes);
    },
  },
  p: { attributes: ['xml:lang'], sentence: true, section: languageOf },
  s: { attributes: ['xml:lang'], sentence: true, section: languageOf },
  w: TOKEN,
  token: TOKEN,
  voice: {
    attributes: ['name', 'xml:lang'],
    required: ['name'],
    section: (attributes) => ({ ...languageOf(attributes), voice: named(attributes, 'name') }),
  },
  lang: { attributes: ['xml:lang'], required: ['xml:lang'], section: languageOf },
  'mstts:express-as': EXPRESS_AS,
  'express-as': EXPRESS_AS,
  prosody: {
    attributes: ['rate', 'pitch', 'range', 'volume', 'contour', 'duration'],
    controls: prosody,
  },
  emphasis: {
    attributes: ['level'],
    controls: (attributes, { outer }) => emphasis(levelOf(attributes), outer),
    stressed: (attributes) => /^(?:strong|moderate)$/.test(levelOf(attributes)) || undefined,
  },
  break: { attributes: ['strength', 'time'], empty: true, pause: pauseOf },
  mark: {
    attributes: ['name'],
    required: ['name'],
    empty: true,
    mark: (attributes) => named(attributes, 'name'),
  },
  'say-as': {
    attributes: ['interpret-as', 'format'],
    required: ['interpret-as'],
    speak(attributes, text, { builder, span, delivery }) {
      const value = text.trim();
      const tokens = sayAs(value, attributes.get('interpret-as')!.trim(), attributes.get('format')?.trim());
      builder.addReading({ tokens }, value, span, delivery);
    },
  },
  phoneme: {
    attributes: ['alphabet', 'ph'],
    required: ['ph'],
    speak(attributes, text, { builder, span, delivery }) {
      const alphabet = (attributes.get('alphabet') ?? 'ipa').trim();
      if (alphabet !== 'ipa') {
        throw new Unreadable(`alphabet ${quote(alphabet)} is not supported. Write the pronunciation in ipa.`);
      }
      builder.addReading({ words: parseIpa(attributes.get('ph')!, 'input') }, text, span, delivery);
    },
  },
  sub: {
    attributes: ['alias'],
    required: ['alias'],
    speak: (attributes, _, { builder, span, delivery }) =>
      builder.addInstead(attributes.get('alias')!.trim(), span, delivery),
  },
};

function named(attributes: Attributes, attribute: string): string {
  const name = attributes.get(attribute)!.trim();
  if (name.length > MAX_NAME) throw new Unreadable(`${attribute} is longer than ${MAX_NAME} characters.`);
  return name;
}

function languageOf(attributes: Attributes): Section | undefined {
  const language = attributes.get('xml:lang')?.trim();
  if (language === undefined || language === '') return undefined;
  if (!LANGUAGE_TAG.test(language))
    throw new Unreadable(`xml:lang ${quote(language)} is no language tag such as en-US.`);
  return { language };
}

function levelOf(attributes: Attributes): string {
  return (attributes.get('level') ?? 'moderate').trim();
}

/** `time` is exact; `strength` alone stands for a time. */
function pauseOf(attributes: Attributes): number {
  const strength = attributes.get('strength')?.trim();
  const byStrength = STRENGTHS.get(strength ?? 'medium');
  if (byStrength === undefined) {
    throw new Unreadable(`strength ${quote(strength ?? '')} is none of ${[...STRENGTHS.keys()].join(', ')}.`);
  }
  const time = attributes.get('time')?.trim();
  if (time === undefined) return byStrength;
  const match = TIME.exec(time);
  const ms = match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : Number.NaN;
  if (ms <= MAX_BREAK_MS) return ms;
  throw new Unreadable(
    `time ${quote(time)} is no time from 0 to ${MAX_BREAK_MS / 1000} seconds, such as 500ms or 1.5s.`,
  );
}
