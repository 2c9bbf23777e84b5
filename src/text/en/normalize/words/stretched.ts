import { wordSet } from '../../word-class.ts';

/** Words whose stretched letter is double in their usual spelling. */
const DOUBLED =
  wordSet(`cool good soon too see free need feel keep sweet tree three all well still hell yell tell call fall ball boo
zoo moo food book look wee whee ooh eek seen been deep meet week green sleep feet speed agree yeehaw off stuff puff kiss miss
boss loss pass class less mess guess dress happy silly funny really hello yellow sorry hurry merry kitty pretty little
bottle better butter dinner summer hmm shh brr grr mm pff aah eww zz room moon noon school fool pool tool wool loop hoop
boom doom whoop woohoo woo oops yoohoo bee gee tee knee jeez pleez`);
/** Stretched letters in other words. */
const SOUNDS: readonly [pattern: RegExp, spoken: string][] = [
  [/^a+r+g+h+$/, 'argh'],
  [/^a+h+$/, 'ah'],
  [/^o+h+$/, 'oh'],
  [/^u+g+h+$/, 'ugh'],
  [/^e+w+$/, 'eww'],
  [/^a+w+$/, 'aw'],
  [/^h+m+$/, 'hmm'],
  [/^s+h+$/, 'shh'],
  [/^b+r+$/, 'brr'],
  [/^g+r+$/, 'grr'],
  [/^p+f+t?$/, 'pff'],
  [/^y+a+y+$/, 'yay'],
  [/^w+o+w+$/, 'wow'],
];
const LAUGH = /^(?:(?:ha){2,12}h?|(?:he){2,12}|(?:ho){2,12}|(?:hee){2,8}|(?:hi){3,8})$/;

/**
 * Spoken form of a stretched word or of laughter: `sooo` → "so", `hahaha` → "ha ha ha".
 * @param key lower case.
 * @returns `undefined` for any other word.
 */
export function unstretched(key: string): string | undefined {
  if (LAUGH.test(key)) return (key.match(/hee|h[aeio]/g) ?? []).join(' ');
  if (!/([a-z])\1\1/.test(key) || /^([a-z])\1*$/.test(key)) return undefined;
  const sound = SOUNDS.find(([pattern]) => pattern.test(key));
  if (sound) return sound[1];
  const double = key.replace(/([a-z])\1{2,}/g, '$1$1');
  if (DOUBLED.has(double)) return double;
  return key.replace(/([a-z])\1{2,}/g, '$1');
}
