import { isVowel, stressOf, withStress } from '../../symbols.ts';
import { align } from './align.ts';

/** A phoneme of an American pronunciation and what surrounds it. */
interface Place {
  /** Without its stress mark. */
  readonly base: string;
  readonly stress: 0 | 1 | 2;
  /** The symbols before it, in reverse order: `back[0]` is its neighbour. */
  readonly back: readonly string[];
  /** The symbols after it. */
  readonly next: readonly string[];
  /** The letters from its own on; empty where it has none. */
  readonly from: string;
  /** The letters before its own. */
  readonly upTo: string;
}

/** Replacement of one American vowel. `undefined` keeps it. */
type Rule = (place: Place) => string | undefined;

const vowelAt = (symbols: readonly string[], i: number) => symbols[i] !== undefined && isVowel(symbols[i]);

/** `ɹ` and a vowel follow, so the `ɹ` stays. */
const beforeSoundedR = ({ next }: Place) => next[0] === 'ɹ' && vowelAt(next, 1);
const beforeR = ({ next }: Place) => next[0] === 'ɹ';

/** Words of the BATH set by the letters from the vowel on: the vowel is long in them and in what is made of them. */
const BATH =
  /^a(?:u?gh|lf|lve|fter|ft(?!e)|th$|ths$|sk(?!a)|sp(?!i|e[nr]a)|st(?:e?$|ed|ing|l[ey]|er(?!n|oi)|s$|ly|y$|men|ard)|nch|nce|nc(?:ing|er)|nswer|nt(?:$|s$|ed|er$|ing)|mple|th(?:room|tub|s$|way|er$)|ss(?:$|es$|ed|room|ing|word|work|port|y$|book|mate)|sses)/;
const BATH_START = /(?:^|[^aeiou])$/;
const NOT_BATH =
  /^(?:m(?:ath|ass|anc|ant)|.*(?:gas|ass|ant|amass|crass|lass|rant|pant|scant|decant|romanc|financ|cancer|ample|cant|mandant|extravagant|elegant|instant|distant|hydrant|merchant|ampl[ey]))/;

/** The vowels that depend on the spelling. Those of a vowel before `ɹ` come first. */
const RULES: Readonly<Record<string, Rule>> = {
  // LOT, PALM, START
  ɑ(place) {
    const { from, upTo, next } = place;
    if (/^(?:o|ho)/.test(from)) return 'ɒ';
    if (beforeR(place) && !beforeSoundedR(place)) return undefined;
    // want, watch, quality
    if (/^a/.test(from) && /(?:w|wh|qu)$/.test(upTo) && !/^[kɡŋ]/.test(next[0] ?? '')) return 'ɒ';
    return /^(?:e[nm]|au)/.test(from) ? 'ɒ' : undefined;
  },
  // THOUGHT, NORTH, and what American has joined with them: CLOTH, FOREIGN
  ɔ(place) {
    const { from, upTo, stress } = place;
    if (beforeR(place)) {
      if (!beforeSoundedR(place)) return undefined;
      if (stress === 0 && /^or[iy]/.test(from)) return 'ə';
      if (stress === 2 && /^ory$/.test(from)) return 'ə';
      return stress > 0 && /^(?:orr|aurr?e|or(?:a[nct]|e[nis](?!s?$)|i[cgdnt]|oc))/.test(from)
        ? 'ɒ'
        : undefined;
    }
    if (/^o(?!u|a)/.test(from) || (/^ough$/.test(from) && /c$/.test(upTo))) return 'ɒ';
    return /^a(?![luw]|t)/.test(from) && /(?:w|wh|qu)$/.test(upTo) ? 'ɒ' : undefined;
  },
  // SQUARE, and what American has joined with it: CARRY
  ɛ(place) {
    const { from, stress, upTo } = place;
    // embark, encompass
    if (!beforeR(place))
      return stress === 0 && upTo === '' && /^(?:e[mn][bpcgfjlrstv]|ex)/.test(from) ? 'ɪ' : undefined;
    if (!beforeSoundedR(place)) return 'ɛː';
    if (/^(?:air|ear|eir|aer|ayor)/.test(from)) return 'ɛː';
    if (/^arr/.test(from)) return 'æ';
    if (stress === 1 && /^ar(?:e|i(?:a|e|ou|um|us)|y|o[su])/.test(from)) return 'ɛː';
    if (/^ar/.test(from)) return stress === 1 ? 'æ' : 'ə';
    return stress !== 1 && /^ery/.test(from) ? 'ə' : undefined;
  },
  // BATH, and what American has joined with SQUARE
  æ(place) {
    const { from, upTo } = place;
    if (beforeR(place)) return /^ar(?:ing|ish|y$)/.test(from) ? 'ɛː' : undefined;
    const isBath =
      place.stress > 0 && BATH.test(from) && BATH_START.test(upTo) && !NOT_BATH.test(upTo + from);
    return isBath ? 'ɑ' : undefined;
  },
  // GOAT
  oʊ: ({ from, next, stress }) => (stress !== 1 && /^ony$/.test(from) && next[0] === 'n' ? 'ə' : 'əʊ'),
  eɪ: ({ from, stress }) => (stress !== 1 && /^ative/.test(from) ? 'ə' : undefined),
  // NURSE, and before a vowel what American has joined with it: HURRY
  ɝ: ({ from, next }) => (vowelAt(next, 0) && /^(?:urr|our|orr)/.test(from) ? 'ʌ ɹ' : 'ɜː ɹ'),
  // network, schoolgirl
  ɚ: ({ from, upTo }) =>
    /^(?:or[kdmt]|orth|irl?[^aeiour])/.test(from) && (from[0] === 'i' || upTo.endsWith('w')) ? 'ɜː ɹ' : 'ə ɹ',
  // CURE, NEAR
  ʊ: (place) => (beforeR(place) ? 'ʊ ə' : undefined),
  ɪ(place) {
    if (!beforeR(place)) return undefined;
    if (beforeSoundedR(place) && /^[iy]rr?(?!$)/.test(place.from)) return undefined;
    return beforeSoundedR(place) && place.stress === 0 ? undefined : 'ɪ ə';
  },
  u: (place) => (beforeR(place) ? 'ʊ ə' : undefined),
  i(place) {
    if (beforeR(place)) return 'ɪ ə';
    // react, republic, happily: only the last vowel of a word is tense without stress.
    return place.stress === 0 && place.next.length > 0 && !/^(?:ie[sd]|ey'?s)$/.test(place.from)
      ? 'ɪ'
      : undefined;
  },
  aɪ: (place) =>
    beforeR(place) && (!vowelAt(place.next, 1) || /^[iy]re/.test(place.from)) ? 'aɪ ə' : undefined,
  aʊ: (place) => (beforeR(place) ? 'aʊ ə' : undefined),
  // Weak vowels: American has one, British two.
  ə(place) {
    const { back, from, next, upTo } = place;
    if (next[0] === 'ɹ' && !vowelAt(next, 1)) return undefined;
    if (next[0] === 'l' && /^ile(?:$|s)/.test(from)) return 'aɪ';
    if (/^i[sz]ation/.test(from)) return 'aɪ';
    if (/^u/.test(from) && (back[0] === 'j' || /^ul(?:$|l?y|ness)/.test(from))) return 'ʊ';
    if (/^i(?!on|ou|a|r|lity)/.test(from) && !/^il(?:$|s$)/.test(from)) return 'ɪ';
    if (/^y/.test(from)) return 'ɪ';
    if (/^e(?:d|s|st|t|ts|ty)$/.test(from)) return 'ɪ';
    return /^(?:b|d|r|pr)$/.test(upTo) && /^e/.test(from) ? 'ɪ' : undefined;
  },
};

/** Whether `j` comes before this `u`: new, tune, duty, but not `noon`, `chew`, `rude`. */
function hasYod({ back, from, upTo, stress }: Place): boolean {
  if (!/^(?:[tdnθ]|)$/.test(back[0] ?? '') || back[0] === undefined) {
    if (!(back[0] === 's' || back[0] === 'z') || !/^u(?:me|m[pe])/.test(from)) return false;
    return stress > 0 && /s$/.test(upTo);
  }
  return /^(?:u(?!h)|ew|eu|ue|ui)/.test(from);
}

/**
 * The British pronunciation that an American one corresponds to, by rules of sound and spelling. `ɹ` stays wherever it is written;
 * {@link dropR} removes it where it is silent.
 * @param word lower case, letters and apostrophes.
 */
export function toBritish(word: string, american: readonly string[]): string[] {
  const letters = word;
  const places = align(letters, american);
  const out: string[] = [];
  for (const [i, symbol] of american.entries()) {
    const stress = stressOf(symbol);
    const base = stress === 0 ? symbol : symbol.slice(1);
    const at = places[i];
    if (!isVowel(symbol)) {
      // brilliant, familiar; actual
      if (symbol === 'j' && at > 0 && /^i(?:a|en|ou)/.test(letters.slice(at)) && american[i + 1] === 'ə')
        out.push('ɪ');
      else if (symbol === 'w' && letters[at] === 'u' && out.at(-1) === 'ə' && vowelAt(american, i + 1))
        out[out.length - 1] = 'ʊ';
      else out.push(symbol);
      continue;
    }
    const place: Place = {
      base,
      stress,
      back: american.slice(Math.max(0, i - 2), i).reverse(),
      next: american.slice(i + 1, i + 4),
      from: at < 0 ? '' : letters.slice(at),
      upTo: at < 0 ? '' : letters.slice(0, at),
    };
    if (base === 'u' && hasYod(place)) out.push('j');
    // un-
    if (i === 0 && base === 'ə' && /^un/.test(letters) && american[1] === 'n' && american.length > 4) {
      out.push('ˌʌ');
      continue;
    }
    const ruled = RULES[base]?.(place);
    if (ruled === undefined) out.push(symbol);
    else {
      const [first, ...rest] = ruled.split(' ');
      out.push(first === 'ə' ? first : withStress(first, stress), ...rest);
    }
  }
  return out;
}

/** Drops every `ɹ` that no vowel follows. A word's last one is kept where `next` (the first symbol of the next word) is a vowel. */
export function dropR(symbols: readonly string[], next?: string): string[] {
  return symbols.filter((symbol, i) => {
    if (symbol !== 'ɹ') return true;
    const after = i + 1 < symbols.length ? symbols[i + 1] : next;
    return after !== undefined && isVowel(after);
  });
}
