import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { AUDIO_FORMATS, type AudioFormatId, FORMAT_INFO } from '../../src/audio/format.ts';
import { formatByName } from '../../src/audio/format-names.ts';
import { RANGES } from '../../src/features/speech/schema.ts';
import { CUE_UNITS, type CueUnit } from '../../src/synthesis/alignment.ts';
import { UsageError } from '../sori/failures.ts';

/** A flag for a number in a range. */
export const number =
  (low: number, high: number, whole = false) =>
  (value: string): number => {
    const parsed = Number(value);
    if (value.trim() === '' || !(parsed >= low && parsed <= high) || (whole && !Number.isInteger(parsed))) {
      throw new InvalidArgumentError(
        `expected a ${whole ? 'whole number' : 'number'} from ${low} to ${high}.`,
      );
    }
    return parsed;
  };

/** A flag with the values of the request field of this name. */
export const field = (name: keyof typeof RANGES, whole = false) =>
  number(RANGES[name][0], RANGES[name][1], whole);

/** Help text of such a flag. */
export const fromTo = (name: keyof typeof RANGES): string => RANGES[name].join(' to ');

/** A flag for comma-separated units. */
export function units(value: string): CueUnit[] {
  return value.split(',').map((name) => {
    const known = CUE_UNITS.find((unit) => unit === name.trim());
    if (!known) throw new InvalidArgumentError(`expected some of ${CUE_UNITS.join(', ')}.`);
    return known;
  });
}

/** A repeatable flag for a pronunciation. */
export function pronunciation(value: string, known: Record<string, string>): Record<string, string> {
  const [word, ipa] = value.split('=');
  if (!word || !ipa) throw new InvalidArgumentError('expected WORD=IPA, as in sori=ˈsɔɹi.');
  return { ...known, [word]: ipa.replaceAll('/', '') };
}

/** A flag for emotions: `happy`, or `happy=0.6,sad=0.4`. */
export function emotion(value: string): string | Record<string, number> {
  if (!value.includes('=')) return value;
  const entries = value.split(',').map((part): [string, number] => {
    const [name, weight] = part.split('=');
    if (!name.trim() || !weight?.trim()) {
      throw new InvalidArgumentError('expected a name, or NAME=WEIGHT,… as in happy=0.6,sad=0.4.');
    }
    return [name.trim(), number(0, 1)(weight)];
  });
  return Object.fromEntries(entries);
}

/** Format of a file name, including the extensions `.mp4`, `.ulaw` and `.oga`. */
export function formatOf(path: string): AudioFormatId {
  const extension = extname(path).slice(1).toLowerCase();
  const known =
    AUDIO_FORMATS.find((id) => FORMAT_INFO[id].extension === extension) ?? formatByName(extension);
  if (!known)
    throw new UsageError(`can't tell a format from '${path}'; give --format ${AUDIO_FORMATS.join('|')}.`);
  return known;
}
