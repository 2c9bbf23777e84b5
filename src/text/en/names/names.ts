import { japanese, korean, pinyin } from './asia.ts';
import { german, slavic } from './europe.ts';
import { indian } from './indian.ts';
import { type Origin, originOf } from './origin.ts';
import { french, italian, spanish } from './romance.ts';

/** Reads the letters of a name, or `undefined` where a letter has no rule. */
const READERS: Readonly<Record<Origin, (letters: string) => readonly string[] | undefined>> = {
  spanish,
  italian,
  french,
  german,
  slavic,
  chinese: pinyin,
  japanese,
  korean,
  indian,
};

/**
 * Phonemes of a name whose spelling shows where it comes from, as English speakers say it.
 * @param letters small letters, accents as written: they indicate the origin and the stress.
 */
export function readName(letters: string): readonly string[] | undefined {
  const origin = originOf(letters);
  return origin && READERS[origin](letters);
}
