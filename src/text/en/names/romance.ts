import { english, isSyllabic, reader, vowelFromEnd } from './sounds.ts';

const SPANISH = reader(`
  ^j(?=ua) →
  ^joa → W a
  ez$ → EH Z
  qu(?=[eiéí]) → K
  gu(?=[eiéí]) → G
  [gq]u(?=[aoá]) → G W
  gü → G W
  ch → CH
  ll → Y
  rr → R
  ñ → N Y
  hu(?=[aeoáéó]) → W
  h →
  j → HH
  g(?=[eiéí]) → HH
  ^xi(?=[^aeou]) → HH i
  ^x → Z
  (?<=[aeiouáéíóú])x(?=[aeiouáéíóú]) → HH
  x → K S
  cc(?=[eiéí]) → K S
  c(?=[eiéí]) → S
  tz → T S
  tl$ → T AH L
  s$ → S
  y(?=[aeiouáéíóú]) → Y
  a[iy](?![aeou]) → AY
  au → AW
  e[iy](?![aeou]) → EY
  o[iy](?![aeou]) → OY
  u(?=[aeioáéíó]) → W
  í → i; y → i
  (?<=[rv])ia$ → i a
  i(?=[aoáó]) → Y
  a|á → a; e|é → e; i → i; o|ó → o; u|ú|ü → u
  b → B; c → K; d → D; f → F; g → G; k → K; l → L; m → M; n(?=[gckq]) → NG; n → N; p → P; q → K; r → R; s → S; t → T; v → V; w → W; z → Z
`);

/** Spanish: the vowel before the last, the last before a consonant other than s and z (`Ramon` and its like have lost their accent); a written accent decides. */
export function spanish(letters: string): readonly string[] | undefined {
  const sounds = SPANISH(letters);
  if (!sounds) return undefined;
  const accent = letters.search(/[áéíóú]/);
  if (accent >= 0) {
    const before = SPANISH(letters.slice(0, accent + 1));
    if (before) return english(sounds, before.filter(isSyllabic).length - 1);
  }
  if (/[^aeiousyz]$/.test(letters)) return english(sounds, vowelFromEnd(sounds, 0));
  return english(sounds, vowelFromEnd(sounds, 1));
}

const ITALIAN = reader(`
  gli(?=[aeou]) → L Y
  gli → L i
  gn → N Y
  g?gh → G
  c?ch → K
  sci(?=[aou]) → SH
  sc(?=[ei]) → SH
  cci(?=[ao]$) → CH _ i
  c?ci(?=[aou]) → CH
  cc(?=[ei]) → CH _
  c(?=[ei]) → CH
  ggi(?=[ao]$) → JH _ i
  g?gi(?=[aou]) → JH
  gg?(?=[ei]) → JH
  zz → T S
  (?<=[nlr])z → Z
  z → Z
  c?qu → K W
  h →
  (?<=[aeiou])s(?=[aeiou]) → Z
  au → AW
  a[iy](?![aeou]) → AY
  ei → EY
  uo → W o
  (?<=[gq])u(?=[aeio]) → W
  a|à → a; e|è|é → e; i|ì|y → i; o|ò → o; u|ù → u
  bb?|b → B; cc → K _; c → K; dd → D _; d → D; ff → F _; f → F; gg → G _; g → G; j → Y; k → K; ll → L _; l → L; mm → M _; m → M; n(?=[gc][^eih]) → NG; nn → N _; n → N; pp → P _; p → P; rr → R _; r → R; ss → S _; s → S; tt → T _; t → T; vv → V _; v → V; w → W; x → K S
`);

/** Italian: the vowel before the last, the last with an accent. */
export function italian(letters: string): readonly string[] | undefined {
  const sounds = ITALIAN(letters);
  return (
    sounds &&
    english(
      sounds,
      vowelFromEnd(sounds, /[àèéìòù]$/.test(letters) ? 0 : /(?:cc|gg)i[ao]$/.test(letters) ? 2 : 1),
    )
  );
}

const FRENCH = reader(`
  ^mb → EH M B
  ïs$ → IY S
  eaux?$ → OW
  (?:aux?|ault|auts?|auds?|ots?|ôts?|os)$ → OW
  eau|au → OW
  ieux?$ → Y UW
  eux?$ → UW
  eurs?$ → ER
  oux?$|outs?$|ous$ → UW
  ou(?=[aeiouy]) → W
  oû|ou → UW
  oin(?![aeiouyn]) → W AE N
  o[iî][stx]?$|oid$ → W AA
  oi|oy → W AA
  (?:ais|ait|aits|aix|et|ets|ez|ay|ey|ée|é|és|ées)$ → EY
  (?<=[a-zéèêëîïôç]{3})ier$ → IY EY
  (?<=[a-zéèêëîïôç]{3})er$ → EY
  a[iî]n$|ein$ → AE N
  (?<=[^aeiou])ien$ → IY AE N
  in$ → AE N
  ais(?=[aeiou]) → EH Z
  ai|aî|ei → EH
  ille$|illes$ → IY
  (?<=[ae])ill → Y
  ill → IY Y
  gn → N Y
  tch → CH
  ch → SH
  ph → F
  th → T
  qu → K
  gu(?=[eiéèêy]) → G
  ge(?=[ao]) → ZH
  g(?=[eiéèêy]) → ZH
  j → ZH
  ç → S
  sc(?=[eiéèêy]) → S
  c(?=[eiéèêy]) → S
  h →
  x$|[dtpszg]s?$ →
  (?<=[aeiouyéèêëîïô])s(?=[aeiouyéèêëîïô]) → Z
  s(?=[nmlt][aeé]) →
  (?<=[^aeiouyéè])es?$ →
  (?<=[aeiouyéè])es?$ →
  (?:an|en|am(?=[pb])|em(?=[pb]))(?![aeiouyéèênm]) → AA N
  (?:on|om(?=[pb]))(?![aeiouyéèênm]) → AA N
  eu|œu → ER
  é|è|ê|ë → EH; ï|î → i; ô → OW; û|ü → UW; à|â → a
  y(?=[aeiou]) → Y
  a → a; e → e; i|y → i; o → o; u → u
  bb? → B; cc?k? → K; dd? → D; ff? → F; gg? → G; k → K; ll? → L; mm? → M; nn? → N; pp? → P; q → K; rr? → R; ss? → S; tt? → T; v → V; w → V; x → K S; z → Z
`);

/** French as English says it: the last vowel has the stress. */
export function french(letters: string): readonly string[] | undefined {
  const sounds = FRENCH(letters);
  return sounds && english(sounds, vowelFromEnd(sounds, 0));
}
