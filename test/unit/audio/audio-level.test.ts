import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gainOf } from '../../../src/audio/decibels.ts';
import { level } from '../../../src/audio/level.ts';
import { TruePeakLimiter } from '../../../src/audio/limiter.ts';
import { integratedLoudness } from '../../../src/audio/loudness.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { groupsOf, truePeak, truePeaks } from '../../../src/audio/true-peak.ts';
import { speechLike } from '../../contract/audio/audio-signal.ts';

const RATE = 24_000;
const CEILING = 10 ** (-1 / 20);
const dB = (amplitude: number) => 20 * Math.log10(amplitude);
const amplified = (signal: Float32Array, gain: number) => toInt16Array(signal.map((sample) => sample * gain));
const sine = (frequency: number, length: number, amplitude: number, phase = 0) =>
  toInt16Array(
    Float32Array.from(
      { length },
      (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / RATE + phase),
    ),
  );
const peaksOf = (samples: Int16Array, floor = 0) => {
  const peaks = new Float32Array(groupsOf(samples.length));
  truePeaks(samples, floor, { from: 0, to: peaks.length }, peaks);
  return peaks;
};
const voice = speechLike(2 * RATE);

describe('gainOf', () => {
  it('is 10^(dB / 20), and exactly 1 for 0 dB', () => {
    expect(gainOf(0)).toBe(1);
    for (let hundredths = -10_000; hundredths <= 10_000; hundredths += 37) {
      expect(Math.abs(gainOf(hundredths) / 10 ** (hundredths / 2_000) - 1)).toBeLessThan(1e-11);
    }
  });
});

describe('truePeak', () => {
  it('finds the peak between samples of any sine up to 10.5 kHz within 0.2 dB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 10_500 }), fc.nat(628), (frequency, phase) => {
        // Faded in and out: a sine that begins at once has edges, which overshoot.
        const faded = Float32Array.from(sine(frequency, 4_000, 1, phase / 100), (sample, i) => {
          return (0.8 * sample * Math.sin((Math.PI * i) / 4_000) ** 2) / 32_767;
        });
        const found = dB(truePeak(toInt16Array(faded)) / 0.8);
        expect(found).toBeLessThan(0.05);
        expect(found).toBeGreaterThan(-0.2);
      }),
      { numRuns: 60 },
    );
  });

  it('is 3 dB above the largest sample of a sine whose peaks lie between samples', () => {
    const samples = sine(6_000, 2_400, 0.5, Math.PI / 4);
    expect(Math.max(...samples) / 32_767).toBeLessThan(0.36);
    expect(truePeak(samples.subarray(100, 2_300))).toBeGreaterThan(0.495);
  });

  it('is never below the largest sample, and is 0 for no samples', () => {
    fc.assert(
      fc.property(fc.int16Array({ max: 32_767, min: -32_767, maxLength: 200 }), (samples) => {
        const largest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
        expect(truePeak(samples)).toBeGreaterThanOrEqual(largest / 32_767);
      }),
    );
    expect(truePeak(new Int16Array(0))).toBe(0);
  });

  it('skips only peaks below the floor', () => {
    const samples = amplified(voice, 2);
    const all = peaksOf(samples);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 32_767 }), (floor) => {
        const peaks = peaksOf(samples, floor);
        const wrong = peaks.filter((peak, i) => (all[i] > floor ? peak !== all[i] : peak > floor));
        expect(wrong).toHaveLength(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('TruePeakLimiter', () => {
  it('gives the same samples for any chunk sizes', () => {
    const samples = amplified(voice.subarray(0, 12_000), 4);
    const options = { sampleRate: RATE, ceiling: CEILING, peaks: peaksOf(samples) };
    const limiter = new TruePeakLimiter(samples, options);
    const whole = new Int16Array(samples.length);
    limiter.amplify(1.5, { from: 0, to: samples.length }, whole);
    fc.assert(
      fc.property(fc.array(fc.nat(samples.length), { maxLength: 5 }), (cuts) => {
        const pieced = new Int16Array(samples.length);
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), samples.length]) {
          limiter.amplify(1.5, { from, to }, pieced);
          from = to;
        }
        expect(pieced).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('lowers the gain smoothly around a peak, and changes nothing 40 ms away from it', () => {
    const samples = new Int16Array(9_600).fill(10_000);
    samples.fill(32_000, 4_800, 4_804);
    const options = { sampleRate: RATE, ceiling: CEILING, peaks: peaksOf(samples) };
    const limiter = new TruePeakLimiter(samples, options);
    const output = new Int16Array(samples.length);
    limiter.amplify(1, { from: 0, to: samples.length }, output);
    const touched = [...output.keys()].filter((i) => output[i] !== samples[i]);
    expect(touched[0]).toBeGreaterThanOrEqual(4_800 - 0.04 * RATE - 16);
    expect(touched.at(-1)).toBeLessThanOrEqual(4_804 + 0.04 * RATE + 16);
    const steps = Array.from(output.subarray(1), (sample, i) => sample - output[i]);
    expect(Math.max(...steps.slice(0, 4_789))).toBeLessThanOrEqual(0);
    expect(Math.min(...steps.slice(4_811))).toBeGreaterThanOrEqual(0);
    expect(Math.min(...steps.slice(0, 4_799))).toBeGreaterThan(-20);
    expect(truePeak(output)).toBeLessThan(CEILING * 1.001);
  });
});

describe('level', () => {
  it('reaches the target loudness as far as peaks allow, and never exceeds the ceiling', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(8_000, RATE),
        fc.integer({ min: -40, max: 15 }),
        fc.integer({ min: -3_600, max: -500 }),
        async (rate, gain, target) => {
          const samples = amplified(voice.subarray(0, rate * 0.9), 10 ** (gain / 20));
          const before = samples.slice();
          const output = await level(samples, rate, target / 100);
          expect(samples).toEqual(before);
          expect(output.length).toBe(samples.length);
          expect(dB(truePeak(output))).toBeLessThan(-0.95);
          // Measured at full level: of a quiet recording, the gate of -70 LUFS leaves out parts that count once they are amplified.
          const most = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
          const loud = samples.map((sample) => Math.round((sample * 32_000) / most));
          const crest = dB(truePeak(loud)) - integratedLoudness(loud, rate);
          const reached = integratedLoudness(output, rate);
          expect(reached).toBeLessThan(target / 100 + 0.06);
          if (target / 100 + crest < -1) expect(reached).toBeGreaterThan(target / 100 - 0.06);
        },
      ),
      { numRuns: 60, examples: [[8_000, -36, -1_343]] },
    );
  });

  it('compensates for the loudness that the limiter removes', async () => {
    // One syllable is far louder than the rest: limiting it costs at least 0.3 LU.
    const samples = amplified(
      voice.map((sample, i) => sample * (i > 20_000 && i < 26_000 ? 3 : 1)),
      1,
    );
    const output = await level(samples, RATE, -18);
    expect(dB(truePeak(output))).toBeLessThan(-0.95);
    expect(Math.abs(integratedLoudness(output, RATE) + 18)).toBeLessThan(0.1);
  });

  it('changes no sample when the loudness is already right', async () => {
    const samples = amplified(voice, 1);
    expect(await level(samples, RATE, integratedLoudness(samples, RATE))).toEqual(samples);
  });

  it('does not change speech that is too quiet to measure', async () => {
    for (const samples of [new Int16Array(0), new Int16Array(RATE), sine(1_000, RATE, 1e-4)]) {
      expect(await level(samples, RATE, -23)).toBe(samples);
    }
  });

  it('accepts recordings of a few samples', async () => {
    for (let length = 1; length < 20; length++) {
      const output = await level(new Int16Array(length).fill(20_000), RATE, -10);
      expect(output.length).toBe(length);
      expect(dB(truePeak(output))).toBeLessThan(-0.95);
    }
  });

  it.each([-70.1, 0.1, Number.NaN])('refuses a target of %s LUFS', async (target) => {
    await expect(level(new Int16Array(1), RATE, target)).rejects.toThrow(RangeError);
  });
});

it('integratedLoudness gives the same for 16-bit samples as for floats', () => {
  const samples = amplified(voice, 1);
  const floats = Float32Array.from(samples, (sample) => sample / 32_767);
  expect(integratedLoudness(samples, RATE)).toBeCloseTo(integratedLoudness(floats, RATE), 6);
});
