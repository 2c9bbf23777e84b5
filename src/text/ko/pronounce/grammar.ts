import { decompose, finalOf } from '../hangul.ts';

/** Particles, longest first; `1` follows a final consonant, `0` a vowel (or ㄹ, for 로 and its kin). */
const PARTICLES: readonly (readonly [string, '' | '0' | '1'])[] = (
  '에서부터 으로부터1 에게서는 까지는 까지도 부터는 에서는 에서도 에서만 에게는 에게도 으로는1 으로도1 으로만1 이라고1 이라는1 이라도1 이라면1 이나마1 ' +
  '로부터0 에서의 에게서 한테서 이랑은1 까지의 부터의 으로의1 만으로 만큼은 이라1 이란1 이며1 이나1 이든1 이랑1 이여1 ' +
  '에서 에게 한테 께서 까지 부터 처럼 보다 마다 조차 마저 밖에 이나1 으로1 만큼 대로 라고0 라는0 라도0 라면0 하고 에는 에도 로는0 로도0 로만0 와는0 와의0 과는1 과의1 만의 만은 만이 도록? ' +
  '은1 는0 이1 가0 을1 를0 에 의 도 만 과1 와0 로0 나0 랑0 며0 야0 아1 께'
)
  .split(' ')
  .filter((particle) => !particle.endsWith('?'))
  .map((particle) => {
    const want = /[01]$/.exec(particle)?.[0] ?? '';
    return [particle.slice(0, particle.length - want.length), want as '' | '0' | '1'] as const;
  });

/**
 * Parts a noun from the particle at its end, by form only: 나라를 → 나라, 를.
 * @returns the particle '' where none fits or nothing would be left.
 */
export function splitParticle(word: string): { readonly stem: string; readonly particle: string } {
  for (const [particle, want] of PARTICLES) {
    if (word.length <= particle.length || !word.endsWith(particle)) continue;
    const stem = word.slice(0, -particle.length);
    const final = finalOf(stem);
    if (want === '1' && final === '') continue;
    if (want === '0' && final !== '' && !(final === 'ㄹ' && particle.startsWith('로'))) continue;
    return { stem, particle };
  }
  return { stem: word, particle: '' };
}

/** Words that can follow a noun: the copula and light verbs. */
const AFTER_NOUN =
  /^(?:이?(?:다|고|며|면|라|지|네|군)|입니다|이에요|예요|이야|였|이었|인|일|임|하|해|했|한|할|함|합|되|돼|됐|된|될|됩|됨|시키|시켜|시킨|들|님|적|별|용|없|있|당하|받)/;

/** Whether the rest of a written word can follow a noun: nothing, a particle, the copula, a light verb. */
export function canFollowNoun(noun: string, rest: string): boolean {
  if (rest === '' || AFTER_NOUN.test(rest)) return true;
  return (
    splitParticle(noun + rest).stem === noun || splitParticle(splitParticle(noun + rest).stem).stem === noun
  );
}

/** Nouns with the final ㄺ, which is said ㄱ before every consonant. */
const RIEUL_GIYEOK_NOUNS = /^(?:닭|흙|칡|기슭|까닭|수탉|암탉|통닭|삵|찰흙|진흙|산기슭)/;

/** Whether a word with a final ㄺ is a verb or an adjective. */
export function isPredicate(word: string): boolean {
  return !RIEUL_GIYEOK_NOUNS.test(word);
}

/** Verb stems in ㄴ and ㅁ, after which endings are tense (article 24), with the endings that make a noun or another word of them. */
const NASAL_STEMS: Readonly<Record<string, RegExp | undefined>> = {
  신: /^(?:고|다|지|자|소|기|도|대|속|선|세|중|제|조|주|장|전|정|상|생|사|설|성|식|실)/,
  안: /^(?:다|지|자|도|내|대|소|사|정|전|주|건|기|구|장|성|색|수|습|보|방|과|부|심|착|경|테|쪽|구|되|돼|된|될|됩|됐|좋)/,
  감: /^(?:자|기|사|소|성|시|상|지|도|수|정|전|세|싸|독|동|격|금)/,
  남: /^(?:자|도|성|기|서|동|지역|대|극|구|궁|산|매|녀|북|쪽|부|짓)/,
  담: /^(?:당|보|지|장|도|소|대|기|수)/,
  심: /^(?:지|사|장|각|리|판|정|중|도|지어|심|상|신|해|기|부|술|취)/,
  참: /^(?:고|가|석|전|조|사|정|작|새|기|상|신|외|여|견|관|치|깨|되|수|담)/,
  숨: /^(?:지|소리|도|결|구멍|기)/,
  넘: /^(?:기|실|버)/,
  품: /^(?:질|절|사|격|종|목|위|성|귀|속|삯|기|행|평)/,
  삼: /^(?!(?:고|다|지만|던|게|지|습니다|겠다)$)/,
  굶: /^기/,
  닮: /^기/,
  젊: /^기/,
  삶: /^(?:도|과|기|조)/,
  곪: /^기/,
  옮: /^기/,
  뿜: /^기/,
  다듬: undefined,
  더듬: /^기/,
  쓰다듬: undefined,
  보듬: undefined,
  가다듬: undefined,
  머금: undefined,
  껴안: /^기/,
  끌어안: /^기/,
  떠안: /^기/,
  얼싸안: /^기/,
  되감: /^기/,
  눈감: undefined,
  휘감: /^기/,
  살아남: undefined,
  옮겨심: undefined,
  갈아신: undefined,
  뛰어넘: /^기/,
};
const NASAL_ENDING =
  /^(?:고|다|지|게|자|더|던|도록|든|듯|겠|습|소|거나|거든|거니|기|다가|자마자|건|구나|구려|군|기에|길|죠|고서|고는|고도|구|세)/;

/**
 * Index of the ending that is tense after a stem in ㄴ or ㅁ: 신다 → 1, 껴안고 → 2.
 * @param before the word before, for 신고 after shoes and 참고 before a verb of waiting.
 * @param next the word after.
 * @returns -1 where there is none.
 */
export function nasalStemEnding(word: string, before: string, next: string): number {
  if (
    /^신(?:고|다|지|자|기)/.test(word) &&
    /(?:신발|구두|양말|운동화|장화|스타킹|덧신|버선|샌들|부츠|슬리퍼|실내화)(?:을|를|도|만)?$/.test(before)
  )
    return 1;
  if (word === '참고' && /^(?:기다|견디|버티|살|있|지내|넘|또|일|먹|읽|하지)/.test(next)) return 1;
  if (/^(?:안고|안자|안지)/.test(word) && word.startsWith('안고')) return 1;
  if (/^(?:안지|남지|담지|심지|감지|숨지)$/.test(word) && /^(?:않|말|못|마)/.test(next)) return 1;
  if (
    /^(?:남기|담기|감기|안기|숨기|굶기|옮기|넘기|심기|신기|삶기|닮기)$/.test(word) &&
    /^(?:전|위|때문|쉽|어렵|좋|시작|힘들)/.test(next) &&
    !/^감기 (?:때문)/.test(`${word} ${next}`)
  )
    return 1;
  for (const [stem, except] of Object.entries(NASAL_STEMS)) {
    if (!word.startsWith(stem)) continue;
    const rest = word.slice(stem.length);
    if (NASAL_ENDING.test(rest) && !except?.test(rest)) return stem.length;
  }
  return -1;
}

/** Verb stems that end in ㄹ themselves, by their last syllable: 알게, 살지 are not the future of another verb. */
const RIEUL_STEMS = new Set([...'알살놀팔걸열들만멀길달울풀밀불돌졸얼털썰빌끌물갈굴물질돌빨쓸말늘떨']);
const RIEUL_STEM_WORDS =
  /(?:만들|힘들|머물|이끌|흔들|거들|매달|떠들|잠들|접어들|줄어들|모여들|물들|서툴|드물|까불|베풀|부풀|저물|허물|깨물|시들|여물|일굴|비틀|흩날릴)$/;

/** Index of the ending that is tense after the -(으)ㄹ of a verb inside one written word: 할게 → 1, 먹을수록 → 2; else -1. */
export function futureEnding(word: string): number {
  const match =
    /(?<stem>.*[가-힣])(?<ending>게요?|걸요?|수록|지라도|지언정|진대|지니|지도|지는|지를|지|세라|사|소냐|거야|거예요|겁니다|건데|건가요?|텐데)$/u.exec(
      word,
    );
  const { stem, ending } = match?.groups ?? {};
  if (stem === undefined || finalOf(stem) !== 'ㄹ') return -1;
  const last = stem.slice(-1);
  if (last === '을') return stem.length > 1 && finalOf(stem.slice(0, -1)) !== '' ? stem.length : -1;
  if (/^(?:수록|지라도|지언정|진대|세라|소냐|지니|걸요?|거야|거예요|겁니다|건데|건가|텐데)/.test(ending))
    return ending.startsWith('걸') && /^(?:이|그|저|오늘)$/.test(stem) ? -1 : stem.length;
  if (/^게요/.test(ending)) return stem.length;
  if (/^(?:게|지)/.test(ending) && !RIEUL_STEM_WORDS.test(stem) && !RIEUL_STEMS.has(last)) {
    return FUTURE_ONE.test(stem) ? stem.length : -1;
  }
  if (/^(?:게|지)/.test(ending) && /(?:나갈|들어갈|돌아갈|가져갈|데려갈|^갈|다녀올|^올)$/.test(stem))
    return stem.length;
  return -1;
}

/** Adnominal forms in -ㄹ of one syllable, or by their last syllables. */
const FUTURE_ONE =
  /(?:^(?:할|될|갈|올|볼|줄|쓸|탈|살|알|놀|팔|설|낼|뺄|켤|끌|잘|클|뛸|쉴|칠|질|필|낄|뜰|펼|걸|들|열|풀|울|댈|샐|셀|벨|밸)|[해아어여와워봐줘려켜겨셔쳐져가]볼|[해아어여와워려켜겨]줄|할|될|스러울|로울|려울|까울|다울|거울|러울|쉬울|어질|아질|해질|워질|커질|나갈|어갈|아갈|려갈|져갈|쳐갈|나올|어올|아올|려올|져올|다녀올|[보끝드꺼빼]낼|[만떠일타]날|어날|아날|드릴|기릴|[다내올빌때버걸열틀느그늘살알돌눌흘건놀부울]릴|마실|하실|가실|오실|보실|주실|계실|쓰실|드실|타실|으실|되실|이실|시킬|지킬|바꿀|나눌|배울|세울|채울|키울|피울|비울|지울|외울|싸울|치울|도울|구울|누울|고칠|마칠|다칠|그칠|지칠|넘칠|만질|던질|가질|빠질|떨어질|터질|꺼질|사라질|남길|숨길|옮길|즐길|맡길|넘길|챙길|당길|생길|이길|느낄|아낄|만들|이룰|다룰|미룰|고를|모를|부를|오를|누를|이를|서두를|들를|따를|치를|꺼낼|나설|일어설|바랄|자랄|놀랄|모자랄|추울|더울|고울|매울|쓸모|그럴|이럴|저럴|어쩔|따질|머무를|기를|나타낼|보탤|보여줄|알려줄|움직일|보일|높일|줄일|붙일|먹일|모일|쌓일|쓰일|섞일)$/;
/** After a final consonant the form is -을; these stems are verbs and not nouns with the particle 을. */
const FUTURE_EUL =
  /(?:먹|있|없|받|읽|찾|앉|넣|놓|좋|같|싶|않|입|잡|믿|씻|닫|얻|웃|넘|참|늦|높|낮|깊|잊|잃|맞|맡|벗|붙|뽑|섞|쌓|씹|싫|많|적|작|넓|짧|젊|밝|늙|닮|굶|겪|꺾|낚|닦|묶|볶|었|았|였|겠|했|됐|갔|왔|봤|졌|렸|셨|켰|쳤|꿨|뒀|줬|썼|컸|났|샀|탔|갚|덮|엎|숨|뜯|걷|걸|들|깨달|일컬|끓|뚫|핥|훑|밟|옮|굽|눕|줍|돕)을$/;
/** Stems that are nouns too: 물을, 감을. */
const FUTURE_EUL_OR_NOUN = /(?:물|감|담|남|안|품|신|심|삶|실|김|짐)을$/;

/** Whether a word in -을 is a verb before the noun that it describes, and not a noun with its particle. */
export function isFutureEul(word: string, next: string): boolean {
  return (
    FUTURE_EUL.test(word) ||
    (FUTURE_EUL_OR_NOUN.test(word) && /^(?:수|것|게|때|데|줄|지)(?![가-힣]*(?:마|먹))/.test(next))
  );
}

/** Nouns that look like the adnominal form of a verb. */
const NOT_FUTURE =
  /(?:오늘|내일|매일|서울|마을|가을|노을|거울|겨울|물|불|말|달|길|일|글|술|발|팔|칼|쌀|딸|아들|비밀|제일|요일|생일|휴일|평일|파일|메일|스타일|타일|교실|화장실|사실|진실|현실|거실|침실|병실|과실|손실|확실|연구실|사무실|회의실|대합실|상담실|실|품질|물질|본질|재질|성질|체질|먼지질|개별|구별|특별|이별|차별|성별|호텔|채널|터널|모델|레벨|스틸|크릴|아크릴|샤프펜슬|서비스몰|제설|건설|소설|시설|해설|전설|배달|전달|매달|이달|예술|기술|수술|미술|이불|환불|지불|선불|후불|얼굴|보물|건물|선물|식물|동물|음식물|하늘|그늘|바늘|비늘|마늘|오월|유월|시월|월|연결|해결|대결|계절|친절|예절|거절|시절|관절|절|열|별|출발|재발|개발|폭발|수출|지출|대출|외출|연출|제출|검찰|경찰|관찰|사찰|굴|질|줄|풀|털|알|올해|요즘|정말|주말|연말|양말|거짓말|반말|존댓말|우리말|혼잣말|한글|댓글|비글|구글|정글|뜰|길|술|뿔|돌|골|콜|쿨|룰)$/;

/** Dependent nouns: after these forms of a verb they are tense whatever else. */
const DEPENDENT =
  /^(?:것|거|게|걸|건|수|데|바|줄|지|듯|적|둥|성싶|겁|거리|곳|점|법|따름|만하|만한|만큼|즈음|테|터|텐|턱|정도|대로|뻔|뿐|바에|법하|사람|분|방법|동안|경우|계획|준비|생각|시간|장소|자리|가능성|기회|것이|자격|때|필요|방침|예정|상황|단계|가게|곡|길|돈|집|밥|책|물건|친구|기분|자신|작정|줄|조건|제품|부분|주소|정보|고객|버스|기차|사항|사이|순서|가치)/;

/** Whether a word is the adnominal form in -(으)ㄹ of a verb, before a word that becomes tense after it (article 27). */
export function tensesNext(word: string, next: string): boolean {
  if (finalOf(word) !== 'ㄹ' || !/^[ㄱㄷㅂㅅㅈ]$/.test(decompose(next[0])?.initial ?? '')) return false;
  if (word.endsWith('을')) return isFutureEul(word, next);
  const isDependent = DEPENDENT.test(next);
  if (/^(?:쓸|갈|볼|살|탈|줄|설|알|걸|들|열|풀|잘|클|칠|질|팔|놀|울)$/.test(word))
    return (
      isDependent && word !== '말' && !(/^(?:잘)$/.test(word) && !/^(?:수|것|거|때|시간|곳|데)/.test(next))
    );
  if (
    /^(?:수(?:$|가|는|도|밖|없|있)|것|거(?:예|야|나|$)|줄(?:은|을|도|$)|때|데(?:가|도|를|$)|테니|텐데|겁니다|게요|건)/.test(
      next,
    ) &&
    word.length > 1 &&
    !NOT_FUTURE_FULL.test(word)
  )
    return true;
  // 분, 곳 and 듯 are nouns of their own too (오늘 분, 교실 곳곳), so the word before has to look like a verb.
  if (
    /^(?:분(?:$|이|은|을|께|들|도|만|의|과|입|이)|곳(?:$|이|은|을|에|도|으)|듯(?:$|이|하|한|해|싶))/.test(
      next,
    ) &&
    word.length > 1 &&
    (!NOT_FUTURE.test(word) || /[가-힣]{2}실$/.test(word)) &&
    !NOT_FUTURE_FULL.test(word)
  )
    return true;
  return (
    FUTURE_ONE.test(word) &&
    !(NOT_FUTURE.test(word) && !/(?:할|될|실|일)$/.test(word)) &&
    !NOT_FUTURE_FULL.test(word)
  );
}

const NOT_FUTURE_FULL =
  /^(?:역할|분할|관할|구할|평일|휴일|생일|내일|매일|제일|요일|.*요일|교실|화장실|사실|진실|현실|거실|침실|병실|과실|손실|연구실|사무실|회의실|대합실|상담실|휴게실|유실|상실|확실|절실|성실|충실|건실|부실|결실|몰드릴|드릴|하울|서울|겨울|거울|방울|한울|너울|저울|여울|고을|단일|통일|동일|균일|독일|과일|파일|메일|이메일|스타일|프로필|코일|오일|타일|유일|일일|당일|익일|전일|모레일|모노레일|레일|생필|연필|볼|축구볼|농구볼|교실|분실|실시|소질|자질|품질|기질|성질|재질|본질|물질|체질|저질|간질|길|봄날|옛날|생일날|첫날|그날|이날|오늘날|훗날|어느날|칼날|장날)$/;
