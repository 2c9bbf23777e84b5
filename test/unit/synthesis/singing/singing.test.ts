import { describe, expect, it } from 'vitest';
import { melCorners } from '../../../../src/synthesis/mel-bands.ts';
import { createRandom } from '../../../../src/synthesis/random.ts';
import { clickBeats } from '../../../../src/synthesis/singing/click.ts';
import { curveOf, trackOf } from '../../../../src/synthesis/singing/curves.ts';
import { expressionOf } from '../../../../src/synthesis/singing/expression.ts';
import { evenLevels } from '../../../../src/synthesis/singing/levels.ts';
import { mixVoices, type Placed } from '../../../../src/synthesis/singing/mix.ts';
import { lowerToneRemover, networkPitch } from '../../../../src/synthesis/singing/network-pitch.ts';
import type { SungPhrase, SungSyllable } from '../../../../src/synthesis/singing/phrase.ts';
import { pitchCurve } from '../../../../src/synthesis/singing/pitch-curve.ts';
import { transposition } from '../../../../src/synthesis/singing/range.ts';
import { hzOf, pitchName, TempoMap } from '../../../../src/synthesis/singing/score.ts';
import { stretchCurves } from '../../../../src/synthesis/singing/spoken.ts';
import { symbolsOf, symbolsOfFrames, timePhrase } from '../../../../src/synthesis/singing/timing.ts';

const RATE = 80;
/** Frames by which the sounds of the model come before their symbols. */
const SOUND_LEAD = 4;
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
  const timing = timePhrase(phrase, symbols, lengths, { earliest, frameRate: RATE, soundLead: SOUND_LEAD });
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
    expect(at(total - 12 - SOUND_LEAD)).toBeCloseTo(2.25, 6);
  });

  it('holds consonants longer than in speech where there is time', () => {
    const onsetFrames = (seconds: number) => {
      const end = 1 + seconds;
      const syllables = [syllable('', 'ˈɑ', '', 1, end), syllable('s', 'ˈɪ', '', end, end + 1)];
      const { symbols, timing } = timed(syllables, 0.1);
      return timing.frames[symbols.findIndex(({ kind }) => kind === 'onset')];
    };
    expect(onsetFrames(1)).toBe(10);
    // A short note leaves them less: 35 % of it, or what speech takes up to half of it.
    expect(onsetFrames(0.3)).toBe(8);
    expect(onsetFrames(0.1)).toBe(4);
  });

  it('begins a vowel a frame later after a voiced stop, whose sound rises before its end', () => {
    const { timing, at } = timed([syllable('b', 'ˈɑ', '', 1, 2), syllable('t d', 'ˈɪ', '', 2, 3)], 0.05);
    expect(timing.vowels.map(at)).toEqual([expect.closeTo(1 + 1 / RATE, 6), expect.closeTo(2 + 1 / RATE, 6)]);
  });

  it('holds a voiced stop or fricative before a vowel for 5 frames at most', () => {
    const { symbols, timing } = timed([syllable('', 'ˈɑ', '', 1, 2), syllable('s ð', 'ˈɪ', 'd', 2, 3)], 0.1);
    const framesOf = (symbol: string) => timing.frames[symbols.findIndex((one) => one.symbol === symbol)];
    expect(framesOf('ð')).toBe(5);
    expect(framesOf('s')).toBe(10);
    expect(framesOf('d')).toBe(10);
  });

  it('holds a Korean tense stop before a vowel for 8 frames at most', () => {
    const { symbols, timing } = timed([syllable('m', 'o', 't̚', 1, 2), syllable('k͈', 'a', '', 2, 3)], 0.15);
    expect(timing.frames[symbols.findIndex(({ symbol }) => symbol === 'k͈')]).toBe(8);
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
        // Each phoneme gets at least one frame, however short the note is.
        expect(Math.abs(at(vowel) - syllables[s].notes[0].start)).toBeLessThan(late + (s + 1) / RATE);
      }
    }
  });

  it('silences a rest within a phrase, and lets consonants begin before the note after it', () => {
    const { timing } = timed([syllable('', 'ˈɑ', '', 1, 1.2), syllable('s', 'ˈɪ', '', 1.4, 1.8)], 0.05);
    expect(timing.rests).toEqual([{ from: timing.vowels[0] + 16, to: timing.vowels[1] - 5 }]);
  });
});

describe('levels and lengths', () => {
  const symbols = symbolsOf({
    syllables: [syllable('s', 'ˈɑ', '', 0, 2), syllable('', 'i', '', 2, 3)],
    breath: false,
  });
  const lengths = Int32Array.from(symbols, () => 6);
  const spokenFrames = 6 * symbols.length;
  const place = (symbol: string) => symbols.findIndex((one) => one.symbol === symbol);

  it('ends with a word that is not sung, so that no sung vowel lies before the pause', () => {
    expect(symbols.map(({ symbol }) => symbol)).toEqual(['^', 's', 'ˈɑ', ' ', 'i', ' ', 'n', 'i', '.', '$']);
    const { timing } = timed([syllable('s', 'ˈɑ', '', 1, 2)], 0.05);
    expect([...timing.frames.slice(-5)]).toEqual([0, 0, 0, 9, 3]);
  });

  it('holds a vowel at its highest spoken level, and keeps its spoken beginning and end', () => {
    const energy = new Float32Array(spokenFrames).fill(-3);
    // The vowel falls silent, as the last one of an utterance does.
    energy.set([0.2, 1, 0.8, 0, -1, -2], 6 * place('ˈɑ'));
    energy.set([0.9, 0.9, 0.9, 0.9, 0.9, 0.9], 6 * symbols.findIndex(({ syllable }) => syllable === 1));
    const voicing = new Float32Array(spokenFrames).fill(1);
    const frames = Int32Array.from(symbols, ({ kind }) => (kind === 'nucleus' ? 160 : 6));
    const sung = stretchCurves({ energy, voicing }, symbols, lengths, frames);
    const vowel = sung.energy.subarray(12, 172);
    expect(vowel[0]).toBeCloseTo(0.2 + (1 / 6) * 0.8, 5);
    expect(vowel[80]).toBeCloseTo(1, 5);
    expect(Math.min(...vowel.subarray(10, 150))).toBeCloseTo(1, 5);
    expect(vowel[159]).toBeLessThan(-1);
    expect(sung.energy.length).toBe(frames.reduce((sum, count) => sum + count, 0));
  });

  it('brings weak syllables near the level of strong ones', () => {
    const frames = symbols.map(({ kind }) => (kind === 'nucleus' ? 40 : 6));
    const total = frames.reduce((sum, count) => sum + count, 0);
    const audible = symbolsOfFrames(frames);
    const level = (p: number) => (symbols[p].syllable === 1 ? 0.5 : 2);
    const mel = Float32Array.from({ length: total * 100 }, (_, i) => level(audible[Math.floor(i / 100)]));
    const gains = evenLevels({ data: mel, bands: 100 }, symbols, frames);
    const loud = gains[audible.indexOf(place('ˈɑ')) + 20];
    const quiet = gains[audible.lastIndexOf(place('i')) - 20];
    // 1.5 nepers are 13 dB, of which 70 % are levelled.
    expect(quiet - loud).toBeCloseTo(0.7 * 1.5 * 8.686, 1);
  });
});

describe('notes that the networks get an octave lower', () => {
  const SIZES = { bins: 513, bands: 100, sampleRate: 24_000 };
  const filters = () => ({ noise: new Float32Array(513), mel: new Float32Array(100) });
  /** What is taken from the filters of one frame. */
  const removed = (f0: number, networkF0: number, voicing: number) => {
    const made = filters();
    const curves = { f0, networkF0, voicing };
    const one = (name: keyof typeof curves) => Float32Array.of(curves[name]);
    lowerToneRemover({ f0: one('f0'), networkF0: one('networkF0'), voicing: one('voicing') }, SIZES)(made, 0);
    return made;
  };
  /** The mel band whose centre is nearest to a frequency. */
  const band = (hz: number) => {
    const distances = melCorners(100, 24_000)
      .slice(1, -1)
      .map((centre) => Math.abs(centre - hz));
    return distances.indexOf(Math.min(...distances));
  };

  it('removes the harmonics of the lower tone from noise and mel, and keeps those of the note', () => {
    const { noise, mel } = removed(400, 200, 1);
    const bin = (hz: number) => Math.round((hz * 1024) / 24_000);
    expect([noise[bin(200)], noise[bin(600)], noise[bin(1400)]]).toEqual([-4, -2.5, 0]);
    expect([200, 600, 1000, 1400].map((hz) => mel[band(hz)])).toEqual([-4, -4, -4, -4]);
    expect([400, 800, 1200, 1600].map((hz) => mel[band(hz)])).toEqual([0, 0, 0, 0]);
    // High bands are so wide that each holds a harmonic.
    expect(mel.subarray(band(8000)).every((value) => value === 0)).toBe(true);
  });

  it('leaves other notes and voiceless sounds as they are', () => {
    expect(removed(300, 300, 1)).toEqual(filters());
    expect(removed(400, 200, 0)).toEqual(filters());
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
    expect([...networkPitch(Float32Array.of(200, 400, 900))]).toEqual([200, 200, 225]);
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
