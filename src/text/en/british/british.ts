import { BRITISH_SYMBOLS, SYMBOLS, stressOf, withStress } from '../../symbols.ts';
import type { Accent } from '../accent.ts';
import { type Dictionary, openDictionary } from '../dictionary.ts';
import { reduce, type Surroundings } from '../function-words.ts';
import { letterName } from '../letter-names.ts';
import type { LetterToSound } from '../letter-to-sound.ts';
import { derive } from '../morphology.ts';
import { createPronouncer, type Pronouncer } from '../pronounce.ts';
import { dropR, toBritish } from './rules.ts';

/** The table that the phonemes of `en-GB.dictionary.bin` are positions in. */
export const BRITISH_TABLE: readonly string[] = [...SYMBOLS, ...BRITISH_SYMBOLS];

/**
 * British English.
 * @param exceptions `en-GB.dictionary.bin`.
 * @throws {RangeError} when its bytes are no dictionary.
 */
export function britishAccent(
  american: Dictionary,
  exceptions: Uint8Array,
  fallback?: LetterToSound,
): Accent {
  const table = openDictionary(exceptions, BRITISH_TABLE);
  const pronouncer = createBritishPronouncer(american, table, fallback);
  return {
    ipa: 'british',
    pronouncer,
    letterName: britishLetterName,
    adopt(word, symbols) {
      if (word === '') return fromParts(word, symbols);
      // A heteronym in its usual reading may be an exception.
      const usual = american.lookup(word)?.join(' ') === symbols.join(' ');
      const found = usual ? pronouncer.pronounce(word)?.symbols : undefined;
      return found ?? fromParts(word, toBritish(word, symbols));
    },
    reduce: reduceBritish,
    link: dropR,
  };
}

/**
 * The pronouncer of British English. A word has the reading of `exceptions`, else that of {@link toBritish}.
 * Its answers keep every written `ɹ`; {@link dropR} removes the silent ones when the next word is known.
 * @param exceptions words whose reading doesn't follow from the American one by rule.
 */
export function createBritishPronouncer(
  american: Pick<Dictionary, 'lookup'>,
  exceptions: Pick<Dictionary, 'lookup'>,
  fallback?: LetterToSound,
): Pronouncer {
  const stored = (word: string): string[] | undefined => {
    const exception = exceptions.lookup(word);
    return exception && withFinalR(word, exception);
  };
  const lookup = (word: string): readonly string[] | undefined => {
    const exception = stored(word);
    if (exception) return exception;
    const symbols = american.lookup(word);
    // `tomatoes` follows `tomato`, although the American dictionary has it as a word of its own.
    return symbols && (derive(word, stored, 1) ?? toBritish(word, symbols));
  };
  const pronouncer = createPronouncer(
    { lookup },
    fallback && { pronounce: (letters) => toBritish(letters, fallback.pronounce(letters)) },
  );
  return {
    pronounce(word, written) {
      const found = pronouncer.pronounce(word, written);
      return found && { ...found, symbols: fromParts(word, found.symbols) };
    },
  };
}

/** `r` and `re` at the end of a word sound before a vowel; the exceptions are stored without it. */
function withFinalR(word: string, symbols: readonly string[]): string[] {
  const last = symbols[symbols.length - 1];
  return /(?:r|re|rr)$/.test(word) && /[əɑɔː]$/.test(last) ? [...symbols, 'ɹ'] : [...symbols];
}

/** American vowels that endings and foreign names bring with them. */
const WITHOUT_SPELLING: ReadonlyMap<string, string> = new Map(
  Object.entries({ ɚ: 'ə ɹ', ɝ: 'ɜː ɹ', oʊ: 'əʊ' }),
);

function fromParts(word: string, symbols: readonly string[]): string[] {
  const named = /i[sz]ation(?:s|'s)?$/.test(word);
  return symbols.flatMap((symbol, i) => {
    // un- keeps its vowel: unhappy.
    if (i === 0 && symbol === 'ə' && symbols[1] === 'n' && word.startsWith('un')) return ['ˌʌ'];
    const stress = stressOf(symbol);
    const other = WITHOUT_SPELLING.get(stress === 0 ? symbol : symbol.slice(1));
    if (other !== undefined) {
      const [vowel, ...rest] = other.split(' ');
      return [withStress(vowel, stress), ...rest];
    }
    // organization: the ending's first vowel is that of `organize`.
    if (named && symbol === 'ə' && symbols[i + 1] === 'z' && symbols[i + 2] === 'ˈeɪ') return ['aɪ'];
    return [symbol];
  });
}

/** Function words whose weak form has another vowel than their strong one. */
const WEAK: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    of: 'ə v',
    for: 'f ə ɹ',
    from: 'f ɹ ə m',
    was: 'w ə z',
    were: 'w ə ɹ',
    are: 'ə ɹ',
    her: 'h ə ɹ',
    at: 'ə t',
    can: 'k ə n',
    must: 'm ə s t',
    than: 'ð ə n',
  }).map(([word, symbols]) => [word, symbols.split(' ')]),
);

/** Like {@link reduce}, with British weak forms. */
function reduceBritish(word: string, symbols: readonly string[], place: Surroundings): readonly string[] {
  const reduced = reduce(word, symbols, place);
  const isWeak = !reduced.some((symbol) => stressOf(symbol) > 0);
  return (isWeak && !(word === 'her' && place.beforePause) && WEAK.get(word)) || reduced;
}

/** Name of a letter: `z` is "zed", and that of `r` links. */
function britishLetterName(letter: string): readonly string[] | undefined {
  if (letter === 'z') return ['z', 'ˈɛ', 'd'];
  const american = letterName(letter);
  return american && fromParts('', american);
}
