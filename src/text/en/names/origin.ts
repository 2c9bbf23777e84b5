import { isJapanese, isKorean, pinyinSyllables } from './asia.ts';

/** Languages that names are read by. */
export type Origin =
  | 'spanish'
  | 'italian'
  | 'french'
  | 'german'
  | 'slavic'
  | 'chinese'
  | 'japanese'
  | 'korean'
  | 'indian';

/** Spellings that indicate an origin, with their weight. An accent that few languages have is the strongest evidence. */
const SIGNS: Readonly<
  Record<Exclude<Origin, 'chinese' | 'japanese' | 'korean'>, readonly [RegExp, number][]>
> = {
  spanish: [
    [/ñ/, 4],
    [/[áíóú]/, 3],
    [/é/, 2],
    [/^xi[aeo]|arr?eta$|[aeiou]rri[aoe]/, 2],
    [
      /(?:[^e]ez|illo|illa|uela|uelo|ueva|uevo|ueta|itas?|itos?|eros?|eras|ados?|osa|entes|iente|ejo|eja|ijo|ijos|ajal)$/,
      2,
    ],
    [/(?:ando|endo|ares|ales|anos?|anza|arra|urri|eche|eta|aga|ena|ura|era|ino|ina|ola|era|esta)$/, 1],
    [/qu[ei]/, 1],
    [/^(?:xi[aeou]|xim|gui|que|llo|lla|ju[al]|jo[as]|jim)/, 2],
    [/[aeiou]j[aeou]/, 1],
    [/hu[aei]|u[ei]t[aeo]|azpi|zub|eche|rr[eio]|iñ|uer|ue[vblnr]|ie[rnstv]/, 1],
    [/[kw]|sh|th|ph|ck|[aeou]y$|[^aeiounsrzldxmj]$|ss|tt|zz|cci|ff/, -4],
  ],
  italian: [
    [/[àèìòù]$/, 3],
    [/cci|cch|ggi|ggh|gli|gno|gna|sch[ie]|ghi|ghe|chi[aeo]|zz|tt[ioae]$|cqu|uo/, 2],
    [
      /(?:ini|ino|elli|ella|ello|etti|etta|etto|ucci|acci|uccio|iani|ani|oni|one|eschi|esco|esca|ardi|aldi|ucci|chio|azzo|ieri|aro|ato|otti|essi|ossi|issi|ucco|ero)$/,
      2,
    ],
    [/^(?:gia|gio|giu|gua|scia|chi)/, 2],
    [/ci[aou]|gi[aou]/, 1],
    [/[jkwxy]|sh|th|ph|[^aeiou]$|ñ|ou|ee|oo|ck|tz/, -4],
  ],
  french: [
    [/[çœêûôîâëï]|è/, 3],
    [/é$|ée/, 3],
    [/é/, 2],
    [/(?:[^aeiou]eaux?|ault|auld|ieux?|[^aeiou]oux|gnac|gnan|aisne|esne|oche|[^aeiou]ois|[^s]aud)$/, 3],
    [/(?:euil|ouille|agne|quet|quin|geot|auge|aine)$/, 2],
    [/illard$/, 3],
    [/^(?:beau|thib|mbap|fran[cç]|guill|jean|duch|desc)/, 1],
    [/oi[rsn]|eu[rs]|ou[aeiv]|gn[aoe]|qu[eé]/, 1],
    [/[kw]|sh|ck|oo|ee|[aio]$|th[aeo]n/, -4],
  ],
  // English reads German surnames without an umlaut as its own.
  german: [
    [/[äöüß]/, 4],
    [/sch|tz|pf|[^aeiou]en$/, 1],
    [/é|è|[çñłńśźżğş]/, -4],
  ],
  slavic: [
    [/[łńśźżąęčšžđřěů]|ć/, 4],
    [/(?:ovic|evic|adzic|ijic|kitic|risic|dric|skyy|kiv|ovych|evych)$/, 4],
    [/szcz|shch|^(?:wojc|krz|grz|prz|zdz|mst)|rzy|^zh[^aio]|zhu|khr[^aioy]/, 3],
    [/th|ph|qu|ou|ee|oo|ck|sch|x/, -3],
  ],
  indian: [
    [
      /bh|dh|jh|^sr|jn|ksh|chandr|krishn|laksh|venk|swam|ananda|^raj|deep[aio]|preet|priy|gopal|shankar|sekhar|subra|prasad|^vira|^nare/,
      2,
    ],
    [
      /(?:murthy|murti|raman|swamy|swami|krishnan?|esh|niam|[kn]anth?|endra|inder|preet|walla|pati|nath|kar|nand|ananda|abad|pur|puram|garh|deep|ika|anka|vati|devi|wati|reddy|appa|amma|arya|arjee|ajan|jeet|rukh|abh|eev|ruv|oyi|itya|rath|ukone|ohli|reshi|chan|rat|rah)$/,
      2,
    ],
    [/aa|ee[pnkt]|sh[aiwv]|ch[ao]|anj|ar[vj]|rth|ddh|nd[u]|tt[aio]$/, 1],
    [/x|q[^u]|ck|tz|sch|tion|ou|oe|ae|ll[eo]|w[eo]|ei|cc|c[^h]|ea|ay$|ie$|[^s]er|ts/, -4],
  ],
};

/** Weight from which on the signs are believed. */
const ENOUGH = 3;

/** Letters that only romanized Chinese, Japanese or Korean has at these places. */
const CHINESE =
  /^[xq]|ng[xq]|zh[aeiou]|^zh|^(?:cui|guo|qiu|ruan|cai|jin(?:ping|tao|hai))$|iang|iong|[nsg]hui$|^(?:gu|hu|ch|sh|zh)?uang/;
const JAPANESE =
  /^(?:(?:[a-z]*(?:sh[aiuo]|tsu|[krmhnb]y[aou]|fu[jkm])[a-z]*)?(?:k[aiou]|da|wa|t[ao]|m[iou]|ya|r[aiou]|z[uo]|su|ji|ge|hei|n[aio])|[a-z]+(?:mura|moto|yama|kawa|shita|suke|saka|zawa|bayashi|oka|hara|tani|mura|zaki|saki|hashi|naka|mitsu|hiko|haru|nori|taro|jiro|ruki|deki|kazu|yuki|masa|hiro|ako|iko|uko|omi|umi|uda|ada|oda))$/;
const KOREAN =
  /yeo|yun[gh]|hyun|hyuk|seok|seung|kyung|kyu[nl]|gyu|joon|jae[^l]|yoon|jisoo|woo[^dl]|woon|gwang|gyeong|gangn|daeg|taeh|eong|eok|jungk|jinwo/;

/**
 * The likely language of a name, by its letters; `undefined` for English names, and if the letters do not show it.
 * @param letters small letters, accents as written.
 */
export function originOf(letters: string): Origin | undefined {
  if (letters.length < 2) return undefined;
  const plain = /^[a-z]+$/.test(letters);
  const scores = Object.entries(SIGNS).map(
    ([origin, signs]) =>
      [
        origin as Origin,
        signs.reduce((sum, [sign, weight]) => sum + (sign.test(letters) ? weight : 0), 0),
      ] as const,
  );
  const [best, second] = scores.sort((a, b) => b[1] - a[1]);
  if (best[1] >= ENOUGH && best[1] > second[1]) return best[0];
  if (plain && CHINESE.test(letters) && pinyinSyllables(letters)) return 'chinese';
  if (letters.length > 4 && KOREAN.test(letters) && isKorean(letters)) return 'korean';
  if (letters.length > 4 && JAPANESE.test(letters) && isJapanese(letters)) return 'japanese';
  return undefined;
}
