import type { Cursor } from '../cursor.ts';
import { table } from '../table.ts';
import { BARE, BEFORE_NUMBER, DOTTED, TITLES } from './abbreviation-table.ts';

/** Dotted letters that mean words. */
const PHRASES = table('e.g.=for example; i.e.=that is; n.b.=note; a.k.a.=also known as');

/** Capitalized words that rarely follow an abbreviation within a sentence. */
const STARTER =
  /["')\]\u00a0 ]{1,6}["'(]?(?:The|He|She|It|They|We|You|I|In|On|At|But|And|So|Then|This|That|These|Those|There|What|When|Where|Why|How|Who|If|As|For|My|Our|Your|His|Her|Its|Their|A|An|No|Yes|Please|After|Before|However|Now|Let|Meanwhile|Is|Are|Was|Do|Did|Can|Could|Would|Will|Some|Many|Most|All|One|Two|Not|Next|See|With|From|By|To|Its|Everyone|Nobody)(?![A-Za-z])/y;
const LINE_END = /[ \u00a0"')\]]{0,20}$/y;
const ABBREVIATION = /([A-Za-z]{1,7})(\.?)(?![A-Za-z0-9'])/y;
const INITIALS = /(?:[A-Za-z]\.){2,8}(?![A-Za-z])|(?:Ph|M|Ed|Psy|Sc|Lit)\.[Dd]s?\.?(?![A-Za-z])/y;
const POSSESSIVE = /'s(?![A-Za-z])/y;
const INITIAL = /([A-Z])\.(?=[ \u00a0]?[A-Z][A-Za-z.'])/y;
const NUMBER_NEXT = /[ \u00a0]?(?:[#$€£]?\d|[IVXL]{2,6}(?![A-Za-z'])|[VX](?![A-Za-z']))/y;
const NAME_NEXT = /[ \u00a0](?:[A-Z][a-z'.]|O')/y;
/** Words that start a sentence and are not part of a street name. */
const NO_NAME =
  /^(?:In|On|At|To|From|The|Near|By|Visit|For|And|But|With|Of|As|See|When|Is|Was|Ask|Tell|Call|Meet|Hello|Hi|Dear|Thank|Thanks|Yes|No|So|Then|If|Our|My|Your|His|Her|Their|This|That|Through|Toward|Via|Since)$/;
const LABELS =
  /^(?:plan|vitamin|type|grade|class|group|section|hepatitis|team|option|exhibit|part|appendix)$/i;

const UNDOTTED_TITLE = /^(?:prof|capt|sgt|lt|gov|sen|mt|ft)$/;
const ALSO_A_WORD = /^(?:max|min|temp|ed|co|mon|wed|ref|cont|rev|dist|inc)$/;
const ALSO_A_NAME = /^(?:max|min|ed|al|ref|temp)$/;

/** Whether the period just before `offset` also ends the sentence. */
export function endsSentence(c: Cursor, offset: number): boolean {
  return c.match(LINE_END, offset) !== null || c.match(STARTER, offset) !== null;
}

/** Speaks an abbreviation of `length` characters, including its period, and adds a pause if it ends the sentence. */
function speak(c: Cursor, words: string, length: number, dotted: boolean): number {
  c.say(words, 0, length);
  if (dotted && endsSentence(c, length)) c.pause('.', length - 1, length);
  return length;
}

/** `Dr. Lee` is a doctor, `12 Elm Dr.` a drive; `St. Paul` a saint, `Main St.` a street. */
function titleOrStreet(c: Cursor, length: number, dotted: boolean, title: string, street: string): number {
  const afterName =
    (/^[A-Z]/.test(c.before) ||
      /^\d.*[a-z]$/.test(c.before) ||
      (/^\d/.test(c.before) && title !== 'saint')) &&
    !NO_NAME.test(c.before);
  const beforeName = c.match(NAME_NEXT, length) !== null && !(afterName && c.match(STARTER, length));
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
  if (BEFORE_NUMBER.has(key) && (dotted || key === 'pp') && c.match(NUMBER_NEXT, length)) {
    c.say(BEFORE_NUMBER.get(key)!, 0, length);
    return length;
  }
  if (TITLES.has(key) && (dotted || (capital && UNDOTTED_TITLE.test(key))) && c.match(NAME_NEXT, length)) {
    c.say(TITLES.get(key)!, 0, length);
    return length;
  }
  const upper = written === written.toUpperCase();
  if (!dotted) {
    if (!BARE.has(key) || (upper && !c.shouting && length < 4)) return 0;
    return speak(c, BARE.get(key)!, length, false);
  }
  if (key === 'v' && /^[A-Z]/.test(c.before) && c.match(NAME_NEXT, length))
    return speak(c, 'versus', length, true);
  const words = DOTTED.get(key) ?? BARE.get(key);
  if (words === undefined) return 0;
  // Words of their own as well: at a sentence's end the period is more likely its own ("Hit the max.").
  const ambiguous = capital ? ALSO_A_NAME.test(key) : ALSO_A_WORD.test(key);
  return ambiguous && endsSentence(c, length) ? 0 : speak(c, words, length, true);
}

/** `U.S.`, `Ph.D.`, `e.g.`, `a.m.`: letters with periods. */
export function initials(c: Cursor): number {
  const match = c.match(INITIALS);
  if (match) {
    const written = match[0];
    const phrase = PHRASES.get(written.toLowerCase());
    const letters = written.replace(/[^A-Za-z]/g, '').toUpperCase();
    if (phrase === undefined && c.match(POSSESSIVE, written.length)) {
      const last = letters.slice(-1).toLowerCase();
      c.say(`${Array.from(letters.slice(0, -1)).join(' ')} ${last}'s`, 0, written.length + 2);
      return written.length + 2;
    }
    return speak(c, phrase ?? Array.from(letters).join(' '), written.length, written.endsWith('.'));
  }
  const initial = c.match(INITIAL);
  if (!initial || LABELS.test(c.before)) return 0;
  // The last of a list: "A, B and C. Then …"
  if (/^(?:and|or)$/.test(c.before) && c.tokens.at(-3)?.kind === 'letter') return 0;
  if (/^(?:and|or)$/.test(c.before) && c.tokens.at(-2)?.kind === 'letter') return 0;
  if (initial[1] === 'I' && /^[a-z]/.test(c.before)) return 0;
  c.say(initial[1], 0, 2);
  return 2;
}
