import type { SpeechControls } from '../types.ts';
import type { Attributes, Context, Element } from './element.ts';
import { quote } from './place.ts';

/** A whisper is not in the model: the voice speaks softly and evenly. */
const WHISPER = { rate: 0.95, pitchRange: 0.5, volume: -8 } as const;
/** Soft phonation. */
const SOFT = { rate: 0.97, pitchRange: 0.8, volume: -5 } as const;

const INTENSITIES = new Map([
  ['low', 0.35],
  ['medium', 0.7],
  ['high', 1],
]);

const NO_BREATHS: Element = {
  attributes: ['frequency', 'volume', 'duration'],
  ignored: (_, { report }) =>
    report('ignored_element', 'The voices breathe as they do, with no setting for it.', 'It has no effect.'),
};

/** Elements of Amazon Polly and the Alexa Skills Kit. */
export const AMAZON_ELEMENTS: Readonly<Record<string, Element>> = {
  'amazon:effect': {
    attributes: ['name', 'phonation', 'vocal-tract-length'],
    controls: effectOf,
  },
  'amazon:auto-breaths': NO_BREATHS,
  'amazon:breath': { ...NO_BREATHS, empty: true },
  'amazon:domain': {
    attributes: ['name'],
    ignored: (attributes, { report }) =>
      report(
        'ignored_element',
        `The voices have no speaking style ${quote(attributes.get('name') ?? '')}.`,
        'The text is spoken in the usual style.',
      ),
  },
  'amazon:emotion': {
    attributes: ['name', 'intensity'],
    required: ['name'],
    section(attributes, { report }) {
      const intensity = (attributes.get('intensity') ?? 'medium').trim();
      const weight = INTENSITIES.get(intensity);
      if (weight === undefined) {
        const known = [...INTENSITIES.keys()].join(', ');
        report(
          'ignored_value',
          `intensity ${quote(intensity)} is not one of ${known}.`,
          'It is read as medium.',
        );
      }
      const name = attributes.get('name')!.trim().slice(0, 64).toLowerCase();
      return { emotion: { [name]: weight ?? 0.7 } };
    },
  },
};

function effectOf(attributes: Attributes, { outer, report }: Context): SpeechControls {
  let controls = outer;
  const name = attributes.get('name')?.trim();
  if (name === 'whispered') {
    report('approximated', "The voices can't whisper.", 'The text is spoken softly.');
    controls = softened(controls, WHISPER);
  } else if (name === 'drc') {
    report('ignored_value', 'There is no dynamic range compression.', 'It has no effect.');
  } else if (name !== undefined) {
    report('ignored_value', `The effect ${quote(name)} is unknown.`, 'It has no effect.');
  }
  const phonation = attributes.get('phonation')?.trim();
  if (phonation === 'soft') {
    report('approximated', "The voices can't change their phonation.", 'The text is spoken softly.');
    controls = softened(controls, SOFT);
  } else if (phonation !== undefined) {
    report('ignored_value', `phonation ${quote(phonation)} is not soft.`, 'It has no effect.');
  }
  if (attributes.has('vocal-tract-length')) {
    const what = "The voices can't change the length of their vocal tract.";
    report('ignored_attribute', what, 'It has no effect.');
  }
  return controls;
}

function softened(outer: SpeechControls, by: typeof WHISPER | typeof SOFT): SpeechControls {
  return {
    ...outer,
    rate: Math.max(0.25, outer.rate * by.rate),
    pitchRange: outer.pitchRange * by.pitchRange,
    volume: outer.volume + by.volume,
  };
}
