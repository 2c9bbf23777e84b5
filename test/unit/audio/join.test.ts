import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinMasters } from '../../../src/audio/join/join.ts';
import { findSound } from '../../../src/audio/join/join-sound.ts';
import { integratedLoudness } from '../../../src/audio/loudness.ts';
import { sha256Hex } from '../../../src/base/sha256.ts';
import { cutSegments, pauseBehind } from '../../../src/features/prompts/templates/segments.ts';
import {
  parseTemplate,
  renderTemplate,
  type SlotValues,
} from '../../../src/features/prompts/templates/template.ts';
import { JOINED_SHA256, joinedTones } from '../../contract/template.contract.ts';

const RATE = 24_000;
const ms = (time: number) => Math.round((time * RATE) / 1000);

interface Tone {
  /** Milliseconds of background noise before and after. */
  readonly before: number;
  readonly behind: number;
  readonly ms: number;
  readonly hertz: number;
  readonly amplitude: number;
}

const TONE: Tone = { before: 90, behind: 80, ms: 500, hertz: 220, amplitude: 6000 };

/** A tone with quiet noise around it, as the vocoder makes it, and fades of 10 ms. */
function tone(options: Partial<Tone> = {}): Int16Array {
  const { before, behind, ms: length, hertz, amplitude } = { ...TONE, ...options };
  const [from, to] = [ms(before), ms(before + length)];
  let noise = 1;
  return Int16Array.from({ length: to + ms(behind) }, (_, i) => {
    noise = (noise * 16_807) % 2_147_483_647;
    const room = (noise / 2_147_483_647 - 0.5) * amplitude * 0.01;
    const edge = Math.min(1, Math.max(0, Math.min(i - from, to - i) / ms(10)));
    return room + amplitude * edge * Math.sin((2 * Math.PI * hertz * i) / RATE);
  });
}

const biggestStep = (samples: Int16Array) =>
  samples.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - samples[i - 1]))), 0);

describe('joining', () => {
  test('the pause between two parts has exactly the requested length', () => {
    for (const pauseMs of [150, 160, 300, 451]) {
      const parts = [
        { samples: tone(), pauseMs },
        { samples: tone({ hertz: 330 }), pauseMs: 0 },
      ];
      const joined = joinMasters(parts);
      const [first, second] = parts.map(({ samples }) => findSound(samples));
      const expected = first.end + ms(pauseMs) + (parts[1].samples.length - second.start);
      expect(joined).toHaveLength(expected);
      const gap = joined.subarray(first.end, first.end + ms(pauseMs));
      expect(gap.filter((sample) => sample === 0).length).toBeGreaterThan(0);
      expect(biggestStep(gap)).toBeLessThan(biggestStep(parts[0].samples) / 2);
    }
  });

  test('the start of the first part and the end of the last are unchanged', () => {
    const [a, b] = [tone(), tone({ hertz: 330 })];
    const joined = joinMasters([
      { samples: a, pauseMs: 200 },
      { samples: b, pauseMs: 500 },
    ]);
    expect(joined.subarray(0, ms(590))).toEqual(a.subarray(0, ms(590)));
    expect(joined.subarray(joined.length - ms(560))).toEqual(b.subarray(b.length - ms(560)));
  });

  test('a single part is unchanged', () => {
    const samples = tone();
    expect(joinMasters([{ samples, pauseMs: 300 }])).toEqual(samples);
  });

  test('joins have no clicks: no step there is larger than those within the parts', () => {
    const part = fc.record({
      before: fc.integer({ min: 0, max: 150 }),
      behind: fc.integer({ min: 0, max: 150 }),
      ms: fc.integer({ min: 60, max: 400 }),
      hertz: fc.integer({ min: 80, max: 400 }),
      amplitude: fc.integer({ min: 3000, max: 12_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 0, max: 400 }),
        (tones, pauseMs) => {
          const parts = tones.map((options) => ({ samples: tone(options), pauseMs }));
          const inside = Math.max(...parts.map(({ samples }) => biggestStep(samples)));
          const joined = joinMasters(parts);
          // Gains reach 6 dB.
          expect(biggestStep(joined)).toBeLessThanOrEqual(inside * 2 + 1);
          expect(joinMasters(parts)).toEqual(joined);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a tone that is cut off is faded at the join', () => {
    const hard = Int16Array.from(
      { length: ms(300) },
      (_, i) => 8000 * Math.cos((2 * Math.PI * 200 * i) / RATE),
    );
    const joined = joinMasters([
      { samples: hard, pauseMs: 100 },
      { samples: hard, pauseMs: 0 },
    ]);
    expect(Math.abs(joined[hard.length - 1])).toBeLessThan(10);
    const silence = joined.subarray(hard.length, hard.length + ms(100));
    expect(silence.every((sample) => sample === 0)).toBe(true);
    expect(biggestStep(joined.subarray(1))).toBeLessThanOrEqual(biggestStep(hard) + 1);
  });

  test('parts that are too soft or too loud are brought within 1 LU of the others', () => {
    const parts = [4000, 6000, 8000].map((amplitude) => ({
      samples: tone({ amplitude, ms: 900 }),
      pauseMs: 400,
    }));
    const joined = joinMasters(parts);
    const loudness = [0, 1, 2].map((i) => {
      const at = ms(90 + i * 1300);
      return integratedLoudness(joined.subarray(at, at + ms(890)), RATE);
    });
    expect(Math.max(...loudness) - Math.min(...loudness)).toBeLessThan(1.1);
  });

  test('small differences in loudness remain', () => {
    const parts = [6000, 6300].map((amplitude) => ({ samples: tone({ amplitude }), pauseMs: 200 }));
    const joined = joinMasters(parts);
    expect(joined.subarray(ms(100), ms(580))).toEqual(parts[0].samples.subarray(ms(100), ms(580)));
  });

  test('loud parts never clip, and a silent part becomes a pause', () => {
    const quiet = { samples: tone({ amplitude: 1000 }), pauseMs: 0 };
    const loud = { samples: tone({ amplitude: 32_000 }), pauseMs: 200 };
    const silent = { samples: new Int16Array(1000), pauseMs: 200 };
    const joined = joinMasters([loud, silent, quiet]);
    expect(Math.max(...joined)).toBeLessThanOrEqual(32_767);
    expect(joined.length).toBeGreaterThan(loud.samples.length + ms(300));
    expect(joinMasters([silent, silent])).toHaveLength(1000 + ms(200));
  });

  test('gives the same bytes as in workerd', async () => {
    const { buffer } = joinMasters(joinedTones());
    expect(await sha256Hex(new Uint8Array(buffer as ArrayBuffer))).toBe(JOINED_SHA256);
  });

  test('a click before the speech does not count as sound', () => {
    const samples = tone();
    samples.fill(5000, ms(10), ms(12));
    expect(findSound(samples).start).toBeGreaterThan(ms(85));
  });
});

describe('segments', () => {
  const cut = (text: string, values: SlotValues = {}) => {
    const template = parseTemplate(text, 'en-US');
    return cutSegments(template, renderTemplate(template, values))?.map((segment) => segment.text);
  };

  test.each<[string, string, SlotValues, string[] | undefined]>([
    ['at a comma', 'Your table is ready, {name}.', { name: 'Ada' }, ['Your table is ready,', 'Ada.']],
    [
      'around a slot',
      'Flight {f}: gate {g}; hurry!',
      { f: 'K7', g: 'B2' },
      ['Flight K7:', 'gate B2;', 'hurry!'],
    ],
    [
      'at sentences',
      'Hi. You owe {n, number, ::currency/USD}. Pay?',
      { n: 5 },
      ['Hi.', 'You owe $5.00.', 'Pay?'],
    ],
    ['behind a slot', '{name}, hello', { name: 'Ada' }, ['Ada,', 'hello']],
    ['not where there is none', 'Table {n, number} for {name}.', { n: 4, name: 'Ada' }, undefined],
    ['not at abbreviations', 'Dr. {name} is in, say hi', { name: 'Lee' }, ['Dr. Lee is in,', 'say hi']],
    ['not within numbers', 'At 10:30 or 1,000 go {x}', { x: 'on' }, undefined],
    ['not within a value', 'Hello {name}!', { name: 'Ada, Bob. Cyd' }, undefined],
    ['not without white space', 'a,b {x}', { x: 'y' }, undefined],
    [
      'not within brackets',
      'I am (well, {x}, so) here, you',
      { x: 'y' },
      ['I am (well, y, so) here,', 'you'],
    ],
    ['not where a value ends the clause', 'Hello {x} you', { x: 'Ada,' }, undefined],
    [
      'text without slots stays together',
      'One, two, three. Four, {n}, five, six.',
      { n: 4 },
      ['One, two, three. Four,', '4,', 'five, six.'],
    ],
    ['not of text alone', 'One, two.', {}, undefined],
    ['nothing empty', '{a}, {b}, go', { a: '', b: 'Ada' }, [', Ada,', 'go']],
    ['not of SSML', '<speak>Hello, {x}.</speak>', { x: 'y' }, undefined],
  ])('%s', (_, text, values, expected) => {
    expect(cut(text, values)).toEqual(expected);
  });

  test('report their slots and the pause after them', () => {
    const template = parseTemplate('Hello, {a} and {b}. Bye', 'en');
    const segments = cutSegments(template, renderTemplate(template, { a: 'x', b: 'y' }))!;
    expect(segments.map(({ slots }) => slots)).toEqual([[], ['a', 'b'], []]);
    expect(segments.map((segment) => pauseBehind(segment, { pauses: 1, speed: 1 }))).toEqual([160, 300, 0]);
    expect(pauseBehind(segments[1], { pauses: 2, speed: 1.5 })).toBe(400);
  });
});
