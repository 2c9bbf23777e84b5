/** Words of one sentence and where pauses are, as context for a word whose pronunciation depends on it. */
export interface Sentence {
  /** Lower case. */
  readonly words: readonly string[];
  /** As written. */
  readonly sources: readonly string[];
  /** Whether a pause follows word i. The last entry is true. */
  readonly pauses: readonly boolean[];
}

/** The set of the words in a text. */
export function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

/** A bare verb follows these. */
const BEFORE_VERB =
  wordSet(`to will would can could shall should may might must do does did don't doesn't didn't won't wouldn't
  can't couldn't cannot shan't shouldn't mustn't mightn't needn't let's please gonna wanna gotta`);
/** After these, `to` is a preposition. */
const BEFORE_PREPOSITION_TO = wordSet(
  'due according prior thanks owing addition contrary opposed close next related similar respect regard',
);
/** Subjects of a verb without ending, and of one with `-s`. */
const PLURAL_SUBJECTS = wordSet('i you we they who people');
const SINGULAR_SUBJECTS = wordSet('he she it who which that');
/** A noun or adjective follows these. */
export const DETERMINERS =
  wordSet(`the a an this these those my your his her its our their no any some every each another
  such both all many few several more most much which what whose one two three four five six seven eight nine ten
  first second third last next new old other own same`);
const PREPOSITIONS =
  wordSet(`of in on at for with from by into about over under per without between against through during
  after before than as like behind beyond upon within via toward towards`);
export const BE = wordSet(
  "am is are was were be been being isn't aren't wasn't weren't i'm you're we're they're he's she's it's that's",
);
export const HAVE = wordSet("has have had having hasn't haven't hadn't i've you've we've they've he'd she'd");
/** Words that begin an object, so that the word before them is a verb. */
const OBJECTS =
  wordSet(`the a an this these those my your his her its our their it them him us me you all each every both some any
  everything everyone something someone anything anyone nothing yourself himself herself itself themselves myself`);
const ADVERBS = wordSet(
  'not never always also often just only even still ever already then now soon rather hardly really both',
);
const CONJUNCTIONS = wordSet('and or but nor then');
const CAUSATIVES = wordSet('let make makes made help helps helped watch watched see saw hear heard have had');

/** Whether word `i` is the first or follows a pause. */
export function startsClause({ pauses }: Sentence, i: number): boolean {
  return i === 0 || pauses[i - 1];
}

/** Word before `i` in the same clause. */
export function before(sentence: Sentence, i: number): string | undefined {
  return startsClause(sentence, i) ? undefined : sentence.words[i - 1];
}

/** Word after `i` in the same clause. */
export function after({ words, pauses }: Sentence, i: number): string | undefined {
  return pauses[i] ? undefined : words[i + 1];
}

/** Index of the nearest word before `i` that is no adverb, or -1 when the clause starts first. */
export function skipAdverbs(sentence: Sentence, i: number): number {
  let j = i;
  while (!startsClause(sentence, j)) {
    j--;
    const word = sentence.words[j];
    if (!ADVERBS.has(word) && !/..ly$/.test(word)) return j;
  }
  return -1;
}

/** Whether the words before `i` require a bare verb at `i`. */
export function expectsBareVerb(sentence: Sentence, i: number): boolean {
  const j = skipAdverbs(sentence, i);
  if (j < 0) return false;
  const word = sentence.words[j];
  if (word === 'to') return !BEFORE_PREPOSITION_TO.has(before(sentence, j) ?? '');
  return BEFORE_VERB.has(word) || /'(?:ll|d)$/.test(word);
}

/** Whether word `i` follows a determiner, possessive or preposition. */
export function followsDeterminer(sentence: Sentence, i: number): boolean {
  const word = before(sentence, i);
  return word !== undefined && (DETERMINERS.has(word) || PREPOSITIONS.has(word) || /[a-z]'s$/.test(word));
}

/**
 * Guesses from its neighbours whether a word is a verb or a nominal (noun, adjective).
 * @param thirdPerson the word ends in an added `-s`.
 * @returns `undefined` when they are no evidence.
 */
export function wordClass(
  sentence: Sentence,
  i: number,
  thirdPerson: boolean,
): 'verb' | 'nominal' | undefined {
  const { words } = sentence;
  const follower = after(sentence, i);
  const objectFollows = follower !== undefined && OBJECTS.has(follower);
  const j = skipAdverbs(sentence, i);
  if (j < 0) return objectFollows && !thirdPerson ? 'verb' : undefined;
  const previous = words[j];
  if (!thirdPerson && expectsBareVerb(sentence, i)) return 'verb';
  if ((thirdPerson ? SINGULAR_SUBJECTS : PLURAL_SUBJECTS).has(previous)) return 'verb';
  if (previous === 'that' && !thirdPerson) return 'nominal';
  if (!thirdPerson && isCausative(sentence, j)) return 'verb';
  if (!thirdPerson && pluralSubject(sentence, j, follower)) return 'verb';
  if (followsDeterminer(sentence, j + 1) || BE.has(previous) || HAVE.has(previous)) return 'nominal';
  if (CONJUNCTIONS.has(previous)) return coordinated(sentence, j, objectFollows);
  if (objectFollows) return 'verb';
  const plural = /[^sui]s$/.test(previous);
  if (plural && !thirdPerson && /^(?:with|to|from|at|when|if|because|while|until)$/.test(follower ?? ''))
    return 'verb';
  for (let k = j, steps = 0; k >= 0 && steps < 3; k--, steps++) {
    if (followsDeterminer(sentence, k)) return 'nominal';
    if (startsClause(sentence, k)) break;
  }
  return undefined;
}

/** Plurals that occur before a noun: "a sales contract". */
const COMPOUNDING =
  wordSet(`sports sales arms goods savings systems customs news physics politics economics mathematics always perhaps sometimes
  besides towards afterwards yes across unless less plus thus versus series species united states`);

/** "The rules permit", "children often rebel": follows a plural noun and precedes no other verb. */
function pluralSubject({ words }: Sentence, j: number, follower: string | undefined): boolean {
  const noun = words[j];
  const plural = /^(?:people|children|men|women)$/.test(noun) || /^[a-z]{2,}[^suia']s$/.test(noun);
  if (!plural || COMPOUNDING.has(noun) || DETERMINERS.has(noun) || PREPOSITIONS.has(noun)) return false;
  if (BE.has(noun) || HAVE.has(noun)) return false;
  return (
    follower === undefined ||
    !(BE.has(follower) || HAVE.has(follower) || /^(?:will|can|would|of|did|does|do)$/.test(follower))
  );
}

/** "let him record": an object pronoun after a verb that takes a bare verb. */
function isCausative(sentence: Sentence, j: number): boolean {
  return (
    /^(?:him|them|us|me|you|her|it)$/.test(sentence.words[j]) && CAUSATIVES.has(before(sentence, j) ?? '')
  );
}

/** "to import and export", "buy and use it": as the word before the conjunction. */
function coordinated(sentence: Sentence, j: number, objectFollows: boolean): 'verb' | 'nominal' | undefined {
  if (objectFollows) return 'verb';
  if (startsClause(sentence, j)) return undefined;
  return expectsBareVerb(sentence, j - 1) ? 'verb' : undefined;
}
