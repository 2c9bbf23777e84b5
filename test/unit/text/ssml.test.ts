import { beforeAll, describe, expect, test } from 'vitest';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import type { Phoneme, SpeechControls, Utterance } from '../../../src/text/types.ts';
import { buildDictionary } from '../../fixtures/lexicon.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: SYMBOLS });
});

const speak = (content: string) => frontEnd.analyze(`<speak>${content}</speak>`);

/** Symbols as `show` of the fixtures writes them, breaks after their symbol, marks at their position. */
function write({ phonemes, marks = [] }: Utterance): string {
  const written = phonemes.map(({ symbol, pauseMs }, i) => {
    const names = marks.filter(({ before }) => before === i).map(({ name }) => `[${name}] `);
    const ms = pauseMs === undefined ? '' : `<${pauseMs}>`;
    return `${names.join('')}${symbol === ' ' ? '|' : symbol}${ms}`;
  });
  const last = marks.filter(({ before }) => before === phonemes.length).map(({ name }) => ` [${name}]`);
  return `${written.join(' ')}${last.join('')}`;
}

const say = (content: string) => speak(content).map(write).join(' ');
const plain = (text: string) => frontEnd.analyze(text).map(write).join(' ');

/** Controls of the phonemes that speak the given text, all of them the same. */
function controlsOf(content: string, spoken: string): SpeechControls | undefined {
  const input = `<speak>${content}</speak>`;
  const found = frontEnd
    .analyze(input)
    .flatMap(({ phonemes }) => phonemes)
    .filter(({ span }) => input.slice(span.start, span.end) === spoken);
  expect(found.length).toBeGreaterThan(0);
  for (const { controls } of found) expect(controls).toBe(found[0].controls);
  return found[0].controls;
}

const NEUTRAL = { rate: 1, pitch: 0, pitchRange: 1, volume: 0 };

describe('recognition of SSML', () => {
  test.each([
    '<speak>big dog</speak>',
    '  \n<speak>big dog</speak>\n',
    '\ufeff<speak>big dog</speak>',
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- note -->\n<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="https://www.w3.org/2001/mstts">big dog</speak>',
    '<speak><![CDATA[big dog]]></speak>',
    '<speak>big <!-- red -->dog<?php echo ?></speak>',
    '<speak><desc>red <b>x</b></desc>big <metadata>cat</metadata>dog</speak>',
  ])('%j', (input) => {
    expect(frontEnd.analyze(input).map(write)).toEqual(['^ b ˈɪ ɡ | d ˈɔ ɡ $']);
  });

  test.each(['Say <speak>big</speak>.', '<speaker>big</speaker>', '<b>big</b>', '< speak>big</speak>'])(
    '%j is plain text and spoken',
    (input) => {
      expect(frontEnd.analyze(input).map(write).join(' ')).toContain('b ˈɪ ɡ');
    },
  );
});

describe('text', () => {
  test.each([
    ['entities', 'Tom &amp; Lee&apos;s 5 &lt; 6', "Tom & Lee's 5 < 6"],
    ['numeric references', 'caf&#233; &#x26; &#x1F44D;', 'café & 👍'],
    ['a line break is a space', 'the big\n   red\r\n\tdog.', 'the big red dog.'],
    ['an empty line ends a paragraph', 'big\n\n  red', 'big\nred'],
    ['a reference to a line break does so too', 'big&#10;red', 'big\nred'],
    ['elements inside a word leave it whole', 'un<emphasis>believ</emphasis>able', 'unbelievable'],
    ['tokens are words', '<w>big</w><token>red</token>', 'big red'],
    ['numbers across an element', '<prosody rate="fast">$5</prosody>.50', '$5.50'],
  ])('%s', (_, content, text) => {
    expect(say(content)).toBe(plain(text));
  });

  test('positions are those in the markup', () => {
    const input =
      '<speak>Tom &amp; <sub alias="mister">Mr</sub> <say-as interpret-as="digits"> 12 </say-as>caf&#233;</speak>';
    const [{ phonemes, span }] = frontEnd.analyze(input);
    const spoken = phonemes
      .filter(({ span }) => span.end > span.start)
      .map(({ span }) => input.slice(span.start, span.end));
    expect([...new Set(spoken)]).toEqual(['Tom', '&amp;', 'Mr', '12', 'caf&#233;']);
    expect(input.slice(span.start, span.end)).toBe(
      'Tom &amp; <sub alias="mister">Mr</sub> <say-as interpret-as="digits"> 12 </say-as>caf&#233;',
    );
  });

  test("the request's pronunciations apply, except inside phoneme", () => {
    const input = '<speak>thing <phoneme ph="ˈdɔɡ">x</phoneme> Sori</speak>';
    const pronunciations = { thing: 'ˈbɪɡ', sori: 'ˈɹɛd' };
    expect(frontEnd.analyze(input, { pronunciations }).map(write)).toEqual(['^ b ˈɪ ɡ | d ˈɔ ɡ | ɹ ˈɛ d $']);
  });
});

describe('structure', () => {
  test('p and s end sentences', () => {
    expect(say('<p><s>Big dog</s><s>Red dog?</s></p>big')).toBe(
      '^ b ˈɪ ɡ | d ˈɔ ɡ . $ ^ ɹ ˈɛ d | d ˈɔ ɡ ? $ ^ b ˈɪ ɡ $',
    );
    expect(speak('<p><s>Big dog</s><s>Red dog</s></p>big').map(({ sentence }) => sentence)).toEqual([
      0, 1, 2,
    ]);
  });

  test('voice, lang and express-as begin an utterance, but not a sentence', () => {
    const utterances = speak(
      'He said <voice name="clara(2)+cameron">go</voice>, then <lang xml:lang="en-AU">ran</lang>. <mstts:express-as style="Happy" styledegree="0.4">Good!</mstts:express-as><express-as style="sad">Bad.</express-as>',
    );
    expect(utterances.map(({ phonemes, span, marks, ...rest }) => rest)).toEqual([
      { sentence: 0 },
      { sentence: 0, voice: 'clara(2)+cameron' },
      { sentence: 0 },
      { sentence: 0, language: 'en-AU' },
      { sentence: 1, emotion: { happy: 0.4 } },
      { sentence: 2, emotion: { sad: 1 } },
    ]);
    expect(utterances.map(write)).toEqual([
      '^ h i | s ˈɛ d , $',
      '^ ɡ ˈoʊ , $',
      '^ ð ˈɛ n , $',
      '^ ɹ ˈæ n . $',
      '^ ɡ ˈʊ d ! $',
      '^ b ˈæ d . $',
    ]);
  });

  test('sections may be nested, and equal ones are merged', () => {
    const utterances = speak(
      '<voice name="a">big <express-as style="sad">red</express-as> <voice name="a">big dog</voice></voice>',
    );
    expect(utterances.map(({ voice, emotion }) => [voice, emotion])).toEqual([
      ['a', undefined],
      ['a', { sad: 1 }],
      ['a', undefined],
    ]);
    expect(speak('<voice name="a">big <voice name="a">dog</voice></voice>')).toHaveLength(1);
  });

  test("the document's language is that of every utterance", () => {
    const [big, red] = frontEnd.analyze('<speak xml:lang="en-US">Big. <s xml:lang="en-AU">Red.</s></speak>');
    expect([big.language, red.language]).toEqual(['en-US', 'en-AU']);
  });

  test('no rule of the normalizer reads across elements', () => {
    expect(say('<voice name="a">5</voice><voice name="b">km</voice>')).toBe(
      `${plain('5,').replace(' $', '')} $ ${plain('kilometers')}`,
    );
    expect(say('555 <break time="0.2s"/> 123 <break time="0.2s"/> 4567')).toContain('h ˈʌ n d ɹ ə d');
  });
});

describe('break', () => {
  test.each([
    ['time', 'big <break time="1.5s"/> dog', '^ b ˈɪ ɡ ,<1500> d ˈɔ ɡ $'],
    ['in ms', 'big <break time="20ms"/> dog', '^ b ˈɪ ɡ ,<20> d ˈɔ ɡ $'],
    ['medium by default', 'big <break/> dog', '^ b ˈɪ ɡ ,<500> d ˈɔ ɡ $'],
    ['strength', 'big<break strength="x-strong"/>dog', '^ b ˈɪ ɡ ,<1250> d ˈɔ ɡ $'],
    ['time goes before strength', 'big <break strength="weak" time="1s"/> dog', '^ b ˈɪ ɡ ,<1000> d ˈɔ ɡ $'],
    ['the mark that is there keeps its tone', 'Big. <break time="1s"/> Dog', '^ b ˈɪ ɡ .<1000> $ ^ d ˈɔ ɡ $'],
    ['also behind the break', 'big <break time="1s"/>, dog', '^ b ˈɪ ɡ ,<1000> d ˈɔ ɡ $'],
    ['none takes the pause away', 'big, <break strength="none"/> dog', '^ b ˈɪ ɡ ,<0> d ˈɔ ɡ $'],
    ['none without a pause is nothing', 'big <break strength="none"/> dog', '^ b ˈɪ ɡ | d ˈɔ ɡ $'],
    ['several add up', 'big <break time="1s"/> <break time="500ms"/>dog', '^ b ˈɪ ɡ ,<1500> d ˈɔ ɡ $'],
    ['first of all', '<break time="1s"/>dog', '^ ,<1000> d ˈɔ ɡ $'],
    ['last of all', 'dog <break time="1s"/>', '^ d ˈɔ ɡ ,<1000> $'],
    ['between sentences', '<s>big</s><break time="1s"/><s>dog</s>', '^ b ˈɪ ɡ .<1000> $ ^ d ˈɔ ɡ . $'],
    ['between voices', 'big<voice name="a"><break time="1s"/>dog</voice>', '^ b ˈɪ ɡ ,<1000> $ ^ d ˈɔ ɡ $'],
  ])('%s', (_, content, expected) => {
    expect(say(content)).toBe(expected);
  });

  test('counts towards the maximum duration of an utterance', () => {
    const content = 'big dog <break time="10s"/> '.repeat(6);
    const utterances = speak(content);
    expect(utterances).toHaveLength(6);
    const silence = utterances
      .flatMap(({ phonemes }) => phonemes)
      .reduce((sum, { pauseMs = 0 }) => sum + pauseMs, 0);
    expect(silence).toBe(60_000);
  });
});

describe('mark', () => {
  test.each([
    [
      'before, between, after',
      '<mark name="a"/>big <mark name="b"/>dog<mark name="c"/>',
      '^ [a] b ˈɪ ɡ | [b] d ˈɔ ɡ $ [c]',
    ],
    ['on either side of a pause', 'big<mark name="a"/>, <mark name="b"/>dog', '^ b ˈɪ ɡ [a] , [b] d ˈɔ ɡ $'],
    [
      'on either side of a break',
      'big, <mark name="a"/><break/><mark name="b"/>dog',
      '^ b ˈɪ ɡ [a] ,<500> [b] d ˈɔ ɡ $',
    ],
    ['between sentences', 'Big. <mark name="a"/><mark name="b"/>Dog.', '^ b ˈɪ ɡ . $ ^ [a] [b] d ˈɔ ɡ . $'],
    ['inside a word: before the next', 'b<mark name="a"/>ig dog', '^ b ˈɪ ɡ | [a] d ˈɔ ɡ $'],
  ])('%s', (_, content, expected) => {
    expect(say(content)).toBe(expected);
  });

  test('states its tag', () => {
    const input = '<speak>big <mark name="a"/>dog</speak>';
    const [{ marks }] = frontEnd.analyze(input);
    expect(marks?.map(({ span }) => input.slice(span.start, span.end))).toEqual(['<mark name="a"/>']);
  });

  test('keeps its position in a sentence that is cut', () => {
    const words = Array.from({ length: 60 }, (_, i) => `<mark name="${i}"/>big`).join(' ');
    const utterances = frontEnd.analyze(`<speak>${words}</speak>`, { maxPhonemes: 30 });
    expect(utterances.length).toBeGreaterThan(5);
    const names = utterances.flatMap(({ phonemes, marks = [] }) =>
      marks.map(({ name, before }) => {
        expect(phonemes[before].symbol).toBe('b');
        return name;
      }),
    );
    expect(names).toEqual(Array.from({ length: 60 }, (_, i) => String(i)));
  });
});

describe('prosody', () => {
  test.each([
    ['rate="x-slow"', { rate: 0.5 }],
    ['rate="slow"', { rate: 0.75 }],
    ['rate="fast"', { rate: 1.3 }],
    ['rate="150%"', { rate: 1.5 }],
    ['rate="+10%"', { rate: 1.1 }],
    ['rate="-10%"', { rate: 0.9 }],
    ['rate="1.2"', { rate: 1.2 }],
    ['pitch="x-low"', { pitch: -6 }],
    ['pitch="high"', { pitch: 3 }],
    ['pitch="+2.5st"', { pitch: 2.5 }],
    ['pitch="-3ST"', { pitch: -3 }],
    ['pitch="+100%"', { pitch: 12 }],
    ['pitch="-50%"', { pitch: -12 }],
    ['pitch="+160Hz"', { pitch: 12 }],
    ['pitch="200Hz"', { pitchHz: 200 }],
    ['range="x-high"', { pitchRange: 2 }],
    ['range="-100%"', { pitchRange: 0 }],
    ['range="150%"', { pitchRange: 1.5 }],
    ['volume="silent"', { volume: Number.NEGATIVE_INFINITY }],
    ['volume="loud"', { volume: 4 }],
    ['volume="-6dB"', { volume: -6 }],
    ['volume="10"', { volume: -20 }],
    ['volume="0"', { volume: Number.NEGATIVE_INFINITY }],
    ['volume="-90%"', { volume: -20 }],
    ['rate="fast" volume="soft"', { rate: 1.3, volume: -6 }],
  ])('%s', (attributes, expected) => {
    const controls = controlsOf(`<prosody ${attributes}>big</prosody> dog`, 'big')!;
    const wanted: SpeechControls = { ...NEUTRAL, ...expected };
    expect(Object.keys(controls).sort()).toEqual(Object.keys(wanted).sort());
    for (const [name, value] of Object.entries(wanted)) {
      expect(controls[name as 'rate']).toBeCloseTo(value as number, 10);
    }
    expect(controlsOf(`<prosody ${attributes}>big</prosody> dog`, 'dog')).toBeUndefined();
  });

  test.each(['rate="medium"', 'pitch="default"', 'range="100%"', 'volume="+0dB"', 'rate="1" pitch="+0st"'])(
    '%s changes nothing',
    (attributes) => {
      expect(controlsOf(`<prosody ${attributes}>big</prosody>`, 'big')).toBeUndefined();
    },
  );

  test('nested: rates and ranges multiply, semitones and dB add, up to the limits', () => {
    const nest = (inner: string) =>
      controlsOf(
        `<prosody rate="50%" pitch="+4st" range="50%" volume="-6dB">red <prosody ${inner}>big</prosody></prosody>`,
        'big',
      );
    expect(nest('rate="150%" pitch="-1st" range="200%" volume="+2dB"')).toEqual({
      rate: 0.75,
      pitch: 3,
      pitchRange: 1,
      volume: -4,
    });
    expect(nest('rate="25%" pitch="+12st" volume="-60dB"')).toEqual({
      rate: 0.25,
      pitch: 12,
      pitchRange: 0.5,
      volume: Number.NEGATIVE_INFINITY,
    });
    expect(nest('pitch="100Hz"')).toMatchObject({ pitch: 0, pitchHz: 100 });
  });

  test('a pitch in Hz is the base of changes inside it', () => {
    const content = '<prosody pitch="100Hz"><prosody pitch="+100Hz">big</prosody></prosody>';
    expect(controlsOf(content, 'big')).toEqual({ ...NEUTRAL, pitchHz: 100, pitch: 12 });
  });

  test("Hz are relative to the voice's mean pitch, if it is given", () => {
    const [{ phonemes }] = frontEnd.analyze('<speak><prosody pitch="+100Hz">big</prosody></speak>', {
      meanPitch: 100,
    });
    expect(phonemes[1].controls?.pitch).toBeCloseTo(12, 10);
  });

  test('contour', () => {
    const content =
      '<prosody contour="(50%, +20Hz) (0%,+2st)(100%,-10%)(75%,low)(25%,320Hz)">big <prosody rate="fast">red</prosody> dog</prosody>';
    const input = `<speak>${content}</speak>`;
    const controls = controlsOf(content, 'big')!;
    expect(controls.contour?.map(({ at }) => at)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const wanted = [2, 12, 12 * Math.log2(180 / 160), -3, 12 * Math.log2(0.9)];
    for (const [i, { semitones }] of controls.contour!.entries())
      expect(semitones).toBeCloseTo(wanted[i], 10);
    const { start, end } = controls.contourSpan!;
    expect(input.slice(start, end)).toBe('big <prosody rate="fast">red</prosody> dog');
    expect(controlsOf(content, 'red')).toEqual({ ...controls, rate: 1.3 });
    expect(controlsOf(content, 'dog')).toEqual(controls);
  });

  test('pauses and boundaries inside belong to it, ^ and $ to their neighbours', () => {
    const [{ phonemes }] = speak('<prosody rate="slow">big, dog</prosody>');
    expect(phonemes.every(({ controls }) => controls?.rate === 0.75)).toBe(true);
  });

  test('slow speech makes shorter utterances', () => {
    const text = 'big dog '.repeat(25);
    const lengths = (rate: string) => speak(`<prosody rate="${rate}">${text}</prosody>`).length;
    expect(lengths('50%')).toBe(lengths('100%'));
    expect(lengths('25%')).toBeGreaterThan(lengths('50%'));
  });
});

describe('emphasis', () => {
  test('levels differ in their order', () => {
    const of = (level: string) => controlsOf(`<emphasis level="${level}">big</emphasis>`, 'big') ?? NEUTRAL;
    const [strong, moderate, none, reduced] = ['strong', 'moderate', 'none', 'reduced'].map(of);
    expect(none).toEqual(NEUTRAL);
    for (const [more, less] of [
      [strong, moderate],
      [moderate, none],
      [none, reduced],
    ]) {
      expect(more.rate).toBeLessThan(less.rate);
      expect(more.pitch).toBeGreaterThan(less.pitch);
      expect(more.pitchRange).toBeGreaterThan(less.pitchRange);
      expect(more.volume).toBeGreaterThan(less.volume);
    }
    expect(controlsOf('<emphasis>big</emphasis>', 'big')).toEqual(moderate);
  });

  test('function words become stressed again, unless reduced', () => {
    expect(say('<emphasis level="strong">the</emphasis> dog')).toBe('^ ð ˈʌ | d ˈɔ ɡ $');
    expect(say('you <emphasis>can</emphasis> go')).toBe('^ j u | k ˈæ n | ɡ ˈoʊ $');
    expect(say('you <emphasis level="reduced">can</emphasis> go')).toBe('^ j u | k æ n | ɡ ˈoʊ $');
  });
});

describe('sub and phoneme', () => {
  test.each([
    ['sub is text', '<sub alias="World Wide Web">WWW</sub>.', 'World Wide Web.'],
    ['it is normalized', '<sub alias="Dr. 5">x</sub> km', 'Dr. 5 km'],
    ['it joins no word', 'big<sub alias="red">x</sub>dog', 'big red dog'],
    ['phoneme is a word of its own', 'a<phoneme alphabet="ipa" ph="ˈdɔɡ">x</phoneme>, big', 'a dog, big'],
    ['an empty one too', 'big <phoneme ph="ˈdɔɡ"/>.', 'big dog.'],
    ['with a possessive', "the <phoneme ph='ˈdɔɡ'>x</phoneme>'s", "the dog's"],
    ['of several words', '<phoneme ph="ˈbɪɡ ˈdɔɡ">x</phoneme> ran', 'big dog ran'],
    ['behind a title', 'Dr. <phoneme ph="ˈli">Lee</phoneme>', 'Dr. Lee'],
    ['behind a sign', '$<phoneme ph="ˈli">5</phoneme>', 'dollar Lee'],
  ])('%s', (_, content, text) => {
    expect(say(content)).toBe(plain(text));
  });
});

describe('say-as', () => {
  test.each([
    ['cardinal', '1,234', 'one thousand two hundred thirty four'],
    ['cardinal', '-3.5', 'minus three point five'],
    ['number', '2026', 'two thousand twenty six'],
    ['ordinal', '21', 'twenty first'],
    ['ordinal', '3rd', 'third'],
    ['digits', '0451', 'zero four five one'],
    ['digits', '12 34-5', 'one two three four five'],
    ['fraction', '3/4', 'three quarters'],
    ['date', '2026-03-04', 'march fourth, twenty twenty six'],
    ['date', '3/4/2026', 'march fourth, twenty twenty six'],
    ['date', '25/12/1999', 'december twenty fifth, nineteen ninety nine'],
    ['date', '20260304', 'march fourth, twenty twenty six'],
    ['date', 'Mar 4, 2026', 'march fourth, twenty twenty six'],
    ['date', '4th of March', 'march fourth'],
    ['date', 'March 2026', 'march twenty twenty six'],
    ['time', '14:30', 'fourteen thirty'],
    ['time', '2:05', 'two oh five'],
    ['time', '9', 'nine'],
    ['unit', '5 km', 'five kilometers'],
    ['unit', '1 in', 'one inch'],
    ['unit', '-5 C', 'minus five degrees celsius'],
    ['unit', '5 square feet', 'five square feet'],
    ['unit', '60 mi/h', 'sixty miles per hour'],
    ['unit', `5'10"`, 'five foot ten'],
    ['currency', '$42.50', 'forty two dollars and fifty cents'],
    ['currency', '20 EUR', 'twenty euros'],
    ['currency', '-£1', 'minus one pound'],
    ['telephone', '555-1234', 'five five five, one two three four'],
    ['telephone', '8005551234', 'eight hundred, five five five, one two three four'],
    [
      'telephone',
      '(555) 123-4567 ext 9',
      'five five five, one two three, four five six seven, extension nine',
    ],
  ])('%s of %s', (kind, value, words) => {
    const escaped = value.replaceAll('"', '&quot;');
    expect(say(`big <say-as interpret-as="${kind}">${escaped}</say-as> dog`)).toBe(plain(`big ${words} dog`));
  });

  test.each([
    ['dmy', '3/4/2026', 'april third, twenty twenty six'],
    ['mdy', '3/4/26', 'march fourth, twenty twenty six'],
    ['yyyy-mm-dd', '1999-12-31', 'december thirty first, nineteen ninety nine'],
    ['ddmmyyyy', '31121999', 'december thirty first, nineteen ninety nine'],
    ['md', '2/29', 'february twenty ninth'],
    ['my', '5.2001', 'may two thousand one'],
    ['y', '1905', 'nineteen oh five'],
    ['d', '2', 'second'],
  ])('date of format %s: %s', (format, value, words) => {
    expect(say(`<say-as interpret-as="date" format="${format}">${value}</say-as>`)).toBe(plain(words));
  });

  test('letters and signs are spoken by their names', () => {
    expect(say('<say-as interpret-as="characters">fbi</say-as>')).toBe('^ ˈɛ f | b ˈi | ˈaɪ $');
    expect(say('<say-as interpret-as="spell-out">B1-é</say-as>')).toBe('^ b ˈi | w ˈʌ n | d ˈæ ʃ | ˈi $');
    expect(say('<say-as interpret-as="characters">a</say-as> dog')).toBe('^ ˈeɪ | d ˈɔ ɡ $');
    expect(say('<say-as interpret-as="characters">FB</say-as>\'s dog')).toBe('^ ˈɛ f | b ˈi z | d ˈɔ ɡ $');
    expect(say('<say-as interpret-as="time" format="hms12">2:30 p.m.</say-as>')).toBe(
      '^ t ˈu | θ ˈɝ d ˌi | p ˈi | ˈɛ m $',
    );
  });

  test('everything that it speaks has the position of its text', () => {
    const input = '<speak><say-as interpret-as="currency" format="USD">42.50</say-as>, yes</speak>';
    const [{ phonemes }] = frontEnd.analyze(input);
    const comma = phonemes.findIndex(({ symbol }) => symbol === ',');
    const inside = (phoneme: Phoneme) => input.slice(phoneme.span.start, phoneme.span.end) === '42.50';
    expect(
      phonemes
        .slice(1, comma)
        .filter(({ symbol }) => symbol !== ' ')
        .every(inside),
    ).toBe(true);
  });

  test('a mark after it has its own position', () => {
    expect(
      say('At <say-as interpret-as="time">5</say-as>. Then, <say-as interpret-as="ordinal">2</say-as>?'),
    ).toBe(plain('At five. Then, second?'));
  });
});
