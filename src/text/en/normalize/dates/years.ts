import type { Cursor } from '../cursor.ts';
import { cardinal, numeral, year } from '../numbers/numbers.ts';

const ERA_NEXT = /[ \u00a0]?(?:AD|BC|BCE|CE|A\.D\.|B\.C\.|C\.E\.|B\.C\.E\.)(?![A-Za-z])/y;
/** A plural directly after the number, which counts it. */
const PLURAL_NEXT =
  /[ \u00a0](?:(?:new|more|different|other|free|old|small|large|active|registered|international|local|square|cubic)[ \u00a0])?(?!(?:was|is|has|does|as|vs|this|its|us|his|thus|plus|across|always|towards|unless|perhaps|less)(?![a-z]))(?:[a-z]{3,20}s|people|men|women|children|feet|fish|sheep|points|percent)(?![A-Za-z'])/y;
/** Nouns that are counted also after "the": "the 1500 people". With other nouns the number is a year: "the 2024 games". */
const COUNTED_NOUN =
  /[ \u00a0](?:people|men|women|children|votes|seats|points|tickets|dollars|euros|pounds|pixels|messages|students|members|steps|birds|homes|houses|minutes|hours|days|weeks|years|miles|meters|feet|items|copies|units|calories|employees|workers|soldiers|passengers)(?![A-Za-z'])/y;
const COUNT_BEFORE =
  /^(?:over|nearly|almost|some|than|only|exactly|roughly|approximately|least|most|all|these|those|up|another|with|has|have|had|sold|counted)$/i;
const YEAR_BEFORE =
  /^(?:in|since|year|years|early|late|mid|circa|summer|winter|spring|fall|autumn|class|anno|ad|by|until|till|during|before|after|from|the|january|february|march|april|may|june|july|august|september|october|november|december)$/i;
/** "a total of 1998": quantities before "of". */
const MEASURE_OF =
  /(?:total|number|population|sum|cost|price|distance|height|length|average|maximum|minimum|speed|weight|score|capacity|range|crowd|group|fleet|army|record) of[ \u00a0]$/i;
const CLOSED = /[ \u00a0]?(?:[.,;:!?)\]"–—-]|$)/y;
const SOON_OVER =
  /[ \u00a0](?:and|or|was|were|is|when|while|as|that|it|he|she|they|we|the|a|with|at|for|to|on|met|will|had)(?![a-z])/y;

/** A month or a day before: `May 1998`, `5 1998`. */
function dateBefore(c: Cursor): boolean {
  return /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/i.test(c.before) || /^\d/.test(c.before);
}

/** A number with an era, `476 AD` or `AD 79`, spoken as a year; `undefined` without one. */
export function eraYear(c: Cursor, digits: string): string | undefined {
  if (c.match(ERA_NEXT, digits.length) === null || digits.length < 3 || digits.length > 4) return undefined;
  return digits.length === 4 ? year(digits) : numeral(digits);
}

/**
 * Four digits as a year or a quantity, by their neighbours: a following plural, or "over" or "a total of" before, makes them a quantity;
 * "in", "since" or "the class of" makes them a year. Otherwise 1100 to 2099 are a year.
 */
export function yearOrCount(c: Cursor, digits: string, prior: string): string {
  const value = Number(digits);
  const counted = c.match(PLURAL_NEXT, 4) !== null;
  const yearHint = YEAR_BEFORE.test(prior);
  if (value < 1100)
    return yearHint && value > 1009 && !counted && !/^the$/i.test(prior) ? year(digits) : cardinal(digits);
  if (value >= 2100) return distantYear(c, digits, prior) ? year(digits) : cardinal(digits);
  // "fifteen hundred people" is as good as "one thousand five hundred".
  if (value % 100 === 0 && value < 2000) return year(digits);
  if (counted && !dateBefore(c)) {
    const named = yearHint && c.match(COUNTED_NOUN, 4) === null && !/^(?:by|from|after|before)$/i.test(prior);
    return named ? year(digits) : cardinal(digits);
  }
  if (COUNT_BEFORE.test(prior) && !dateBefore(c)) return cardinal(digits);
  if (/^of$/i.test(prior) && MEASURE_OF.test(c.behind())) return cardinal(digits);
  if (/^to$/i.test(prior) && /^(?:up|close)$/i.test(c.beforeThat)) return cardinal(digits);
  return year(digits);
}

/** "By 2100, …": a year from 2100 on needs a preposition before and no counted noun after. */
function distantYear(c: Cursor, digits: string, prior: string): boolean {
  if (Number(digits) >= 3000 || !/^(?:in|by|until|till|since|year)$/i.test(prior)) return false;
  return c.match(CLOSED, 4) !== null || c.match(SOON_OVER, 4) !== null;
}
