import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createFrontEnd, type FrontEnd } from '../../../../src/text/frontend.ts';
import { koreanIpa } from '../../../../src/text/ko/ipa.ts';
import { Warnings } from '../../../../src/text/warnings.ts';
import { koreanSymbols } from '../../../fixtures/korean-symbols.ts';
import { buildDictionary } from '../../../fixtures/lexicon.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: koreanSymbols() });
});

const CASES = readFileSync(join(import.meta.dirname, '../../../golden/ko/ssml.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))
  .map((line) => line.split('\t') as [language: string, content: string, said: string]);

function read(language: string, input: string) {
  const warnings = new Warnings({ text: input });
  const said: string[] = [];
  const utterances = frontEnd.analyze(input, {
    language,
    warnings,
    onToken: ({ text, pause }) => said.push(text, ...(pause === undefined ? [] : [pause])),
  });
  return { utterances, said: said.join(' '), warnings: warnings.list() };
}

test.each(CASES)('%s: %s', (language, content, expected) => {
  const { said, warnings } = read(language, `<speak>${content}</speak>`);
  expect(`${said}${warnings.length > 0 ? ' (warned)' : ''}`).toBe(expected);
});

describe('positions and particles', () => {
  test('a particle behind an element joins its last word', () => {
    const { utterances } = read('ko', '<speak><say-as interpret-as="digits">16</say-as>을 눌러요.</speak>');
    const symbols = utterances.flatMap(({ phonemes }) => phonemes.map(({ symbol }) => symbol)).join('');
    expect(symbols).toContain('juɡɯl');
  });

  test('phonemes keep their position in the document', () => {
    const input = '<speak>코드는 <say-as interpret-as="digits">42</say-as>입니다.</speak>';
    const { utterances } = read('ko', input);
    const at = input.indexOf('42');
    const spans = utterances.flatMap(({ phonemes }) => phonemes.map(({ span }) => span));
    expect(spans.some(({ start, end }) => start === at && end >= at + 2)).toBe(true);
  });

  test('markup that states the language of the text begins no utterance', () => {
    const input =
      '<speak>요금은 <say-as interpret-as="currency" language="ko-KR">₩500</say-as>입니다.</speak>';
    expect(read('ko', input).utterances).toHaveLength(1);
  });

  test('a mark behind an element pauses', () => {
    expect(read('ko', '<speak><phoneme ph="쏘리">소리</phoneme>? 네.</speak>').said).toBe('쏘리 ? 네 .');
  });

  test('a lexicon may give a pronunciation in Hangul', () => {
    const pls =
      '<lexicon alphabet="ipa"><lexeme><grapheme>SORI</grapheme><phoneme>쏘리</phoneme></lexeme></lexicon>';
    const input = `<speak><lexicon uri="data:application/pls+xml,${encodeURIComponent(pls)}"/>SORI 서비스</speak>`;
    expect(read('ko', input)).toMatchObject({ said: '쏘리 서비스', warnings: [] });
  });

  test('in strict mode an unsupported value is refused with its position', () => {
    const input = '<speak><say-as interpret-as="date">어제</say-as> 만났다.</speak>';
    const warnings = new Warnings({ text: input, strict: true });
    expect(() => frontEnd.analyze(input, { language: 'ko', warnings })).toThrow(
      /<say-as> at line 1, column 8/,
    );
  });
});

test.each([
  ['saɾam', '사람'],
  ['ɐnnjʌŋ', '안녕'],
  ['ɰisa', '의사'],
  ['t͈al.ɡi', '딸기'],
  ['kʰeːkʰɯ', '케크'],
  ['ni hao', '니 하오'],
  ['stʰail', '스타일'],
  ['kʰɯɾisɯmasɯ', '크리스마스'],
  ['spʰɯɾiŋ', '스프링'],
  ['tʰekstʰɯ', '텍스트'],
  ['ˈsaɾam', undefined],
  ['θiŋ', undefined],
  ['ŋa', undefined],
  ['pst', undefined],
  ['', undefined],
])('Korean IPA %s is %s', (ipa, hangul) => {
  expect(koreanIpa(ipa)).toBe(hangul);
});
