import { stressOf, withStress } from '../symbols.ts';
import type { Lookup } from './morphology.ts';

/** British endings and the American ones that sound the same. Longer endings come first. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/is(ation(?:s|al|ally)?)$/, 'iz$1'],
  [/is(ers?|es|ed|ing|ingly|able)$/, 'iz$1'],
  [/is(e|m|t)$/, 'iz$1'],
  [/ys(e|es|ed|ing|ers?)$/, 'yz$1'],
  [/our((?:s|ed|ing|ers?|ite|ites|itism|able|ably|ful|fully|less|al|ally|hoods?|ly|some)?)$/, 'or$1'],
  [/tre((?:s|d)?)$/, 'ter$1'],
  [/bre((?:s|d)?)$/, 'ber$1'],
  [/ogue((?:s|d)?)$/, 'og$1'],
  [/ence((?:s|less)?)$/, 'ense$1'],
  [/l(l(?:ed|ing|ers?|ors?|able|ation|ous|ery|ist|ists))$/, '$1'],
  [/([aeiou])pp(ed|ing|ers?)$/, '$1p$2'],
  [/lful(ly|ness)?$/, 'llful$1'],
  [/(rol|fil|stal|thral)(ments?)$/, '$1l$2'],
  [/(rol|fil|stal|thral)(s?)$/, '$1l$2'],
];

/** Letters inside a word. */
const INSIDE: readonly (readonly [RegExp, string])[] = [
  [/aem/g, 'em'],
  [/ae(?=[dnrst])/g, 'e'],
  [/oe(?=[dmst])/g, 'e'],
  [/sulph/g, 'sulf'],
  [/plough/g, 'plow'],
  [/mould/g, 'mold'],
  [/grey/g, 'gray'],
  [/tyre/g, 'tire'],
  [/cheque/g, 'check'],
  [/programme/g, 'program'],
  [/manoeuv/g, 'maneuv'],
  [/yoghurt/g, 'yogurt'],
  [/kerb/g, 'curb'],
  [/draught/g, 'draft'],
];

/**
 * Phonemes of a British spelling by its American one: `anonymisation` as `anonymization`.
 * @param known phonemes of a word that is known or derived.
 * @returns `undefined` where no American spelling of the word is known.
 */
export function respelled(word: string, known: Lookup): readonly string[] | undefined {
  for (const inside of [word, INSIDE.reduce((text, [from, to]) => text.replace(from, to), word)]) {
    if (inside !== word) {
      const found = known(inside);
      if (found) return found;
    }
    for (const [ending, american] of ENDINGS) {
      if (!ending.test(inside)) continue;
      const found = known(inside.replace(ending, american));
      if (found) return found;
    }
  }
  return madeOfVerb(word, known);
}

/** `anonymisation` and `tokenization` of their verbs. */
function madeOfVerb(word: string, known: Lookup): readonly string[] | undefined {
  const parts = /^(.+)i[sz]ation(s?)$/.exec(word);
  if (!parts) return undefined;
  const verb = known(`${parts[1]}ize`) ?? known(`${parts[1]}ise`);
  if (verb?.at(-1) !== 'z') return undefined;
  const stem = verb.slice(0, -2).map((symbol) => (stressOf(symbol) === 1 ? withStress(symbol, 2) : symbol));
  return [...stem, 'ə', 'z', 'ˈeɪ', 'ʃ', 'ə', 'n', ...(parts[2] ? ['z'] : [])];
}
