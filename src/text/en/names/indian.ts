import { english, reader, vowelFromEnd } from './sounds.ts';

const INDIAN = reader(`
  ksh → K SH; chh → CH; chch → CH; cch → CH
  sh → SH; ch → CH
  ph → F
  ddh → D; tth → T
  bh → B; dh → D; gh → G; kh → K; jh → JH; th → T; rh → R
  jn → G Y
  aa → AA; ee → IY; ii → IY; oo|uu → UW
  ai|ay(?![aeiou]) → AY; au → AW; ei|ey → EY; oy → OY
  a$ → AH
  a(?=[bdgjklmnrtv]h?$) → AA
  (?<=.)a(?=[^aeiou]h?[aeiou]) → AA
  a(?=[rh]) → AA
  a → AH
  e(?=sh$) → EH; e(?=[^aeiou][aeiou]|[^aeiou]h?$) → EY; e(?=r) → EH; e$ → EY; e → EH
  i$ → IY; i(?=[aeiouy]) → IY; i → IH
  o → OW
  u$ → UW; u(?=[^aeiou]h?[aeiou]) → UW; u → UH
  y(?=[aeiou]) → Y; y → IY
  n(?=[kg]) → NG
  bb? → B; c → K; dd? → D; f → F; gg? → G; h(?=[aeiou]) → HH; h →; jj? → JH; kk? → K; ll? → L; mm? → M; nn? → N; pp? → P; q → K; rr? → R; ss? → S; tt? → T; vv? → V; w → W; x → K S; zz? → Z
`);

/** Indian: the vowel before the last where it is long or closed, else the one before it; two vowels with a short first: the last. */
export function indian(letters: string): readonly string[] | undefined {
  const sounds = INDIAN(letters);
  if (!sounds) return undefined;
  if (/(?:esh|eep|een|eet|aan|aat|[aeiou][^aeiou]h?[aeo][bdjlt]h?)$/.test(letters))
    return english(sounds, vowelFromEnd(sounds, 0));
  const heavy =
    /(?:aa|ee|oo|ai|au|[eo]|[aiu][^aeiouy]h?[^aeiouhy]|[aiu][^aeiouh]{2,}|a[^aeiou]h?)[^aeiou]*[aeiouy]+[^aeiou]*$/;
  return english(sounds, vowelFromEnd(sounds, heavy.test(letters) ? 1 : 2));
}
