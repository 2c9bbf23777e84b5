import type { Cursor } from '../cursor.ts';
import { cardinal } from './numbers.ts';
import { PER, UNITS } from './units-table.ts';

/** Symbols that are words or letters if a space separates them from the number. */
const GLUED = new Set('in F C pt bar ha pts MP h mo cal atm deg kt rad J'.split(' '));
const POWER: Readonly<Record<string, string>> = { '2': 'square', '²': 'square', '3': 'cubic', '³': 'cubic' };

const SYMBOL =
  /([ \u00a0-]?)(sq\.?[ \u00a0]|cu\.?[ \u00a0])?(°[ \u00a0]?[CFKNSEW]?(?![A-Za-z])|fl\.?[ \u00a0]oz|[A-Za-zμΩ]{1,6})([²³]|[23](?!\d))?(?:\/(?:([A-Za-z]{1,6})([²³]|2(?!\d))?))?(?![A-Za-z\d'])/y;
const PERIOD =
  /(?<=(?:ft|in|lb|lbs|oz|hr|hrs|min|mins|sec|secs|yd|yds|mi|gal|qt|pt|yr|yrs|mo|tsp|tbsp))\.(?=[,;:)]|[ \u00a0][a-z\d(])/y;
const PLACE = /^(?:seat|row|room|gate|unit|apt\.?|apartment|flat|suite|section|figure|fig\.?|exit)$/i;
const FEET_OR_INCHES = /(\d{1,4})(["'])(?=[ \u00a0.,;:!?)x×-]|$)/y;
const FEET_INCHES = /(\d{1,3})'[ \u00a0]?(\d{1,2})(?:"|'')?(?![\d'])/y;

/** Words before and behind a measure that describes a noun: "your 10 GB data plan". */
const DETERMINER = /^(?:an?|the|this|that|each|every|my|your|his|her|its|our|their)$/i;
const NOUN_NEXT =
  /[ \u00a0](?!(?:of|per|in|on|at|to|and|or|from|for|as|is|are|was|were|left|away|ago|long|wide|tall|high|deep|thick|more|less|later|earlier|before|after|each|an?|the|that|this|which|with|without|by|than|remaining|remain|used|free|every|i|you|we|they|he|she|it|has|have|had|will|can|could|would|should|must|may|if|when|while|up|down|out|off|over|under|above|below|between|not|but|so|today|now)(?![a-z]))[a-z]{2}/y;
/** `10m` is a time where something begins, ends or comes in it. */
const SOON =
  /(?:^|[^a-z])(?:expir\w{0,4}|start\w*|end\w*|begin\w*|arriv\w*|clos\w*|open\w*|leav\w*|depart\w*|resum\w*|reset\w*|refresh\w*|due|ready|back|again|over|done) in $/i;
const AGO_NEXT = /[ \u00a0](?:ago|late|early)(?![a-z])/y;

function unitWords(unit: string, one: boolean): string {
  const [singular, many] = UNITS.get(unit)!.split('|');
  return one ? singular : (many ?? `${singular}s`);
}

/** A unit after a number: its words and its position relative to the cursor. */
export interface FoundUnit {
  readonly words: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Finds a unit directly after a number.
 * @param offset where the number ends.
 * @param one whether the number is one, for the singular; after a hyphen it is also singular ("five kilometer run").
 */
export function findUnit(c: Cursor, offset: number, one: boolean): FoundUnit | undefined {
  const match = c.match(SYMBOL, offset);
  if (!match) return undefined;
  const [all, gap, area, raw, power, per, perPower] = match;
  const symbol = raw.replace(/[ \u00a0]|(?<=^fl)\./g, '');
  const perName = PER.get(per ?? '');
  if (!UNITS.has(symbol) || (per !== undefined && perName === undefined)) return undefined;
  let to = offset + all.length;
  const inches = symbol === 'in' && (c.window[to] === '.' || /(?:ft\.?|feet|foot|')$/.test(c.before));
  if (gap !== '' && GLUED.has(symbol) && !inches) return undefined;
  // 4C and seat 14C are names, 20C is a temperature.
  if (gap === '' && /^[CF]$/.test(symbol) && (offset < 2 || PLACE.test(c.before))) return undefined;
  if (gap === '-' && /^[A-Z]$/.test(symbol)) return undefined;
  if (c.match(PERIOD, to)) to++;
  // 1h 30m
  const minutes =
    symbol === 'm' &&
    (/^\d{1,3}[ \u00a0]?(?:h|hr|hrs)$/.test(c.before) ||
      (gap === '' && offset <= 2 && (SOON.test(c.behind()) || c.match(AGO_NEXT, to) !== null)));
  const describes = gap !== '' && DETERMINER.test(c.before) && c.match(NOUN_NEXT, to) !== null;
  const singular = one || gap === '-' || describes;
  const name = minutes ? (one ? 'minute' : 'minutes') : unitWords(symbol, singular);
  return {
    words: `${kindOf(area, power)} ${name} ${perWords(perName, perPower)}`,
    from: offset + gap.length,
    to,
  };
}

function kindOf(area: string | undefined, power: string | undefined): string {
  if (area !== undefined) return area.startsWith('s') ? 'square' : 'cubic';
  return power === undefined ? '' : POWER[power];
}

function perWords(name: string | undefined, power: string | undefined): string {
  if (name === undefined) return '';
  if (power === undefined) return `per ${name}`;
  return name === 'second' ? 'per second squared' : `per ${POWER[power]} ${name}`;
}

/** Speaks a unit at `offset`, if there is one. Returns the offset after it. */
export function sayUnit(c: Cursor, offset: number, one: boolean): number {
  const found = findUnit(c, offset, one);
  if (!found) return offset;
  c.say(found.words, found.from, found.to);
  return found.to;
}

/** `5'10"` → "five foot ten", `6'` → "six feet", `12"` → "twelve inches". */
export function feetInches(c: Cursor): number {
  const both = c.match(FEET_INCHES);
  if (both) {
    c.say(`${cardinal(both[1])} foot`, 0, both[1].length + 1);
    c.say(cardinal(both[2]), both[1].length + 1, both[0].length);
    return both[0].length;
  }
  // A mark after an opening quote closes it.
  const single = c.match(FEET_OR_INCHES);
  if (!single || (single[2] === '"' && c.quoteOpen) || (single[2] === "'" && c.previous === "'")) return 0;
  const [{ length }, digits, mark] = single;
  c.say(cardinal(digits), 0, digits.length);
  c.say(
    unitWords(mark === '"' ? 'in' : 'ft', digits === '1' || /^an?$/i.test(c.before)),
    digits.length,
    length,
  );
  return length;
}
