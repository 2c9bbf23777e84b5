import { fromArpabet } from '../symbols.ts';
import { SPECIAL_RULES } from './heteronym-rules.ts';
import { NOUN_VERB_PAIRS } from './heteronym-table.ts';
import { withS } from './morphology.ts';
import { tagOdds } from './tagger.ts';
import { after, BE, before, DETERMINERS, type Sentence, wordClass, wordSet } from './word-class.ts';

export type { Sentence } from './word-class.ts';

/**
 * Symbols of word `index` if it is a heteronym, chosen by its neighbours: verb or noun (`record`), tense (`read`), meaning
 * (`bass`), or a capital (`Polish`). `undefined` for every other word.
 */
export function heteronym(sentence: Sentence, index: number): readonly string[] | undefined {
  const word = sentence.words[index];
  const special = SPECIAL_RULES.get(word)?.(sentence, index);
  if (special !== undefined) return fromArpabet(special);
  const forms = NOUN_VERB_PAIRS.get(word);
  if (forms) return fromArpabet(forms[classOf(sentence, index, false, forms.usual)]);
  const stem = singular(word);
  if (stem === undefined) return undefined;
  const pair = NOUN_VERB_PAIRS.get(stem)!;
  return withS(fromArpabet(pair[classOf(sentence, index, true, stem === 'use' ? 'nominal' : pair.usual)]));
}

/** Log odds of a verb against a noun above which a word counts as a verb, by its usual class. */
const THRESHOLDS = { nominal: 0.3, verb: -1.5 } as const;

/** The result of the rules, or of the tagger where no rule applies. */
function classOf(
  sentence: Sentence,
  index: number,
  ending: boolean,
  usual: 'nominal' | 'verb',
): 'nominal' | 'verb' {
  // "Degenerate into disorder"; a noun or an adjective with "into" follows a determiner or a form of "be".
  const previous = before(sentence, index);
  const into = after(sentence, index) === 'into' && sentence.words[index].endsWith('ate');
  if (into && !DETERMINERS.has(previous ?? '') && !BE.has(previous ?? '')) return 'verb';
  // "This led to abuse of drugs": no verb of the table precedes "of".
  if (previous === 'to' && after(sentence, index) === 'of') return 'nominal';
  if (isPartOfName(sentence, index)) return 'nominal';
  // "Issues present within the system".
  if (sentence.words[index] === 'present' && PLACES.has(after(sentence, index) ?? '')) return 'nominal';
  const known = wordClass(sentence, index, ending);
  if (known !== undefined) return known;
  // A word between two pauses has no context.
  if (previous === undefined && after(sentence, index) === undefined) return usual;
  const odds = tagOdds(sentence, index, ending ? ['third'] : ['verb'], ['noun', 'adjective']);
  return odds > THRESHOLDS[usual] ? 'verb' : 'nominal';
}

const PLACES = wordSet('in within at among throughout during');
const CAPITAL = /^\p{Lu}\p{Ll}/u;

/** "The Fine Arts Graduate Center": a capital between capitals. */
function isPartOfName({ sources, pauses }: Sentence, index: number): boolean {
  const neighbours = [sources[index - 1], sources[index], sources[index + 1]];
  return (
    index > 1 && !pauses[index] && !pauses[index - 1] && neighbours.every((word) => CAPITAL.test(word ?? ''))
  );
}

/** Stem of a plural or third person that is in the table: `records`, `allies`, `compresses`. */
function singular(word: string): string | undefined {
  if (!word.endsWith('s') || word === 'uses' || word === 'houses') return word === 'uses' ? 'use' : undefined;
  const candidates = [word.slice(0, -1), word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.slice(0, -2)];
  return candidates.find(
    (stem) => NOUN_VERB_PAIRS.has(stem) && (stem === word.slice(0, -1) || /(?:y|x|s)$/.test(stem)),
  );
}
