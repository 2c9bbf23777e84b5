import { english, reader, vowelFromEnd } from './sounds.ts';

const GERMAN = reader(`
  tsch → CH
  sch → SH
  ^st → SH T
  ^sp → SH P
  chs → K S
  ch → K
  ck → K
  tz|ts → T S
  ^z → Z
  zz?$|zz → T S
  z → T S
  ^pf → F
  dt → T
  th → T
  ß|ss → S
  ^s(?=[aeiouäöü]) → Z
  (?<=[aeiouäöünlr])s(?=[aeiouäöü]) → Z
  qu → K V
  w → V
  ^v → F
  v → F
  j → Y
  ph → F
  ng(?![aeiouäöü]) → NG
  ing(?=en|er) → IH NG
  nk → NG K
  ie → IY
  ei|ai|ey|ay → AY
  eu|äu → OY
  au → AW
  aa|ah → AA
  ee|eh → EY
  oo|oh → OW
  uh|üh|ue → UW
  öh|oe|ö → ER
  ae|ä(?!u) → EH
  ü(?=r) → UH; ü → UW
  stein$ → S T AY N
  mann$ → M AH N
  (?:berg|burg)$ → B ER G
  er$ → ER
  e[lnm]$ → AH N
  e$ → AH
  a → AA
  e(?=[^aeiouäöü][aeiouäöü]) → EY
  e → EH
  i → IH
  y → IH
  o(?=[^aeiouäöü][aeiouäöü]) → OW
  o(?=r) → AO
  o → AA
  u(?=[^aeiouäöü][aeiouäöü]) → UW
  u → UH
  h → HH
  bb? → B; c → K; dd? → D; ff? → F; gg? → G; k → K; ll? → L; mm? → M; nn? → N; pp? → P; rr? → R; s → S; tt? → T; x → K S
`);

/** German: the first vowel, after an unstressed `be`, `ge`, `er`, `ver` the second. */
export function german(letters: string): readonly string[] | undefined {
  // `el` and `em` at the end have their own consonant.
  const sounds = GERMAN(letters)?.slice();
  if (!sounds) return undefined;
  if (/el$/.test(letters)) sounds[sounds.length - 1] = 'L';
  if (/em$/.test(letters)) sounds[sounds.length - 1] = 'M';
  return english(sounds, /^(?:be|ge|ver)[bdfghklmnprstwz]{1,2}[aeiouäöü]/.test(letters) ? 1 : 0);
}

const SLAVIC = reader(`
  ov[iy]?(?:c|ć|ch)$ → AH V IH CH
  i(?:c|ć|č|ch)$ → IH CH
  ew?ski$ → EH F S K i
  owski$ → AO F S K i
  n(?=k) → NG
  shch|szcz|šč → SH CH
  ^dzh|dž|^dj|đ → JH
  sch → SH
  sz|š|ś → SH
  si(?=[aeou]) → SH
  czy$ → CH IH
  cz|č|ć|tch → CH
  ch(?=[aeiou]y?) → CH
  ch → K
  (?<=[pkt])rz → SH
  ř → R ZH
  rz|zh|ż|ž → ZH
  zi(?=[aeou]) → ZH
  dzi(?=[aeou]) → JH
  dz(?=i) → JH
  ci(?=[aeou]) → CH
  ck → T S K
  tz|ts|c → T S
  kh → K
  th → T
  sh → SH
  ph → F
  ł → W
  w → V
  ń|ñ|ň → N
  j(?=[aeiouáéíó]) → Y
  aj|ay → AY
  ej|ey(?![aeou]) → EY
  oj|oy → OY
  j → Y
  iy$|yy$|yi$|ii$ → i
  ą → o N
  ę → e N
  ó|ů|ú → u
  ě → Y e
  y(?=[aeou]) → Y
  (?<=k)y$|(?<=[ntvl])y$ → i
  y|ý → IH
  ow$ → AO F
  ov$ → AO V
  ia$ → IY a
  i(?=[aeou]) → Y
  a|á → a; e|é → e; i|í → i; o → o; u → u
  bb? → B; dd? → D; f → F; g → G; h → HH; kk? → K; ll?|ľ → L; mm? → M; nn? → N; pp? → P; q → K; rr? → R; ss? → S; tt?|ť → T; v → V; x → K S; z|ź → Z
`);

/** Slavic names: the vowel before the last; `-ovic`, `-evich` and `-itic` have it one further back. */
export function slavic(letters: string): readonly string[] | undefined {
  const sounds = SLAVIC(letters);
  return (
    sounds && english(sounds, vowelFromEnd(sounds, /[aeiou][^aeiou]+i(?:c|ć|č|ch)$/.test(letters) ? 2 : 1))
  );
}
