import type { SpeechControls } from '../types.ts';
import type { Attributes, Context, Element } from './element.ts';
import { quote } from './place.ts';
import { prosody } from './prosody.ts';

const BEGIN = /^(?:[\w.-]+\.(?:end|begin)\s*\+?\s*)?(\d{1,4}(?:\.\d{0,3})?)(ms|s)$/;
const FOLLOWS = /^(?:0|0?\.0+|[\w.-]+\.end)(?:m?s)?$/;

/** Elements of Google Cloud Text-to-Speech and Actions on Google. */
export const GOOGLE_ELEMENTS: Readonly<Record<string, Element>> = {
  par: {
    attributes: [],
    sentence: true,
    ignored: (_, { report }) =>
      report(
        'approximated',
        "Media can't be spoken at the same time.",
        'They are spoken one after the other.',
      ),
  },
  seq: { attributes: [], sentence: true },
  media: {
    attributes: ['begin', 'speed', 'soundLevel'],
    sentence: true,
    controls: mediaControls,
    pause: mediaPause,
  },
  'google:style': {
    attributes: ['name'],
    required: ['name'],
    section: (attributes) => ({
      emotion: { [attributes.get('name')!.trim().slice(0, 64).toLowerCase()]: 1 },
    }),
  },
};

/** `speed` is a rate and `soundLevel` a volume. */
function mediaControls(attributes: Attributes, context: Context): SpeechControls {
  const asProsody = new Map<string, string>();
  const [speed, level] = [attributes.get('speed'), attributes.get('soundLevel')];
  if (speed !== undefined) asProsody.set('rate', speed);
  if (level !== undefined) asProsody.set('volume', level);
  return prosody(asProsody, context);
}

/** A medium that begins some time after the one before it begins after a pause of that length. */
function mediaPause(attributes: Attributes, { report }: Context): number | undefined {
  const begin = attributes.get('begin')?.trim();
  if (begin === undefined || FOLLOWS.test(begin)) return undefined;
  const match = BEGIN.exec(begin);
  const ms = match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : Number.NaN;
  if (ms <= 10_000) {
    if (!begin.includes('.end')) {
      report('approximated', `begin ${quote(begin)} is counted from the end of the previous media element.`);
    }
    return ms;
  }
  report(
    'ignored_value',
    `begin ${quote(begin)} is not a time relative to the previous media element.`,
    'It has no effect.',
  );
  return undefined;
}
