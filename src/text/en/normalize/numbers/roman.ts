import type { Cursor } from '../cursor.ts';
import { cardinal, ordinal, roman } from './numbers.ts';

const NUMERAL = /([IVXLC]{1,8})(?![A-Za-z0-9]|\.[A-Za-z]|'[a-rt-z])('s)?/y;
/** Names of kings, queens and popes: "the eighth". */
const RULERS =
  /^(?:Henry|Louis|George|Charles|Edward|Elizabeth|James|John|Paul|Pius|Benedict|William|Richard|Philip|Catherine|Mary|Anne|Alexander|Nicholas|Peter|Frederick|Leo|Gregory|Clement|Innocent|Urban|Julius|Francis|Ferdinand|Alfonso|Napoleon|Wilhelm|Otto|Leopold|Ramesses|Ptolemy|Darius|Xerxes|Cyrus|Augustus|Harald|Haakon|Olaf|Christian|Gustav|Ivan|Pedro|Carlos|Juan|Felipe|Juliana|Margaret|Victoria|Robert|David|Thomas|Joseph|Michael|Stephen|Boniface|Sixtus|Martin|Adrian|Justinian|Constantine|Theodosius|Rama|Mehmed|Murad|Selim|Akihito|Norodom|Umberto)$/;
/** Words whose number follows: "chapter four". */
const LABELS =
  /^(?:war|chapter|part|act|scene|volume|vol\.?|book|section|phase|type|class|title|article|bowl|fantasy|rocky|episode|level|appendix|figure|table|stage|grade|mark|apollo|saturn|division|factor|quest|gear|type|unit|lesson|step|round|schedule|category|group|line|olympiad|kings|samuel|corinthians|chronicles|games|legion|band|corps|nerve|warcraft|civilization|souls|watch|theft|auto|gta|iphone)$/i;
/** `Samuel L. Jackson`: a middle initial. After a ruler's name `V.` may end a sentence. */
const INITIAL_NEXT = /\.[ \u00a0]?[A-Z][A-Za-z.']/y;
const STARTER_NEXT =
  /\.[ \u00a0](?:The|He|She|It|They|We|You|I|In|On|At|But|And|So|Then|This|That|There|When|His|Her|Its|Their|After|Before|However|A|An|Was|Is|As|For|Of|By|Did|Who|Both|All)(?![A-Za-z])/y;
const CENTURY_NEXT =
  /[ \u00a0](?:century|centuries|dynasty|congress|olympiad|anniversary|edition|corps|legion)(?![a-z])/iy;
const HIGHEST_ALONE = 50;
/** A capital I after a ruler's name is a pronoun when a verb follows. */
const VERB_NEXT =
  /[ \u00a0](?!(?:of|was|is|and|ruled|reigned|died|became|had|in|the|to|at|on|by|or|succeeded|abdicated)(?![a-z]))[a-z]/y;
const BRACKETED = /[ivx]{2,6}(?=\))/y;
const LIST_MARK = /([ivxIVX]{1,6})[.)](?=[ \u00a0])/y;

/** `Henry VIII` → "the eighth", `World War II` → "two". */
export function romanNumeral(c: Cursor): number {
  const bracketed = c.previous === '(' ? c.match(BRACKETED) : null;
  if (bracketed && roman(bracketed[0]) > 0) {
    c.say(cardinal(String(roman(bracketed[0]))), 0, bracketed[0].length);
    return bracketed[0].length;
  }
  const match = c.match(NUMERAL);
  if (!match) return 0;
  const [{ length }, written, possessive] = match;
  const value = roman(written);
  if (value === 0 || value > HIGHEST_ALONE * 2) return 0;
  if (written.length === 1 && c.match(INITIAL_NEXT, length)) {
    const titled = /^(?:Pope|King|Queen|Emperor|Tsar|Czar|Kaiser|Empress|Prince|Sultan)$/.test(c.beforeThat);
    const closes = titled || written === 'I' || written === 'V' || written === 'X';
    if (!closes || !RULERS.test(c.before) || !(titled || c.match(STARTER_NEXT, length))) return 0;
  }
  if (/^[LCDM]$/.test(written)) return 0;
  const digits = String(value);
  if (c.match(CENTURY_NEXT, length)) {
    c.say(ordinal(digits), 0, length);
    return length;
  }
  const tail = possessive === undefined ? '' : "'s";
  const prior = c.before.replace(/'s$/, '');
  if (RULERS.test(prior) && !(written === 'I' && c.match(VERB_NEXT, length))) {
    c.say(`the ${ordinal(digits)}${tail}`, 0, length);
    return length;
  }
  if (LABELS.test(prior)) {
    c.say(`${cardinal(digits)}${tail}`, 0, length);
    return length;
  }
  if (written.length < 2 || /[LC]/.test(written)) return 0;
  // Three letters or more are hardly an initialism.
  if (written.length < 3 && !/^[A-Z][a-z]/.test(prior)) return 0;
  // Alan Shepard III, Rocky II: a person if a first and a last name precede
  const person = /^[A-Z][a-z]/.test(c.beforeThat) && RULERS.test(c.beforeThat);
  c.say(`${person ? `the ${ordinal(digits)}` : cardinal(digits)}${tail}`, 0, length);
  return length;
}

/** `iv. Fourth point` at the beginning of a line. */
export function romanListMark(c: Cursor): number {
  if (!c.atLineStart) return 0;
  const match = c.match(LIST_MARK);
  const value = match ? roman(match[1]) : 0;
  if (!match || value === 0 || (match[1] === 'I' && match[0].endsWith('.') && c.window.length < 4)) return 0;
  c.say(cardinal(String(value)), 0, match[0].length);
  c.pause(',', match[0].length - 1, match[0].length);
  return match[0].length;
}
