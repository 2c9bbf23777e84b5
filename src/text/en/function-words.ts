import { isVowel, stressOf, withStress } from '../symbols.ts';

/** Monosyllabic function words that lose their stress inside a phrase. `not` and `no` keep theirs. */
const UNSTRESSED: ReadonlySet<string> = new Set(
  `a an the of to and in for on at by as is was be been or but from with his her him he she it its they them their
  we us our you your i'm my me that than are were am had has have do does did can could would should will shall may
  might must if so`.split(/\s+/),
);

/** Function words that keep their stress before a pause: "What is it for?", "Yes, I can." Pronouns and articles don't. */
const STRESSED_BEFORE_PAUSE: ReadonlySet<string> = new Set(
  `of to in for on at by as is was be been from with that are were am had has have do does did can could would should
  will shall may might must so`.split(/\s+/),
);

/** Position of a word. */
export interface Surroundings {
  /** It is the only word of its sentence. */
  readonly alone: boolean;
  /** A pause mark or the end of the text follows. */
  readonly beforePause: boolean;
  /** First symbol of the word after, when no pause is between. */
  readonly next: string | undefined;
}

/**
 * Pronunciation of a function word at its position. Other words are returned unchanged. The model was trained with exactly these forms.
 * @param word lower case.
 * @param symbols citation form.
 */
export function reduce(word: string, symbols: readonly string[], place: Surroundings): readonly string[] {
  if (word === 'a') return place.alone || place.beforePause ? ['ˈeɪ'] : ['ə'];
  if (word === 'the') {
    if (place.alone) return ['ð', 'ˈʌ'];
    return ['ð', place.next !== undefined && isVowel(place.next) ? 'i' : 'ə'];
  }
  if (!UNSTRESSED.has(word) || place.alone) return symbols;
  if (place.beforePause && STRESSED_BEFORE_PAUSE.has(word)) return stressed(symbols);
  return symbols.map((symbol) => withStress(symbol, 0));
}

/** CMUdict lists some of them (`in`) without any stress. */
function stressed(symbols: readonly string[]): readonly string[] {
  if (symbols.some((symbol) => stressOf(symbol) > 0)) return symbols;
  const first = symbols.findIndex((symbol) => isVowel(symbol));
  return symbols.map((symbol, i) => (i === first ? withStress(symbol, 1) : symbol));
}
