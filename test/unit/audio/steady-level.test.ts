import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SteadyLevel } from '../../../src/audio/encoders/steady-level.ts';
import { integratedLoudness } from '../../../src/audio/loudness.ts';
import { concatSamples } from '../../../src/base/bytes.ts';

const RATE = 8000;
/** Syllables of a tone, four a second. */
const tone = (seconds: number, amplitude: number) =>
  Int16Array.from({ length: seconds * RATE }, (_, n) =>
    Math.round(
      32_767 * amplitude * Math.sin((2 * Math.PI * 440 * n) / RATE) * Math.sin((4 * Math.PI * n) / RATE) ** 2,
    ),
  );

function levelled(samples: Int16Array, target: number, cuts: readonly number[]): Int16Array {
  const level = new SteadyLevel(RATE, target);
  const places = [...new Set([0, ...cuts, samples.length])].sort((a, b) => a - b);
  const parts = places.slice(1).map((to, i) => level.push(samples.subarray(places[i], to)));
  return concatSamples([...parts, level.finish()]);
}

it.each([0.02, 0.3, 1])(
  'speech of steady loudness is at the target after two seconds: amplitude %d',
  (amplitude) => {
    const made = levelled(tone(8, amplitude), -23, []);
    expect(Math.abs(integratedLoudness(made.subarray(2 * RATE), RATE) + 23)).toBeLessThan(0.1);
    expect(Math.abs(integratedLoudness(made, RATE) + 23)).toBeLessThan(1.5);
  },
);

it('the first 0.2 seconds are enough for the first samples, and the gain then glides', () => {
  const level = new SteadyLevel(RATE, -23);
  const speech = tone(4, 0.3);
  expect(level.push(speech.subarray(0, 1599))).toHaveLength(0);
  expect(level.push(speech.subarray(1599, 1600))).toHaveLength(1600);
  const constant = new Int16Array(4 * RATE).map((_, n) => (n % 2 ? 8000 : -8000));
  const made = levelled(constant, -23, []).map(Math.abs);
  const jumps = made.map((value, n) => (n > 0 ? Math.abs(value - made[n - 1]) : 0));
  expect(Math.max(...jumps)).toBeLessThan(0.01 * 8000);
});

it('gives the same samples for any chunk sizes, also for short speech', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat({ max: 30_000 }), { maxLength: 5 }),
      (seconds, cuts) => {
        const samples = tone(seconds, 0.4);
        const within = cuts.map((cut) => cut % samples.length);
        expect(levelled(samples, -20, within)).toEqual(levelled(samples, -20, []));
      },
    ),
    { numRuns: 20 },
  );
});

it('limits peaks without clipping, and keeps silence silent', () => {
  const made = levelled(tone(4, 0.9), -6, []);
  expect(Math.max(...made.subarray(0, 8000))).toBeLessThan(32_767 * 0.9);
  expect(levelled(new Int16Array(3 * RATE), -23, [])).toEqual(new Int16Array(3 * RATE));
});
