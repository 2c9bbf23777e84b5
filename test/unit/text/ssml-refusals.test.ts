import { beforeAll, describe, expect, test } from 'vitest';
import { SoriError } from '../../../src/base/errors.ts';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { Warnings } from '../../../src/text/warnings.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildTinyDictionary(), phonemes: SYMBOLS });
});

/** The message of the refusal in strict mode. */
function refusal(input: string): string {
  try {
    frontEnd.analyze(input, { warnings: new Warnings({ text: input, strict: true }) });
  } catch (error) {
    expect(error).toBeInstanceOf(SoriError);
    expect(error).toMatchObject({ code: 'invalid_ssml', param: 'input' });
    return (error as SoriError).message;
  }
  return expect.fail(`not refused: ${input.slice(0, 100)}`);
}

describe('values', () => {
  test.each([
    ['<audio src="https://example.com/a.mp3"/>', 'audio is not supported'],
    ['<lexicon uri="x"/>', 'lexicon is not supported'],
    ['<blink>x</blink>', '"blink" is unknown'],
    ['<constructor>x</constructor>', '"constructor" is unknown'],
    ['<__proto__>x</__proto__>', '"__proto__" is unknown'],
    ['<speak>x</speak>', 'outermost'],
    ['<prosody speed="fast">x</prosody>', '"speed" is unknown here. It can have rate, pitch'],
    ['<prosody rate="quick">x</prosody>', 'rate "quick"'],
    ['<prosody rate="0">x</prosody>', 'rate "0"'],
    ['<prosody rate="401%">x</prosody>', 'rate "401%"'],
    ['<prosody rate="NaN">x</prosody>', 'rate "NaN"'],
    ['<prosody rate="1e1">x</prosody>', 'rate "1e1"'],
    ['<prosody rate="">x</prosody>', 'rate ""'],
    ['<prosody pitch="2st">x</prosody>', 'pitch "2st"'],
    ['<prosody pitch="110%">x</prosody>', 'pitch "110%"'],
    ['<prosody pitch="+13st">x</prosody>', 'pitch "+13st"'],
    ['<prosody pitch="-100%">x</prosody>', 'pitch "-100%"'],
    ['<prosody pitch="-200Hz">x</prosody>', 'pitch "-200Hz"'],
    ['<prosody pitch="20Hz">x</prosody>', 'pitch "20Hz"'],
    ['<prosody range="+2st">x</prosody>', 'range "+2st"'],
    ['<prosody range="-101%">x</prosody>', 'range "-101%"'],
    ['<prosody volume="101">x</prosody>', 'volume "101"'],
    ['<prosody volume="+13dB">x</prosody>', 'volume "+13dB"'],
    ['<prosody volume="noisy">x</prosody>', 'volume "noisy"'],
    ['<prosody duration="2s">x</prosody>', 'duration is not supported. Use rate'],
    ['<prosody contour="">x</prosody>', 'no point'],
    ['<prosody contour="0%,+2st">x</prosody>', 'contour "0%,+2st"'],
    ['<prosody contour="(0%,+2st) up">x</prosody>', 'at "up"'],
    ['<prosody contour="(101%,+2st)">x</prosody>', 'at "(101%,+2st)"'],
    ['<prosody contour="(0%,2st)">x</prosody>', 'pitch "2st"'],
    ['<prosody contour="(0%,0Hz)">x</prosody>', 'pitch "0Hz"'],
    [`<prosody contour="${'(1%,+1st)'.repeat(101)}">x</prosody>`, 'more than 100 points'],
    ['<emphasis level="huge">x</emphasis>', 'level "huge"'],
    ['<break time="11s"/>', 'time "11s"'],
    ['<break time="1"/>', 'time "1"'],
    ['<break time="-1s"/>', 'time "-1s"'],
    ['<break strength="huge"/>', 'strength "huge"'],
    ['<break>x</break>', 'no text'],
    ['<break time="10s"/>'.repeat(7), '60 seconds'],
    ['<mark/>', 'name is missing'],
    ['<mark name=" "/>', 'name is missing'],
    [`<mark name="${'x'.repeat(201)}"/>`, 'longer than 200'],
    ['<voice>x</voice>', 'name is missing'],
    ['<voice gender="female">x</voice>', '"gender" is unknown'],
    ['<lang>x</lang>', 'xml:lang is missing'],
    ['<lang xml:lang="no tag">x</lang>', '"no tag"'],
    ['<express-as>x</express-as>', 'style is missing'],
    ['<express-as style="sad" styledegree="1.5">x</express-as>', '"1.5"'],
    ['<express-as style="sad" styledegree="NaN">x</express-as>', '"NaN"'],
    ['<phoneme>x</phoneme>', 'ph is missing'],
    ['<phoneme alphabet="x-kirshenbaum" ph="x">x</phoneme>', '"x-kirshenbaum" is not supported'],
    ['<phoneme alphabet="ups" ph="H EH5">x</phoneme>', '"EH5"'],
    ['<phoneme ph="h5">x</phoneme>', '"5" (U+0035'],
    ['<phoneme ph="ˈ">x</phoneme>', 'empty'],
    ['<phoneme ph="x"><break/></phoneme>', 'phoneme can hold text only'],
    ['<sub>x</sub>', 'alias is missing'],
    ['<say-as>x</say-as>', 'interpret-as is missing'],
    ['<say-as interpret-as="poem">x</say-as>', '"poem" is not one of acronym'],
    ['<say-as interpret-as="toString">x</say-as>', '"toString" is not one of'],
    ['<say-as interpret-as="date" format="qmd">x</say-as>', 'format "qmd"'],
    ['<say-as interpret-as="cardinal" format="x">5</say-as>', 'format "x"'],
    ['<say-as interpret-as="cardinal">five</say-as>', '"five" can\'t be read as cardinal'],
    ['<say-as interpret-as="cardinal">1,23</say-as>', '"1,23"'],
    ['<say-as interpret-as="cardinal"/>', '""'],
    ['<say-as interpret-as="ordinal">1.5</say-as>', '"1.5"'],
    ['<say-as interpret-as="digits">4a</say-as>', '"4a"'],
    ['<say-as interpret-as="characters">한</say-as>', '"한"'],
    ['<say-as interpret-as="date">soon</say-as>', '"soon"'],
    ['<say-as interpret-as="date" format="mdy">13/1/2026</say-as>', 'date of format mdy'],
    ['<say-as interpret-as="date">2026-02-30</say-as>', '"2026-02-30"'],
    ['<say-as interpret-as="date" format="ymd">2026-02</say-as>', '"2026-02"'],
    ['<say-as interpret-as="time">25:00</say-as>', '"25:00"'],
    ['<say-as interpret-as="time">14:30 pm</say-as>', '"14:30 pm"'],
    ['<say-as interpret-as="time" format="hms24">2:30pm</say-as>', '"2:30pm"'],
    ['<say-as interpret-as="telephone">hello</say-as>', '"hello"'],
    ['<say-as interpret-as="currency">42</say-as>', '"42"'],
    ['<say-as interpret-as="currency">$5 or so</say-as>', '"$5 or so"'],
    ['<say-as interpret-as="unit">5</say-as>', '"5"'],
    ['<say-as interpret-as="unit">5 kq</say-as>', '"5 kq"'],
    ['<say-as interpret-as="fraction">half</say-as>', '"half"'],
  ])('%s', (element, message) => {
    const refused = refusal(`<speak>\n  Hello ${element}</speak>`);
    expect(refused).toContain(message);
    const name = /<([^\s/>]+)/.exec(element)![1];
    // The last element exceeds the limit.
    const offset =
      16 + element.lastIndexOf(`<${name === 'phoneme' && element.includes('<break') ? 'break' : name}`);
    expect(refused).toContain(`line 2, column ${offset - 7} (offset ${offset})`);
    expect(refused).toMatch(
      new RegExp(`^SSML: <${element.includes('><break') ? '(?:phoneme|break)' : name}> at`),
    );
    expect(refused.length).toBeLessThan(400);
  });

  test.each([
    ['<speak version="2.0">x</speak>', 'version "2.0"'],
    ['<speak lang="en">x</speak>', '"lang" is unknown'],
    ['<speak xml:lang="?">x</speak>', '"?"'],
  ])('%s', (input, message) => {
    expect(refusal(input)).toContain(message);
  });

  test('long values are quoted in part only', () => {
    expect(refusal(`<speak><prosody rate="${'9'.repeat(5000)}">x</prosody></speak>`).length).toBeLessThan(
      300,
    );
    expect(refusal(`<speak><${'x'.repeat(5000)}/></speak>`).length).toBeLessThan(400);
    expect(refusal(`<speak><p ${'x'.repeat(5000)}="1"/></speak>`).length).toBeLessThan(400);
  });
});

describe('XML', () => {
  test.each([
    ['<speak>x', 8, 'unclosed tag: speak'],
    ['<speak', 6, 'not well-formed'],
    ['<speak><p>x</speak>', 7, 'end tag'],
    ['<speak>x</p></speak>', 8, 'end tag'],
    ['<speak>x</speak><speak/>', 16, 'only one root'],
    ['<speak>x</speak> y', 17, 'outside of root'],
    ['<speak>a & b</speak>', 10, 'not well-formed'],
    ['<speak>a < b</speak>', 10, 'not well-formed'],
    ['<speak>&nbsp;</speak>', 7, 'not defined'],
    ['<speak>&#0;</speak>', 7, 'not well-formed'],
    ['<speak>\u0001</speak>', 7, 'not well-formed'],
    ['<speak>\ud800</speak>', 7, 'surrogate'],
    ['<speak><p a="1" a="2"/></speak>', 7, 'duplicate attribute'],
    ['<speak><p a=1/></speak>', 7, 'unquoted'],
    ['<speak><!-- -- --></speak>', 7, 'not well-formed'],
    ['<speak><![CDATA[x</speak>', 7, 'not well-formed'],
  ])('%j', (input, from, message) => {
    const refused = refusal(input);
    expect(refused).toContain(message);
    const offset = Number(/offset (\d+)/.exec(refused)?.[1]);
    expect(offset).toBeGreaterThanOrEqual(from);
    expect(offset).toBeLessThanOrEqual(input.length);
  });

  test('lines and columns are counted for every kind of line break', () => {
    expect(refusal('<speak>a\r\nb\rc\n <x/></speak>')).toContain('line 4, column 2 (offset 15)');
  });
});

describe('hostile documents', () => {
  test('definitions of entities are refused, whether they are used or not', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);
    const bomb = `<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY l0 "lol">${levels.join('')}]>\n<speak>&l9;</speak>`;
    expect(refusal(bomb)).toContain(
      'line 2, column 1 (offset 22): DOCTYPE and entity definitions are refused',
    );
    expect(refusal('<!DOCTYPE speak><speak>x</speak>')).toContain('DOCTYPE');
    expect(refusal('<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>')).toContain(
      'DOCTYPE',
    );
    expect(refusal('<speak><!DOCTYPE x></speak>')).toContain('offset');
  });

  const nested = (depth: number) => `${'<p>'.repeat(depth - 1)}big${'</p>'.repeat(depth - 1)}`;

  test('may be 32 elements deep', () => {
    expect(frontEnd.analyze(`<speak>${nested(32)}</speak>`)).toHaveLength(1);
    expect(refusal(`<speak>${nested(33)}</speak>`)).toMatch(
      /^SSML: <p> at line 1, column 101 \(offset 100\): .*32 deep/,
    );
    expect(refusal(`<speak>${'<p>'.repeat(100_000)}`)).toContain('32 deep');
    expect(refusal(`<speak><desc>${'<x>'.repeat(40)}`)).toContain('32 deep');
  });

  test('may have 1,000 elements of any kind', () => {
    expect(frontEnd.analyze(`<speak>big${'<p/>'.repeat(999)}</speak>`)).toHaveLength(1);
    expect(refusal(`<speak>big${'<p/>'.repeat(1000)}</speak>`)).toContain('more than 1000 elements');
    expect(refusal(`<speak><desc>${'<x/>'.repeat(1000)}</desc></speak>`)).toContain(
      'more than 1000 elements',
    );
  });

  test.each([
    ['comments', `<speak>${'<!---->'.repeat(9000)}big</speak>`],
    ['references', `<speak>${'&#97;'.repeat(12_000)}</speak>`],
    ['blank lines', `<speak>big${'\r\n '.repeat(20_000)}</speak>`],
    ['open comments', `<speak>${'<!--'.repeat(15_000)}`],
    ['comments in front', `${'<!---->'.repeat(8000)}<speak>big</speak>`],
    ['attributes', `<speak ${Array.from({ length: 5000 }, (_, i) => `xml:id="${i}"`).join(' ')}>big</speak>`],
    ['CDATA', `<speak>${'<![CDATA[a]]>'.repeat(4500)}</speak>`],
    ['space before', `${' '.repeat(60_000)}<speak>big</speak>`],
  ])('60,000 characters of %s are spoken or refused', (_, input) => {
    try {
      expect(frontEnd.analyze(input).length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid_ssml' });
    }
  });
});

test('a document without words is refused like text without words', () => {
  for (const input of ['<speak/>', '<speak> </speak>', '<speak><break time="1s"/><mark name="a"/></speak>']) {
    expect(() => frontEnd.analyze(input)).toThrow(expect.objectContaining({ code: 'nothing_to_speak' }));
  }
});
