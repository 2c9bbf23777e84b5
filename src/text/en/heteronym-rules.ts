import { is, near, type Rule } from './heteronym-rule.ts';
import {
  bass,
  bow,
  close,
  dove,
  lead,
  live,
  lives,
  read,
  tear,
  wind,
  winds,
  wound,
} from './heteronym-vowels.ts';
import {
  after,
  before,
  DETERMINERS,
  expectsBareVerb,
  followsDeterminer,
  type Sentence,
  skipAdverbs,
  startsClause,
  wordSet,
} from './word-class.ts';

const minute: Rule = (s, i) =>
  is(
    after(s, i),
    wordSet(
      'detail details particle particles amount amounts quantity quantities change changes difference differences fraction traces portion',
    ),
  ) ||
  is(before(s, i), wordSet('very so most too extremely')) ||
  (s.pauses[i] && is(before(s, i), wordSet('is are was were be been being')))
    ? 'M AY0 N UW1 T'
    : 'M IH1 N AH0 T';

const content: Rule = (s, i) => {
  const j = skipAdverbs(s, i);
  const satisfied =
    is(
      j < 0 ? undefined : s.words[j],
      wordSet(
        "am is are was were be been i'm he's she's we're they're you're feel feels felt seem seems seemed remain remained quite very perfectly not",
      ),
    ) &&
    (s.pauses[i] || is(after(s, i), wordSet('with to that just and in')));
  // "Not content with their lot", "people content with themselves", "became content".
  const withLot =
    after(s, i) === 'with' &&
    (before(s, i) === 'not' ||
      is(
        s.words[i + 2],
        wordSet('himself herself themselves myself yourself itself his her their my what who being'),
      ));
  const became =
    is(before(s, i), wordSet('become becomes became becoming being stay stays stayed')) &&
    (s.pauses[i] || is(after(s, i), wordSet('with to that just and in')));
  return satisfied || withLot || became || expectsBareVerb(s, i) ? 'K AH0 N T EH1 N T' : 'K AA1 N T EH0 N T';
};

const invalid: Rule = (s, i) =>
  is(before(s, i), wordSet('an the old poor bedridden war')) &&
  (s.pauses[i] || is(after(s, i), wordSet('who was is since for and in from had')))
    ? 'IH1 N V AH0 L AH0 D'
    : 'IH0 N V AE1 L AH0 D';

/** Whether it has a capital that is not due to the start of the sentence. */
function isProper(s: Sentence, i: number): boolean {
  return /^\p{Lu}\p{Ll}/u.test(s.sources[i]) && i > 0;
}

const polish: Rule = (s, i) => {
  const capital = /^P\p{Ll}/u.test(s.sources[i]);
  const verb = i === 0 && is(after(s, i), DETERMINERS);
  return capital && !verb && !(i === 0 && after(s, i) === undefined) ? 'P OW1 L IH0 SH' : 'P AA1 L IH0 SH';
};

const used: Rule = (s, i) => {
  if (after(s, i) !== 'to') return undefined;
  const passive = is(before(s, i), wordSet('is are was were be been being'));
  const object = s.words[i + 2] ?? '';
  const accustomed =
    is(object, DETERMINERS) || /ing$/.test(object) || is(object, wordSet('it him them me us you that'));
  return passive && !accustomed ? 'Y UW1 Z D' : 'Y UW1 S T';
};

const does: Rule = (s, i) =>
  near(s, i, wordSet('deer buck bucks fawn fawns stag stags herd'), 6) &&
  is(before(s, i), wordSet('the two three four five several and of many'))
    ? 'D OW1 Z'
    : 'D AH1 Z';

const sow: Rule = (s, i) =>
  is(before(s, i), wordSet('a the this that her his old fat pregnant')) ? 'S AW1' : 'S OW1';
const resume: Rule = (s, i) => (/é/.test(s.sources[i].normalize('NFC')) ? 'R EH1 Z AH0 M EY2' : undefined);
const deserts: Rule = (s, i) => (before(s, i) === 'just' ? 'D IH0 Z ER1 T S' : undefined);
const adjectiveEd =
  (adjective: string): Rule =>
  (s, i) =>
    is(before(s, i), wordSet('a an the this my your his her our their most very')) &&
    !s.pauses[i] &&
    !is(after(s, i), wordSet('to that by in from about with'))
      ? adjective
      : undefined;
const aged: Rule = (s, i) => {
  const person = is(
    after(s, i),
    wordSet('man woman mother father parents couple people person aunt uncle lady gentleman and'),
  );
  return (before(s, i) === 'the' && s.pauses[i]) || (followsDeterminer(s, i) && person)
    ? 'EY1 JH AH0 D'
    : undefined;
};
const moped: Rule = (s, i) => (is(before(s, i), wordSet('he she i they we and')) ? 'M OW1 P T' : undefined);
const august: Rule = (s, i) =>
  /^a/.test(s.sources[i]) && followsDeterminer(s, i) && after(s, i) !== undefined
    ? 'AO0 G AH1 S T'
    : undefined;
const job: Rule = (s, i) =>
  isProper(s, i) && is(before(s, i), wordSet('of like as')) ? 'JH OW1 B' : undefined;
const nice: Rule = (s, i) =>
  isProper(s, i) && is(before(s, i), wordSet('in to from near of via')) && s.pauses[i]
    ? 'N IY1 S'
    : undefined;
const sake: Rule = (s, i) =>
  near(s, i, wordSet('drink drank sushi rice japanese bottle cup warm hot glass'), 4) &&
  before(s, i) !== 'the'
    ? 'S AA1 K IY0'
    : undefined;
const proceeds: Rule = (s, i) =>
  is(before(s, i), DETERMINERS) || startsClause(s, i) || is(after(s, i), wordSet('from of will were go went'))
    ? 'P R OW1 S IY0 D Z'
    : 'P R AH0 S IY1 D Z';
const bases: Rule = (s, i) =>
  is(before(s, i), wordSet('theoretical legal scientific conceptual orthogonal'))
    ? 'B EY1 S IY2 Z'
    : undefined;
const axes: Rule = (s, i) =>
  near(
    s,
    i,
    wordSet('x y z coordinate graph rotation horizontal vertical plot chart label labels symmetry'),
    6,
  )
    ? 'AE1 K S IY2 Z'
    : undefined;

/** Rules of single words, by word. */
export const SPECIAL_RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    aged,
    august,
    axes,
    bases,
    bass,
    blessed: adjectiveEd('B L EH1 S AH0 D'),
    bow: bow(''),
    bows: bow(' Z'),
    close,
    content,
    deserts,
    does,
    dove,
    invalid,
    job,
    lead,
    learned: adjectiveEd('L ER1 N AH0 D'),
    live,
    lives,
    minute,
    moped,
    nice,
    polish,
    proceeds,
    read,
    resume,
    sake,
    sow,
    tear: tear(''),
    tears: tear(' Z'),
    used,
    wind,
    winds,
    wound,
  } satisfies Record<string, Rule>),
);
