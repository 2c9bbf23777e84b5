import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/synthesis/random.ts';
import { clickBeats } from '../../../../src/synthesis/singing/click.ts';
import { curveOf, trackOf } from '../../../../src/synthesis/singing/curves.ts';
import { expressionOf } from '../../../../src/synthesis/singing/expression.ts';
import { mixVoices, type Placed } from '../../../../src/synthesis/singing/mix.ts';
import { networkPitch } from '../../../../src/synthesis/singing/network-pitch.ts';
import type { SungPhrase, SungSyllable } from '../../../../src/synthesis/singing/phrase.ts';
import { pitchCurve } from '../../../../src/synthesis/singing/pitch-curve.ts';
import { transposition } from '../../../../src/synthesis/singing/range.ts';
import { hzOf, pitchName, TempoMap } from '../../../../src/synthesis/singing/score.ts';
import { symbolsOf, timePhrase } from '../../../../src/synthesis/singing/timing.ts';

const RATE = 80;
const syllable = (
  onset: string,
  nucleus: string,
  coda: string,
  start: number,
  end: number,
): SungSyllable => ({
  onset: onset ? onset.split(' ') : [],
  nucleus,
  coda: coda ? coda.split(' ') : [],
  begins: true,
  notes: [{ start, end, pitch: 60 }],
});

function timed(syllables: SungSyllable[], length: number, earliest = 0) {
  const phrase: SungPhrase = { syllables, breath: false };
  const symbols = symbolsOf(phrase);
  const lengths = new Float64Array(symbols.length).fill(length);
  const timing = timePhrase(phrase, symbols, lengths, { earliest, frameRate: RATE });
  return { symbols, timing, at: (frame: number) => timing.origin + frame / RATE };
}

describe('timing', () => {
  it('begins vowels on their notes, with the consonants before them', () => {
    const { timing, at } = timed(
      [syllable('s t', 'ˈɑ', 'ɹ', 1, 1.5), syllable('l', 'ˈɪ', 't', 1.5, 2.25)],
      0.05,
    );
    expect(timing.vowels.map(at)).toEqual([expect.closeTo(1, 6), expect.closeTo(1.5, 6)]);
    const total = timing.frames.reduce((sum, count) => sum + count, 0);
    // The release follows the last note.
    expect(at(total - 12)).toBeCloseTo(2.25, 6);
  });

  it('limits consonants to half of a short note', () => {
    const { symbols, timing } = timed(
      [syllable('', 'ˈɑ', 's t', 1, 1.2), syllable('s t ɹ', 'ˈɪ', '', 1.2, 1.4)],
      0.1,
    );
    const frames = (kind: string) =>
      symbols.reduce((sum, one, p) => (one.kind === kind ? sum + timing.frames[p] : sum), 0);
    expect(frames('onset') + frames('coda')).toBeLessThanOrEqual(9);
    expect(timing.vowels[1] - timing.vowels[0]).toBe(16);
  });

  it('gives every frame to a sound, for any lengths of notes and consonants', () => {
    const random = createRandom(19);
    for (let run = 0; run < 300; run++) {
      let time = random.uniform();
      const first = time;
      const syllables = Array.from({ length: 6 }, () => {
        time += random.uniform() < 0.2 ? random.uniform() * 0.2 : 0;
        const start = time;
        time += 0.01 + random.uniform() * 0.5;
        const consonants = (count: number) =>
          Array(Math.floor(random.uniform() * count))
            .fill('s')
            .join(' ');
        return syllable(consonants(4), 'ˈɑ', consonants(4), start, time);
      });
      const { symbols, timing, at } = timed(syllables, 0.01 + random.uniform() * 0.2);
      expect(timing.frames.every((count) => count >= 0)).toBe(true);
      for (const [p, { kind }] of symbols.entries())
        if (kind === 'nucleus') expect(timing.frames[p]).toBeGreaterThan(0);
      const late = Math.max(0, at(timing.vowels[0]) - first);
      for (const [s, vowel] of timing.vowels.entries()) {
        // A frame each, however short the notes are.
        expect(Math.abs(at(vowel) - syllables[s].notes[0].start)).toBeLessThan(late + (s + 1) / RATE);
      }
    }
  });

  it('silences a rest within a phrase, and lets consonants begin before the note after it', () => {
    const { timing } = timed([syllable('', 'ˈɑ', '', 1, 1.2), syllable('s', 'ˈɪ', '', 1.4, 1.8)], 0.05);
    expect(timing.rests).toEqual([{ from: timing.vowels[0] + 16, to: timing.vowels[1] - 4 }]);
  });
});

describe('pitch', () => {
  const targets = [
    { from: 0, pitch: 60, consonants: 0 },
    { from: 80, pitch: 67, consonants: 8 },
  ];
  const cents = (hz: number, pitch: number) => 1200 * Math.log2(hz / hzOf(pitch));

  it('equals the score without expression', () => {
    const curve = pitchCurve(targets, 200, RATE, expressionOf(0), createRandom(1));
    expect([...curve].every((hz, t) => Math.abs(cents(hz, t < 80 ? 60 : 67)) < 0.01)).toBe(true);
  });

  it('glides within the consonants, prepares, overshoots, and begins its vibrato late', () => {
    const curve = pitchCurve(targets, 240, RATE, expressionOf(1, { jitter: 0 }), createRandom(1));
    const middle = cents(curve[76], 60);
    expect(middle).toBeGreaterThan(200);
    expect(middle).toBeLessThan(600);
    const steady = pitchCurve(
      targets,
      240,
      RATE,
      expressionOf(1, { jitter: 0, vibratoDepth: 0 }),
      createRandom(1),
    );
    expect(Math.min(...steady.slice(60, 74).map((hz) => cents(hz, 60)))).toBeCloseTo(-20, 0);
    expect(Math.max(...curve.slice(80, 92).map((hz) => cents(hz, 67)))).toBeGreaterThan(15);
    expect(Math.max(...curve.slice(94, 115).map((hz) => Math.abs(cents(hz, 67))))).toBeLessThan(0.1);
    expect(Math.max(...curve.slice(150, 220).map((hz) => cents(hz, 67)))).toBeCloseTo(35, 0);
  });

  it('is moved by octaves into the range that the networks were trained on', () => {
    expect([...networkPitch(Float32Array.of(200, 400, 900), 160)]).toEqual([200, 200, 225]);
  });
});

describe('curves, tempo, mix', () => {
  it('counts seconds over changes of tempo', () => {
    const map = new TempoMap([
      { beat: 0, bpm: 60 },
      { beat: 4, bpm: 120 },
    ]);
    expect([2, 4, 6].map((beat) => map.seconds(beat))).toEqual([2, 4, 5]);
    expect(pitchName(60)).toBe('C4');
  });

  it('draws lines between points', () => {
    const curve = curveOf(
      [
        { seconds: 1, value: 0 },
        { seconds: 2, value: 10 },
      ],
      5,
    );
    expect([0, 1.5, 3].map(curve)).toEqual([0, 5, 10]);
    expect(curveOf([], 5)(1)).toBe(5);
    expect(trackOf({ start: 1, step: 1, hz: [100, 400] })(1.5)).toBeCloseTo(200);
    expect(trackOf(undefined)(1)).toBe(0);
  });

  it('prefers transpositions by octaves', () => {
    expect(transposition([{ low: 72, high: 76 }], [{ low: 48, high: 65 }])).toBe(-12);
    expect(transposition([{ low: 60, high: 72 }], [{ low: 55, high: 69 }])).toBe(-3);
    expect(transposition([{ low: 40, high: 90 }], [{ low: 55, high: 69 }])).toBeUndefined();
  });

  it('places clicks on the beats of the meter', () => {
    const beats = clickBeats(
      { tempos: [{ beat: 0, bpm: 60 }], meters: [{ beat: 0, count: 6, unit: 8 }] },
      3.5,
    );
    expect(beats.map(({ seconds, first }) => [seconds, first])).toEqual([
      [0, true],
      [0.5, false],
      [1, false],
      [1.5, false],
      [2, false],
      [2.5, false],
      [3, true],
    ]);
  });

  it('mixes voices at their positions, and computes no more than it needs', async () => {
    let made = 0;
    async function* voice(at: number, count: number): AsyncGenerator<Placed> {
      for (let i = 0; i < count; i++) {
        made++;
        const start = at + i * 6000;
        yield { at: start, samples: new Float32Array(6000).fill(0.25), settled: start + 6000 };
      }
    }
    const mixed = mixVoices([voice(-100, 4), voice(3000, 100)], 30_000);
    const first = await mixed.next();
    expect(made).toBeLessThanOrEqual(5);
    const blocks = [first.value as Float32Array];
    for await (const block of mixed) blocks.push(block);
    const whole = Float32Array.from(blocks.flatMap((block) => [...block]));
    expect(whole.length).toBe(30_000);
    expect([whole[0], whole[3000], whole[23_900 - 1], whole[23_900], whole[29_999]]).toEqual([
      0.25, 0.5, 0.5, 0.25, 0.25,
    ]);
  });
});
