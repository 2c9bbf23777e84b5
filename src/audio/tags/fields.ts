import type { AudioTags } from './types.ts';

/** Maximum bytes of one text. All tags together fit into the first page of an Ogg file. */
const MOST_BYTES = 1000;

const encoder = new TextEncoder();

/** The fields that are set: names of {@link AudioTags} and texts in UTF-8. */
export type Fields = readonly (readonly [name: keyof AudioTags, text: Uint8Array])[];

/**
 * Checks tags, and converts their time to seconds in UTC.
 * @throws {RangeError} for control characters, texts of more than 1000 bytes, and invalid times.
 */
export function fieldsOf({ generator, model, voice, time }: AudioTags): Fields {
  const texts: [keyof AudioTags, string | undefined][] = [
    ['generator', generator],
    ['model', model],
    ['voice', voice],
    ['time', time === undefined ? undefined : secondsOf(time)],
  ];
  return texts.flatMap(([name, text]): [keyof AudioTags, Uint8Array][] => {
    if (text === undefined) return [];
    const bytes = encoder.encode(text);
    if (bytes.length > MOST_BYTES) throw new RangeError(`the tag ${name} has more than ${MOST_BYTES} bytes`);
    if (/\p{Cc}/u.test(text)) throw new RangeError(`the tag ${name} has control characters`);
    return [[name, bytes]];
  });
}

function secondsOf(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new RangeError(`a tag's time is in ISO 8601, not '${time}'`);
  return `${date.toISOString().slice(0, 19)}Z`;
}
