import { decompose, finalOf } from './hangul.ts';
import { isFutureEul, splitParticle } from './pronounce/grammar.ts';

/** Boundary between two words: inside an accentual phrase, at its end, or at the end of an intonation phrase without a mark. */
export type Juncture = 'linked' | 'accentual' | 'intonation';

/** Tune at the end of an intonation phrase. */
export type Tune = 'statement' | 'question' | 'wh-question' | 'request' | 'continuation' | 'list';

/** Words that form a phrase with the next word: determiners, short adverbs, prefixes. */
const LEANING =
  /^(?:이|그|저|이런|그런|저런|어떤|무슨|어느|몇|몇몇|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|각|매|전|총|약|제|새|헌|옛|첫|맨|온|안|못|더|잘|덜|꼭|또|다|좀|막|곧|푹|참|아주|너무|매우|가장|제일|거의|다시|모든|여러|다른|온갖|단|딱|단지|바로|이번|다음|지난|저번|만|본|당|귀|타|반|잘못|꽤|퍽|썩|쭉|쫙|확|콱)$/;
/** Words that form a phrase with the previous word: dependent nouns, auxiliary verbs, the noun of a compound place or time. */
const DEPENDENT =
  /^(?:것|거|게|걸|건|수|데|줄|때|뿐|만큼|대로|적|지|바|중|후|전|뒤|동안|정도|쪽|번|개|명|분|시|초|원|년|월|일|층|호|살|세|잔|권|장|대|마리|번째|가지|시간|개월|주일|퍼센트|미터|킬로|킬로미터|센티미터|그램|킬로그램|리터|도|점|만|척|듯|체|양|채|김|셈|터|텐데|테니|위|앞|옆|안|밖|밑|아래|사이|근처|내|외|간|당|이상|이하|미만|초과|같|있|없|싶|주|줘|줬|준|드리|드립|드려|드릴|보|봐|봤|봅|버리|버려|버렸|하(?:고|지|는|세|십|시|겠|였|여|면|라)|해(?:요|서|야|라|도|보|주)?|합니|했|않|못하|못했|말|마|됩|되|돼|됐|만하|만한|뻔)/;
/** Adverbs of time and address, which are separate phrases. */
const APART =
  /^(?:오늘|내일|어제|모레|그저께|지금|현재|오전|오후|평일|주말|매일|매주|매년|매월|요즘|올해|작년|내년|금년|아까|방금|나중|밤|새벽|아침|점심|저녁|먼저|일단|우선|또한|그리고|그러나|하지만|그런데|그래서|따라서|그러면|그럼|혹시|만약|만일|특히|예를|즉|또는|및|혹은|고객님|여러분|안녕하세요|안녕하십니까|네|예|아니요|죄송합니다|감사합니다|월요일|화요일|수요일|목요일|금요일|토요일|일요일)$/;
const CONNECTIVE =
  /(?:(?:[가-힣])(?:고|며|면|니까|지만|는데|은데|인데|던데|려면|려고|도록|거나|든지|면서|므로|자마자|다가|더니|어서|아서|해서|여서|려서|려|라서|셔서|워서|와서|러|게)|으면|으며|으니|으나|듯이|지만)$/;
const STRONG_CONNECTIVE =
  /(?:시면|으면|하면|되면|려면|지만|는데|은데|니까|으며|므로|거나|더니|었고|았고|했고|이고|하고)$/;
const NUMERAL_START =
  /^(?:[영공일이삼사오육칠팔구십백천만억조]+|한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|열한|열두|열세|열네|(?:열|스물|서른|마흔|쉰|예순|일흔|여든|아흔)(?:한|두|세|네|하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉)?|스무|몇)$/;
const ENDED = /(?:요|다|까|죠|네|자|라|오|군|나)$/;
const ADNOMINAL = /(?:[은는던인한된될할]|[가-힣]{1,}(?:운|을))$/;

/** Maximum number of syllables in a phrase without a break. */
const LONG_PHRASE = 18;
/** Minimum number of syllables on each side of such a break. */
const SHORT_PART = 6;

const syllables = (word: string) => word.length;

/** The juncture after each word except the last. */
export function junctures(words: readonly string[]): Juncture[] {
  const found = words.slice(0, -1).map((word, i) => junctureOf(word, words[i + 1]));
  return withIntonation(words, found);
}

function junctureOf(word: string, next: string): Juncture {
  if (APART.test(word)) return 'accentual';
  if (/^(?:여러분|고객님)/.test(next)) return 'accentual';
  if (LEANING.test(word)) return 'linked';
  if (NUMERAL_START.test(word)) return 'linked';
  if (NUMERAL_START.test(next) && syllables(word) > 1 && !/의$/.test(word) && !isAdnominal(word, next))
    return 'accentual';
  if (
    DEPENDENT.test(next) &&
    !/^(?:시간대|일반|일정|이용|주문|보안|보험|보통|보조|대기|시작|시스템|시장|개인|개발|명의|분실|분류|원래|층간|호텔|세일|세탁|장소|장애|대출|대표|도착|도움|도서|점검|점심|양식|양말|채널|터미널|터널|위치|위험|앞으로|안내|안전|안녕|안경|밖에서|사이트|내용|내일|내역|외국|외부|간단|간격|당신|당첨|이상한|하루|하늘|해당|해외|말씀|마감|마지막|되도록|중요|중지|중앙|중간|후기|후불|후원|전화|전체|전달|전자|전원|뒤로|정도로|번호|번역|수신|수정|수리|수업|수요|수도|데이터|줄거리|때문|적립|적용|지금|지원|지하|지역|지정|지난|바로|바랍|바람|바다|일시|일부|일단|일반|월세|년도|주소|주의|주세|주차|주말|주변|주간|거래|거리|거실|거울|게시|게임|건강|건물|건너|만료|만나|만족|같이|보내|보관|보증|보호|보여|해제|해지|해결|합계|말하|마시|마음|마이|점수|점포|되돌|도로|도시)/.test(
      next,
    )
  ) {
    return splitParticle(word).particle === '' || isAdnominal(word, next) || /[고어아여지게]$/.test(word)
      ? 'linked'
      : linkedAfterParticle(word, next);
  }
  if (word.length > 1 && /의$/.test(word)) return 'linked';
  if (isAdnominal(word, next)) return 'linked';
  if (CONNECTIVE.test(word) && syllables(word) > 1) return 'accentual';
  if (splitParticle(word).particle !== '') return 'accentual';
  if (syllables(word) > 2 && ENDED.test(word)) return 'accentual';
  return 'linked';
}

function linkedAfterParticle(word: string, next: string): Juncture {
  // 할 수가 있다, 갈 수는 없다: the auxiliary stays with its noun.
  return /^(?:수|것|줄|리|적)[가는도은이를]$/.test(word) && /^(?:있|없|같)/.test(next)
    ? 'linked'
    : 'accentual';
}

/** A verb or adjective before the noun that it describes. 은 and 는 after a noun are particles. */
function isAdnominal(word: string, next: string): boolean {
  if (!ADNOMINAL.test(word))
    return (
      decompose(word.slice(-1))?.final === 'ㄹ' &&
      /(?:할|될|실|릴|갈|볼|줄|날|낼|을)$/.test(word) &&
      word !== '오늘'
    );
  if (/는$/.test(word))
    return (
      (/(?:하|되|있|없|같|오|가|보|주|시|리|지|내|이|치|키|기|먹|읽|듣|받|찾|놓|넣|쓰|마시|우|열리|닫|나|르|끓|잃|앓|서|타|사|싸|오르|내리|들|놀|사|아|어|않|못하|맞|입|신|앉|눕|웃|울|막|남|녹|익|끝나|걸)는$/.test(
        word,
      ) &&
        !/(?:나|너|우리|저|이|그|저희|하나|[가-힣]{2,}(?:이|가|기|지|리|시|보|주|오|사|서|우))는$/.test(
          word,
        )) ||
      /(?:하시|되시|으시|가시|오시|계시|누르시|드시|보시|주시|리시|기시|지시|하|되|있|없)는$/.test(word)
    );
  if (/은$/.test(word))
    return /(?:좋|많|적|작|높|낮|넓|좁|짧|얇|굵|밝|맑|젊|늙|싫|같|깊|옅|짙|검붉|붉|먹|읽|받|찾|앉|입|신|닫|넣|놓|낳|쌓|익|묶|섞|삶|젖|맞|남|않|얻|믿|잊|잃|끓|괜찮|굳|곧|옳|뜯|볶|늦|있|없|굽)은$/.test(
      word,
    );
  if (/인$/.test(word))
    return (
      word.length > 2 &&
      !/(?:확인|본인|개인|할인|주인|승인|로그인|온라인|오프라인|외국인|한국인|군인|노인|성인|부인|시인|라인|디자인|와인|코인|메인|체인|원인|사인|범인|직장인|연예인|장애인|정치인|일반인|고인|증인|상인)$/.test(
        word,
      )
    );
  if (/한$/.test(word))
    return (
      word.length > 1 &&
      !/(?:제한|권한|북한|남한|기한|무한|유한|극한|상한|하한|대한|또한|시한|이한)$/.test(word)
    );
  if (/[된될할던운을]$/.test(word)) {
    if (/을$/.test(word)) return isFutureEul(word, next);
    return !/(?:역할|분할|관할|기운|행운|운|고운 말|다운|타운|라운)$/.test(word);
  }
  return false;
}

/** Divides long phrases after a connective ending, else after the topic. */
function withIntonation(words: readonly string[], found: readonly Juncture[]): Juncture[] {
  const result = [...found];
  let start = 0;
  const length = (from: number, to: number) =>
    words.slice(from, to).reduce((sum, word) => sum + syllables(word), 0);
  for (let i = 0; i < result.length; i++) {
    const total = length(start, words.length);
    if (total <= LONG_PHRASE || result[i] !== 'accentual') continue;
    const [left, right] = [length(start, i + 1), length(i + 1, words.length)];
    if (left < SHORT_PART || right < SHORT_PART) continue;
    const strong = STRONG_CONNECTIVE.test(words[i]);
    const topic = /[은는]$/.test(words[i]) && left >= SHORT_PART + 2;
    if (strong || (topic && right > LONG_PHRASE / 2) || left > LONG_PHRASE) {
      result[i] = 'intonation';
      start = i + 1;
    }
  }
  return result;
}

const FORMAL_QUESTION =
  /(?:습니까|[가-힣]니까|나요|까요|는가요|은가요|인가요|한가요|된가요|런가요|을까|할까|될까|갈까|볼까)$/;
/** Verbs in -나다, whose plain form looks like a question: 만나요, 비가 나요. */
const NO_QUESTION =
  /(?:^지나요$|^나요$|(?:만|일어|떠|태어|끝|생각|빛|나타|깨어|벗어|달아|쫓겨|고장|화|신|혼|겁|살아|늘어|드러|물러|기억|소문|차이|소리|열|땀|냄새|기침|맛|재채기|불|티|샘|탈|야단)나요)$/;
const REQUEST =
  /(?:세요|십시오|시오|셔요|주실래요|해라|하라|거라|어라|아라|읍시다|[가-힣]시다|바랍니다|부탁드립니다|부탁합니다|줘요?)$/;
const WH = /^(?:누구|누가|무엇|무슨|뭐|뭘|뭔|어디|어느|어떤|어떻게|어떠|언제|왜|얼마|몇|며칠)/;

/**
 * The tune with which a phrase ends.
 * @param words of the whole sentence up to there.
 * @param mark the pause mark behind it, if any.
 */
export function tuneOf(words: readonly string[], mark: string | undefined): Tune {
  const last = words.at(-1) ?? '';
  const ends = mark === undefined || /[.?!…]/.test(mark);
  if (!ends) return isListed(last) ? 'list' : 'continuation';
  const formal =
    FORMAL_QUESTION.test(last) &&
    !NO_QUESTION.test(last) &&
    !/[가-힣](?:으니까|니까)$/.test(last.replace(/(?:습니까|[ㅂ]?니까)$/, '')) &&
    isFormalQuestion(last);
  if (mark === '?' || formal) return words.some((word) => WH.test(word)) ? 'wh-question' : 'question';
  return REQUEST.test(last) && !/^안녕/.test(last) ? 'request' : 'statement';
}

/** 합니까 is a question; 하니까 gives a reason. */
function isFormalQuestion(word: string): boolean {
  if (!word.endsWith('니까')) return true;
  return finalOf(word.slice(0, -2)) === 'ㅂ';
}

/** Whether a comma follows a noun and not a verb. */
function isListed(word: string): boolean {
  if (/(?:하고|와|과|이나|랑)$/.test(word)) return true;
  return !CONNECTIVE.test(word) && !ENDED.test(word) && splitParticle(word).particle === '';
}
