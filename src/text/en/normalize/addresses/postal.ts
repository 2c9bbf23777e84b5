import type { Cursor } from '../cursor.ts';
import { numeral } from '../numbers/numbers.ts';
import { table } from '../table.ts';

/** Kinds of streets, short and long. */
const STREET =
  '(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Way|Ct|Court|Pl|Place|Terrace|Ter|Loop|Pkwy|Parkway|Hwy|Highway|Sq|Square|Circle|Cir|Row|Crescent|Close|Walk|Trail|Plaza|Alley)';
const NAME = "(?:[A-Z][A-Za-z.']{0,20}|\\d{1,3}(?:st|nd|rd|th))";
const HOUSE = new RegExp(
  `(\\d{1,5})([A-Z])?(?=,? (?:[NSEW]{1,2}\\.? )?(?:${NAME} ){1,3}${STREET}(?![A-Za-z]))`,
  'y',
);
const SHORT = table(
  'Ave=avenue; Rd=road; Ln=lane; Ct=court; Pl=place; Sq=square; Cir=circle; Ter=terrace; Pkwy=parkway; Hwy=highway; Blvd=boulevard',
);
const SHORT_STREET = /(Ave|Rd|Ln|Ct|Pl|Sq|Cir|Ter|Pkwy|Hwy)(?![A-Za-z0-9.'])/y;
const DIRECTIONS = table(
  'N=north; S=south; E=east; W=west; NE=northeast; NW=northwest; SE=southeast; SW=southwest',
);
const DIRECTION = /([NS][EW]?|[EW])(\.?)(?![A-Za-z0-9])/y;
const STREET_NEXT = new RegExp(`[ \\u00a0](?:${NAME}[ \\u00a0]){0,3}${STREET}(?![A-Za-z])`, 'y');
const STREET_BEFORE = new RegExp(`^${STREET}\\.?$`);
const UNIT = /(Apt|Ste|Fl|Bldg|Rm|Unit)\.?[ \u00a0](?=#?\d)/y;
const UNITS = table('Apt=apartment; Ste=suite; Fl=floor; Bldg=building; Rm=room; Unit=unit');
const INTERSTATE = /I-(?=\d{1,3}(?![\d.]))/y;

/** A house number before a street name: `350 5th Ave` → "three fifty". */
export function houseNumber(c: Cursor): number {
  if (/[A-Za-z0-9.,$€£-]/.test(c.previous)) return 0;
  const match = c.match(HOUSE);
  if (!match || (match[1].length < 3 && !/^\d+ [NSEW]/.test(c.window))) return 0;
  const [{ length }, digits, letter] = match;
  c.say(letter === undefined ? numeral(digits) : `${numeral(digits)} ${letter}`, 0, length);
  return length;
}

/** `N. Main St`, `3rd St. NW`, `Oak Rd`, `Apt 12`, `I-95`. */
export function streetPart(c: Cursor): number {
  const highway = c.match(INTERSTATE);
  if (highway && !/[A-Za-z0-9]/.test(c.previous)) {
    c.say('I', 0, 2);
    return 2;
  }
  const unit = c.match(UNIT);
  if (unit) {
    c.say(UNITS.get(unit[1])!, 0, unit[0].length - 1);
    return unit[0].length - 1;
  }
  const short = c.match(SHORT_STREET);
  if (short && /^(?:[A-Z][a-z'.]+|\d{1,3}(?:st|nd|rd|th))$/.test(c.before)) {
    c.say(SHORT.get(short[1])!, 0, short[0].length);
    return short[0].length;
  }
  const direction = c.match(DIRECTION);
  if (!direction) return 0;
  const [{ length }, letters, period] = direction;
  const between = /^\d{1,5}$/.test(c.before) && c.match(STREET_NEXT, length) !== null;
  const behind = STREET_BEFORE.test(c.before) && letters.length === 2;
  if (!between && !behind) return 0;
  const end = between ? length : length - period.length;
  c.say(DIRECTIONS.get(letters)!, 0, end);
  return end;
}
