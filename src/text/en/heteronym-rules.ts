import { tagOdds } from './tagger.ts';
import {
  after,
  BE,
  before,
  DETERMINERS,
  expectsBareVerb,
  followsDeterminer,
  HAVE,
  type Sentence,
  skipAdverbs,
  startsClause,
  wordClass,
  wordSet,
} from './word-class.ts';

/** ARPAbet of the word at `i`, or `undefined` to treat it as any other word. */
type Rule = (sentence: Sentence, i: number) => string | undefined;

/** Is one of these words within `reach` of word `i`? */
function near({ words }: Sentence, i: number, set: ReadonlySet<string>, reach = 12): boolean {
  for (let k = Math.max(0, i - reach); k < Math.min(words.length, i + reach + 1); k++) {
    if (k !== i && set.has(words[k])) return true;
  }
  return false;
}

const is = (word: string | undefined, set: ReadonlySet<string>) => word !== undefined && set.has(word);

const PAST_TIME = wordSet('yesterday ago last already once when before had was were did');
const HABIT = wordSet('every often usually always sometimes never daily now');
const PERFECT = wordSet('get gets got getting well widely');

const read: Rule = (s, i) => {
  const present = 'R IY1 D';
  const past = 'R EH1 D';
  if (expectsBareVerb(s, i)) return present;
  const j = skipAdverbs(s, i);
  const previous = j < 0 ? undefined : s.words[j];
  if (is(before(s, i), PERFECT) || is(previous, BE) || is(previous, HAVE) || /'ve$/.test(previous ?? ''))
    return past;
  if (previous === undefined || is(previous, DETERMINERS)) return present;
  if (/^(?:he|she|it|who|which|that)$/.test(previous)) return past;
  // Have you read it?
  if (/^(?:i|you|we|they|he|she)$/.test(previous) && is(before(s, j), HAVE)) return past;
  if (/^(?:you|we|they)$/.test(previous)) return near(s, i, PAST_TIME) ? past : present;
  if (previous === 'i') return near(s, i, HABIT) && !near(s, i, PAST_TIME) ? present : past;
  if (/^(?:and|or)$/.test(previous)) return coordinatedPast(s, j) ? past : present;
  if (/(?:s|people|children|men|women)$/.test(previous)) return near(s, i, PAST_TIME) ? past : present;
  return wordClass(s, i, false) === 'nominal' ? present : past;
};

/** "He sat down and read": a past tense goes before the conjunction. */
function coordinatedPast(s: Sentence, j: number): boolean {
  for (let k = j - 1; k >= 0; k--) {
    if (
      /ed$/.test(s.words[k]) ||
      is(s.words[k], wordSet('sat took went came stood lay opened had was got bought found'))
    )
      return true;
    if (startsClause(s, k) || expectsBareVerb(s, k)) return false;
  }
  return false;
}

const LEAD_THINGS =
  wordSet(`pipe pipes paint poisoning pencil pencils acid free based exposure bullet bullets shot levels level
  crystal weight weights contamination mine mines ore sheet sheets lined solder batteries battery content`);
const METALS = wordSet(
  'zinc copper mercury iron silver tin arsenic cadmium gold nickel uranium metal metals steel',
);
const lead: Rule = (s, i) => {
  const metal =
    (is(after(s, i), LEAD_THINGS) && !expectsBareVerb(s, i)) ||
    is(before(s, i), wordSet('molten liquid contain contains contained melted')) ||
    (near(s, i, METALS, 3) && !expectsBareVerb(s, i)) ||
    (before(s, i) === 'of' &&
      is(s.words[i - 2], wordSet('made lump piece ounce pound pounds tons ton bar sheet amounts traces')));
  return metal ? 'L EH1 D' : 'L IY1 D';
};

const LIVE_THINGS =
  wordSet(`music show shows broadcast broadcasts stream streams streaming concert concerts performance
  performances audience audiences tv television coverage event events video chat action band bands ammunition wire wires bait
  animals feed demo data recording recordings album from updates radio theater sports`);
const live: Rule = (s, i) => {
  const next = after(s, i);
  if (expectsBareVerb(s, i) && next !== 'from') return 'L IH1 V';
  const previous = before(s, i);
  const adjective =
    is(next, LIVE_THINGS) ||
    is(
      previous,
      wordSet(
        'go goes going went gone broadcast broadcasting streamed streaming reporting performed perform',
      ),
    ) ||
    is(previous, BE) ||
    (is(previous, DETERMINERS) && !is(previous, wordSet('all both many few most several more')));
  return adjective ? 'L AY1 V' : 'L IH1 V';
};
const lives: Rule = (s, i) => {
  const subject = is(before(s, i), wordSet('he she it who that which'));
  const place = is(after(s, i), wordSet('in with at on there here alone near by next across up down under'));
  if (subject) return 'L IH1 V Z';
  if (followsDeterminer(s, i)) return 'L AY1 V Z';
  return place ? 'L IH1 V Z' : 'L AY1 V Z';
};

const CLOSE_AFTER =
  wordSet(`very so too as how is are was were am be been get gets got getting came come comes stay stays stayed
  keep kept quite really pretty that's it's i'm you're we're they're draw draws stood sat up drew near this these those another
  remain remained remains more`);
const CLOSE_BEFORE =
  wordSet(`to by beside friend friends call calls up together enough attention look range proximity contact ties
  encounter encounters relative relatives relationship behind family quarters eye watch game race second combat`);
const close: Rule = (s, i) => {
  if (expectsBareVerb(s, i)) return 'K L OW1 Z';
  const [previous, next] = [before(s, i), after(s, i)];
  if (is(next, CLOSE_BEFORE) || is(previous, CLOSE_AFTER)) return 'K L OW1 S';
  if (previous === 'the' || previous === 'a')
    return next === undefined || next === 'of' ? 'K L OW1 Z' : 'K L OW1 S';
  return 'K L OW1 Z';
};

const WINDING = wordSet('up down through around round back its their his her your my along the');
const wind: Rule = (s, i) =>
  (expectsBareVerb(s, i) || is(before(s, i), wordSet('i you we they roads paths rivers'))) &&
  (is(after(s, i), WINDING) || after(s, i) === undefined)
    ? 'W AY1 N D'
    : startsClause(s, i) && is(after(s, i), wordSet('up the it your'))
      ? 'W AY1 N D'
      : 'W IH1 N D';
const winds: Rule = (s, i) =>
  is(after(s, i), WINDING) &&
  after(s, i) !== 'the' &&
  !is(before(s, i), DETERMINERS) &&
  !/^(?:strong|high|heavy)$/.test(before(s, i) ?? '')
    ? 'W AY1 N D Z'
    : 'W IH1 N D Z';
const wound: Rule = (s, i) => {
  if (is(before(s, i), DETERMINERS)) return 'W UW1 N D';
  const turned =
    is(after(s, i), wordSet('up down around round through its tight tightly back along')) ||
    tagOdds(s, i, ['past', 'participle'], ['noun', 'adjective', 'verb']) > 2.5;
  return turned ? 'W AW1 N D' : 'W UW1 N D';
};

const TEARING = wordSet('up apart down off it them through open out into away');
const tear =
  (ending: string): Rule =>
  (s, i) => {
    const ripped =
      (ending === '' && (expectsBareVerb(s, i) || is(before(s, i), wordSet('i you we they')))) ||
      (is(after(s, i), TEARING) && before(s, i) !== 'in') ||
      (before(s, i) === 'and' && s.words[i - 2] === 'wear') ||
      (ending === '' && startsClause(s, i) && is(after(s, i), DETERMINERS)) ||
      (near(s, i, wordSet('fabric coat shirt cloth sleeve muscle ligament cartilage jeans paper sail'), 4) &&
        !near(s, i, wordSet('eye eyes cheek face'), 5));
    return (ripped ? 'T EH1 R' : 'T IH1 R') + ending;
  };

const bow =
  (ending: string): Rule =>
  (s, i) => {
    const weapon = wordSet(
      'arrow arrows tie ties violin ribbon ribbons string strings hunting hair cello archer gift rain knot',
    );
    if (near(s, i, weapon, 6)) return `B OW1${ending}`;
    const bend =
      expectsBareVerb(s, i) ||
      is(after(s, i), wordSet('to down before out low')) ||
      is(before(s, i), wordSet('i you we they he she')) ||
      wordClass(s, i, ending !== '') === 'verb' ||
      near(
        s,
        i,
        wordSet(
          'take takes took taking ship boat canoe stern deck sailor sailors ships hull vessel yacht waves shoreward',
        ),
        8,
      );
    return (bend ? 'B AW1' : 'B OW1') + ending;
  };

const bass: Rule = (s, i) =>
  near(
    s,
    i,
    wordSet(
      'fish fishing fished lake river sea striped largemouth smallmouth caught catch trout pond salmon grilled pounds',
    ),
  )
    ? 'B AE1 S'
    : 'B EY1 S';

const dove: Rule = (s, i) => {
  if (
    is(before(s, i), wordSet('he she they we i who it and then')) ||
    is(after(s, i), wordSet('into in off under down deep headfirst beneath'))
  ) {
    return is(before(s, i), wordSet('a the white turtle mourning peace')) ? 'D AH1 V' : 'D OW1 V';
  }
  return 'D AH1 V';
};

const minute: Rule = (s, i) =>
  is(
    after(s, i),
    wordSet(
      'detail details particle particles amount amounts quantity quantities change changes difference differences fraction traces portion',
    ),
  ) || is(before(s, i), wordSet('very so most too extremely'))
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
  return satisfied || expectsBareVerb(s, i) ? 'K AH0 N T EH1 N T' : 'K AA1 N T EH0 N T';
};

const invalid: Rule = (s, i) =>
  is(before(s, i), wordSet('an the old poor bedridden war')) &&
  (s.pauses[i] || is(after(s, i), wordSet('who was is since for and in from had')))
    ? 'IH1 N V AH0 L AH0 D'
    : 'IH0 N V AE1 L AH0 D';

/** Capital, and not only because the sentence starts. */
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

/** Words with a rule of their own, by word. */
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
