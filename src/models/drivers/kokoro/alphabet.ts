import { isBritish, primarySubtag } from '../../../text/language.ts';
import { isPauseSymbol } from '../../../text/symbols.ts';
import { americanLetters } from './american.ts';
import { britishLetters } from './british.ts';
import { koreanLetters } from './korean.ts';

/** Kokoro's letters and their token ids: `config.json` of hexgrad/Kokoro-82M. */
const VOCABULARY: ReadonlyMap<string, number> = new Map([
  ...numbered(1, ';:,.!?'),
  ...numbered(9, '—…"()“” \u0303ʣʥʦʨᵝꭧAI'),
  ['O', 31],
  ['Q', 33],
  ['S', 35],
  ['T', 36],
  ['W', 39],
  ['Y', 41],
  ['ᵊ', 42],
  ...numbered(43, 'abcdef'),
  ...numbered(50, 'hijklmnopqrstuvwxyzɑɐɒæ'),
  ...numbered(75, 'βɔɕç'),
  ['ɖ', 80],
  ['ð', 81],
  ['ʤ', 82],
  ['ə', 83],
  ['ɚ', 85],
  ['ɛ', 86],
  ['ɜ', 87],
  ['ɟ', 90],
  ['ɡ', 92],
  ['ɥ', 99],
  ['ɨ', 101],
  ['ɪ', 102],
  ['ʝ', 103],
  ...numbered(110, 'ɯɰŋɳɲɴø'),
  ...numbered(118, 'ɸθœ'),
  ['ɹ', 123],
  ['ɾ', 125],
  ['ɻ', 126],
  ...numbered(128, 'ʁɽʂʃʈʧ'),
  ...numbered(135, 'ʊʋ'),
  ...numbered(138, 'ʌɣɤ'),
  ['χ', 142],
  ['ʎ', 143],
  ...numbered(147, 'ʒʔ'),
  ...numbered(156, 'ˈˌː'),
  ['ʰ', 162],
  ['ʲ', 164],
  ['↓', 169],
  ...numbered(171, '→↗↘'),
  ['ᵻ', 177],
]);

function numbered(from: number, letters: string): [string, number][] {
  return [...letters].map((letter, i) => [letter, from + i]);
}

/** Token id of silence at both ends. */
const EDGE = 0;
const SPACE = 16;

/** Tokens of an utterance. */
export interface KokoroTokens {
  readonly ids: readonly number[];
  /** For each token the number of the symbol that it belongs to; lengths of tokens sum to those of symbols. */
  readonly owners: readonly number[];
}

/**
 * Turns symbols of Sori's table into Kokoro's tokens. Marks of a tune have none.
 * @param symbols of one utterance, from `^` to `$`.
 * @param language BCP 47: American English, British English (`en-GB`) or Korean; each spells sounds in its own way.
 * @throws {RangeError} for a symbol that Kokoro has no letter for.
 */
export function toKokoro(symbols: readonly string[], language = 'en'): KokoroTokens {
  const ids: number[] = [];
  const owners: number[] = [];
  const push = (id: number, owner: number) => {
    ids.push(id);
    owners.push(owner);
  };
  const lettersOf = spellingOf(language);
  for (const [at, symbol] of symbols.entries()) {
    if (symbol === '^' || symbol === '$') {
      push(EDGE, at);
      continue;
    }
    for (const letter of lettersOf(symbols, at)) {
      const id = VOCABULARY.get(letter);
      if (id === undefined) throw new RangeError(`Kokoro has no letter for "${symbol}".`);
      push(id, at);
    }
    // A pause mark is attached to the previous word and followed by a space.
    const next = symbols[at + 1];
    if (isPauseSymbol(symbol) && next !== undefined && next !== '$' && next !== ' ') push(SPACE, at);
  }
  return { ids, owners };
}

/** Letters of the symbol at a place of an utterance. */
type Spelling = (symbols: readonly string[], at: number) => string;

function spellingOf(language: string): Spelling {
  if (primarySubtag(language) === 'ko') return koreanLetters;
  return isBritish(language) ? britishLetters : americanLetters;
}
