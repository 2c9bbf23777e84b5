import type { Cursor } from './cursor.ts';

/** Before a name; the period never ends a sentence. */
const TITLES: Readonly<Record<string, string>> = {
  mr: 'mister',
  mrs: 'missus',
  ms: 'ms',
  messrs: 'messers',
  prof: 'professor',
  rev: 'reverend',
  hon: 'honorable',
  gen: 'general',
  col: 'colonel',
  capt: 'captain',
  lt: 'lieutenant',
  sgt: 'sergeant',
  maj: 'major',
  cpl: 'corporal',
  pvt: 'private',
  cmdr: 'commander',
  adm: 'admiral',
  sen: 'senator',
  rep: 'representative',
  gov: 'governor',
  pres: 'president',
  supt: 'superintendent',
  det: 'detective',
  fr: 'father',
  mt: 'mount',
  ft: 'fort',
};

/** With a period; it may also end the sentence. */
const DOTTED: Readonly<Record<string, string>> = {
  jr: 'junior',
  sr: 'senior',
  vs: 'versus',
  etc: 'et cetera',
  approx: 'approximately',
  est: 'estimated',
  dept: 'department',
  inc: 'incorporated',
  ltd: 'limited',
  co: 'company',
  cos: 'companies',
  corp: 'corporation',
  bros: 'brothers',
  assn: 'association',
  assoc: 'associates',
  intl: 'international',
  natl: 'national',
  univ: 'university',
  govt: 'government',
  ave: 'avenue',
  blvd: 'boulevard',
  rd: 'road',
  ln: 'lane',
  hwy: 'highway',
  pkwy: 'parkway',
  apt: 'apartment',
  ste: 'suite',
  bldg: 'building',
  misc: 'miscellaneous',
  tel: 'telephone',
  ext: 'extension',
  temp: 'temperature',
  feat: 'featuring',
  viz: 'namely',
  cf: 'compare',
  eds: 'editors',
  ed: 'edition',
  rev: 'revised',
  max: 'maximum',
  min: 'minimum',
  avg: 'average',
  qty: 'quantity',
  amt: 'amount',
  abbr: 'abbreviation',
  attn: 'attention',
  cont: 'continued',
  incl: 'including',
  excl: 'excluding',
  ref: 'reference',
  esp: 'especially',
  al: 'al',
  dist: 'district',
  prev: 'previous',
  tbsp: 'tablespoons',
  tsp: 'teaspoons',
  mon: 'monday',
  tue: 'tuesday',
  tues: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  thur: 'thursday',
  thurs: 'thursday',
  fri: 'friday',
};

/** With or without a period, in any place: no other word is written so. */
const BARE: Readonly<Record<string, string>> = {
  mr: 'mister',
  mrs: 'missus',
  vs: 'versus',
  etc: 'et cetera',
  approx: 'approximately',
  dept: 'department',
  govt: 'government',
  blvd: 'boulevard',
  hwy: 'highway',
  pkwy: 'parkway',
  bldg: 'building',
  ltd: 'limited',
  tbsp: 'tablespoons',
  tsp: 'teaspoons',
  qty: 'quantity',
  attn: 'attention',
  lbs: 'pounds',
  km: 'kilometers',
  cm: 'centimeters',
  mm: 'millimeters',
  kg: 'kilograms',
  mph: 'miles per hour',
  yrs: 'years',
  hrs: 'hours',
  mins: 'minutes',
  secs: 'seconds',
  thurs: 'thursday',
  tues: 'tuesday',
};

/** With a period (some without) and only before a number. */
const BEFORE_NUMBER: Readonly<Record<string, string>> = {
  no: 'number',
  nos: 'numbers',
  nr: 'number',
  vol: 'volume',
  vols: 'volumes',
  ch: 'chapter',
  chap: 'chapter',
  sec: 'section',
  fig: 'figure',
  figs: 'figures',
  eq: 'equation',
  p: 'page',
  pp: 'pages',
  pg: 'page',
  pgs: 'pages',
  art: 'article',
  op: 'opus',
  ca: 'circa',
  c: 'circa',
  ver: 'version',
  rm: 'room',
  ext: 'extension',
};

/** Dotted letters that stand for words. */
const PHRASES: Readonly<Record<string, string>> = {
  'e.g.': 'for example',
  'i.e.': 'that is',
  'n.b.': 'note',
  'a.k.a.': 'also known as',
};

/** A capitalized word that seldom follows an abbreviation within a sentence. */
const STARTER =
  /["')\]\u00a0 ]{1,6}["'(]?(?:The|He|She|It|They|We|You|I|In|On|At|But|And|So|Then|This|That|These|Those|There|What|When|Where|Why|How|Who|If|As|For|My|Our|Your|His|Her|Its|Their|A|An|No|Yes|Please|After|Before|However|Now|Let|Meanwhile|Is|Are|Was|Do|Did|Can|Could|Would|Will|Some|Many|Most|All|One|Two|Not|Next|See|With|From|By|To|Its|Everyone|Nobody)(?![A-Za-z])/y;
const LINE_END = /[ \u00a0"')\]]{0,20}$/y;
const ABBREVIATION = /([A-Za-z]{1,7})(\.?)(?![A-Za-z0-9'])/y;
const INITIALS = /(?:[A-Za-z]\.){2,8}(?![A-Za-z])|(?:Ph|M|Ed|Psy|Sc|Lit)\.[Dd]s?\.?(?![A-Za-z])/y;
const INITIAL = /([A-Z])\.(?=[ \u00a0]?[A-Z][A-Za-z.'])/y;
const NUMBER_NEXT = /[ \u00a0]?(?:[#$€£]?\d|[IVXL]{2,6}(?![A-Za-z'])|[VX](?![A-Za-z']))/y;
const NAME_NEXT = /[ \u00a0](?:[A-Z][a-z'.]|O')/y;
/** Capitalized at a sentence's start, but no part of a street's name. */
const NO_NAME =
  /^(?:In|On|At|To|From|The|Near|By|Visit|For|And|But|With|Of|As|See|When|Is|Was|Ask|Tell|Call|Meet|Hello|Hi|Dear|Thank|Thanks|Yes|No|So|Then|If|Our|My|Your|His|Her|Their|This|That|Through|Toward|Via|Since)$/;
const LABELS =
  /^(?:plan|vitamin|type|grade|class|group|section|hepatitis|team|option|exhibit|part|appendix)$/i;

/** Whether the period just before `offset` also ends the sentence. */
export function endsSentence(c: Cursor, offset: number): boolean {
  return c.match(LINE_END, offset) !== null || c.match(STARTER, offset) !== null;
}

/** Speaks an abbreviation of `length` characters, its period (if any) included, and pauses if the sentence ends. */
function speak(c: Cursor, words: string, length: number, dotted: boolean): number {
  c.say(words, 0, length);
  if (dotted && endsSentence(c, length)) c.pause('.', length - 1, length);
  return length;
}

/** `Dr. Lee` is a doctor, `12 Elm Dr.` a drive; `St. Paul` a saint, `Main St.` a street. */
function titleOrStreet(c: Cursor, length: number, dotted: boolean, title: string, street: string): number {
  const afterName = /^[A-Z0-9]/.test(c.before) && !NO_NAME.test(c.before);
  const beforeName = c.match(NAME_NEXT, length) !== null && !(dotted && c.match(STARTER, length));
  if (beforeName && !(afterName && c.wordsSinceNumber <= 5)) {
    c.say(title, 0, length);
    return length;
  }
  if (!dotted && !afterName) return 0;
  return speak(c, afterName || title === 'saint' ? street : title, length, dotted);
}

/** Abbreviations whose period, if written, isn't a full stop. */
export function abbreviation(c: Cursor): number {
  const match = c.match(ABBREVIATION);
  if (!match) return 0;
  const [{ length }, written, period] = match;
  const dotted = period === '.';
  const key = written.toLowerCase();
  const capital = written[0] !== key[0];
  if (key === 'dr' && (dotted || capital)) return titleOrStreet(c, length, dotted, 'doctor', 'drive');
  if (key === 'st' && (dotted || capital)) return titleOrStreet(c, length, dotted, 'saint', 'street');
  if (Object.hasOwn(BEFORE_NUMBER, key) && (dotted || key === 'pp') && c.match(NUMBER_NEXT, length)) {
    c.say(BEFORE_NUMBER[key], 0, length);
    return length;
  }
  if (dotted && Object.hasOwn(TITLES, key) && c.match(NAME_NEXT, length)) {
    c.say(TITLES[key], 0, length);
    return length;
  }
  const upper = written === written.toUpperCase();
  if (!dotted) {
    if (!Object.hasOwn(BARE, key) || (upper && !c.shouting && length < 4)) return 0;
    return speak(c, BARE[key], length, false);
  }
  if (key === 'sat' || key === 'sun') return 0;
  const words = Object.hasOwn(DOTTED, key) ? DOTTED[key] : Object.hasOwn(BARE, key) ? BARE[key] : undefined;
  if (words === undefined) return 0;
  // Words of their own as well, when the sentence ends with them: "Hit the max." stays short, "the art." is no article.
  if (/^(?:max|min|temp|ed|al|co|rep|mon|wed|ref|cont|rev|dist)$/.test(key) && !capital && key !== 'al') {
    if (endsSentence(c, length)) return 0;
  }
  return speak(c, words, length, true);
}

/** `U.S.`, `Ph.D.`, `e.g.`, `a.m.`: letters with periods. */
export function initials(c: Cursor): number {
  const match = c.match(INITIALS);
  if (match) {
    const written = match[0];
    const phrase = PHRASES[written.toLowerCase()];
    const letters = written.replace(/[^A-Za-z]/g, '').toUpperCase();
    return speak(c, phrase ?? Array.from(letters).join(' '), written.length, written.endsWith('.'));
  }
  const initial = c.match(INITIAL);
  if (!initial || LABELS.test(c.before)) return 0;
  if (initial[1] === 'I' && /^[a-z]/.test(c.before)) return 0;
  c.say(initial[1], 0, 2);
  return 2;
}
