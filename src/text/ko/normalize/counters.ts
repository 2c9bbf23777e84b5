import { canFollowNoun } from '../pronounce/grammar.ts';
import { native, readNumber } from './numbers.ts';

/** Counters that take native numbers. */
const NATIVE =
  '시간|시|개비|개|명|살|마리|잔|권|대|배|병|장|벌|켤레|채|그루|송이|줄|쌍|판|통|봉지|봉|상자|박스|팩|곳|가지|사람|달|번째|그릇|방울|조각|알|자루|척|포기|다발|묶음|바퀴|컵|군데|끼|차례|걸음|마디|모금|숟가락|스푼|골|겹|모|단|톨|세트|팀|편|곡|칸|근|돈|냥|뼘|건|표|분|번|캔|덩이|입(?!니)|벌|꼬치|접시|뭉치|토막|꾸러미|갑|필|타래|두름|손|쾌|축|접|움큼|가닥|갈래|군|무더기|다스|켤레|짝|폭|부분|종류|평생|사람|식구|자리|글자|마당|동이|말|되|섬|홉|매듭|쪽지|바가지|가마니|가마|꼭지|모서리|고개|나라|학교|회사|과목|친구|아이|여자|남자|주먹|발자국';
/** Longer words that begin like a native counter and take Sino-Korean numbers, and Sino-Korean counters that need to be known. */
const SINO =
  '개월|개국|개소|개년|개사|개교|개조|개항|개 국어|시리즈|분기|분의|번지|번가|대학|대손|명절|장조|단계|단지|단|통화|배수|건물|권역|판본|주일|주년|주차|주|일|월|년|세기|세대|세|원|층|호선|호실|호|도|동|번 출구|번 게이트|번 버스|번 트랙|번 국도|퍼센트|프로|킬로|미터|그램|리터|인분|인승|인실|인|회|위|등|차선|차로|차|학년|학기|반|급|점|쪽|페이지|항|조|절|관|편대|초|박|교시|가|로|길|평|톤|달러|유로|엔|위안|배속|비트|바이트|볼트|와트|헤르츠|노트|픽셀|인치|피트|석|타석|타수|연승|연패|연속|승|패|무|선|당|성급|루타|루|구|진법|진수|차원|종|모작|량|등급|단원|장절|과|자릿수|자리 수|자리|방향|지구|공구|블록|라운드|세|프레임|칼로리|데시벨|마일|에이커|헥타르|제곱|세제곱|만|억|조|천|백|십|부작|부 리그|중|각형|각|면|변|각 기둥|만원|천원';

const SINO_COUNTERS: ReadonlySet<string> = new Set(SINO.split('|'));
const COUNTER = new RegExp(
  `^(?:${[...SINO_COUNTERS, ...NATIVE.split('|')].sort((a, b) => b.length - a.length).join('|')})`,
);

/** A number and what follows it in the text. */
export interface Counted {
  /** As written, with separators. */
  readonly number: string;
  /** Text before the number, on the line. */
  readonly before: string;
  /** Text after it; a space may come first. */
  readonly after: string;
}

/** How a number is read before what follows it. */
export interface CountedReading {
  readonly spoken: string;
  /** The counter is written right behind the number: 유월, 이십구일. */
  readonly attached: boolean;
  /** The counter as it is written, '' without one. */
  readonly counter: string;
}

/** Reads a number by its counter: 3시 세, 3분 삼, 3개 세, 6월 유. */
export function readCounted({ number, before, after }: Counted): CountedReading {
  const rest = after.replace(/^ /, '');
  const match = counterIn(after);
  const counter = match?.[0] ?? '';
  const value = Number(number.replaceAll(',', ''));
  if (counter === '월') return { spoken: monthName(value) ?? readNumber(number), attached: true, counter };
  if (counter === '일') return { spoken: readNumber(number), attached: true, counter };
  const isNative =
    match !== null && Number.isInteger(value) && value >= 1 && value <= 99 && !/^0|\./.test(number);
  if (isNative && takesNative({ counter, value, before, rest, sino: SINO_COUNTERS.has(counter) })) {
    if (counter === '번째' && value === 1) return { spoken: '첫', attached: false, counter };
    return { spoken: native(value, true), attached: false, counter };
  }
  return { spoken: readNumber(number), attached: false, counter };
}

interface Context {
  readonly counter: string;
  readonly value: number;
  readonly before: string;
  readonly rest: string;
  readonly sino: boolean;
}

/** 1월 to 12월; 유월 and 시월 drop a consonant. */
function monthName(value: number): string | undefined {
  if (value === 6) return '유';
  return value === 10 ? '시' : undefined;
}

const TIMES_BEFORE =
  /(?:하루에?|[한두세]? ?주일에|매일|매주|매달|매년|[한두세] 달에|일 년에|1년에|총|모두|최대|최소|단|딱|벌써|연속|다시|또|약|평균|한 ?주에|주에|달에|회당|오늘만|이미) ?$/;
const TIMES_AFTER =
  /^번 ?(?:이상|이하|이나|씩|연속|반복|정도|만에|더|째|만|미만|넘게|중|안에|틀|실패|잘못|시도|울|다시|돌|읽|쓰|보|들|갔|했|했습니다|재시도|왕복|복용|드세요|먹|뛰|도전|접|만나|물어|생각)/;
const PEOPLE_BEFORE =
  /(?:고객님?|손님|어르신|선생님|관객|참석자|총|인원|예약|성인|어른|일행|이용자|회원|승객|저희|모두) ?$/;
const PEOPLE_AFTER =
  /^분(?:께|이서|이세요|이시|이신|이 (?:오|앉|계|이용|함께|참)|의 (?:고객님?|손님|선생)|만 |모두|을 (?:모|위|초)|(?:이|은|을|도) ?$)/;
const AGE_AFTER = /^대 ?(?:남|여|초반|중반|후반|가|의|는|들|청|직장|에|이상|부터|까지|이하|고객|층)/;
const ORDINAL_BEFORE = /(?:제|第) ?$/;

function takesNative({ counter, value, before, rest, sino }: Context): boolean {
  if (sino || ORDINAL_BEFORE.test(before)) return false;
  if (counter === '시') return value <= 12;
  if (counter === '시간' || counter === '건') return value < 20;
  if (counter === '번') return TIMES_BEFORE.test(before) || TIMES_AFTER.test(rest);
  if (counter === '분') return PEOPLE_BEFORE.test(before) || PEOPLE_AFTER.test(rest);
  if (counter === '대')
    return (
      !(value % 10 === 0 && AGE_AFTER.test(rest)) &&
      !/^대(?:로|만|한|형|회|학|표|상|째| ?대통령| ?국왕| ?회장| ?총장| ?왕|에 걸[쳐친]|를 이|가 함께)/.test(
        rest,
      ) &&
      !/^대 ?\d/.test(rest)
    );
  if (counter === '장') return !/^장(?:은|에서|을 )? ?(?:서론|결론|참조|요약)/.test(rest);
  if (counter === '군') return false;
  return true;
}

/** Whether a known counter follows. */
export function hasCounter(after: string): boolean {
  return counterIn(after) !== null;
}

/** Suffixes of a counter other than particles: 3개씩, 2시간쯤, 5명당. */
const AFTER_COUNTER =
  /^(?:씩|쯤|정도|이상|이하|미만|이내|초과|당|마다|간|여|짜리|어치|치|만|들이|째|전|후|뒤|반|남짓|가량|내외|안팎|분량|용|제|대|형|산|생|동안|사이|중|째|권|요|이요)/;

/** The counter behind a number. A syllable behind a space that begins another word is not a counter: 25 달성, 3 표시. */
function counterIn(after: string): RegExpExecArray | null {
  const rest = after.replace(/^ /, '');
  const match = COUNTER.exec(rest);
  if (!match || match[0].length > 1 || rest === after) return match;
  const behind = /^[가-힣]*/.exec(rest.slice(1))![0];
  return AFTER_COUNTER.test(behind) || canFollowNoun(match[0], behind) ? match : null;
}
