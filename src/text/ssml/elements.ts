import type { WordRole } from '../script.ts';
import { hangulOf, readPhonemes } from './alphabets.ts';
import { AMAZON_ELEMENTS } from './amazon.ts';
import { AZURE_ELEMENTS } from './azure.ts';
import { type Attributes, type Context, type Element, languageOf, named } from './element.ts';
import { GOOGLE_ELEMENTS } from './google.ts';
import { lexiconOf } from './lexicon.ts';
import { attempt, quote, type Report, Unreadable } from './place.ts';
import { emphasis, prosody } from './prosody.ts';
import { sayAs } from './say-as.ts';
import { readTime } from './time.ts';

/** Left out with all that they hold. */
export const SKIPPED: ReadonlySet<string> = new Set(['desc', 'metadata', 'meta']);

/** Pauses by their strength in ms: from that between two phrases to more than that between two paragraphs. */
const STRENGTHS = new Map([
  ['none', 0],
  ['x-weak', 100],
  ['weak', 250],
  ['medium', 500],
  ['strong', 750],
  ['x-strong', 1250],
]);

/** Length of the pause in place of a word that is not spoken. */
const UNSPOKEN_MS = 500;

/** Parts of speech by the names of Amazon Polly and of the tag sets that `role` usually refers to. */
const ROLES: Readonly<Record<string, WordRole | 'default'>> = {
  VB: 'verb',
  VBP: 'verb',
  VBZ: 'verb',
  VVI: 'verb',
  VVB: 'verb',
  VVZ: 'verb',
  VBD: 'past',
  VBN: 'past',
  VVD: 'past',
  VVN: 'past',
  NN: 'noun',
  NNS: 'noun',
  NN1: 'noun',
  NN2: 'noun',
  JJ: 'adjective',
  AJ0: 'adjective',
  DT: 'default',
  IN: 'default',
  DEFAULT: 'default',
};

const TOKEN: Element = {
  attributes: ['xml:lang', 'role'],
  word: true,
  section: languageOf,
  delivery: (attributes, { report }) => ({ role: roleOf(attributes, report) }),
};

const W3C_ELEMENTS: Readonly<Record<string, Element>> = {
  speak: {
    attributes: ['version', 'xml:lang'],
    section(attributes, context) {
      const version = attributes.get('version') ?? '1.1';
      attempt(context.report, () => checkVersion(version), undefined, 'It is read as 1.1.');
      return languageOf(attributes, context);
    },
  },
  p: { attributes: ['xml:lang'], sentence: true, section: languageOf },
  s: { attributes: ['xml:lang'], sentence: true, section: languageOf },
  w: TOKEN,
  token: TOKEN,
  voice: {
    attributes: ['name', 'xml:lang', 'language'],
    section(attributes, context) {
      const section = { ...languageOf(attributes, context, 'language'), ...languageOf(attributes, context) };
      if ((attributes.get('name') ?? '').trim() !== '')
        return { ...section, voice: named(attributes, 'name') };
      context.report('ignored_element', 'The attribute name is missing.', 'The voice stays as it is.');
      return section;
    },
  },
  lang: { attributes: ['xml:lang'], required: ['xml:lang'], section: languageOf },
  prosody: {
    attributes: ['rate', 'pitch', 'range', 'volume', 'contour', 'duration'],
    controls: prosody,
  },
  emphasis: {
    attributes: ['level'],
    controls: (attributes, { outer }) => emphasis(levelOf(attributes), outer),
    delivery: (attributes) => (/^(?:strong|moderate)$/.test(levelOf(attributes)) ? { stressed: true } : {}),
  },
  break: { attributes: ['strength', 'time'], empty: true, pause: pauseOf },
  mark: {
    attributes: ['name'],
    required: ['name'],
    empty: true,
    mark: (attributes) => named(attributes, 'name'),
  },
  audio: {
    attributes: [
      'src', 'fetchtimeout', 'fetchhint', 'maxage', 'maxstale', 'clipBegin', 'clipEnd', 'repeatCount', 'repeatDur',
      'soundLevel', 'speed',
    ], // biome-ignore format: one list
    ignored(attributes, { report }) {
      const src = attributes.get('src')?.trim() ?? '';
      const instead = `The recording ${quote(src)} is left out, and the text inside is spoken.`;
      report(
        'not_fetched',
        'The element audio is not supported: nothing is fetched from elsewhere.',
        instead,
      );
    },
  },
  lexicon: { attributes: ['uri', 'src', 'type', 'xml:id'], empty: true, lexicon: lexiconOf },
  lookup: {
    attributes: ['ref'],
    required: ['ref'],
    lookup: (attributes) => named(attributes, 'ref'),
  },
  'say-as': {
    attributes: ['interpret-as', 'format', 'language'],
    required: ['interpret-as'],
    section: (attributes, context) => languageOf(attributes, context, 'language'),
    speak(attributes, text, place) {
      const value = text.trim();
      const interpretAs = attributes.get('interpret-as')!.trim();
      const format = attributes.get('format')?.trim();
      const saying = sayAs(value, interpretAs, { ...place, format });
      if (saying === 'text') place.asText();
      else if (saying === 'unspoken') {
        const instead = `A pause of ${UNSPOKEN_MS} ms takes its place.`;
        place.report('approximated', 'Expletives are not replaced by a beep.', instead);
        place.pause(UNSPOKEN_MS);
      } else if ('korean' in saying) place.builder.addInstead(saying.korean, place.span, place.delivery);
      else place.builder.addReading({ tokens: saying }, value, place.span, place.delivery);
    },
  },
  phoneme: {
    attributes: ['alphabet', 'ph', 'type'],
    required: ['ph'],
    speak(attributes, text, { builder, span, delivery, koreanBefore }) {
      const ph = attributes.get('ph')!.trim();
      const alphabet = (attributes.get('alphabet') ?? 'ipa').trim();
      const hangul = hangulOf(ph, alphabet, koreanBefore !== undefined);
      if (hangul !== undefined) builder.addInstead(hangul, span, delivery);
      else builder.addReading({ words: readPhonemes(ph, alphabet) }, text, span, delivery);
    },
  },
  sub: {
    attributes: ['alias'],
    required: ['alias'],
    speak: (attributes, _, { builder, span, delivery }) =>
      builder.addInstead(attributes.get('alias')!.trim(), span, delivery),
  },
};

/** Names of the elements of SSML 1.1. */
export const W3C_NAMES: readonly string[] = Object.keys(W3C_ELEMENTS);

/** The elements by name: those of SSML 1.1, then those of vendors. */
export const ELEMENTS: Readonly<Record<string, Element>> = {
  ...W3C_ELEMENTS,
  ...AMAZON_ELEMENTS,
  ...AZURE_ELEMENTS,
  ...GOOGLE_ELEMENTS,
};

function checkVersion(version: string): void {
  if (!/^1\.[01]$/.test(version.trim()))
    throw new Unreadable(`version ${quote(version)} is neither 1.0 nor 1.1.`);
}

function levelOf(attributes: Attributes): string {
  return (attributes.get('level') ?? 'moderate').trim();
}

/** `time` is exact; `strength` alone means a time. */
function pauseOf(attributes: Attributes, { report }: Context): number {
  const strength = attributes.get('strength')?.trim();
  const byStrength = attempt(
    report,
    () => {
      const ms = STRENGTHS.get(strength ?? 'medium');
      if (ms !== undefined) return ms;
      throw new Unreadable(
        `strength ${quote(strength ?? '')} is not one of ${[...STRENGTHS.keys()].join(', ')}.`,
      );
    },
    STRENGTHS.get('medium')!,
    'It is read as medium.',
  );
  const time = attributes.get('time')?.trim();
  if (time === undefined) return byStrength;
  return attempt(report, () => readTime('time', time, report), byStrength, `It is read as ${byStrength}ms.`);
}

/** The first part of speech of `role` that is known: `amazon:VB`, `claws:VVI`. */
function roleOf(attributes: Attributes, report: Report): WordRole | undefined {
  const written = attributes.get('role')?.trim() ?? '';
  if (written === '') return undefined;
  const names = written.split(/\s+/).map((name) => name.slice(name.indexOf(':') + 1).toUpperCase());
  const known = names.find((name) => Object.hasOwn(ROLES, name));
  if (known === undefined) {
    report(
      'ignored_value',
      `role ${quote(written)} is not one of ${Object.keys(ROLES).join(', ')}.`,
      'It has no effect.',
    );
    return undefined;
  }
  const role = ROLES[known];
  return role === 'default' ? undefined : role;
}
