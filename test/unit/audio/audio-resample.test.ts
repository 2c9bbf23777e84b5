import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integratedLoudness } from '../../../src/audio/loudness.ts';
import { resample } from '../../../src/audio/resample.ts';

const TO = 24_000;
/** Rates of every kind: simple ratios, many phases, interpolated phases. */
const RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000, 44_101, 12_347];

function sine(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(seconds * rate) }, (_, n) =>
    Math.sin((2 * Math.PI * hz * n) / rate),
  );
}

/** Root mean square without the ends, where the filter includes silence. */
function rms(samples: Float32Array): number {
  const inner = samples.subarray(600, -600);
  return Math.sqrt(inner.reduce((sum, value) => sum + value * value, 0) / inner.length);
}

describe('resample', () => {
  it.each(RATES)('resamples sines of %i Hz audio without a time shift, within -80 dB', (rate) => {
    const nyquist = Math.min(rate, TO) / 2;
    for (const share of [0.02, 0.3, 0.6, 0.88]) {
      const hz = Math.round(share * nyquist);
      const output = resample(sine(hz, rate, 0.2), rate, TO);
      expect(output.length).toBe(Math.ceil((Math.round(0.2 * rate) * TO) / rate));
      const wanted = sine(hz, TO, 0.2);
      const error = output.map((value, n) => value - wanted[n]);
      expect(20 * Math.log10(rms(error) / rms(wanted)), `${hz} Hz`).toBeLessThan(-80);
    }
  });

  it.each(RATES.filter((rate) => rate > 30_000))('does not alias %i Hz audio', (rate) => {
    for (const hz of [12_400, 13_500, Math.min(0.49 * rate, 21_000)]) {
      const output = resample(sine(hz, rate, 0.2), rate, TO);
      expect(20 * Math.log10(rms(output)), `${hz} Hz`).toBeLessThan(-80);
    }
  });

  it('preserves a constant, is linear, and does not change 24 kHz', () => {
    for (const rate of [8000, 44_100, 44_101, 192_000]) {
      const output = resample(new Float32Array(rate / 4).fill(0.5), rate, TO);
      const away = output.subarray(600, -600).map((value) => Math.abs(value - 0.5));
      expect(Math.max(...away)).toBeLessThan(5e-7);
    }
    const input = sine(440, TO, 0.01);
    const same = resample(input, TO, TO);
    expect(same).toEqual(input);
    expect(same).not.toBe(input);
  });

  it('accepts any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.constantFrom(...RATES), (length, rate) => {
        const output = resample(new Float32Array(length).fill(1), rate, TO);
        expect(output.length).toBe(Math.ceil((length * TO) / rate));
        expect(output.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('integratedLoudness', () => {
  // EBU Tech 3341, case 1 and 2, for one channel: a stereo sine of -23 dBFS reads -23 LUFS, of one channel 3 LU less.
  it.each([24_000, 48_000])('of a 1 kHz sine at %i Hz is the value of EBU Tech 3341', (rate) => {
    for (const level of [-23, -33]) {
      const samples = sine(1000, rate, 5).map((value) => value * 10 ** (level / 20));
      expect(Math.abs(integratedLoudness(samples, rate) - (level - 3.01))).toBeLessThan(0.1);
    }
  });

  it('excludes pauses and follows the gain', () => {
    const loud = sine(500, TO, 3);
    const paused = new Float32Array(10 * TO);
    paused.set(loud);
    expect(Math.abs(integratedLoudness(paused, TO) - integratedLoudness(loud, TO))).toBeLessThan(0.4);
    const quiet = loud.map((value) => value / 10);
    expect(integratedLoudness(loud, TO) - integratedLoudness(quiet, TO)).toBeCloseTo(20, 3);
  });

  it('of silence is -Infinity', () => {
    expect(integratedLoudness(new Float32Array(TO), TO)).toBe(Number.NEGATIVE_INFINITY);
    expect(integratedLoudness(new Float32Array(0), TO)).toBe(Number.NEGATIVE_INFINITY);
  });
});
