import { compose, decompose, finalOf } from '../hangul.ts';
import { HANJA_READINGS } from './readings.ts';

/** A Chinese character. */
export const HAN = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2ffff}]/u;

/** Words in which a character has another reading than alone. */
const WORDS: ReadonlyMap<string, string> = new Map(
  `音樂음악 樂器악기 樂團악단 樂譜악보 聲樂성악 器樂기악 國樂국악 農樂농악 樂山요산 更新갱신 變更변경 更迭경질 敗北패배 行列행렬 洞察통찰 賞狀상장 令狀영장 狀態상태 案內狀안내장 復興부흥 復活부활 暴惡포악 橫暴횡포
  宅內댁내 一切일체 親切친절 謁見알현 降伏항복 降服항복 投降투항 雪糖설탕 砂糖사탕 綠茶녹차 紅茶홍차 茶禮차례 惡寒오한 憎惡증오 嫌惡혐오 省略생략 自轉車자전거 人力車인력거 停車場정거장 容易용이 簡易간이 安易안이 便宜店편의점 便所변소 便器변기 小便소변 大便대변 用便용변 遊說유세 說樂열락
  金氏김씨 金浦김포 金海김해 金泉김천 金堤김제 滑走路활주로 率先솔선 引率인솔 統率통솔 輕率경솔 殺到쇄도 相殺상쇄 索引색인 搜索수색 檢索검색 探索탐색 思索사색 拓本탁본 開拓개척 否定부정 否認부인 分布분포 布施보시 數字숫자 數値수치 讀書독서 句讀구두 法則법칙 規則규칙 刺戟자극 識別식별 標識표지 十方시방 十月시월 六月유월 木瓜모과 牡丹모란 內人나인 寧越영월 丹陽단양 龜尾구미 龜裂균열 陜川합천 議論의논 許諾허락 承諾승낙 受諾수락 快諾쾌락 困難곤란 論難논란 寒暖한란 知異山지리산 漢拏山한라산 智異山지리산 大怒대로 喜怒哀樂희로애락 不實부실`
    .split(/\s+/)
    .map((entry) => {
      const at = entry.search(/[가-힣]/);
      return [entry.slice(0, at), entry.slice(at)];
    }),
);
const LONGEST = Math.max(...Array.from(WORDS.keys(), (word) => word.length));

let readings: ReadonlyMap<string, string> | undefined;

function readingOf(char: string): string | undefined {
  readings ??= new Map(
    HANJA_READINGS.trim()
      .split('\n')
      .flatMap((line) => {
        const [reading, ...chars] = Array.from(line);
        return chars.map((one): [string, string] => [one, reading]);
      }),
  );
  return readings.get(char.normalize('NFC'));
}

const IOTATED = new Set([...'ㅑㅕㅖㅛㅠㅣㅒ']);

/** The initial-sound rule (두음 법칙): ㄹ and ㄴ at the beginning of a word: 女子 여자, 來日 내일. */
function atWordStart(reading: string): string {
  const syllable = decompose(reading);
  if (!syllable) return reading;
  const { initial, vowel } = syllable;
  if (initial === 'ㄹ') syllable.initial = IOTATED.has(vowel) ? 'ㅇ' : 'ㄴ';
  else if (initial === 'ㄴ' && IOTATED.has(vowel)) syllable.initial = 'ㅇ';
  return compose(syllable);
}

/** Inside a word, characters such as 列 and 率 lose ㄹ after a vowel and after ㄴ: 比率 비율, 系列 계열. */
function insideWord(reading: string, before: string): string {
  if (!/^[렬률]$/.test(reading)) return reading;
  const final = finalOf(before);
  return final === '' || final === 'ㄴ' ? atWordStart(reading) : reading;
}

/**
 * Korean reading of a run of Chinese characters.
 * @returns the reading, and the offset of the first character without one, -1 where all have one.
 */
export function readHanja(run: string): { readonly reading: string; readonly unknown: number } {
  const chars = Array.from(run);
  let reading = '';
  for (let at = 0; at < chars.length; ) {
    const word = wordAt(chars, at);
    if (word) {
      reading += word.reading;
      at += word.length;
      continue;
    }
    let one = readingOf(chars[at]);
    if (one === undefined) return { reading, unknown: chars.slice(0, at).join('').length };
    // 不 is 부 before ㄷ and ㅈ.
    const next = readingOf(chars[at + 1] ?? '');
    if (chars[at] === '不' && next !== undefined && /[ㄷㅈ]/.test(decompose(next)!.initial)) one = '부';
    reading += reading === '' ? atWordStart(one) : insideWord(one, reading);
    at++;
  }
  return { reading, unknown: -1 };
}

function wordAt(
  chars: readonly string[],
  at: number,
): { readonly reading: string; readonly length: number } | undefined {
  for (let length = Math.min(LONGEST, chars.length - at); length > 1; length--) {
    const reading = WORDS.get(chars.slice(at, at + length).join(''));
    if (reading !== undefined) return { reading, length };
  }
  return undefined;
}
