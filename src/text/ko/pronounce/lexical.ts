import { finalOf, isSyllable } from '../hangul.ts';
import {
  canFollowNoun,
  futureEnding,
  isPredicate,
  nasalStemEnding,
  splitParticle,
  tensesNext,
} from './grammar.ts';
import { type Sound, soundsOf } from './syllables.ts';
import { type Entry, LONGEST_WORD, wordList } from './word-list.ts';

/** The words next to a phrase. Some pronunciations depend on them, although no sound is shared. */
export interface Neighbours {
  readonly before?: string;
  readonly after?: string;
}

/**
 * Marks what the spelling does not show: the syllables of each word with tense consonants, added ㄴ and compound boundaries that come from
 * the word itself or from its neighbours.
 * @param words Hangul, as spelled, of one phrase: there is no pause between them.
 */
export function markWords(words: readonly string[], { before = '', after = '' }: Neighbours = {}): Sound[] {
  const sounds = words.flatMap((word, i) => markWord(word, i, words[i - 1] ?? before, words[i + 1] ?? after));
  for (const [i, sound] of sounds.entries()) {
    const last = sounds[i - 1];
    if (last && last.word !== sound.word) markBoundary(words[last.word], words[sound.word], sound);
  }
  return sounds;
}

function markWord(word: string, index: number, before: string, next: string): Sound[] {
  const spelled = respell(word);
  const predicate = isPredicate(word);
  const sounds = soundsOf(spelled.text, index, predicate);
  for (const [at, mark] of spelled.marks) {
    if (mark === "'") sounds[at].tense = true;
    else if (mark === '*') sounds[at].nieun = true;
    else sounds[at] = { ...sounds[at], before: 'compound' };
  }
  if (sounds.length !== word.length) return sounds;
  for (const at of [nasalStemEnding(word, before, next), futureEnding(word)]) {
    if (at > 0) sounds[at].tense = true;
  }
  markNumber(word, sounds);
  markSuffix(word, sounds);
  if (isGenitive(word)) sounds[word.length - 1].genitive = true;
  if (before === '우물' && word.startsWith('정자')) sounds[1].tense = true;
  // 여덟 is the only noun in ㄼ: no consonant after it is tense.
  if (/^여덟[도과조보부]/.test(word)) sounds[2].lenis = true;
  if (/^삶(?:도|과|조차|보다|부터|속)/.test(word)) sounds[1].lenis = true;
  return sounds;
}

/** Nouns of two syllables that end in 의 themselves. */
const NOUNS_IN_UI =
  /^(?:주의|회의|문의|예의|정의|의의|강의|거의|동의|합의|협의|논의|건의|항의|결의|유의|편의|명의|임의|고의|호의|악의|성의|창의|심의|상의|하의|수의|전의|모의|제의|한의|양의|신의|본의|적의|민의|경의|사의|선의|질의|토의|품의|화의|내의|탈의|착의|열의|숙의|발의|재의|도의|대의|소의|불의|실의|살의|이의|여의)$/;
/**
 * Longer ones. 사회의 ends in 회의 and 회사의 in 사의 only by chance, so the first part decides: what is not here is a noun with the
 * particle 의.
 */
const LONG_NOUNS_IN_UI = new RegExp(
  `^(?:${[
    '(?:민주|자본|사회|공산|이기|개인|자유|집단|낙관|비관|현실|실용|제국|민족|국수|인도|원칙|완벽|능력|물질|허무|쾌락|합리|형식|권위|보수|진보|사실|낭만|인상|초현실|채식|공리|평화|요령|기회|무정부)주의|부주의',
    '(?:본|팀|화상|긴급|임원|국무|정상|주간|월간|전략|기획|대책|간부|전체|확대|실무|안전|최고|정기|조찬|학급|영상|온라인|원격|비대면|아침|업무|제작|편집|가족|대표|연석|청문|반상|구수)회의',
    '(?:고객|상품|배송|전화|예약|기타|견적|주문|제휴|입학|채용|이메일|메일|가격|재고|서비스|이용|결제|반품|환불|교환|설치|사전|일대일)문의|전문의|수련의',
    '(?:사전|개별|전체|필수|선택|수신|마케팅|개인정보|정보|이용|약관|제공|서면|부모|보호자|비|미|무|재)동의|부동의',
    '(?:온라인|인터넷|특별|동영상|대학|교양|전공|무료|유료|화상|기초|심화|집중|공개|명|실시간|녹화)강의',
    '(?:노사|여야|극적|잠정|대|사회적)합의|(?:재|사전|실무|노사|긴급)(?:협의|논의|심의|결의|발의|질의)|대정부질의|인사청문회의',
    '무성의|몰예의|불성의|사회정의|고객편의|내국민편의|차명의|본인명의|자기명의|흉부외과의|산과의|주치의|담당의|한의|수의|가정의|공보의|군의|만장일치결의',
  ].join('|')})$`,
);

/** Whether the 의 at the end of a word is the particle, which is pronounced 에. */
function isGenitive(word: string): boolean {
  if (word.length < 2 || !word.endsWith('의')) return false;
  return !NOUNS_IN_UI.test(word) && !LONG_NOUNS_IN_UI.test(word);
}

interface Spelled {
  readonly text: string;
  readonly marks: readonly (readonly [at: number, mark: "'" | '*' | '+'])[];
}

/** Finds the words of the list in a written word, longest first. */
function respell(word: string): Spelled {
  let text = '';
  const marks: [number, "'" | '*' | '+'][] = [];
  for (let at = 0; at < word.length; ) {
    const found = entryAt(word, at);
    if (!found) {
      text += word[at++];
      continue;
    }
    const { length, entry } = found;
    if ('respelled' in entry) text += entry.respelled;
    else {
      for (const [k, mark] of entry.marks.entries()) if (mark !== '') marks.push([text.length + k, mark]);
      text += word.slice(at, at + length);
    }
    at += length;
  }
  return { text, marks };
}

function entryAt(word: string, at: number): { readonly length: number; readonly entry: Entry } | undefined {
  for (let length = Math.min(LONGEST_WORD, word.length - at); length >= 2; length--) {
    const key = word.slice(at, at + length);
    const entry = wordList().get(key);
    if (!entry) continue;
    // Two syllables inside a longer word are often a chance: 확인기간 does not hold 인기.
    if (length > 2 || at === 0) return { length, entry };
    if (at >= 2 && !/[가과도만와은는이을를의]$/.test(key) && canFollowNoun(key, word.slice(at + length)))
      return { length, entry };
    if (at === 1 && word.length - at === 2 && 'marks' in entry && entry.marks.includes('+'))
      return { length, entry };
  }
  return undefined;
}

const NUMERALS = /^[영공일이삼사오육칠팔구십백천만억조]+$/;

/** Numbers: tense ㄷㅅㅈ after 일, 칠, 팔, and an added ㄴ in 십육, 백육. */
function markNumber(word: string, sounds: Sound[]): void {
  const length = /^[영공일이삼사오육칠팔구십백천만억조]*/.exec(word)![0].length;
  for (let at = 1; at < length; at++) {
    const [last, char] = [word[at - 1], word[at]];
    if (char === '육' && finalOf(last) !== '') sounds[at].nieun = true;
    if (/[일칠팔]/.test(last) && /[십조천]/.test(char) && char !== '천') sounds[at].tense = true;
  }
}

/** Second parts of two-syllable words that only look like the suffixes below. */
const NO_SUFFIX_YONG =
  /(?:내용|사용|이용|활용|적용|착용|인용|혼용|전용|겸용|통용|공용|신용|식용|수용|허용|비용|고용|채용|작용|효용|남용|도용|운용|복용|미용|조용|포용|소용|무용|등용|응용|유용|관용|군용|상용|실용|원용|중용|임용|차용|병용|애용|악용|오용|준용|총용|청용|황룡)$/;
const NO_SUFFIX_YEOK =
  /(?:번역|통역|면역|영역|광역|권역|검역|병역|반역|전역|음역|징역|현역|공역|방역|천역|무역|지역|구역|교역|배역|주역|용역|성역|난역|단역|조역)$/;
const NO_SUFFIX_SEONG =
  /(?:남성|여성|구성|완성|작성|생성|형성|음성|양성|조성|개성|찬성|반성|정성|수성|화성|금성|토성|목성|위성|유성|혜성|감성|이성|지성|인성|본성|근성|관성|탄성|함성|명성|왕성|편성|달성|결성|육성|합성|특성|속성|습성|홍성|장성|안성|보성|횡성|고성|의성|음성|곡성|산성|토성|대성|동성|연성|모성|부성|천성|후성|진성|가성|운성|북극성|견성|숙성|종성|초성|중성|기성|만성|급성|활성)$/;

/** Second parts of compounds that are tense after a first part of two syllables or more: 물건값, 비탈길, 울음소리. */
const TENSE_SECOND_PARTS = /^[가-힣]{2,}(?:값|길|소리)$/;
/** Forms of verbs in -길, -기를 for short, and -ㄹ: 만들길, 떠넘길; and what a verb says of a sound: 우는소리. */
const NO_COMPOUND =
  /(?:[넘당챙즐옮남안감맡웃숨생이튕풍튼궁담빈만들힘알살열울놀물널걸풀불]길|[는은던멘큰잔딴군흰신]소리)$/;
/** Second parts of compounds that get a ㄴ after a first part of two syllables or more: 급행열차, 기본요금. */
const NIEUN_SECOND_PARTS = /^[가-힣]{2,}(?:열차|여행|요금|요리|연금|양말|용품|이불|유리)$/;

/** Productive suffixes and second parts of compounds: -역, -용 and 열차 with an added ㄴ, -성, 값, 길 and 소리 tense. */
function markSuffix(word: string, sounds: Sound[]): void {
  const stem = nounOf(word);
  const last = stem.length - 1;
  if (last < 2) return;
  const [char, before] = [stem[last], finalOf(stem[last - 1])];
  if (char === '용' && before !== '' && !NO_SUFFIX_YONG.test(stem)) sounds[last].nieun = true;
  if (char === '역' && before !== '' && !NO_SUFFIX_YEOK.test(stem)) sounds[last].nieun = true;
  if (char === '성' && !NO_SUFFIX_SEONG.test(stem)) sounds[last].tense = true;
  markCompound(stem, sounds);
}

function markCompound(stem: string, sounds: Sound[]): void {
  if (NIEUN_SECOND_PARTS.test(stem) && finalOf(stem[stem.length - 3]) !== '') {
    sounds[stem.length - 2].nieun = true;
  }
  if (!TENSE_SECOND_PARTS.test(stem) || NO_COMPOUND.test(stem)) return;
  const second = stem.length - (stem.endsWith('소리') ? 2 : 1);
  // Between vowels the spelling shows it: 등굣길. 값 is tense behind a vowel too: 커피값.
  if (stem.endsWith('값') || /^[ㄴㄹㅁㅇ]$/.test(finalOf(stem[second - 1]))) sounds[second].tense = true;
}

function nounOf(word: string): string {
  const copula =
    /(?:입니다|입니까|이에요|예요|이다|이고|이며|이라고|인지|인데|인|일|이죠|이지만|이었습니다|였습니다|하다|합니다|한|하는|할|해|화)$/.exec(
      word,
    );
  if (copula && copula.index >= 3) return word.slice(0, copula.index);
  return splitParticle(word).stem;
}

const NIEUN_BEFORE =
  /(?:^(?:못|잘|한|할|옷|책|안|몇|맨|첫|먹을|먹은|볼|하던|내일|오늘|무슨|어떤|다른|집안|바깥|서른|마흔|쉰|예순|일흔|여든|아흔|열|스물)|[ㄱ-힣]*할|[가-힣]+(?:은|는|운|한|던))$/;
const NIEUN_AFTER =
  /^(?:일(?:이|을|은|도|만|과|에|입니다|이다|이에요|인|하|할|했|해)?$|일(?:하|해|했|할|로|과)|입(?:다|고|어|은|을|는|니|습|힌|혀|었|지)|잎|여섯|여덟|엿|읽|잊|이기|이긴|이길|익|일어|일으|역$|역(?:에|을|이|은|까지|으로)|연대|여행|여자|영화|이유|이야기|약(?:을|이|은|도|$)|양말|요리|요일|이불|이름|열(?:려|린|어|었|릴|리)|입구|유리|얘기)/;

/** Sound changes across a space: tense consonants after -(으)ㄹ and after numerals, an added ㄴ. */
function markBoundary(before: string, next: string, sound: Sound): void {
  if (tensesNext(before, next)) sound.tense = true;
  const isNumeral = NUMERALS.test(before);
  if (/(?:^|[십스물])(?:열|여덟)$|^(?:열|여덟|스물여덟|열여덟)$/.test(before)) {
    if (/^[가-힣]/.test(next) && !/^(?:가지고)/.test(next)) sound.tense = true;
  }
  if (isNumeral && /[일칠팔]$/.test(before) && /^[ㄷㅅㅈ]$/.test(sound.initial)) {
    // 일 도, 일 점, 일 조, 칠 세; hours and places of a number stay.
    sound.tense = true;
  }
  // A decimal point is said 쩜.
  if (next === '점' && isNumeral) sound.tense = true;
  if (before.length > 0 && finalOf(before) !== '' && NIEUN_AFTER.test(next) && isNieunBefore(before, next))
    sound.nieun = true;
  if (isNumeral && finalOf(before) !== '' && /^육/.test(next) && NUMERALS.test(next)) sound.nieun = true;
}

function isNieunBefore(before: string, next: string): boolean {
  if (!isSyllable(before.slice(-1))) return false;
  if (
    /^(?:이유|이야기|얘기|여자|여행|영화|입구|유리|이름|역|연대|여섯|여덟|약|양말|요리|요일|이불|입|일|잎|엿)/.test(
      next,
    )
  ) {
    if (/^(?:일곱|일찍|일반|일부|일단|일정|일본|일주|일요|일시|일상)/.test(next)) return false;
    if (/^역/.test(next) && /^(?:다음|이번)$/.test(before)) return true;
    if (/^(?:못|잘|한|할|옷|맨|첫|먹을|먹은|서른|마흔|쉰|예순|일흔|여든|아흔|열|스물|무슨|몇)$/.test(before))
      return true;
    return (
      /^일(?:이|을|은|도|만|입니다|이다|$)/.test(next) &&
      /(?:할|한|은|는|던|운|을)$/.test(before) &&
      !/^(?:오늘|내일)/.test(before)
    );
  }
  return NIEUN_BEFORE.test(before) && /^(?:못|잘|안|옷|책|한|할)$/.test(before);
}
