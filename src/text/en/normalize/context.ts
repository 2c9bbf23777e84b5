import type { Cursor } from './cursor.ts';

/** Words before a number that is read digit by digit, with possible words between: "order number is #", "PIN:". */
const CODE =
  /(?:^|[^A-Za-z])(?:(?:pin|passcode|password|otp|code|order|ticket|invoice|confirmation|tracking|serial|account|reference|ref|booking|reservation|claim|policy|case|id|zip|postcode|isbn|issn|ssn|card|licen[cs]e|routing|imei|sku|upc|vin|p\.?o\.? ?box)\.?(?: (?:number|code|no\.?|num|id))?(?: (?:is|was|of))?(?:[ :=#]{1,3}| #)(?:[A-Z]{1,4}-)?|digits(?: of(?: [a-z']+){1,4})? (?:is|are|was|were) |(?:ending|ends) (?:in|with) |(?:card|account|number) ended in |(?:extension|ext\.?)(?: is|:)? )$/i;
/** Words that precede a code only if it has four digits or more, and otherwise a quantity: "order 100 chairs". */
const COUNTS_TOO = /(?:order|case|card|policy|claim|code|id|account) $/i;
const PHONE =
  /(?:^|[^A-Za-z])(?:call|dial|phone|text|ring|fax|tel|telephone|mobile|cell|whatsapp|sms|hotline)(?:[.:]?(?: (?:me|us|him|her|them|now|number|no\.?|is|at|on|to|the|our|my|your|his|or \d{3}))*):? (?:\d{3} or )?$/i;
const RATING =
  /(?:^|[^A-Za-z])(?:rated?|ratings?|scored?|scores|got|gets|gave|give|gives|reviews?|grade|graded|mark|earned)(?:,? (?:it|me|him|her|them|us|is|was|of|a|an|at|this|you|as))*:? $/i;
const RATIO = /(?:^|[^A-Za-z])(?:ratio|odds|scale|mix|mixed|proportions?)(?: (?:of|is|was|at|in|a))*:? $/i;

/** Whether the text before makes these digits a code, which is read digit by digit. */
export function isCode(c: Cursor, digits: string): boolean {
  const behind = c.behind();
  if (!CODE.test(behind)) return false;
  if (/box[ #]{1,2}$/i.test(behind)) return digits.length >= 4;
  return digits.length >= (COUNTS_TOO.test(behind) ? 4 : 3);
}

/** Whether the text before makes these digits a telephone number. */
export function isDialed(c: Cursor): boolean {
  return PHONE.test(c.behind());
}

/** Whether a fraction here is a rating, such as 8/10. */
export function isRating(c: Cursor): boolean {
  return RATING.test(c.behind());
}

/** Whether a pair of numbers here is a ratio. */
export function isRatio(c: Cursor): boolean {
  return RATIO.test(c.behind());
}
