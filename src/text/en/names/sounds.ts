import { fromArpabet } from '../../symbols.ts';

/**
 * A sound on the way from foreign letters to English phonemes: an ARPAbet phone without a stress digit (`CH`, `AY`), or one of the
 * open vowels `a e i o u`, whose English sound depends on its stress and on what follows. `_` is silent: it closes the syllable that a
 * double consonant ends.
 */
export type Sound = string;

const OPEN_VOWELS = new Set(['a', 'e', 'i', 'o', 'u']);
const PHONE_VOWEL = /^(?:AA|AE|AH|AO|AW|AY|EH|ER|EY|IH|IY|OW|OY|UH|UW)$/;

/** Whether it is the core of a syllable. */
export function isSyllabic(sound: Sound): boolean {
  return OPEN_VOWELS.has(sound) || PHONE_VOWEL.test(sound);
}

/** Reads letters into sounds. */
export type Reader = (letters: string) => readonly Sound[] | undefined;

/**
 * Makes a reader from rules, `letters → sounds`, one per line. At each position the first matching rule applies; `(?=…)` and `(?<=…)` look
 * around. A letter without a rule makes the whole reading fail.
 */
export function reader(rules: string): Reader {
  const compiled = rules
    .trim()
    .split(/\s*[;\n]\s*/)
    .filter((rule) => rule !== '')
    .map((rule) => {
      const [pattern, sounds = ''] = rule.split('→').map((side) => side.trim());
      return { pattern: new RegExp(pattern, 'y'), sounds: sounds === '' ? [] : sounds.split(/\s+/) };
    });
  return (letters) => {
    const read: Sound[] = [];
    for (let at = 0; at < letters.length; ) {
      const found = compiled.find(({ pattern }) => {
        pattern.lastIndex = at;
        return pattern.test(letters) && pattern.lastIndex > at;
      });
      if (!found) return undefined;
      read.push(...found.sounds);
      at = found.pattern.lastIndex;
    }
    return read;
  };
}

/** English vowels in place of the open ones. */
const STRESSED: Readonly<Record<string, string>> = { a: 'AA', e: 'EY', i: 'IY', o: 'OW', u: 'UW' };
const STRESSED_CLOSED: Readonly<Record<string, string>> = { a: 'AA', e: 'EH', i: 'IY', o: 'OW', u: 'UW' };
const STRESSED_BEFORE_R: Readonly<Record<string, string>> = { a: 'AA', e: 'EH', i: 'IH', o: 'AO', u: 'UH' };
const WEAK: Readonly<Record<string, string>> = { a: 'AH', e: 'EH', i: 'IH', o: 'OW', u: 'UW' };
const WEAK_LAST: Readonly<Record<string, string>> = { a: 'AH', e: 'EY', i: 'IY', o: 'OW', u: 'UW' };

/**
 * English phonemes of a foreign name.
 * @param primary which vowel, counted from 0, has the primary stress. A vowel two or more before it gets the secondary.
 */
export function english(sounds: readonly Sound[], primary: number): readonly string[] {
  const vowels = sounds.flatMap((sound, i) => (isSyllabic(sound) ? [i] : []));
  const main = Math.max(0, Math.min(primary, vowels.length - 1));
  const phones = sounds.map((sound, i) => {
    if (sound === '_') return '';
    const order = vowels.indexOf(i);
    if (order < 0) return sound;
    const stress = order === main ? 1 : order === main - 2 || (order === 0 && main > 2) ? 2 : 0;
    return vowel(sounds, i, stress);
  });
  const merged = phones.filter(
    (phone, i) => phone !== '' && !(phone === 'R' && phones[i - 1]?.startsWith('ER')),
  );
  return fromArpabet(merged.join(' '));
}

function vowel(sounds: readonly Sound[], at: number, stress: 0 | 1 | 2): string {
  const sound = sounds[at];
  if (!OPEN_VOWELS.has(sound)) return `${sound}${stress}`;
  const [next, second] = [sounds[at + 1], sounds[at + 2]];
  const last = next === undefined;
  const closed = next !== undefined && !isSyllabic(next) && (second === undefined || !isSyllabic(second));
  if (next === 'R' && sound !== 'i' && sound !== 'o') {
    if (stress === 0 && sound === 'e') return 'ER0';
    if (stress > 0 || sound !== 'a' || closed) return `${STRESSED_BEFORE_R[sound]}${stress}`;
  }
  if (next === 'R' && (stress > 0 || sound === 'o')) return `${STRESSED_BEFORE_R[sound]}${stress}`;
  if (stress > 0) return `${(closed ? STRESSED_CLOSED : STRESSED)[sound]}${stress}`;
  if (sound === 'i' && (last || (next !== undefined && isSyllabic(next)))) return 'IY0';
  return `${(last ? WEAK_LAST : WEAK)[sound]}0`;
}

/** Index of the vowel that is `fromEnd` vowels before the last one. */
export function vowelFromEnd(sounds: readonly Sound[], fromEnd: number): number {
  return Math.max(0, sounds.filter(isSyllabic).length - 1 - fromEnd);
}
