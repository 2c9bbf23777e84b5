import type { Cursor } from '../cursor.ts';
import { cardinal } from '../numbers/numbers.ts';
import { powerWords } from '../numbers/quantity.ts';
import { PER } from '../numbers/units-table.ts';

/** A character, then its name; `_` is a space. */
function signs(entries: string): ReadonlyMap<string, string> {
  return new Map(
    entries.split(/\s+/).map((entry) => [entry[0], entry.slice(1).replaceAll('_', ' ')] as [string, string]),
  );
}

/** Signs that are spoken at any position. */
const SPOKEN = signs(
  `&and =equals +plus ×times ÷divided_by −minus ±plus_or_minus ≤is_less_than_or_equal_to
  ≥is_greater_than_or_equal_to ≠is_not_equal_to ≈is_approximately ∞infinity √square_root_of ∑sum_of ∏product_of
  ∫integral_of ∂partial ∆delta %percent ‰per_mille °degrees @at §section αalpha βbeta γgamma δdelta εepsilon ζzeta
  ηeta θtheta ιiota κkappa λlambda μmu νnu ξxi πpi ρrho σsigma ςsigma τtau υupsilon φphi χchi ψpsi ωomega Δdelta
  Σsigma Ωomega Φphi Ψpsi Πpi Θtheta Λlambda Γgamma`,
);
/** Signs right before a number. */
const SIGNS = signs('-minus –minus −minus +plus ±plus_or_minus ~about ≈approximately <less_than >more_than');
const COMPARISONS: Readonly<Record<string, string>> = {
  '<=': 'is less than or equal to',
  '>=': 'is greater than or equal to',
  '!=': 'is not equal to',
  '==': 'equals',
  '<': 'is less than',
  '>': 'is greater than',
};
const GREEK_RUN = /\p{Script=Greek}{2,200}/uy;
const SIGNED = /[-–−+±~≈<>](?=[$€£¥]?\.?\d)/y;
const COMPARISON = /(?:[<>]=?|[!=]=)(?=[ \u00a0]?[-\d$A-Za-z.(])/y;
const ARROW = /(?:[-=]{1,3}>|<[-=]{1,3}|[→⇒←⇐➔➜↔])/y;
const NUMBER_SIGN = /(?:#|[Nn]°)[ \u00a0]?(?=\d)|#(?=[A-Z]{1,4}-?\d)/y;
const KEY = /[#*](?![\w*#])/y;
const KEY_NEXT = /[#*]["']?[ \u00a0](?:key|button|sign|symbol)(?![a-z])/y;
const KEY_BEFORE =
  /(?:^|[^a-z])(?:press|hit|dial|push|enter|type|tap|touch|select)(?:ing|ed|s)?(?: the)? ["']?$/i;
const COMMAND = /\/(?=[a-z]{2,20}(?![A-Za-z/]))/y;
const RANGE = /[-–—][ \u00a0]?(?=[$€£¥]?\.?\d)/y;
const EQUALS_AHEAD = /[\d. +−×*/-]{1,24}=/y;
const BY = /[x×*][ \u00a0]?(?=\d)/y;
const SUPERSCRIPT = /⁻?[²³¹⁰⁴-⁹]{1,6}/y;
const CARET = /\^(-?)(\d{1,6}|[A-Za-z](?![A-Za-z]))/y;
const SHORTHAND = /(?:w\/o|b\/c|c\/o|[Nn]\/[Aa]|s\/he)(?![A-Za-z0-9])|w\/(?=[ \u00a0]?[A-Za-z0-9])/y;
const SHORTHANDS: Readonly<Record<string, string>> = {
  'w/': 'with',
  'w/o': 'without',
  'b/c': 'because',
  'c/o': 'care of',
  'n/a': 'N A',
  's/he': 'she or he',
};
const SLASH_WORD = /\/[ \u00a0]?([A-Za-z]{1,16})(?![A-Za-z])/y;
const PERIOD = /\.(?=[,;:)]|[ \u00a0][a-z])/y;
const OR_PAIR = /^(?:he|she|him|her|his|hers|himself|herself|they|mr|mrs|yes|no|true|false|on|off)$/i;
const ELISION = /'n'?(?![A-Za-z0-9'])/iy;
const DIVIDED = /\/(?=[ \u00a0]\d)/y;
/** A number, perhaps with a short unit; not a name with a digit in it, `A1-5`. */
const AMOUNT_BEFORE =
  /^(?:[^A-Za-z]|US|AU|CA|NZ|HK|[ACRS]\$|USD|EUR|GBP).{0,60}\d[A-Za-z%°'". ]{0,6}$|^\d[A-Za-z%°'". ]{0,6}$/;
const AMOUNT = /\d[\w%°'"]{0,12}$|[$€£¥]/;

/** `#` and `*` as keys of a telephone: "press * or the # key". `SELECT *` is said in the same way. */
export function phoneKey(c: Cursor): number {
  const match = c.match(KEY);
  if (!match || /[A-Za-z0-9]/.test(c.previous)) return 0;
  if (!KEY_BEFORE.test(c.behind()) && !c.match(KEY_NEXT)) return 0;
  c.say(match[0] === '#' ? 'pound' : 'star', 0, 1);
  return 1;
}

/** `w/`, `n/a` and the like. */
export function shorthand(c: Cursor): number {
  const match = c.match(SHORTHAND);
  if (!match) return 0;
  c.say(SHORTHANDS[match[0].toLowerCase()], 0, match[0].length);
  return match[0].length;
}

/** Whether a mark is separated from the number before it but not from the one after: `5 -3`, `4 x86`. */
function loose(c: Cursor): boolean {
  return /[ \u00a0]/.test(c.previous) && !/[ \u00a0]/.test(c.window[1] ?? ' ');
}

/** `10–15` → "ten to fifteen", `5 - 3 = 2` → "five minus three …", `4x6` → "four by six", `3 × 4 = 12`. */
export function betweenNumbers(c: Cursor): number {
  if (!AMOUNT_BEFORE.test(c.before)) return 0;
  const dash = loose(c) ? null : c.match(RANGE);
  if (dash) {
    c.say(c.match(EQUALS_AHEAD, dash[0].length) ? 'minus' : 'to', 0, dash[0].length);
    return dash[0].length;
  }
  if (c.match(DIVIDED) && /[ \u00a0]/.test(c.previous) && c.match(EQUALS_AHEAD, 1)) {
    c.say('divided by', 0, 1);
    return 1;
  }
  const by = c.match(BY);
  if (!by || loose(c)) return 0;
  const product = by[0][0] === '*' || c.match(EQUALS_AHEAD, by[0].length) !== null;
  c.say(product ? 'times' : 'by', 0, by[0].length);
  return by[0].length;
}

/** A sign in front of a number: `-5`, `~5`, `#5`. */
export function sign(c: Cursor): number {
  const number = c.match(NUMBER_SIGN);
  if (number) {
    c.say('number', 0, number[0].length);
    return number[0].length;
  }
  if (/[A-Za-z0-9)\]]/.test(c.previous) && !/[+±≈<>−]/.test(c.window[0]) && !/^(?:UTC|GMT)$/.test(c.before))
    return 0;
  const match = c.match(SIGNED);
  if (!match) return 0;
  c.say(SIGNS.get(match[0])!, 0, 1);
  return 1;
}

/** Mathematical and other signs. Those without a name are silent. */
export function symbol(c: Cursor): number {
  const greek = c.match(GREEK_RUN);
  if (greek) {
    c.leaveOut(greek[0].length);
    return greek[0].length;
  }
  const arrow = c.match(ARROW);
  if (arrow) {
    c.pause(',', 0, arrow[0].length);
    return arrow[0].length;
  }
  const comparison = /[A-Za-z\d)\u00a0 ]/.test(c.previous) ? c.match(COMPARISON) : null;
  if (comparison) {
    c.say(COMPARISONS[comparison[0]], 0, comparison[0].length);
    return comparison[0].length;
  }
  const caret = c.match(CARET);
  if (caret) {
    const exponent = /\d/.test(caret[2]) ? cardinal(caret[2]) : caret[2].toUpperCase();
    const words = caret[0] === '^2' ? 'squared' : caret[0] === '^3' ? 'cubed' : '';
    c.say(words || `to the power of ${caret[1] === '' ? '' : 'minus '}${exponent}`, 0, caret[0].length);
    return caret[0].length;
  }
  const power = c.match(SUPERSCRIPT);
  if (power) {
    // Behind a word it is a footnote's mark.
    if (/[\d)]/.test(c.previous) || (c.before !== '' && c.before.length <= 2))
      c.say(powerWords(power[0]), 0, power[0].length);
    return power[0].length;
  }
  const words = SPOKEN.get(c.window[0]);
  if (words === undefined) return 0;
  // Many in a row are decoration.
  let length = 1;
  while (c.window[length] === c.window[0]) length++;
  if (length < 3) c.say(words, 0, length);
  return length;
}

/** `rock 'n' roll`. Other elided letters are handled by the word rule. */
export function elision(c: Cursor): number {
  const match = c.match(ELISION);
  if (!match) return 0;
  c.say('and', 0, match[0].length);
  return match[0].length;
}

/** A slash: "per" after an amount, "or" between pronouns, a short pause between spaces, else silent. */
export function slash(c: Cursor): number {
  if (c.window[0] !== '/') return 0;
  // `/tmp` and `/help`: a folder or a command.
  if (c.match(COMMAND) && /^(?:|[ \u00a0"'(`])$/.test(c.previous)) {
    c.say('slash', 0, 1);
    return 1;
  }
  const next = c.match(SLASH_WORD);
  const unit = PER.get(next?.[1] ?? '');
  const counted = AMOUNT.test(c.before) || (unit !== undefined && /^[a-z]{2,}s$/.test(c.before));
  const measure = next && counted ? (unit ?? '') : undefined;
  if (next && measure !== undefined) {
    const period = measure !== '' && c.match(PERIOD, next[0].length) ? 1 : 0;
    const length = measure === '' ? 1 : next[0].length + period;
    c.say(`per ${measure}`, 0, length);
    return length;
  }
  if (next && OR_PAIR.test(c.before) && OR_PAIR.test(next[1])) c.say('or', 0, 1);
  else if (/[ \u00a0]/.test(c.previous) && /[ \u00a0]/.test(c.window[1] ?? '')) c.pause(',', 0, 1);
  return 1;
}
