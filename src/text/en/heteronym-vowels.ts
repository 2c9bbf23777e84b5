/** Rules for words whose vowel depends on their meaning or tense. */

import { is, near, type Rule } from './heteronym-rule.ts';
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

const PAST_TIME = wordSet('yesterday ago last already once when before had was were did');
const HABIT = wordSet('every often usually always sometimes never daily now');
const PERFECT = wordSet('get gets got getting well widely');

const FREQUENCY = wordSet('always often usually never sometimes rarely seldom');
/** Adjectives before a read, which is a text. */
const READS = wordSet('required good great easy quick long short fun interesting compelling worthwhile');

/** "Readers almost always", "you never": not "he never", which says nothing about the tense. */
function hasPluralSubject(s: Sentence, i: number): boolean {
  for (let k = i - 1; k >= Math.max(0, i - 4); k--) {
    if (/^(?:you|we|they)$/.test(s.words[k])) return true;
    if (is(s.words[k], FREQUENCY) || s.words[k] === 'almost') continue;
    return /[^s]s$/.test(s.words[k]) && !/^(?:was|is|has|his|its|this)$/.test(s.words[k]);
  }
  return false;
}

export const read: Rule = (s, i) => {
  const present = 'R IY1 D';
  const past = 'R EH1 D';
  if (expectsBareVerb(s, i)) return present;
  // "written and read by", "a required read", "you never read about it", "readers almost always read".
  if (after(s, i) === 'by' && /^(?:and|or)$/.test(before(s, i) ?? '')) return past;
  if (s.pauses[i] && is(before(s, i), READS)) return present;
  if (is(before(s, i), FREQUENCY) && hasPluralSubject(s, i)) return present;
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

/** "He sat down and read": whether a past tense precedes the conjunction. */
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
  'zinc copper mercury iron silver tin arsenic antimony bismuth cadmium gold nickel uranium metal metals steel',
);
export const lead: Rule = (s, i) => {
  const metal =
    (is(after(s, i), LEAD_THINGS) && !expectsBareVerb(s, i)) ||
    is(before(s, i), wordSet('molten liquid contain contains contained melted')) ||
    (near(s, i, METALS, 3) && !expectsBareVerb(s, i)) ||
    (startsClause(s, i) && is(after(s, i), wordSet('is was has can melts'))) ||
    (before(s, i) === 'of' &&
      is(s.words[i - 2], wordSet('made lump piece ounce pound pounds tons ton bar sheet amounts traces')));
  return metal ? 'L EH1 D' : 'L IY1 D';
};

const LIVE_THINGS =
  wordSet(`music show shows broadcast broadcasts stream streams streaming concert concerts performance
  performances audience audiences tv television coverage event events video chat action band bands ammunition wire wires bait
  animals feed demo data recording recordings album from updates radio theater sports news dvd cd`);
export const live: Rule = (s, i) => {
  const next = after(s, i);
  if (expectsBareVerb(s, i) && next !== 'from') return 'L IH1 V';
  const previous = before(s, i);
  const adjective =
    is(next, LIVE_THINGS) ||
    is(
      previous,
      wordSet(
        `go goes going went gone broadcast broadcasting streamed streaming reporting performed perform performs
        performing played plays playing recorded sang sung singing aired shown filmed appeared`,
      ),
    ) ||
    is(previous, BE) ||
    (is(previous, DETERMINERS) && !is(previous, wordSet('all both many few most several more')));
  return adjective ? 'L AY1 V' : 'L IH1 V';
};
export const lives: Rule = (s, i) => {
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
export const close: Rule = (s, i) => {
  if (expectsBareVerb(s, i)) return 'K L OW1 Z';
  const [previous, next] = [before(s, i), after(s, i)];
  if (is(next, CLOSE_BEFORE) || is(previous, CLOSE_AFTER)) return 'K L OW1 S';
  if (previous === 'the' || previous === 'a')
    return next === undefined || next === 'of' ? 'K L OW1 Z' : 'K L OW1 S';
  return 'K L OW1 Z';
};

const WINDING = wordSet('up down through around round back its their his her your my along the');
export const wind: Rule = (s, i) =>
  (expectsBareVerb(s, i) || is(before(s, i), wordSet('i you we they roads paths rivers'))) &&
  (is(after(s, i), WINDING) || after(s, i) === undefined)
    ? 'W AY1 N D'
    : startsClause(s, i) && is(after(s, i), wordSet('up the it your'))
      ? 'W AY1 N D'
      : 'W IH1 N D';
export const winds: Rule = (s, i) =>
  is(after(s, i), WINDING) &&
  after(s, i) !== 'the' &&
  !is(before(s, i), DETERMINERS) &&
  !/^(?:strong|high|heavy)$/.test(before(s, i) ?? '')
    ? 'W AY1 N D Z'
    : 'W IH1 N D Z';
export const wound: Rule = (s, i) => {
  if (is(before(s, i), DETERMINERS) || is(after(s, i), wordSet('him her them us me people')))
    return 'W UW1 N D';
  const turned =
    is(after(s, i), wordSet('metal wire wires string strings coil coils rotor spring springs')) ||
    is(after(s, i), wordSet('up down around round through its tight tightly back along')) ||
    tagOdds(s, i, ['past', 'participle'], ['noun', 'adjective', 'verb']) > 2.5;
  return turned ? 'W AW1 N D' : 'W UW1 N D';
};

/** Words near a single "tear" that make it one of an eye; otherwise it is a rip. */
const WEEPING = wordSet(
  `eye eyes cheek cheeks face cry cried crying weep wept weeping sob sobbed shed wiped wipe brushed rolled ran trickled streamed
  single lone sad sadness joy grief stained filled`,
);
const OF_THE_EYE = wordSet('gas gassed gassing duct ducts film drop drops jerker jerkers');
const TEARING = wordSet('up apart down off it them through open out into away');
export const tear =
  (ending: string): Rule =>
  (s, i) => {
    if (is(after(s, i), OF_THE_EYE)) return `T IH1 R${ending}`;
    const ripped =
      (ending === '' && !near(s, i, WEEPING, 8)) ||
      (ending === '' && (expectsBareVerb(s, i) || is(before(s, i), wordSet('i you we they')))) ||
      (is(after(s, i), TEARING) && before(s, i) !== 'in') ||
      (before(s, i) === 'and' && s.words[i - 2] === 'wear') ||
      (ending === '' && startsClause(s, i) && is(after(s, i), DETERMINERS)) ||
      (near(s, i, wordSet('fabric coat shirt cloth sleeve muscle ligament cartilage jeans paper sail'), 4) &&
        !near(s, i, wordSet('eye eyes cheek face'), 5));
    return (ripped ? 'T EH1 R' : 'T IH1 R') + ending;
  };

const OF_A_SHIP = wordSet(
  'shock wave waves thruster thrusters section gun guns door doors ramp planes sonar wow',
);

export const bow =
  (ending: string): Rule =>
  (s, i) => {
    const weapon = wordSet(
      `arrow arrows tie ties violin ribbon ribbons string strings hunting hair cello archer gift rain knot quiver draw drew drawn
      collector collectors window windows shot`,
    );
    if (is(after(s, i), OF_A_SHIP)) return `B AW1${ending}`;
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
          `take takes took taking ship boat canoe stern deck sailor sailors ships hull vessel yacht waves shoreward
          submarine torpedo torpedoes gun guns mast port starboard anchor collision damage damages damaged crew captain sonar
          destroyer cruiser tank turret keel`,
        ),
        12,
      );
    return (bend ? 'B AW1' : 'B OW1') + ending;
  };

export const bass: Rule = (s, i) =>
  near(
    s,
    i,
    wordSet(
      'fish fishing fished lake river sea striped largemouth smallmouth caught catch trout pond salmon grilled pounds',
    ),
  )
    ? 'B AE1 S'
    : 'B EY1 S';

export const dove: Rule = (s, i) => {
  if (
    is(before(s, i), wordSet('he she they we i who it and then')) ||
    is(after(s, i), wordSet('into in off under down deep headfirst beneath'))
  ) {
    return is(before(s, i), wordSet('a the white turtle mourning peace')) ? 'D AH1 V' : 'D OW1 V';
  }
  return 'D AH1 V';
};
