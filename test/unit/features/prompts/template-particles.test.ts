import { describe, expect, test } from 'vitest';
import { cutSegments } from '../../../../src/features/prompts/templates/segments.ts';
import { parseTemplate, renderTemplate } from '../../../../src/features/prompts/templates/template.ts';

const render = (text: string, values: Record<string, string | number>, locale = 'ko') =>
  renderTemplate(parseTemplate(text, locale), values).text;

describe('Korean particles behind slots', () => {
  test.each([
    ['{name}을(를) 찾았습니다.', { name: '사과' }, '사과를 찾았습니다.'],
    ['{name}을(를) 찾았습니다.', { name: '귤' }, '귤을 찾았습니다.'],
    ['{city}(으)로 출발합니다.', { city: '서울' }, '서울로 출발합니다.'],
    ['{city}(으)로 출발합니다.', { city: '부산' }, '부산으로 출발합니다.'],
    ['{name}은/는 대기 중입니다.', { name: '고객' }, '고객은 대기 중입니다.'],
    ['{name}이(가) {other}와(과) 있습니다.', { name: '민수', other: '지훈' }, '민수가 지훈과 있습니다.'],
    ['{n, number}을(를) 누르세요.', { n: 3 }, '3을 누르세요.'],
    ['{n, number}을(를) 누르세요.', { n: 2 }, '2를 누르세요.'],
    ['{name}이에요/예요.', { name: '하나' }, '하나예요.'],
    ['{name}아(야), 안녕.', { name: '지훈' }, '지훈아, 안녕.'],
    ['{train}이(가) 옵니다.', { train: 'KTX' }, 'KTX가 옵니다.'],
  ])('%s', (template, values, expected) => {
    expect(render(template, values)).toBe(expected);
  });

  test('keep text of a value that looks like a particle', () => {
    expect(render('{name} 있음', { name: '사과을/를' })).toContain('을/를');
  });

  test('also in SSML', () => {
    expect(render('<speak>{name}을(를)</speak>', { name: '책' })).toBe('<speak>책을</speak>');
  });

  test('other locales keep their text', () => {
    expect(render('{name}을/를', { name: 'x' }, 'en')).toContain('을/를');
  });

  test('a Korean template is cut at its clauses', () => {
    const template = parseTemplate('{name}님, 안녕하세요. 잠시만 기다려 주세요.', 'ko');
    const segments = cutSegments(template, renderTemplate(template, { name: '민수' }));
    expect(segments?.map(({ text }) => text)).toEqual(['민수님,', '안녕하세요. 잠시만 기다려 주세요.']);
  });
});
