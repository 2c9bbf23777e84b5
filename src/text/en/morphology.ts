import { stressOf, withStress } from '../symbols.ts';

/** Phonemes of a word that is known, or `undefined`. */
export type Lookup = (word: string) => readonly string[] | undefined;

const SIBILANTS = new Set(['s', 'z', 'ʃ', 'ʒ', 'tʃ', 'dʒ']);
const VOICELESS = new Set(['p', 't', 'k', 'f', 'θ', 's', 'ʃ', 'tʃ']);

/** Maximum number of affixes removed from one word. */
const MAX_DEPTH = 3;
const MIN_STEM = 2;

/**
 * Phonemes of a word from those of its parts: inflections, common affixes, compounds of two known words.
 * The lexicon builder drops every entry that this function derives exactly, so a change here needs a rebuilt dictionary.
 * @param word lower case, letters and apostrophes.
 * @returns `undefined` when no known part is found.
 */
export function derive(word: string, lookup: Lookup, depth = MAX_DEPTH): readonly string[] | undefined {
  if (word.length < 4 && !word.includes("'")) return undefined;
  const direct = affixed(word, lookup);
  if (direct || depth <= 1) return direct ?? compound(word, lookup);
  // Known stems first, then stems that are themselves derived.
  return affixed(word, (part) => lookup(part) ?? derive(part, lookup, depth - 1)) ?? compound(word, lookup);
}

function affixed(word: string, lookup: Lookup): string[] | undefined {
  return (
    contracted(word, lookup) ??
    plural(word, lookup) ??
    past(word, lookup) ??
    suffixed(word, lookup) ??
    prefixed(word, lookup)
  );
}

/** `s`, `z` or `ɪ z`: the ending of plurals, possessives and third persons. */
export function withS(stem: readonly string[]): string[] {
  const last = stem[stem.length - 1];
  if (SIBILANTS.has(last)) return [...stem, 'ɪ', 'z'];
  return [...stem, VOICELESS.has(last) ? 's' : 'z'];
}

function withD(stem: readonly string[]): string[] {
  const last = stem[stem.length - 1];
  if (last === 't' || last === 'd') return [...stem, 'ɪ', 'd'];
  return [...stem, VOICELESS.has(last) ? 't' : 'd'];
}

const CLITICS: readonly [string, readonly string[]][] = [
  ["n't", ['ə', 'n', 't']],
  ["'ll", ['ə', 'l']],
  ["'ve", ['ə', 'v']],
  ["'re", ['ɚ']],
  ["'d", ['d']],
  ["'m", ['m']],
];

function contracted(word: string, lookup: Lookup): string[] | undefined {
  if (!word.includes("'")) return undefined;
  if (word.endsWith("'s")) {
    const stem = lookup(word.slice(0, -2));
    return stem && withS(stem);
  }
  for (const [ending, phonemes] of CLITICS) {
    if (!word.endsWith(ending)) continue;
    const stem = lookup(word.slice(0, -ending.length));
    if (stem) return [...stem, ...phonemes];
  }
  const joined = word.replaceAll("'", '');
  const plain = lookup(joined);
  return plain && [...plain];
}

function plural(word: string, lookup: Lookup): string[] | undefined {
  if (!word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return undefined;
  const stem =
    lookup(word.slice(0, -1)) ??
    (word.endsWith('ies') ? lookup(`${word.slice(0, -3)}y`) : undefined) ??
    (/(?:[sxzo]|ch|sh)es$/.test(word) ? lookup(word.slice(0, -2)) : undefined);
  return stem && withS(stem);
}

/** Stems that a suffix starting with a vowel may hide: `bak(e)`, `stop(p)`, `carr(y→i)`, plain. */
function* stems(base: string, afterVowelLetter: boolean): Generator<string> {
  if (base.length < MIN_STEM) return;
  const last = base[base.length - 1];
  if (last === 'i') yield `${base.slice(0, -1)}y`;
  if (!afterVowelLetter) {
    yield base;
    return;
  }
  if (base.length > 3 && last === base[base.length - 2] && /[bdfgklmnprtvz]/.test(last)) {
    yield base;
    yield base.slice(0, -1);
    return;
  }
  // A single consonant after a single vowel letter: `baking` is from `bake`; else `walking` from `walk`.
  const magicE = /[^aeiou][aeiouy][^aeiouwxy]$|[cgsuvz]$|[^aeiou]l$/.test(base);
  if (magicE) yield `${base}e`;
  yield base;
  if (!magicE) yield `${base}e`;
}

function firstKnown(candidates: Iterable<string>, lookup: Lookup): readonly string[] | undefined {
  for (const candidate of candidates) {
    const found = lookup(candidate);
    if (found?.some((symbol) => stressOf(symbol) === 1)) return found;
  }
  return undefined;
}

function past(word: string, lookup: Lookup): string[] | undefined {
  if (!word.endsWith('ed') || word.endsWith('eed')) return undefined;
  const stem = firstKnown(stems(word.slice(0, -2), true), lookup);
  return stem && withD(stem);
}

/** Suffix, its phonemes, and whether it starts with a vowel letter (before which a final `e` is dropped). */
const SUFFIXES: readonly [string, readonly string[], boolean][] = [
  ['ing', ['ɪ', 'ŋ'], true],
  ['ers', ['ɚ', 'z'], true],
  ['er', ['ɚ'], true],
  ['est', ['ə', 's', 't'], true],
  ['ingly', ['ɪ', 'ŋ', 'l', 'i'], true],
  ['edly', ['ə', 'd', 'l', 'i'], true],
  ['ness', ['n', 'ə', 's'], false],
  ['less', ['l', 'ə', 's'], false],
  ['ful', ['f', 'ə', 'l'], false],
  ['ment', ['m', 'ə', 'n', 't'], false],
  ['ship', ['ʃ', 'ˌɪ', 'p'], false],
  ['hood', ['h', 'ˌʊ', 'd'], false],
  ['like', ['l', 'ˌaɪ', 'k'], false],
  ['wise', ['w', 'ˌaɪ', 'z'], false],
  ['able', ['ə', 'b', 'ə', 'l'], true],
  ['ably', ['ə', 'b', 'l', 'i'], true],
  ['ish', ['ɪ', 'ʃ'], true],
  ['man', ['m', 'ə', 'n'], false],
];

function suffixed(word: string, lookup: Lookup): string[] | undefined {
  if (word.endsWith('ly')) {
    const stem = adverb(word, lookup);
    if (stem) return stem;
  }
  for (const [ending, phonemes, vowel] of SUFFIXES) {
    if (!word.endsWith(ending) || word.length - ending.length < 3) continue;
    const stem = firstKnown(stems(word.slice(0, -ending.length), vowel), lookup);
    if (stem) return joined(stem, phonemes, ending);
  }
  return undefined;
}

function adverb(word: string, lookup: Lookup): string[] | undefined {
  const base = word.slice(0, -2);
  if (word.endsWith('ically')) {
    const stem = lookup(word.slice(0, -4));
    if (stem) return [...stem, 'l', 'i'];
  }
  if (word.endsWith('bly') || word.endsWith('ply') || word.endsWith('tly')) {
    const stem = lookup(`${base}le`);
    if (stem && stem.at(-1) === 'l' && stem.at(-2) === 'ə') return [...stem.slice(0, -2), 'l', 'i'];
  }
  const stem = firstKnown(stems(base, false), lookup);
  if (!stem) return undefined;
  return stem.at(-1) === 'l' ? [...stem, 'i'] : [...stem, 'l', 'i'];
}

/** A syllabic `l` loses its schwa before a vowel: `settle` + `er`. */
function joined(stem: readonly string[], ending: readonly string[], spelling: string): string[] {
  const syllabic = stem.at(-1) === 'l' && stem.at(-2) === 'ə' && /^(?:ing|er|ers|est|y|ish)/.test(spelling);
  return [...(syllabic ? [...stem.slice(0, -2), 'l'] : stem), ...ending];
}

/** Only prefixes that don't change their stem; the stem of `prevent` is not `vent`. */
const PREFIXES: readonly [string, readonly string[]][] = [
  ['hyper', ['h', 'ˌaɪ', 'p', 'ɚ']],
  ['multi', ['m', 'ˌʌ', 'l', 't', 'i']],
  ['ultra', ['ˌʌ', 'l', 't', 'ɹ', 'ə']],
  ['cyber', ['s', 'ˌaɪ', 'b', 'ɚ']],
  ['anti', ['ˌæ', 'n', 't', 'i']],
  ['mis', ['m', 'ɪ', 's']],
  ['non', ['n', 'ˌɑ', 'n']],
  ['un', ['ə', 'n']],
];

function prefixed(word: string, lookup: Lookup): string[] | undefined {
  for (const [start, phonemes] of PREFIXES) {
    if (!word.startsWith(start) || word.length - start.length < 4) continue;
    const stem = lookup(word.slice(start.length));
    if (stem) return [...phonemes, ...stem];
  }
  return undefined;
}

/** Common second parts of English compounds. With any word as second part, most surnames would be read as compounds. */
const HEADS: ReadonlySet<string> = new Set(
  `back ball band bank bath bell bird board boat body book bound box boy break brush cake card care case cast chain chair
  check cloth coat code craft cuts cutter day door down drop face fall field fighter file fire fish fix flow flower fly fold
  food frame game gate girl glass grade ground guard gun hand head hole holder hook horse house keeper key lace ladder lamp
  land layer level life light line link list load lock log maker mark master mate mill mine mother nail net note pack pad page
  paper party path person phone piece pipe place plane plate play point pole pool port post pot power print proof quake rail
  rise road room root rope scape screen set shade shape share sheet shelf shell shine shirt shoe shop shore shot show side
  sight sign sleeve snake song source space spot spread stand stick stock stone stop storm store strap stream street strike
  string stroke suit table tail tank tape time tone tool top tower town track trap tree truck wall ware wash watch water wave
  wear wheel wind wing wire wood word work worker world worm worth writer yard`.split(/\s+/),
);

/** Two known words written together: the first keeps its stress, the second's becomes secondary. */
function compound(word: string, lookup: Lookup): string[] | undefined {
  for (let cut = word.length - 3; cut >= 3; cut--) {
    if (!HEADS.has(word.slice(cut))) continue;
    const first = lookup(word.slice(0, cut));
    const second = first && lookup(word.slice(cut));
    if (!first || !second) continue;
    return [...first, ...second.map((symbol) => (stressOf(symbol) === 1 ? withStress(symbol, 2) : symbol))];
  }
  return undefined;
}
