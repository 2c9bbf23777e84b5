import type { Attributes, Context, Element, VoicePauses } from './element.ts';
import { named } from './element.ts';
import { quote, Unreadable } from './place.ts';
import { readTime } from './time.ts';

const DEGREE = /^(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})$/;

/** An element without text and without effect. */
const nothing = (attributes: readonly string[], what: string): Element => ({
  attributes,
  empty: true,
  ignored: (_, { report }) => report('ignored_element', what, 'It has no effect.'),
});

/** Elements of Azure Speech (`mstts`), of its older SAPI, and `express-as` of IBM Watson. */
export const AZURE_ELEMENTS: Readonly<Record<string, Element>> = {
  'mstts:express-as': {
    attributes: ['style', 'styledegree', 'type'],
    section(attributes, context) {
      // IBM and Azure's first version use `type`.
      const attribute = attributes.has('style') ? 'style' : 'type';
      if ((attributes.get(attribute) ?? '').trim() === '')
        throw new Unreadable('The attribute style is missing.');
      return { emotion: { [named(attributes, attribute).toLowerCase()]: degreeOf(attributes, context) } };
    },
  },
  bookmark: {
    attributes: ['mark', 'name'],
    empty: true,
    mark(attributes) {
      const attribute = attributes.has('mark') ? 'mark' : 'name';
      if ((attributes.get(attribute) ?? '').trim() === '')
        throw new Unreadable('The attribute mark is missing.');
      return named(attributes, attribute);
    },
  },
  'mstts:silence': {
    attributes: ['type', 'value'],
    required: ['type', 'value'],
    empty: true,
    voicePauses: silenceOf,
  },
  'mstts:viseme': nothing(['type'], 'Visemes are not supported. Use the timestamps of phonemes.'),
  'mstts:audioduration': nothing(['value'], 'Speech has no length set beforehand. Use rate for the speed.'),
  'mstts:backgroundaudio': notFetched('mstts:backgroundaudio', 'Background audio is not supported.'),
  'mstts:voiceconversion': notFetched('mstts:voiceconversion', 'The text is spoken by the voice.'),
  'mstts:ttsembedding': {
    attributes: ['speakerProfileId'],
    ignored: (_, { report }) =>
      report(
        'ignored_element',
        'Speaker profiles of another service are not known.',
        'The voice stays as it is.',
      ),
  },
  'mstts:dialog': {
    attributes: [],
    ignored: (_, { report }) =>
      report('approximated', 'A dialog is read turn by turn.', 'All turns are spoken by the same voice.'),
  },
  'mstts:turn': { attributes: ['speaker'], sentence: true },
  math: {
    attributes: ['display'],
    opaque: true,
    word: true,
    ignored: (_, { report }) =>
      report('approximated', 'MathML has no reading of its own.', 'Its signs are spoken in their order.'),
  },
  'voice-transformation': {
    attributes: [
      'type',
      'strength',
      'glottal_tension',
      'breathiness',
      'pitch',
      'pitch_range',
      'timbre',
      'rate',
    ],
    ignored: (_, { report }) =>
      report('ignored_element', "The voices can't be transformed.", 'The text is spoken as usual.'),
  },
};

function notFetched(name: string, instead: string): Element {
  return {
    attributes: ['src', 'url', 'volume', 'fadein', 'fadeout'],
    ignored: (_, { report }) =>
      report(
        'not_fetched',
        `The element ${name} is not supported: nothing is fetched from elsewhere.`,
        instead,
      ),
  };
}

/** Azure counts to 2; an emotion's weight ends at 1. */
function degreeOf(attributes: Attributes, { report }: Context): number {
  const written = (attributes.get('styledegree') ?? '1').trim();
  const degree = DEGREE.test(written) ? Number(written) : Number.NaN;
  if (degree >= 0 && degree <= 1) return degree;
  const what = `styledegree ${quote(written)} is not a number from 0 to 1.`;
  if (Number.isNaN(degree)) report('ignored_value', what, 'It is read as 1.');
  else report('approximated', what, 'It is read as 1, which is as strong as it gets.');
  return 1;
}

/** Places of `mstts:silence`, without the `-exact` that makes no difference here: all silences have the length that is stated. */
const SILENCES: Readonly<Record<string, (ms: number) => VoicePauses>> = {
  leading: (ms) => ({ leading: ms }),
  tailing: (ms) => ({ tailing: ms }),
  sentenceboundary: (ms) => ({ bySign: { sentence: ms } }),
  comma: (ms) => ({ bySign: { comma: ms } }),
  semicolon: (ms) => ({ bySign: { semicolon: ms } }),
  enumerationcomma: (ms) => ({ bySign: { comma: ms } }),
};

function silenceOf(attributes: Attributes, { report }: Context): VoicePauses {
  const type = attributes.get('type')!.trim();
  const place = type.toLowerCase().replace(/-exact$/, '');
  if (!Object.hasOwn(SILENCES, place)) {
    throw new Unreadable(
      `type ${quote(type)} is not one of ${Object.keys(SILENCES).join(', ')}, with or without -exact.`,
    );
  }
  return SILENCES[place](readTime('value', attributes.get('value')!.trim(), report));
}
