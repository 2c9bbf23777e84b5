import { isRating } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { table } from '../table.ts';
import { cardinal, decimal, denominator } from './numbers.ts';
import { sayUnit } from './units.ts';

const FRACTION = /(\d{1,4})\/(\d{1,4})(?![\d/]|\.\d)/y;
const EQUALS_NEXT = /[ \u00a0]?=(?![ \u00a0]?-?\d{1,6}\/)/y;
const SCORE = /(\d{1,3}(?:\.\d{1,2})?)\/(5|10|20|100)(?![\d/]|\.\d)/y;
/** A label behind which two numbers are what there is and what there can be. */
const OUT_OF =
  /(?:^|[^a-z])(?:hp|mp|xp|sp|health|mana|stamina|energy|ammo|armou?r|shields?|lives|progress|quests?|waves?|rounds?|laps?|tasks?|items?|slots?|points|kills|coins|stars|keys|downloaded|completed|collected|found|used): ?$/i;
const STARS_NEXT = /[ \u00a0](?:stars?|points?|marks?|rating)(?![a-z])/y;
const MIXED = /(\d{1,6})[ \u00a0-](\d{1,2})\/(\d{1,3})(?![\d/])/y;
const VULGAR = /(\d{0,6})[ \u00a0]?([¼½¾⅐-⅞])/y;
const IDIOMS = table('24/7=twenty four seven; 9/11=nine eleven; 50/50=fifty fifty; 20/20=twenty twenty');
const VULGAR_PARTS = table(
  '¼=1/4; ½=1/2; ¾=3/4; ⅐=1/7; ⅑=1/9; ⅒=1/10; ⅓=1/3; ⅔=2/3; ⅕=1/5; ⅖=2/5; ⅗=3/5; ⅘=4/5; ⅙=1/6; ⅚=5/6; ⅛=1/8; ⅜=3/8; ⅝=5/8; ⅞=7/8',
);
/** Denominators that are spoken as parts; `7/23` is "seven over twenty three". */
const PARTS = new Set(['12', '15', '16', '20', '24', '25', '30', '32', '50', '64', '100', '1000']);

function fractionWords(top: string, bottom: string): string {
  const small = Number(bottom) <= 10 || PARTS.has(bottom);
  if (Number(top) === Number(bottom)) return `${cardinal(top)} out of ${cardinal(bottom)}`;
  if (!small || Number(bottom) < 2 || top.length > 3) return `${cardinal(top)} over ${cardinal(bottom)}`;
  return `${cardinal(top)} ${denominator(bottom, top === '1')}`;
}

/** `1/2`, `2 3/4`, `1½`, `24/7`. */
export function fraction(c: Cursor): number {
  const mixed = c.match(MIXED);
  if (mixed && Number(mixed[2]) < Number(mixed[3])) {
    const [{ length }, whole, top, bottom] = mixed;
    return mixedNumber(c, [whole, top, bottom], whole.length, length);
  }
  const vulgar = c.match(VULGAR);
  if (vulgar) {
    const [{ length }, whole, sign] = vulgar;
    const [top, bottom] = VULGAR_PARTS.get(sign)!.split('/');
    if (whole !== '') return mixedNumber(c, [whole, top, bottom], whole.length, length);
    c.say(fractionWords(top, bottom), 0, length);
    return sayUnit(c, length, true);
  }
  const score = c.match(SCORE);
  if (score && (score[1].includes('.') || isRating(c) || c.match(STARS_NEXT, score[0].length))) {
    c.say(`${decimal(score[1])} out of ${cardinal(score[2])}`, 0, score[0].length);
    return score[0].length;
  }
  const match = c.match(FRACTION);
  if (!match) return 0;
  const [{ length }, top, bottom] = match;
  if (OUT_OF.test(c.behind()) && Number(top) <= Number(bottom)) {
    c.say(`${cardinal(top)} out of ${cardinal(bottom)}`, 0, length);
    return length;
  }
  const quotient = !/[+*×-][ \u00a0]?$/.test(c.behind(2)) && c.match(EQUALS_NEXT, length) !== null;
  const words = quotient ? `${cardinal(top)} over ${cardinal(bottom)}` : fractionWords(top, bottom);
  c.say(IDIOMS.get(match[0]) ?? words, 0, length);
  return sayUnit(c, length, Number(top) < Number(bottom));
}

function mixedNumber(c: Cursor, parts: [string, string, string], wholeEnd: number, length: number): number {
  const [whole, top, bottom] = parts;
  c.say(cardinal(whole), 0, wholeEnd);
  const part =
    top === '1' && Number(bottom) <= 4 ? `a ${denominator(bottom, true)}` : fractionWords(top, bottom);
  c.say(`and ${part}`, wholeEnd, length);
  return sayUnit(c, length, false);
}
