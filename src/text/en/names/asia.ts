import { english, reader, type Sound, vowelFromEnd } from './sounds.ts';

/** Initials and finals of Chinese syllables in pinyin. */
const INITIALS: Readonly<Record<string, string>> = {
  b: 'B',
  p: 'P',
  m: 'M',
  f: 'F',
  d: 'D',
  t: 'T',
  n: 'N',
  l: 'L',
  g: 'G',
  k: 'K',
  h: 'HH',
  j: 'JH',
  q: 'CH',
  x: 'SH',
  zh: 'JH',
  ch: 'CH',
  sh: 'SH',
  r: 'R',
  z: 'Z',
  c: 'T S',
  s: 'S',
  y: 'Y',
  w: 'W',
  '': '',
};
const FINALS: Readonly<Record<string, string>> = {
  a: 'AA',
  o: 'OW',
  e: 'AH',
  ai: 'AY',
  ei: 'EY',
  ao: 'AW',
  ou: 'OW',
  an: 'AA N',
  en: 'EH N',
  ang: 'AA NG',
  eng: 'EH NG',
  ong: 'UH NG',
  i: 'IY',
  ia: 'Y AA',
  ie: 'Y EH',
  iao: 'Y AW',
  iu: 'Y OW',
  ian: 'Y EH N',
  in: 'IH N',
  iang: 'Y AA NG',
  ing: 'IH NG',
  iong: 'Y UH NG',
  u: 'UW',
  ua: 'W AA',
  uo: 'W OW',
  uai: 'W AY',
  ui: 'W EY',
  uan: 'W AA N',
  un: 'UH N',
  uang: 'W AA NG',
  ue: 'W EH',
  ü: 'UW',
  üe: 'W EH',
};
/** Syllables that a table of initials and finals would allow and Chinese has not, and the other way round. */
const SYLLABLE =
  /^(?:(?:b|p|m)(?:a|o|ai|ei|ao|ou|an|en|ang|eng|i|ie|iao|iu|ian|in|ing|u)|f(?:a|o|ei|ou|an|en|ang|eng|u)|(?:d|t)(?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|i|ia|ie|iao|iu|ian|ing|u|uo|ui|uan|un)|(?:n|l)(?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|i|ia|ie|iao|iu|ian|in|iang|ing|u|uo|uan|un|ü|üe|ue)|(?:g|k|h)(?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)|[jqx](?:i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|ue|uan|un)|(?:zh|ch|sh)(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)|r(?:e|i|ao|ou|an|en|ang|eng|ong|u|uo|ui|uan|un)|[zcs](?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|uo|ui|uan|un)|y(?:a|e|o|i|ao|ou|an|in|ang|ing|ong|u|ue|uan|un)|w(?:a|o|u|ai|ei|an|en|ang|eng)|a|e|o|ai|ei|ao|ou|an|en|ang|er)/;

/** Chinese syllables of a whole word, or `undefined`. The longest first, as a reader cuts them. */
export function pinyinSyllables(letters: string): readonly string[] | undefined {
  if (letters === '') return [];
  for (let length = Math.min(6, letters.length); length > 0; length--) {
    const syllable = letters.slice(0, length);
    if (syllable !== SYLLABLE.exec(syllable)?.[0] && !isWhole(syllable)) continue;
    const rest = pinyinSyllables(letters.slice(length));
    // A syllable starts with a consonant where it can: `yu nan`, not `yun an`.
    if (rest && !/^[aeo]/.test(rest[0] ?? '')) return [syllable, ...rest];
  }
  return undefined;
}

function isWhole(syllable: string): boolean {
  return new RegExp(`${SYLLABLE.source}$`).test(syllable);
}

/** Chinese in pinyin: the last syllable has the stress, as in Beijing and Shanghai. */
export function pinyin(letters: string): readonly string[] | undefined {
  const syllables = pinyinSyllables(letters);
  if (!syllables || syllables.length > 4) return undefined;
  const sounds = syllables.flatMap(pinyinSounds);
  return english(sounds, syllables.length - 1);
}

function pinyinSounds(syllable: string): Sound[] {
  if (syllable === 'er') return ['ER'];
  const initial = /^(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?/.exec(syllable)![0];
  let final = syllable.slice(initial.length);
  if (initial === 'y' && final === 'an') final = 'ian';
  if (initial === 'y' && (final === 'uan' || final === 'ue')) final = final === 'ue' ? 'ue' : 'uan';
  const sounds = `${INITIALS[initial]} ${FINALS[final]}`.trim().split(' ');
  // No second Y behind sounds that have it in them: `xiao` is "shao", `yin` is "yin".
  const palatal = /^[jqxy]$/.test(initial);
  return sounds.filter((sound, i) => !(palatal && sound === 'Y' && i > 0)).filter((sound) => sound !== '');
}

const JAPANESE = reader(`
  suke$ → S K e
  tch|cch → CH
  ssh → SH
  tts → T S
  sh → SH; ch → CH; ts → T S; j → JH
  ky(?=[aou]) → K Y; gy(?=[aou]) → G Y; ny(?=[aou]) → N Y; hy(?=[aou]) → HH Y; by(?=[aou]) → B Y; py(?=[aou]) → P Y; my(?=[aou]) → M Y; ry(?=[aou]) → R Y
  ai → AY
  ei → EY
  oo|ou|ō|oh(?![aeiou]) → OW
  uu|ū → UW
  n(?=[kg]) → NG
  (?:kk|k)(?=[aeiouō]) → K; (?:ss|s)(?=[aeouōū]) → S; (?:tt|t)(?=[aeoō]) → T; (?:pp|p)(?=[aeiouō]) → P
  g(?=[aeiouōū]) → G; z(?=[aeouōū]) → Z; d(?=[aeoō]) → D; h(?=[aeiouōū]) → HH; b(?=[aeiouōū]) → B; m(?=[aeiouōūbpm]) → M; r(?=[aeiouōū]) → R; w(?=[ao]) → W; y(?=[aouōū]) → Y; f(?=u) → F
  n → N
  a → a; e → e; i(?=[mnŋ]?[bcdghjkmprstwyz]) → i; i → i; o → o; u → u
`);

/** Whether every part of it is a Japanese syllable in Hepburn romanization. */
export function isJapanese(letters: string): boolean {
  return JAPANESE(letters) !== undefined;
}

/** Japanese: the vowel before the last. */
export function japanese(letters: string): readonly string[] | undefined {
  const sounds = JAPANESE(letters);
  return sounds && english(sounds, vowelFromEnd(sounds, 1));
}

const KOREAN = reader(`
  kk|gg → K; tt → T; pp → P; ss → S; jj → JH
  ch → CH; sh → SH
  yeo → Y AH; yae → Y EH; wae → W EH
  yu(?=ng|k) → Y UH; yoo|yu → Y UW; ya → Y AA; ye → Y EH; yo → Y OW
  eo → AH; eu → UH
  ae → EY; oe → W EH; wa → W AA; woo → W UW; wo → W AH; we → W EH; wi → W IY
  ui → IY; oo(?=[kn]) → UH; oo → UW; ee → IY; ou → OW
  u(?=ng) → UH; i(?=n$|n[^aeiouy]|m$|ng|k$|l$) → IH
  ng(?![aeiouy]) → NG
  n(?=[gk]) → N
  a → AA; e → EH; i → IY; o → OW; u → UW; y(?=[aeou]) → Y; w → W
  b → B; c → K; d → D; g → G; h → HH; j → JH; k → K; l → L; m → M; n → N; p → P; r → R; s → S; t → T
`);
const KOREAN_SYLLABLES =
  /^(?:(?:kk|tt|pp|ss|jj|ch|sh|[bdghjkmnprstwy])?(?:yeo|yae|wae|yoo|eui|[yw]?[aeo]|yu|woo|wi|eo|eu|ae|oe|ui|oo|ee|u|i)(?:ng|[klmnptb](?![aeiouyw])|(?=[^aeiou]|$)|k(?=$))?){1,4}$/;

/** Could it be Korean names in their usual romanization? */
export function isKorean(letters: string): boolean {
  return KOREAN_SYLLABLES.test(letters);
}

/** Korean: the first syllable. */
export function korean(letters: string): readonly string[] | undefined {
  const sounds = KOREAN(letters);
  return sounds && english(sounds, 0);
}
