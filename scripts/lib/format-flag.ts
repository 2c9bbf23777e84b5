import { InvalidArgumentError, Option } from 'commander';
import { AUDIO_FORMATS, type AudioFormatId } from '../../src/audio/format.ts';
import { formatByName } from '../../src/audio/format-names.ts';

/** Reads the value of a flag for an audio format, by any of its names. */
export function format(value: string): AudioFormatId {
  const known = formatByName(value);
  if (!known) throw new InvalidArgumentError(`expected one of ${AUDIO_FORMATS.join(', ')}.`);
  return known;
}

/** The flag `--format`. Help and completions list the formats. */
export const formatOption = (description = 'audio format') =>
  new Option('-f, --format <format>', description).choices(AUDIO_FORMATS).argParser(format);
